"""Benchmarks: every ``tests/bench/bench_*.py``, on a server of its own.

Such a file has a docstring whose first line says what is measured, and a function
``run(server)`` that returns numbers by name. ``server`` is the one that the tests get
(``client(login)``, ``json2(login)``, ``url``, ``shell(script)``), a clone of the demo
clinic's template, or of another one: ``TEMPLATE = "bench"`` has the schedule and OCA's
``resource_booking`` and nothing else, ``TEMPLATE = None`` needs no server at all.
``report(numbers)``, if there is one, returns the text to print instead of the plain
table. It is imported by a plain Python.
The work itself is done as the servers' user, by ``python -m launcher.bench NAME…``.
"""

import importlib.util
import json
import os
import signal
import sys
import time

from . import process, rivals
from .console import Console, duration
from .errors import Problem
from .home import CHECKOUT, Home
from .suite import DEMO

FOLDER = CHECKOUT / "tests" / "bench"
PREFIX = "bench_"
# The template with the addons of others to compare with.
COMPARISON = "bench"


def available():
    """Return the files of the benchmarks by their names."""
    return {
        path.stem.removeprefix(PREFIX): path
        for path in sorted(FOLDER.glob(f"{PREFIX}*.py"))
    }


def choose(names):
    found = available()
    unknown = set(names) - set(found)
    if unknown:
        there = ", ".join(found) or "none yet"
        raise Problem(f"No benchmark {', '.join(sorted(unknown))}; there are: {there}.")
    return {name: found[name] for name in names or found}


def run(options):
    """Prepare a template, let the servers' user measure, print."""
    chosen = choose(options.names)
    if not chosen:
        print("{}" if options.json else "There are no benchmarks yet (tests/bench).")
        return 0
    console = Console(sys.stderr)
    modules = {name: load(name) for name in chosen}
    pure = [name for name, one in modules.items() if _template(one) is None]
    results = {}
    for name in pure:
        with console.step(name):
            results[name] = modules[name].run(None)
    if len(pure) < len(chosen):
        served = {name: modules[name] for name in chosen if name not in pure}
        results |= run_served(served, console)
    print(json.dumps(results, indent=2) if options.json else report(modules, results))
    return 0


def _template(module):
    return getattr(module, "TEMPLATE", "usual")


def run_served(modules, console):
    """Run what needs a server; return the results by name."""
    from . import runtime as runtimes
    from .testing.templates import Templates

    runtime = runtimes.prepare(Home(), console, testing=True)
    usual = "demo" if DEMO in runtime.suite.addons else "suite"
    kinds = {name: getattr(one, "TEMPLATE", usual) for name, one in modules.items()}
    if COMPARISON in kinds.values():
        rivals.ensure(runtime.home, runtime.python, console)
    results = {}
    with runtime.postgres:
        templates = Templates(runtime, console)
        made = {kind: templates.ensure(kind) for kind in set(kinds.values())}
        for name, kind in kinds.items():
            with console.step(name):
                output = process.run(
                    [runtime.python, "-m", "launcher.bench", name],
                    runtime.home.account,
                    env=runtime.environment() | {"CLINIC_TEST_TEMPLATE": made[kind]},
                    cwd=runtime.site,
                )
            results[name] = json.loads(output.splitlines()[-1])
    return results


def load(name):
    spec = importlib.util.spec_from_file_location(name, available()[name])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(modules, results):
    """Return what each benchmark has to say, or a plain table."""
    texts = []
    for name, numbers in results.items():
        own = getattr(modules[name], "report", None)
        texts.append(own(numbers) if own else table({name: numbers}))
    return "\n\n".join(texts)


def table(results):
    rows = [
        (name, measure, f"{number:,.3f}" if isinstance(number, float) else str(number))
        for name, numbers in results.items()
        for measure, number in numbers.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {measure:<{widths[1]}}  {number:>{widths[2]}}"
        for name, measure, number in rows
    )


def measure(name):
    """Run one benchmark against a fresh server; its result is the last line."""
    from .testing import stack

    module = load(name)
    runtime = stack.from_environment()
    template = os.environ["CLINIC_TEST_TEMPLATE"]
    begun = time.monotonic()
    with stack.serve(runtime, template, f"r{os.getpid()}_bench") as server:
        result = module.run(server)
    print(f"{name} took {duration(time.monotonic() - begun)}")
    print(json.dumps(result))


if __name__ == "__main__":
    # Ended politely, it takes its server down with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    measure(sys.argv[1])
