"""A real IoT box of Odoo, in a process of its own, on a copy of what it is made of."""

import configparser
import importlib.util
import os
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request
from pathlib import Path

import odoo.tools

from launcher import process

ADDON = Path(__file__).resolve().parents[2] / "addons" / "clinic_iot"
# Of a machine without the package the box needs very little.
NETIFACES = """\
AF_INET, AF_LINK = 2, 17
interfaces = lambda: ["lo"]
ifaddresses = lambda _name: {
    AF_INET: [{"addr": "127.0.0.1"}], AF_LINK: [{"addr": "02:00:00:00:00:01"}]
}
gateways = lambda: {"default": {AF_INET: ("127.0.0.1", "lo")}}
"""
STARTED = "import site\n\nimport odoo.cli"


def load_make_box():
    spec = importlib.util.spec_from_file_location("make_box", ADDON / "box/make_box.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class RealBox:
    """``with RealBox(folder) as box: box.pair(server); …``.

    :param devices: options of each device by its identifier
    :param port: of its page, any free one without it
    """

    def __init__(
        self, root, devices, settings=None, identifier="box-under-test", port=None
    ):
        self.root = Path(root)
        self.identifier = identifier
        self.maker = load_make_box()
        self.maker.make(self.root)
        source = Path(odoo.tools.__path__[0]).parents[1]
        self.maker.copy_addons(source, self.root)
        self._link_core(source)
        self.log = self.root / "box.log"
        self.handlers = self.root / "odoo/addons/iot_drivers/iot_handlers"
        self.port = port or process.free_port()
        (self.root / "odoo" / "netifaces.py").write_text(NETIFACES)
        conf = configparser.RawConfigParser()
        conf["options"] = {
            "http_interface": "127.0.0.1",
            "http_port": str(self.port),
            "list_db": "False",
        }
        quick = {"pause": "0.05", "wait": "2", "longest_pause": "1", "patience": "20"}
        conf["clinic_iot"] = {"identifier": identifier, **quick, **(settings or {})}
        for name, options in devices.items():
            conf[f"clinic_iot.{name}"] = options
        with (self.root / "odoo.conf").open("w") as file:
            conf.write(file)
        self.process = None

    def _link_core(self, source):
        """Give it the core of this Odoo, but none of its addons.

        Where Odoo is found by a ``.pth`` file, its addons come before the copies of the
        box. So its Python reads no such files; it starts itself anew by this name.
        """
        core = self.root / "odoo" / "odoo"
        (core / "addons").mkdir(parents=True)
        for path in (source / "odoo").iterdir():
            if path.name != "addons":
                (core / path.name).symlink_to(path)
        (core / "addons" / "base").symlink_to(self.maker.find_addon(source, "base"))
        self.python = self.root / "bin" / "python"
        self.python.parent.mkdir()
        self.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
        self.python.chmod(0o755)
        # Odoo counts on this module, which Python then does not import by itself.
        script = self.root / "odoo" / "odoo-bin"
        script.write_text(script.read_text().replace("import odoo.cli", STARTED, 1))

    def start(self):
        packages = sysconfig.get_path("purelib")
        environment = {
            **os.environ,
            "PATH": f"{self.python.parent}:{os.environ['PATH']}",
            "PYTHONPATH": packages,
        }
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.maker.command(self.root, str(self.python)),
                cwd=self.root,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def kill(self):
        """Cut its power."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def pair(self, server):
        """Write the pairing as the box does when its page is given the token."""
        conf = configparser.RawConfigParser()
        conf.read(self.root / "odoo.conf")
        conf["iot.box"] = {
            "remote_server": server.url,
            "token": server.token,
            "db_uuid": "0000",
        }
        with (self.root / "odoo.conf").open("w") as file:
            conf.write(file)

    def call(self, path, timeout=5):
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.read().decode()

    def wait_until_up(self, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                return self.call("/hw_proxy/hello")
            except OSError:
                time.sleep(0.2)
        raise AssertionError(self.log.read_text()[-4000:])

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.kill()
