"""Other people's addons that benchmarks compare ours with: no part of the product.

They go to a folder of CLINIC_HOME of their own. A process that finds the folder in its
environment has them on its addons path; only ``./clinic bench`` ever sets it.
"""

import hashlib
import os
from pathlib import Path

from . import locks, process

# AGPL-3: fetched to be measured beside ours, neither copied nor shipped.
ADDONS = ("resource_booking", "web_calendar_slot_duration")
WHEELS = (
    "odoo-addon-resource_booking==19.0.1.0.1.2",
    "odoo-addon-web_calendar_slot_duration==19.0.1.0.0.2",
)
LIBRARIES = ("cssselect==1.2.0",)
VARIABLE = "CLINIC_RIVALS"


def ensure(home, python, console):
    """Fetch them if need be, and put them on the path of what is started later."""
    key = hashlib.sha256("\0".join(WHEELS + LIBRARIES).encode()).hexdigest()[:10]
    folder = home / "rivals" / key
    folder.parent.mkdir(exist_ok=True)
    with locks.exclusive(home / "rivals.lock"):
        if not (folder / ".complete").exists():
            with console.step("The addons to compare with"):
                # Without dependencies: the wheels want Odoo itself from PyPI.
                for part, names in (("wheels", WHEELS), ("lib", LIBRARIES)):
                    pip = [python, "-m", "pip", "--disable-pip-version-check"]
                    command = [*pip, "install", "--quiet", "--no-deps", "--upgrade"]
                    process.run([*command, "--target", folder / part, *names])
                (folder / ".complete").touch()
    os.environ[VARIABLE] = str(folder)


def addons_paths():
    """Return the addons paths of the rivals, none in the life of every day."""
    folder = os.environ.get(VARIABLE)
    return [Path(folder) / "wheels" / "odoo" / "addons"] if folder else []


def environment():
    """Return what lets an interpreter import what the rivals need."""
    folder = os.environ.get(VARIABLE)
    return {"PYTHONPATH": f"{folder}/lib"} if folder else {}
