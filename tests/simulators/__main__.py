"""``./clinic box``: see ``play.py``."""

import sys
from pathlib import Path

from odoo.modules.module import initialize_sys_path
from odoo.tools import config

ROOT = Path(__file__).resolve().parents[2]


def main():
    # What the stand-ins share with the addon is imported from it.
    sys.path.insert(0, str(ROOT))
    config.parse_config(
        [f"--addons-path={ROOT / 'addons'}", "--http-interface=127.0.0.1"],
        setup_logging=False,
    )
    initialize_sys_path()
    from .play import main as play

    play()


if __name__ == "__main__":
    main()
