"""A whole test run: what is needed, which jobs, at most two at once, the summary."""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

from .. import database, process, runtime as runtimes, tools
from ..console import Console, duration
from ..errors import Problem, StepFailed
from ..home import Home
from ..suite import DEMO
from .addon_tests import AddonTests
from .lint import Lint
from .outcome import Failure, Outcome, summary
from .selection import parse
from .system_tests import SystemTests
from .templates import Templates

DETAIL_LINES = 80
RUNS_KEPT = 5


class Run:
    """This run's folder and the names of its databases; nothing of another run's."""

    def __init__(self, runtime):
        self.runtime = runtime
        self.name = f"r{os.getpid()}"
        top = runtime.home / "test" / "runs"
        top.mkdir(exist_ok=True)
        self.folder = top / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        self.folder.mkdir()
        for path in (top, self.folder):
            runtime.home.account.own(path)
        for old in sorted(top.iterdir())[:-RUNS_KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    def database(self, name):
        return f"{self.name}_{name}"

    def clean(self):
        """Drop what this run and runs that were killed have left."""
        for name in self.runtime.postgres.databases():
            owner = name.partition("_")[0]
            if not (owner[:1] == "r" and owner[1:].isdigit()):
                continue
            if owner == self.name or process.start_time(int(owner[1:])) is None:
                database.drop(self.runtime, name)
                folder = self.runtime.home / "test" / "run" / name
                shutil.rmtree(folder, ignore_errors=True)


def run(words):
    """Run what the words select, print everything, return the exit status."""
    selection = parse(words)
    console = Console()
    runtime = runtimes.prepare(Home(), console, testing=True)
    if selection.tags or selection.hoot or selection.pytest:
        tools.ensure_chromium(console)
        tools.ensure_wkhtmltopdf(console)
    with runtime.postgres, process.ended_on_failure():
        this_run = Run(runtime)
        this_run.clean()
        try:
            outcomes = run_jobs(selection, runtime, console, this_run)
        finally:
            this_run.clean()
    tell(console, outcomes, this_run)
    return 1 if any(outcome.failures for outcome in outcomes) else 0


def run_jobs(selection, runtime, console, this_run):
    templates = Templates(runtime, console)
    addon_tests = AddonTests(runtime, templates, this_run)
    system_tests = SystemTests(runtime, templates, this_run)
    # The longest first, so that both hands end at about the same time.
    parts = system_tests.parts(selection.pytest) if selection.pytest else []
    jobs = [(part[0], system_tests.run_part, *part) for part in parts[:1]]
    if selection.lint:
        jobs.append(("Lint", lint_step, runtime, console))
    for number, addons in enumerate(addon_tests.shards(selection), 1):
        jobs.append(
            (f"Addons {number}", addon_tests.run_shard, selection, addons, number)
        )
    jobs += [(part[0], system_tests.run_part, *part) for part in parts[1:]]
    if selection.lint and runtime.suite.addons:
        jobs.append(("Odoo's lint", addon_tests.run_lint))
        jobs.append(("Installation", addon_tests.read_installation))
    if DEMO in selection.tags:
        jobs.append(("Demo clinic", addon_tests.run_shard, selection, [DEMO], 9))
    with ThreadPoolExecutor(2) as pool, process.ended_on_failure():
        futures = [pool.submit(guarded, *job) for job in jobs]
        return [future.result() for future in futures]


def lint_step(runtime, console):
    with console.step("Lint") as step:
        outcome = Lint(runtime, console).run()
        step.done(outcome.line())
    return outcome


def guarded(title, function, *arguments):
    """Run a job; what keeps it from running is a failure of it."""
    begun = time.monotonic()
    try:
        outcome = function(*arguments)
    except (StepFailed, Problem) as error:
        outcome = Outcome(title, failures=[Failure(title, str(error))])
    outcome.seconds = time.monotonic() - begun
    return outcome


def tell(console, outcomes, this_run):
    """Print what failed with its details, then a line a job, then the summary."""
    for outcome in outcomes:
        for failure in outcome.failures:
            console.print(f"\n✗ {failure.name}")
            lines = failure.details.splitlines()
            for line in lines[:DETAIL_LINES]:
                console.print(f"    {line}")
            if len(lines) > DETAIL_LINES:
                console.print(f"    … {len(lines) - DETAIL_LINES} lines more")
    console.print()
    for outcome in outcomes:
        for skip in outcome.skipped:
            console.print(f"– skipped: {skip}")
    for outcome in outcomes:
        mark = "✗" if outcome.failures else "✓"
        console.print(
            f"{mark} {outcome.title}: {outcome.line()} in {duration(outcome.seconds)}"
        )
    console.print(f"\nLogs and screenshots: {this_run.folder}")
    console.print(f"The run took {duration(time.monotonic() - console.begun)}.")
    console.print(summary(outcomes))
