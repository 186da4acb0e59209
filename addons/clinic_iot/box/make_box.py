#!/usr/bin/env python3
"""Make the folder of an IoT box for a plain Linux computer.

    python make_box.py /path/to/odoo19 /opt/clinic_box

The first folder is a checkout of Odoo 19 (or what a package unpacked): where ``odoo``,
the Python package, lies. Of it the core and three addons are copied; a copy, because
the box deletes and replaces its handlers. Run again, it renews the copy and keeps
``odoo.conf``, the journal and the pairing.
"""

import argparse
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
ADDONS = ("web", "iot_base", "iot_drivers")
SKIPPED = shutil.ignore_patterns("__pycache__", "tests", "i18n", "*.pyc")
CONF = """\
[options]
http_interface = 127.0.0.1
http_port = 8069
list_db = False

; A section for each device:
; [clinic_iot.kassa1]
; driver = shtrih
; port = /dev/serial/by-id/usb-…
"""


def find_addon(source: Path, name: str) -> Path:
    """Return the folder of an addon of Odoo, wherever this Odoo keeps it."""
    for folder in ("odoo/addons", "addons"):
        if (source / folder / name).is_dir():
            return source / folder / name
    raise SystemExit(f"There is no addon {name} under {source}")


def copy_addons(source: Path, root: Path) -> None:
    for name in ADDONS:
        target = root / "odoo" / "addons" / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(find_addon(source, name), target, ignore=SKIPPED)


def copy_core(source: Path, root: Path) -> None:
    core = root / "odoo" / "odoo"
    shutil.rmtree(core, ignore_errors=True)

    def skipped(folder, names):
        inside = Path(folder) == source / "odoo" / "addons"
        others = {
            name for name in names if inside and name not in ("base", "__init__.py")
        }
        return others | SKIPPED(folder, names)

    shutil.copytree(source / "odoo", core, ignore=skipped)


def make(root: Path) -> None:
    """Write what a box has besides Odoo."""
    (root / "odoo").mkdir(parents=True, exist_ok=True)
    (root / "addons").mkdir(exist_ok=True)
    (root / "odoo" / "odoo-bin").write_text(
        "#!/usr/bin/env python3\nimport odoo.cli\n\nodoo.cli.main()\n"
    )
    target = root / "addons" / "clinic_iot_box"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(HERE / "clinic_iot_box", target, ignore=SKIPPED)
    conf = root / "odoo.conf"
    if not conf.exists():
        conf.write_text(CONF)
        conf.chmod(0o600)  # it will hold the token of the pairing


def command(root: Path, python: str) -> list[str]:
    """Return how the box is started."""
    return [
        python,
        str(root / "odoo" / "odoo-bin"),
        f"--config={root / 'odoo.conf'}",
        # iot_drivers before web, for it is the box's page that shall be shown.
        "--load=base,clinic_iot_box,iot_drivers,web",
        "--no-database-list",
        "--max-cron-threads=0",
        "--workers=0",
        f"--data-dir={root / 'data'}",
        f"--addons-path={root / 'odoo' / 'addons'},{root / 'addons'}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("odoo", type=Path, help="where the package odoo lies")
    parser.add_argument("box", type=Path, help="the folder to make")
    options = parser.parse_args()
    source = options.odoo.resolve()
    if not (source / "odoo").is_dir():
        raise SystemExit(f"There is no Odoo in {source}")
    root = options.box.resolve()
    make(root)
    copy_addons(source, root)
    copy_core(source, root)
    print("Start it by:", " ".join(command(root, "python3")), sep="\n")


if __name__ == "__main__":
    main()
