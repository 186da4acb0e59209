"""IF - THEN: which rules of the clinic apply to a visit, and why.

Facts about a visit are a mapping of plain values; a rule is a list of conditions that
must all hold, and one action. Rules are tried in order; the first that applies and says
so ends the search.

Two things no rule can change. What is unknown (``None``) is no ground: a condition on
it fails, in either direction. And :func:`forbidden` has the last word: whoever has
paid, or cannot wait, is never cancelled by a rule.

The same functions serve the job of the day and the dry run on the past, where
:func:`replay` finds the moments at which the rules would have acted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# What a fact is, and so how it is compared.
NUMBER, CHOICE, RECORDS = "number", "choice", "records"
FACTS: dict[str, str] = {
    "state": CHOICE,
    "hours_left": NUMBER,
    "days_since": NUMBER,
    "hours_booked": NUMBER,
    "hours_asked": NUMBER,
    "due": NUMBER,
    "price": NUMBER,
    "paid_share": NUMBER,
    "debt": NUMBER,
    "debt_days": NUMBER,
    "risk": NUMBER,
    "risk_level": CHOICE,
    "noshows": NUMBER,
    "age": NUMBER,
    "patient_kind": CHOICE,
    "payer_kind": CHOICE,
    "blocked": CHOICE,
    "source": CHOICE,
    "policy": CHOICE,
    "tags": RECORDS,
    "services": RECORDS,
    "branches": RECORDS,
}
# The facts that change by the clock alone.
CLOCK = ("hours_left", "days_since", "hours_booked", "hours_asked")
OPERATORS: dict[str, tuple[str, ...]] = {
    NUMBER: ("ge", "lt"),
    CHOICE: ("in", "not in"),
    RECORDS: ("in", "not in"),
}
AHEAD = frozenset({"hold", "booked", "confirmed"})
# A call that is still to be made shields the visit from the rules behind, as one that
# was made; so does what a person has let pass.
SHIELDING = frozenset({"called", "waived", "lifted"})
# These take something away from the patient.
STRICT = frozenset({"cancel", "suspend", "prepayment"})


class RuleError(ValueError):
    """A condition that makes no sense."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: ``value`` is a number, or a set of codes or ids."""

    fact: str
    operator: str
    value: float | frozenset[Any]

    def __post_init__(self) -> None:
        kind = FACTS.get(self.fact)
        if not kind or self.operator not in OPERATORS[kind]:
            raise RuleError(f"{self.fact} {self.operator}")
        if isinstance(self.value, frozenset) == (kind == NUMBER):
            raise RuleError(f"{self.fact} {self.operator} {self.value!r}")

    def holds(self, facts: Mapping[str, Any]) -> bool:
        actual = facts.get(self.fact)
        if actual is None:
            return False
        if self.fact == "hours_left" and actual < 0:
            # "Less than a day left" is said of visits to come, not of those that were.
            return False
        if self.operator == "ge":
            return bool(actual >= self.value)
        if self.operator == "lt":
            return bool(actual < self.value)
        if FACTS[self.fact] == CHOICE:
            found = actual in self.value  # type: ignore[operator]
        else:
            found = bool(self.value & frozenset(actual))  # type: ignore[operator]
        return found if self.operator == "in" else not found


@dataclass(frozen=True, slots=True)
class Rule:
    """All conditions hold: do the action; ``last``: and look no further."""

    id: int
    action: str
    conditions: tuple[Condition, ...] = ()
    last: bool = True

    def applies(self, facts: Mapping[str, Any]) -> bool:
        return all(condition.holds(facts) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule applies to a visit. ``because``: (fact, operator, value, actual)."""

    rule_id: int
    action: str
    because: tuple[tuple[str, str, Any, Any], ...] = field(default=())


def forbidden(action: str, facts: Mapping[str, Any]) -> str | None:
    """Return the code of the limit that an action would cross, or None.

    The limits: ``urgent``, ``paid`` (wholly, partly, or covered by the account),
    ``paying`` (a payment is on its way), ``free`` (there is nothing to pay), ``begun``,
    ``not_asked`` (it need not be paid in advance), and ``waived`` or ``lifted`` (a
    person has decided otherwise: no rule insists on it).
    Reminding is limited only by there being something to pay, a call by there being one
    to be made to this patient already (``called``).
    """
    if action in STRICT:
        return _forbidden_strict(action, facts)
    if action in ("remind", "link"):
        if facts.get("is_paid_in_full") or facts.get("is_free"):
            return "paid"
        if facts.get("is_paying"):
            return "paying"
        if facts.get("state") == "cancelled":
            return "begun"
        if facts.get("policy") == "after" and facts.get("state") in AHEAD:
            return None if facts.get("is_asked") else "not_asked"
    elif action == "call" and facts.get("is_called"):
        return "called"
    elif action == "block":
        if facts.get("is_blocked"):
            return "blocked"
        if facts.get("is_lifted"):
            return "lifted"
    return None


def _forbidden_strict(action: str, facts: Mapping[str, Any]) -> str | None:
    """Return the limit for what takes something away from the patient."""
    if facts.get("is_urgent"):
        return "urgent"
    if facts.get("is_paid"):
        return "paid"
    if facts.get("is_paying"):
        return "paying"
    if facts.get("is_free"):
        return "free"
    if facts.get("state") not in AHEAD or (facts.get("hours_left") or 0) <= 0:
        return "begun"
    if facts.get("is_waived"):
        return "waived"
    if action != "prepayment" and not facts.get("is_asked"):
        return "not_asked"
    return None


def decide(
    rules: Iterable[Rule],
    facts: Mapping[str, Any],
    done: frozenset[int] | set[int] = frozenset(),
) -> list[Decision]:
    """Return what the rules say of one visit now, in their order.

    :param done: rules that have acted on this visit already. Such a rule does not act
        again; but when it is a ``last`` one it still shields the visit from the rules
        behind it as long as it applies.
    """
    decisions = []
    for rule in rules:
        if not rule.applies(facts):
            continue
        limit = forbidden(rule.action, facts)
        if limit and limit not in SHIELDING:
            continue
        if not limit and rule.id not in done:
            decisions.append(
                Decision(
                    rule.id,
                    rule.action,
                    tuple(
                        (c.fact, c.operator, c.value, facts.get(c.fact))
                        for c in rule.conditions
                    ),
                )
            )
        if rule.last:
            break
    return decisions


def clock_thresholds(rules: Iterable[Rule]) -> dict[str, frozenset[float]]:
    """Return the values at which the clock alone may change what the rules say."""
    found: dict[str, set[float]] = {fact: set() for fact in CLOCK}
    for rule in rules:
        for condition in rule.conditions:
            if condition.fact in CLOCK and not isinstance(condition.value, frozenset):
                found[condition.fact].add(condition.value)
    return {fact: frozenset(values) for fact, values in found.items()}


def moments(
    thresholds: Mapping[str, Iterable[float]],
    booked: float,
    start: float,
    events: Sequence[float] = (),
    until: float | None = None,
) -> list[float]:
    """Return the hours at which the answer of the rules may change, in order.

    :param booked: when the visit was booked, in hours of any epoch.
    :param start: when it began, in the same hours.
    :param events: payments, confirmations and the like.
    :param until: the last moment of interest (the start, if not given).
    """
    last = start if until is None else until
    # A strict "less than" holds only a moment after its threshold is reached.
    moment = 1 / 60
    found = {booked, *events}
    for hours in thresholds.get("hours_left", ()):
        found |= {start - hours, start - hours + moment}
    for days in thresholds.get("days_since", ()):
        found |= {start + 24 * days, start + 24 * days + moment}
    for hours in thresholds.get("hours_booked", ()):
        found |= {booked + hours, booked + hours + moment}
    return sorted(when for when in found if booked <= when <= last)


def replay(
    rules: Sequence[Rule],
    facts_at: Any,
    when: Sequence[float],
) -> list[tuple[float, Decision]]:
    """Return what the rules would have done, and at which of the moments.

    :param facts_at: function of (moment, moment at which prepayment was asked or None)
        that returns the facts, or None if nobody would have looked at the visit then.
    """
    done: set[int] = set()
    found: list[tuple[float, Decision]] = []
    asked: float | None = None
    queue = list(when)
    waits = clock_thresholds(rules)["hours_asked"]
    while queue:
        moment = queue.pop(0)
        facts = facts_at(moment, asked)
        for decision in decide(rules, facts, done) if facts else ():
            found.append((moment, decision))
            done.add(decision.rule_id)
            if decision.action == "prepayment" and asked is None:
                asked = moment
                last = when[-1]
                later = {moment + hours for hours in waits} | {
                    moment + hours + 1 / 60 for hours in waits
                }
                queue = sorted({*queue, *(m for m in later if moment < m <= last)})
            if decision.action == "cancel":
                return found
    return found
