"""The addons' own tests, by Odoo's runner, on clones of a template."""

import json

from .. import database, process
from ..errors import StepFailed
from ..suite import DEMO
from . import logs
from .outcome import Failure, Outcome

# What a test costs before it has ever been timed: a test in the browser costs more.
PLAIN_COST, BROWSER_COST = 1, 12
LINT_TAGS = (
    # Left out: what ./clinic runs itself, and test_lint's tests of its own checkers.
    "/test_lint,-/test_lint:TestPyLint,-/test_lint:TestESLint,-/test_lint:TestSqlLint,"
    "-/test_lint:TestGetTextLint,-/test_lint:TestI18nChecks"
)


class AddonTests:
    def __init__(self, runtime, templates, run):
        self.runtime = runtime
        self.templates = templates
        self.run = run
        self.patterns = logs.expected(runtime.site)
        self.times_file = runtime.home / "test" / "times.json"

    def shards(self, selection, count=2):
        """Split the chosen addons into parts of about the same time."""
        names = (set(selection.tags) | selection.hoot) - {DEMO}
        times = self._times()
        parts = [[] for _ in range(count)]
        loads = [0.0] * count
        for name in sorted(names, key=lambda name: -self._cost(name, times)):
            lightest = loads.index(min(loads))
            parts[lightest].append(name)
            loads[lightest] += self._cost(name, times)
        return [sorted(part) for part in parts if part]

    def _times(self):
        try:
            return json.loads(self.times_file.read_text())
        except (OSError, ValueError):
            return {}

    def _cost(self, name, times):
        cost = 0
        for path in (self.runtime.suite.folder / name / "tests").glob("**/test_*.py"):
            text = path.read_text()
            tours = text.count("start_tour(") + text.count("browser_js(")
            cost += text.count("def test_") * PLAIN_COST + tours * BROWSER_COST
        return times.get(name, cost)

    def run_shard(self, selection, addons, number):
        """Run some addons' tests in a clone of their own."""
        title = f"Addon tests {number}: {', '.join(addons)}"
        tags = [tag for addon in addons for tag in selection.tags.get(addon, ())]
        tags += [
            f"/web:WebSuite.test_unit_desktop[@{addon}]"
            for addon in addons
            if addon in selection.hoot
        ]
        kind = "demo" if addons == [DEMO] else "suite"
        return self._run(title, kind, f"addons{number}", tags)

    def read_installation(self):
        """Look at what the installation of our addons has logged."""
        outcome = Outcome("Installation")
        kinds = ["suite", "demo"] if DEMO in self.runtime.suite.addons else ["suite"]
        for kind in kinds:
            text = self.templates.log(kind).read_text()
            bad = logs.unexpected(text, self.patterns)
            outcome.check(f"the log of the installation ({kind})", bad)
        return outcome

    def run_lint(self):
        """Run Odoo's own lint, which needs a database, on our addons."""
        return self._run(
            "Odoo's lint",
            "suite",
            "lint",
            [LINT_TAGS],
            command=self.runtime.inside("run_lint.py"),
            more=["-i", "test_lint"],
        )

    def _run(self, title, kind, name, tags, command=None, more=()):
        template = self.templates.ensure(kind)
        clone = self.run.database(name)
        log = self.run.folder / f"{name}.log"
        runtime = self.runtime
        with self.templates.console.step(title) as step:
            database.clone(runtime, template, clone)
            http_port, gevent_port = process.free_port(), process.free_port()
            command = [
                *(command or runtime.inside("run_tests.py")),
                *runtime.options(),
                *("-d", clone, f"--db-filter=^{clone}$", "--workers=0"),
                *("--max-cron-threads=0", f"--http-port={http_port}"),
                *(f"--gevent-port={gevent_port}", "--stop-after-init"),
                # Tests of races have many connections in one process.
                "--db_maxconn=64",
                *("--screenshots", str(self.run.folder / "screenshots")),
                *("--test-tags", ",".join(tags), *more),
            ]
            crash = ""
            try:
                self._call(command, log, step)
            except StepFailed as error:
                crash = str(error)
            finally:
                database.drop(runtime, clone)
            outcome = logs.read_run(title, log.read_text(), self.patterns)
            if crash and not outcome.failures:
                outcome.failures.append(Failure(title, crash))
            if not (outcome.passed or outcome.failures or outcome.skipped):
                outcome.failures.append(Failure(title, f"no test has run; see {log}"))
            step.done(outcome.line())
        return outcome

    def _call(self, command, log, step):
        counts = {"done": 0}

        def show(line):
            if ": Starting " in line:
                counts["done"] += 1
                step.progress(f"{counts['done']} tests")

        log.write_text("")
        process.run(
            command,
            self.runtime.home.account,
            on_line=show,
            log=log,
            env=self.runtime.environment()
            | {"CLINIC_ADDONS": str(self.runtime.suite.folder)},
            cwd=self.runtime.site,
        )
