"""Money given at the desk: shared out to the kopeck, counted to the kopeck."""

import pytest
from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_iot.tools import cash

sums = st.integers(0, 10_000_00)
dues = st.lists(sums, max_size=6).map(lambda all_: list(enumerate(all_, start=1)))


@settings(deadline=None)
@given(dues, st.fixed_dictionaries({"card": sums, "cash": sums}))
def test_nothing_is_lost_or_paid_twice(owed, given_):
    shares = cash.split(owed, given_)
    for way, amount in given_.items():
        assert sum(s.amount for s in shares if s.way == way) == amount
    for visit, due in owed:
        assert sum(s.amount for s in shares if s.visit == visit) <= due
    assert all(share.amount > 0 for share in shares)
    over = sum(share.amount for share in shares if not share.visit)
    assert over == max(sum(given_.values()) - sum(due for _v, due in owed), 0)
    keys = [(share.visit, share.way) for share in shares]
    assert len(keys) == len(set(keys)), "one payment for each visit and way"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(cash.NOTES), st.integers(0, 500)))
def test_a_count_adds_up(pieces):
    notes = {str(value): count for value, count in pieces.items()}
    assert cash.counted(notes) == sum(v * n for v, n in pieces.items())
    assert sum(total for *_x, total in cash.in_notes(notes)) == cash.counted(notes)


@pytest.mark.parametrize("notes", [{"3": 1}, {"100": -1}, {"100": 0.5}])
def test_what_cannot_be_counted(notes):
    with pytest.raises(cash.CashError):
        cash.counted(notes)
