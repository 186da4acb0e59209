"""The tests in ``tests/``: pytest, mostly against a running multi-worker server.

The attacks take as long as all the others, so they are a job of their own.
"""

import xml.etree.ElementTree as ElementTree

from .. import node, process
from ..errors import Problem, StepFailed
from ..suite import DEMO
from . import logs
from .outcome import Failure, Outcome

EVERYTHING = ["tests"]
ATTACKS = "tests/access"


class SystemTests:
    def __init__(self, runtime, templates, run):
        self.runtime = runtime
        self.templates = templates
        self.run = run

    def parts(self, arguments):
        """Return (title, short name, pytest's arguments) of the jobs, longest first."""
        if arguments != EVERYTHING:
            return [("System tests", "system", arguments)]
        return [
            ("System tests", "system", [*EVERYTHING, f"--ignore={ATTACKS}"]),
            ("Attacks", "attacks", [ATTACKS]),
        ]

    def _node(self, arguments):
        """Say where axe-core is; without npm the pages are walked without it."""
        if not any(one == "tests" or "e2e" in one for one in arguments):
            return {}
        try:
            modules = node.modules(self.runtime, self.templates.console)
        except Problem:
            return {}
        return {"CLINIC_NODE_MODULES": str(modules)}

    def run_part(self, title, name, arguments):
        """Run pytest; the servers its fixtures start are clones of the template."""
        runtime, folder = self.runtime, self.run.folder
        kind = "demo" if DEMO in runtime.suite.addons else "suite"
        template = self.templates.ensure(kind)
        report = folder / f"{name}.xml"
        prefix = f"{self.run.name}_{name}"
        environment = (
            runtime.environment()
            | {
                "CLINIC_TEST_TEMPLATE": template,
                "CLINIC_TEST_RUN": prefix,
                "CLINIC_TEST_FOLDER": str(folder),
                "HYPOTHESIS_STORAGE_DIRECTORY": str(
                    runtime.home / "test" / "hypothesis"
                ),
            }
            | self._node(arguments)
        )
        command = [runtime.python, "-m", "pytest", "-p", "no:cacheprovider", "-v"]
        command += [f"--junitxml={report}", "--tb=short", *arguments]
        crash = ""
        with self.templates.console.step(title) as step:

            def show(line):
                if "::" in line:
                    step.progress(line.split()[0])

            try:
                process.run(
                    command,
                    runtime.home.account,
                    on_line=show,
                    log=folder / f"{name}.log",
                    env=environment,
                    cwd=runtime.site,
                )
            except StepFailed as error:
                crash = str(error)
            outcome = read_report(title, report)
            if crash and not outcome.failures:
                outcome.failures.append(Failure(title, crash))
            patterns = logs.expected(runtime.site)
            for log in sorted(folder.glob(f"server-{prefix}_*.log")):
                if bad := logs.unexpected(log.read_text(errors="replace"), patterns):
                    what = f"{title}: the log of {log.stem}"
                    outcome.failures.append(Failure(what, bad))
            step.done(outcome.line())
        return outcome


def read_report(title, path):
    """Return the outcome that pytest has written down."""
    outcome = Outcome(title)
    if not path.exists():
        return outcome
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        broken = [one for one in case if one.tag in ("failure", "error")]
        skip = case.find("skipped")
        if broken:
            details = "\n".join(f"{one.get('message')}\n{one.text}" for one in broken)
            outcome.failures.append(Failure(name, details))
        elif skip is not None:
            outcome.skipped.append(f"{name} ({skip.get('message')})")
        else:
            outcome.passed += 1
    return outcome
