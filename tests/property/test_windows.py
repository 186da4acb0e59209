"""Free windows against a brute-force oracle that knows no intervals, only minutes."""

from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_schedule.tools import offers, ranking, windows
from odoo.addons.clinic_schedule.tools.windows import Busy, Lane, Shift

HORIZON = 150

spans = st.tuples(st.integers(0, HORIZON), st.integers(0, HORIZON)).map(
    lambda pair: (min(pair), max(pair))
)
busy_spans = st.lists(spans, max_size=6)
lanes = st.sampled_from([Lane(), Lane(7, 0), Lane(7, 1), Lane(8, 0)])
lane_choices = st.one_of(
    st.just((Lane(),)),
    st.lists(lanes.filter(lambda lane: lane.room_id), min_size=1, unique=True).map(
        tuple
    ),
)
shifts = st.builds(
    lambda specialist, span, choice: Shift(specialist, 1, *span, choice),
    st.integers(1, 2),
    spans,
    lane_choices,
)
agendas = st.builds(
    Busy,
    st.dictionaries(st.integers(1, 2), busy_spans),
    st.dictionaries(lanes.filter(lambda lane: lane.room_id), busy_spans),
    busy_spans,
)


def minutes(spans_):
    return {minute for start, stop in spans_ for minute in range(start, stop)}


def fits(start, duration, hours, taken):
    visit = set(range(start, start + duration))
    return visit <= hours and not visit & taken


def oracle(shift, busy, duration, span):
    """Return {start: feasible lanes} by trying each minute."""
    hours = minutes([(shift.start, shift.stop)]) & minutes([span])
    taken = minutes(busy.specialists.get(shift.specialist_id, ()))
    taken |= minutes(busy.patient)
    found = {}
    for start in range(HORIZON + 1):
        fitting = [
            lane
            for lane in shift.lanes
            if fits(start, duration, hours, taken | minutes(busy.lanes.get(lane, ())))
        ]
        if fitting:
            found[start] = fitting
    return found


@settings(max_examples=1500, deadline=None)
@given(st.lists(shifts, max_size=3), agendas, st.integers(1, 60), spans)
def test_slots_equal_brute_force(found_shifts, busy, duration, span):
    """No false offer, no hidden window, and the first free lane wins."""
    durations = {1: duration, 2: duration + 7}
    for shift in found_shifts:
        expected = oracle(shift, busy, durations[shift.specialist_id], span)
        wanted = {
            start
            for start in expected
            if start % windows.STEP == 0
            or start - 1 not in expected
            or start + 1 not in expected
        }
        slots = windows.find_slots([shift], busy, durations, span)
        assert [slot.start for slot in slots] == sorted(wanted)
        for slot in slots:
            assert slot.room_id == expected[slot.start][0].room_id
            assert slot.window[0] <= slot.start < slot.stop <= slot.window[1]


@settings(max_examples=300, deadline=None)
@given(st.lists(shifts, max_size=4), agendas, st.integers(1, 60), spans)
def test_shifts_do_not_disturb_each_other(found_shifts, busy, duration, span):
    durations = {1: duration, 2: duration}
    together = windows.find_slots(found_shifts, busy, durations, span)
    apart = [
        slot
        for shift in found_shifts
        for slot in windows.find_slots([shift], busy, durations, span)
    ]
    assert together == apart


@settings(max_examples=300, deadline=None)
@given(st.lists(shifts, max_size=4), agendas, st.integers(1, 60), st.integers(1, 30))
def test_enough_cuts_only_what_comes_later(found_shifts, busy, duration, enough):
    def by_start(slots):
        return sorted(slot.start for slot in slots)

    found_shifts.sort(key=lambda shift: shift.start)
    arguments = (found_shifts, busy, {1: duration, 2: duration}, (0, HORIZON))
    some = windows.find_slots(*arguments, enough=enough)
    everything = windows.find_slots(*arguments)
    assert by_start(some)[:enough] == by_start(everything)[:enough]


@given(busy_spans)
def test_merge_keeps_minutes_and_is_disjoint(found):
    merged = windows.merge(found)
    assert minutes(merged) == minutes(found)
    assert all(a[1] < b[0] for a, b in zip(merged, merged[1:], strict=False))


@given(spans, busy_spans)
def test_subtract_is_set_difference(span, busy):
    left = windows.subtract(span, windows.merge(busy))
    assert minutes(left) == minutes([span]) - minutes(busy)


def inclusive(ranges):
    return {minute for first, last in ranges for minute in range(first, last + 1)}


@given(busy_spans, busy_spans)
def test_ranges_intersect_and_unite_as_sets(left, right):
    left, right = windows.unite_ranges(left), windows.unite_ranges(right)
    both = windows.intersect_ranges(left, right)
    assert inclusive(both) == inclusive(left) & inclusive(right)
    either = windows.unite_ranges(left + right)
    assert inclusive(either) == inclusive(left) | inclusive(right)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(shifts, max_size=3),
    agendas,
    st.integers(5, 60),
    st.none() | st.integers(1, 4),
)
def test_offers_are_real_and_hide_no_window(found_shifts, busy, duration, per_day):
    slots = windows.find_slots(
        found_shifts, busy, {1: duration, 2: duration}, (0, HORIZON)
    )
    picked = offers.pick_offers(slots, per_day=per_day)
    assert set(picked) <= set(slots)
    assert {slot.specialist_id for slot in picked} == {s.specialist_id for s in slots}
    if per_day:
        for specialist in (1, 2):
            assert sum(s.specialist_id == specialist for s in picked) <= per_day
    else:
        assert {slot.window for slot in picked} == {slot.window for slot in slots}


@settings(max_examples=300, deadline=None)
@given(st.lists(shifts, max_size=3), agendas, st.integers(5, 60), st.integers(0, 150))
def test_nearest_are_the_nearest_and_apart(found_shifts, busy, duration, wanted):
    slots = windows.find_slots(
        found_shifts, busy, {1: duration, 2: duration}, (0, HORIZON)
    )
    near = offers.nearest(slots, wanted)
    assert len(near) <= 3
    if slots:
        best = min(abs(slot.start - wanted) for slot in slots)
        assert abs(near[0].start - wanted) == best
    for one in near:
        for other in near:
            assert one == other or one.stop <= other.start or other.stop <= one.start


@given(st.lists(shifts, max_size=2), agendas, st.integers(5, 60))
def test_own_specialist_never_ranks_lower(found_shifts, busy, duration):
    usual = ranking.Habits(specialist_ids=frozenset({1}))
    for slot in windows.find_slots(found_shifts, busy, {1: duration}, (0, HORIZON)):
        known, reasons = ranking.rank(slot, usual, 0)
        stranger, _reasons = ranking.rank(slot, ranking.Habits(), 0)
        assert known > stranger
        assert ranking.OWN_SPECIALIST in reasons
