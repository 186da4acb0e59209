"""What came out of tests, and how it is told."""

from dataclasses import dataclass, field


@dataclass
class Failure:
    """One thing that failed: its name and what a developer needs to see."""

    name: str
    details: str = ""


@dataclass
class Outcome:
    """The result of one job of a test run."""

    title: str
    passed: int = 0
    skipped: list = field(default_factory=list)
    failures: list = field(default_factory=list)
    seconds: float = 0.0

    def check(self, name, problem):
        """Count one check: a pass, or a failure with ``problem`` as its details."""
        if problem:
            self.failures.append(Failure(name, problem))
        else:
            self.passed += 1

    def line(self):
        parts = [f"{self.passed} passed", f"{len(self.failures)} failed"]
        if self.skipped:
            parts.append(f"{len(self.skipped)} skipped")
        return ", ".join(parts)


def summary(outcomes):
    """Return the last line of a test run."""
    total = Outcome("")
    for outcome in outcomes:
        total.passed += outcome.passed
        total.failures += outcome.failures
        total.skipped += outcome.skipped
    return total.line()
