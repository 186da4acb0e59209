"""The tests in ``tests/``: pytest, mostly against a running multi-worker server."""

import xml.etree.ElementTree as ElementTree

from .. import process
from ..errors import StepFailed
from ..suite import DEMO
from . import logs
from .outcome import Failure, Outcome

TITLE = "System tests"


class SystemTests:
    def __init__(self, runtime, templates, run):
        self.runtime = runtime
        self.templates = templates
        self.run = run

    def run_all(self, arguments):
        """Run pytest; the servers its fixtures start are clones of the template."""
        runtime, folder = self.runtime, self.run.folder
        kind = "demo" if DEMO in runtime.suite.addons else "suite"
        template = self.templates.ensure(kind)
        report = folder / "pytest.xml"
        environment = runtime.environment() | {
            "CLINIC_TEST_TEMPLATE": template,
            "CLINIC_TEST_RUN": self.run.name,
            "CLINIC_TEST_FOLDER": str(folder),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(runtime.home / "test" / "hypothesis"),
        }
        command = [runtime.python, "-m", "pytest", "-p", "no:cacheprovider", "-v"]
        command += [f"--junitxml={report}", "--tb=short", *arguments]
        crash = ""
        with self.templates.console.step(TITLE) as step:

            def show(line):
                if "::" in line:
                    step.progress(line.split()[0])

            try:
                process.run(
                    command,
                    runtime.home.account,
                    on_line=show,
                    log=folder / "pytest.log",
                    env=environment,
                    cwd=runtime.site,
                )
            except StepFailed as error:
                crash = str(error)
            outcome = read_report(report)
            if crash and not outcome.failures:
                outcome.failures.append(Failure(TITLE, crash))
            patterns = logs.expected(runtime.site)
            for log in sorted(folder.glob("server-*.log")):
                if bad := logs.unexpected(log.read_text(errors="replace"), patterns):
                    name = f"{TITLE}: the log of {log.stem}"
                    outcome.failures.append(Failure(name, bad))
            step.done(outcome.line())
        return outcome


def read_report(path):
    """Return the outcome that pytest has written down."""
    outcome = Outcome(TITLE)
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
