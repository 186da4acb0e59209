"""Properties of the decision rules: the limits hold whatever the clinic writes."""

from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_finance.tools.rules import (
    CHOICE,
    FACTS,
    NUMBER,
    STRICT,
    Condition,
    Rule,
    clock_thresholds,
    decide,
    forbidden,
    moments,
    replay,
)

ACTIONS = (
    "remind",
    "link",
    "prepayment",
    "call",
    "suspend",
    "block",
    "cancel",
    "notify",
)
STATES = ("hold", "booked", "confirmed", "arrived", "fulfilled", "cancelled")
numbers = st.sampled_from([-50.0, 0.0, 1.0, 5.0, 24.0, 100.0, 3000.0])
codes = st.sampled_from([*STATES, "high", "full", "yes", "web"])
ids = st.integers(1, 4)


@st.composite
def conditions(draw):
    fact = draw(st.sampled_from(sorted(FACTS)))
    if FACTS[fact] == NUMBER:
        return Condition(fact, draw(st.sampled_from(["ge", "lt"])), draw(numbers))
    values = st.frozensets(codes if FACTS[fact] == CHOICE else ids, min_size=1)
    return Condition(fact, draw(st.sampled_from(["in", "not in"])), draw(values))


@st.composite
def rule_lists(draw):
    return [
        Rule(
            number + 1,
            draw(st.sampled_from(ACTIONS)),
            tuple(draw(st.lists(conditions(), max_size=3))),
            draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


@st.composite
def facts(draw):
    found = {}
    for fact, kind in FACTS.items():
        if draw(st.booleans()):
            value = {
                NUMBER: numbers,
                CHOICE: codes,
            }.get(kind, st.frozensets(ids))
            found[fact] = draw(value)
    found["state"] = draw(st.sampled_from(STATES))
    for name in (
        "is_urgent",
        "is_paid",
        "is_paying",
        "is_free",
        "is_asked",
        "is_blocked",
        "is_paid_in_full",
    ):
        found[name] = draw(st.booleans())
    return found


@settings(max_examples=300, deadline=None)
@given(rule_lists(), facts(), st.sets(st.integers(1, 6)))
def test_limits_hold_for_any_rules(rules, known, done):
    for decision in decide(rules, known, done):
        assert not forbidden(decision.action, known)
        if decision.action in STRICT:
            assert not known["is_urgent"]
            assert not known["is_paid"]
            assert not known["is_paying"]
            assert known["hours_left"] > 0
        if decision.action in ("cancel", "suspend"):
            assert known["is_asked"]


@settings(max_examples=300, deadline=None)
@given(rule_lists(), facts(), st.sets(st.integers(1, 6)))
def test_each_rule_acts_once_in_order_and_the_last_is_last(rules, known, done):
    found = [decision.rule_id for decision in decide(rules, known, done)]
    assert found == sorted(set(found) - done)
    by_id = {rule.id: rule for rule in rules}
    assert not any(by_id[rule_id].last for rule_id in found[:-1])
    # Having acted, none of them acts again.
    again = [d.rule_id for d in decide(rules, known, done | set(found))]
    assert not set(again) & set(found)


@settings(max_examples=300, deadline=None)
@given(conditions(), facts())
def test_unknown_is_no_ground(condition, known):
    known.pop(condition.fact, None)
    assert not condition.holds(known)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["hours_left", "hours_booked"]),
            st.sampled_from(["ge", "lt"]),
            st.sampled_from([1.0, 5.0, 20.0, 60.0]),
        ),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.integers(0, 100), max_size=3),
)
def test_replay_misses_nothing_that_a_look_each_quarter_finds(parts, payments):
    """The few moments that are looked at are enough."""
    rule = Rule(1, "call", tuple(Condition(*part) for part in parts))

    def facts_at(moment, _asked):
        return {
            "state": "booked",
            "hours_left": 100 - moment,
            "hours_booked": moment,
            "is_asked": True,
        }

    when = moments(clock_thresholds([rule]), 0, 100, payments)
    found = bool(replay([rule], facts_at, when))
    each_quarter = [quarter / 4 for quarter in range(400)]
    assert found >= any(rule.applies(facts_at(m, None)) for m in each_quarter)
