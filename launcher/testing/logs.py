"""Odoo's log of a test run: which tests ran, what failed, what should not be there."""

import re
from pathlib import Path

from .outcome import Failure, Outcome

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+?): (?P<text>.*)"
)
STARTING = re.compile(r"^Starting (?P<test>\S+) \.\.\.")
BROKEN = re.compile(r"^(?:FAIL|ERROR): (?:Subtest )?(?P<test>\S+)")
SKIPPED = re.compile(r"^skipped (?P<test>\S+) : (?P<reason>.*)")
TRACEBACK = "\nTraceback (most recent call last)"
LEVELS = ("WARNING", "ERROR", "CRITICAL")
EXPECTED = Path("tests/expected_log_lines.txt")
TEST_LOGGER = re.compile(r"^odoo\.addons\.(?P<addon>\w+)\.tests\b")
# These only count what is told elsewhere in the log.
COUNTERS = ("odoo.tests.result", "odoo.tests.stats", "odoo.modules.loading")
COUNTER_TEXT = re.compile(
    r"(\d+ failed, \d+ error|Module \w+: \d+ failures|At least one test failed)"
)


def expected(site):
    """Return the patterns of warnings that are as they should be.

    Each is a regular expression on ``LEVEL logger: text``; with ``(?s)`` its dots go on
    into the lines that follow in the entry. The comment lines above it give the reason.
    """
    path = site / EXPECTED
    lines = path.read_text().splitlines() if path.exists() else []
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def entries(text):
    """Yield (level, logger, first line, whole entry) of each entry of a log."""
    current = None
    for line in text.splitlines():
        match = LINE.match(line)
        if match:
            if current:
                yield (*current[:3], "\n".join(current[3]))
            current = (match["level"], match["logger"], match["text"], [line])
        elif current:
            current[3].append(line)
    if current:
        yield (*current[:3], "\n".join(current[3]))


def read_run(title, text, patterns):
    """Return the outcome of a run of Odoo's test runner from its log."""
    outcome = Outcome(title)
    started, broken, skipped = set(), {}, {}
    for level, logger, first, whole in entries(text):
        found = TEST_LOGGER.match(logger)
        if found and level == "INFO":
            if match := STARTING.match(first):
                started.add((found["addon"], match["test"]))
            elif match := SKIPPED.match(first):
                skipped[found["addon"], match["test"]] = match["reason"]
        elif found and level == "ERROR" and (match := BROKEN.match(first)):
            key = found["addon"], match["test"]
            broken[key] = "\n".join(filter(None, (broken.get(key), whole)))
    for (addon, test), details in broken.items():
        outcome.failures.append(Failure(f"{addon}: {test}", details))
    outcome.skipped = [
        f"{addon}: {test} ({reason})"
        for (addon, test), reason in skipped.items()
        if (addon, test) not in broken
    ]
    outcome.passed = len(started - set(broken) - set(skipped))
    if bad := unexpected(text, patterns):
        outcome.failures.append(Failure(f"{title}: the server's log", bad))
    return outcome


def unexpected(text, patterns):
    """Return the warnings and errors that nobody expects, once each."""
    found = {}
    for level, logger, first, whole in entries(text):
        if level not in LEVELS and TRACEBACK not in whole:
            continue
        if TEST_LOGGER.match(logger) and BROKEN.match(first):
            continue
        if logger in COUNTERS and COUNTER_TEXT.search(first):
            continue
        head = f"{level} {logger}: {first}"
        rest = whole.partition("\n")[2]
        if any(pattern.search(f"{head}\n{rest}") for pattern in patterns):
            continue
        count, _whole = found.get(head, (0, ""))
        found[head] = count + 1, whole
    return "\n".join(
        (f"({count} times) " if count > 1 else "") + whole
        for count, whole in found.values()
    )
