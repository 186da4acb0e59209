"""Odoo's IoT box on a Linux that is no Raspberry Pi.

There the box takes itself for a test: it loads no driver, and every box has the same
name. Loaded before ``iot_drivers`` (``--load=base,clinic_iot_box,iot_drivers,web``),
this gives it drivers and a name of its own. Nothing changes on a Raspberry or Windows.

A hook on the import, because the box starts to work while it is imported.
"""

import hashlib
import importlib.machinery
import logging
import sys
from pathlib import Path

_logger = logging.getLogger(__name__)

HELPERS = "odoo.addons.iot_drivers.tools.helpers"
MACHINE_ID = Path("/etc/machine-id")


def handlers_to_load(folder):
    """Return the handlers for any system: neither for Raspberry nor for Windows."""
    names = (path.name for path in Path(folder).glob("*.py"))
    return sorted(name for name in names if not name.endswith(("_L.py", "_W.py")))


def identifier(helpers):
    """Return the name of this box: by configuration, else made from the machine's."""
    name = helpers.get_conf("identifier", section="clinic_iot")
    if not name:
        secret = MACHINE_ID.read_text().strip()
        name = hashlib.sha256(f"clinic_iot_box|{secret}".encode()).hexdigest()[:16]
    return name


def adapt(helpers):
    if not helpers.IS_TEST:
        return
    name = identifier(helpers)
    helpers.get_identifier = lambda: name
    helpers.get_handlers_files_to_load = handlers_to_load
    _logger.info("This Linux is the box %s", name)


class Hook:
    """Adapts the helpers right after they are imported."""

    def find_spec(self, fullname, path, target=None):
        if fullname != HELPERS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                adapt(module)

            spec.loader.exec_module = exec_module
        return spec


if HELPERS in sys.modules:
    adapt(sys.modules[HELPERS])
else:
    sys.meta_path.insert(0, Hook())
