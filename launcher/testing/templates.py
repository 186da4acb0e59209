"""Databases that tests start from: each made once, then cloned.

=======  =====================================================  ==================
kind     what it has                                            made anew when
=======  =====================================================  ==================
deps     Odoo's own addons that ours are built on, Russian      Odoo, depends
suite    our addons, without the demo clinic                    our addons change
demo     the demo clinic too, everybody speaking Russian        our addons change
=======  =====================================================  ==================
"""

import hashlib
import json

from .. import database, locks
from ..errors import Problem
from ..suite import DEMO

URL = "http://localhost:8069"
READY = "ready"
KEPT = 2


class Templates:
    def __init__(self, runtime, console):
        self.runtime = runtime
        self.console = console
        self.suite = runtime.suite
        self.broken = set()
        # What a run starts with holds for all of it, though somebody edits meanwhile.
        self.keys = {kind: self._key(kind) for kind in ("deps", "suite", "demo")}

    def _key(self, kind):
        if kind == "deps":
            script = self.runtime.site / "launcher/inside/create_database.py"
            parts = [self.runtime.odoo.version, str(self.runtime.odoo.library)]
            parts += [script.read_text(), *self.suite.foreign(demo=True)]
        else:
            names = self.suite.wanted(demo=kind == "demo")
            parts = [self._key("deps"), json.dumps(self.suite.fingerprints(names))]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]

    def log(self, kind):
        """Return the log of the making of a finished template."""
        return self.runtime.instance(self.ensure(kind)) / "install.log"

    def ensure(self, kind):
        """Return the name of a finished template of this kind, making it if need be."""
        name = f"t_{kind}_{self.keys[kind]}"
        lock = self.runtime.home / "test" / f"{name}.lock"
        with locks.exclusive(lock):
            if kind in self.broken:
                raise Problem(f"The template “{kind}” could not be made.")
            if self.runtime.postgres.databases().get(name) != READY:
                try:
                    self._make(kind, name)
                except Problem:
                    self.broken.add(kind)
                    raise
        return name

    def _make(self, kind, name):
        titles = {
            "deps": "Template of Odoo's addons",
            "suite": "Template of our addons",
            "demo": "Template with the demo clinic",
        }
        source = {"suite": "deps", "demo": "suite"}.get(kind)
        source = source and self.ensure(source)
        runtime = self.runtime
        with self.console.step(titles[kind]) as step:
            log = runtime.instance(name) / "install.log"
            log.unlink(missing_ok=True)
            if source:
                database.clone(runtime, source, name)
            else:
                database.drop(runtime, name)
                runtime.postgres.create(name)
                database.prepare_extensions(runtime, name)
            if kind == "deps":
                addons = self.suite.foreign(demo=True)
                more = {"url": URL, "password": "admin", "log": log, "step": step}
                languages = ["en_US", "ru_RU"]
                database.fill(runtime, name, addons, languages, **more)
            else:
                self._extend(kind, name, log, step)
        self._mark(kind, name)

    def _extend(self, kind, name, log, step):
        addons = self.suite.wanted(demo=False) if kind == "suite" else [DEMO]
        command = [
            *self.runtime.inside("extend_template.py"),
            "ru_RU" if kind == "demo" else "en_US",
            ",".join(addons),
            *self.runtime.offline(name),
        ]
        self.runtime.run(command, step=step, log=log)

    def _mark(self, kind, name):
        """Note that the template is whole; drop those it replaces."""
        runtime = self.runtime
        statement = f"COMMENT ON DATABASE \"{name}\" IS '{READY}'"
        runtime.postgres.query("postgres", statement)
        rows = runtime.postgres.query(
            "postgres",
            "SELECT datname FROM pg_database WHERE datname LIKE :'pattern' "
            "ORDER BY oid DESC",
            pattern=f"t\\_{kind}\\_%",
        )
        for [old] in rows[KEPT:]:
            if old != name:
                database.drop(runtime, old)
