"""The budget adds up to the books, whatever the rules are."""

from datetime import date
from fractions import Fraction

from hypothesis import given, strategies as st

from odoo.addons.clinic_finance.tools import budget

IDS = st.integers(1, 5)
SOME = st.one_of(st.none(), st.frozensets(IDS, max_size=3))
NATURES = ("income", "expense", "other")
MONTHS = st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(
    lambda day: day.replace(day=1)
)
RULES = st.lists(
    st.builds(
        budget.Rule,
        item=st.integers(1, 8),
        kind=st.sampled_from(("income", "expense")),
        accounts=SOME,
        analytics=SOME,
        partners=SOME,
    ),
    max_size=8,
    unique_by=lambda rule: rule.item,
)
SHARES = st.lists(
    st.tuples(
        st.frozensets(IDS, min_size=1, max_size=2),
        st.sampled_from([Fraction(n) for n in (10, 33, 40, 60, 100)]),
    ),
    max_size=3,
).map(tuple)
ENTRIES = st.lists(
    st.builds(
        budget.Entry,
        account=IDS,
        # The nature is the account's, as in the books.
        nature=st.just(""),
        month=MONTHS,
        balance=st.integers(-(10**9), 10**9),
        branch=st.one_of(st.none(), IDS),
        partner=st.one_of(st.none(), IDS),
        item=st.one_of(st.none(), st.integers(1, 10)),
        shares=SHARES,
    ),
    max_size=20,
).map(
    lambda entries: [
        budget.Entry(
            **{
                name: getattr(entry, name)
                for name in budget.Entry.__slots__
                if name != "nature"
            },
            nature=NATURES[entry.account % 3],
        )
        for entry in entries
    ]
)


@given(RULES, ENTRIES)
def test_each_entry_is_given_away_whole(rules, entries):
    sorter = budget.Sorter(rules)
    for entry in entries:
        pieces = list(sorter.pieces(entry))
        total = sum(
            -piece.amount if piece.kind == "income" else piece.amount
            for piece in pieces
        )
        assert total == entry.balance
        if entry.item in sorter.kinds:
            assert [piece.item for piece in pieces] == [entry.item]


@given(RULES, ENTRIES)
def test_order_of_entries_does_not_matter(rules, entries):
    forward = budget.sort_entries(rules, entries)
    assert forward == budget.sort_entries(rules, list(reversed(entries)))


@given(RULES, ENTRIES)
def test_income_less_expenses_is_the_result_of_the_books(rules, entries):
    # Items over other accounts than income and expense are left out here.
    entries = [entry for entry in entries if entry.nature != "other"]
    sums = budget.sort_entries(rules, entries)
    result = sum(
        amount if kind == "income" else -amount
        for (_item, kind, _branch, _month), amount in sums.items()
    )
    assert result == -sum(entry.balance for entry in entries)


@given(
    st.integers(-(10**12), 10**12),
    st.decimals(-100, 400, places=2).map(Fraction),
    st.sampled_from((1, 100, 1000, 10_000, 100_000)),
)
def test_scaling_rounds_to_the_nearest_step(amount, percent, step):
    scaled = budget.scale(amount, percent, step)
    assert scaled % step == 0
    assert abs(scaled - amount * (100 + percent) / 100) <= Fraction(step, 2)
    assert budget.scale(amount, 0) == amount


@given(
    st.integers(-(10**9), 10**9),
    st.integers(0, 10**9),
    MONTHS,
    st.dates(),
    st.booleans(),
)
def test_forecast_of_what_is_over_and_of_what_is_to_come(
    planned, actual, month, today, by_pace
):
    found = budget.forecast(planned, actual, month, today, by_pace)
    if today > budget.last_day(month):
        assert found == actual
    elif today < month:
        assert found == planned


@given(st.integers(0, 10**9), MONTHS, st.integers(1, 28), st.booleans())
def test_forecast_is_never_less_than_what_is_there(actual, month, day, by_pace):
    today = month.replace(day=day)
    assert budget.forecast(10**6, actual, month, today, by_pace) >= actual


@given(MONTHS, st.integers(1, 24), MONTHS, st.integers(1, 24))
def test_every_month_has_a_source(first, count, target, wanted):
    sources = budget.months_between(first, budget.add_months(first, count - 1))
    targets = budget.months_between(target, budget.add_months(target, wanted - 1))
    found = budget.match_months(sources, targets)
    assert list(found) == targets
    assert set(found.values()) <= set(sources)
    if count >= 12:
        assert all(to.month == source.month for to, source in found.items())
