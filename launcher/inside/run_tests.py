"""Odoo, with patience in its tests. Arguments: as for Odoo.

Odoo's runner gives a page 12 seconds and a tour 60: on a small machine with other jobs
beside it, a sound test fails then. How long something takes is for benchmarks to say.
"""

import odoo.cli
from odoo.tests import common

PATIENCE = 5

url_open = common.HttpCase.url_open
init_browser = common.ChromeBrowser.__init__


def patient_url_open(self, url, data=None, files=None, timeout=12, **kwargs):
    return url_open(self, url, data, files, timeout=timeout * PATIENCE, **kwargs)


def init_patient_browser(self, *args, **kwargs):
    init_browser(self, *args, **kwargs)
    # Odoo's factor for waiting longer without slowing the browser itself down.
    self.throttling_factor = PATIENCE


common.HttpCase.url_open = patient_url_open
common.ChromeBrowser.__init__ = init_patient_browser

if __name__ == "__main__":
    odoo.cli.main()
