"""Databases that tests start from: each made once, then cloned.

=======  =====================================================  ==================
kind     what it has                                            made anew when
=======  =====================================================  ==================
deps     Odoo's own addons that ours are built on, Russian      Odoo, depends
suite    our addons, without the demo clinic                    our addons change
demo     the demo clinic too, Russian words and accounts        our addons change
field    what the schedule and its rivals are built on          Odoo, depends
bench    the schedule alone, beside OCA's resource_booking      the schedule changes
=======  =====================================================  ==================
"""

import hashlib
import json

from .. import database, locks, rivals
from ..errors import Problem
from ..suite import DEMO

URL = "http://localhost:8069"
READY = "ready"
KEPT = 2
# What the benchmarks of the schedule compare: ours and the rivals', nothing else.
MEASURED = ("clinic_base", "clinic_schedule")
SOURCES = {"suite": "deps", "demo": "suite", "bench": "field"}
TITLES = {
    "deps": "Template of Odoo's addons",
    "suite": "Template of our addons",
    "demo": "Template with the demo clinic",
    "field": "Template of what is compared",
    "bench": "Template of the comparison",
}


class Templates:
    def __init__(self, runtime, console):
        self.runtime = runtime
        self.console = console
        self.suite = runtime.suite
        self.broken = set()
        # What a run starts with holds for all of it, though somebody edits meanwhile.
        self.keys = {kind: self._key(kind) for kind in TITLES}

    def _key(self, kind):
        source = SOURCES.get(kind)
        if source:
            parts = [self._key(source)]
            parts += [json.dumps(self.suite.fingerprints(self._covered(kind)))]
        else:
            script = self.runtime.site / "launcher/inside/create_database.py"
            parts = [self.runtime.odoo.version, str(self.runtime.odoo.library)]
            parts += [script.read_text(), *self._foundation(kind)]
            parts += rivals.WHEELS if kind == "field" else ()
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]

    def _foundation(self, kind):
        """Return the addons of others that a template without a source has."""
        if kind == "deps":
            return self.suite.foreign(demo=True)
        names = {
            depend
            for name in MEASURED
            for depend in self.suite.addons.get(name, {}).get("depends", ())
        }
        return sorted(names - set(MEASURED)) + list(rivals.ADDONS)

    def _covered(self, kind):
        """Return the addons of ours that a template has."""
        if kind == "bench":
            return [name for name in MEASURED if name in self.suite.addons]
        return self.suite.wanted(demo=kind == "demo")

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
        source = SOURCES.get(kind)
        source = source and self.ensure(source)
        runtime = self.runtime
        with self.console.step(TITLES[kind]) as step:
            log = runtime.instance(name) / "install.log"
            log.unlink(missing_ok=True)
            if source:
                database.clone(runtime, source, name)
            else:
                database.drop(runtime, name)
                runtime.postgres.create(name)
                database.prepare_extensions(runtime, name)
            if not source:
                addons = self._foundation(kind)
                more = {"url": URL, "password": "admin", "log": log, "step": step}
                languages = ["en_US", "ru_RU"]
                database.fill(runtime, name, addons, languages, **more)
            else:
                self._extend(kind, name, log, step)
        self._mark(kind, name)

    def _extend(self, kind, name, log, step):
        addons = [DEMO] if kind == "demo" else self._covered(kind)
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
