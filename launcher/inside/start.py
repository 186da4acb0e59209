"""Odoo's command line, of whichever Odoo this interpreter sees. Arguments: as for it.

A file, since Odoo starts its process for live updates by the path of the script.
"""

from odoo.cli import main

if __name__ == "__main__":
    main()
