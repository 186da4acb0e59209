"""Free windows against a brute-force oracle that knows no intervals, only minutes.

``CLINIC_ORACLE_AGENDAS=10000`` tries that many random agendas instead of some hundred.
"""

import os

from hypothesis import HealthCheck, given, settings, strategies as st

from odoo.addons.clinic_schedule.tools import offers, ranking, windows
from odoo.addons.clinic_schedule.tools.windows import (
    NO_ROOM,
    Busy,
    Device,
    Lane,
    Need,
    Places,
    Search,
    Session,
    Shift,
    Taken,
)

AGENDAS = int(os.environ.get("CLINIC_ORACLE_AGENDAS", 300))
HORIZON = 200
SPECIALISTS = (1, 2)
LANES = (Lane(7, 0), Lane(7, 1), Lane(8, 0))
# Two that are carried about and one fixed in a room, of two kinds.
KINDS = (
    (Device(1), Device(2, 8)),
    (Device(3),),
    (Device(4, 7), Device(5, 8)),
)

some = settings(
    max_examples=AGENDAS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
fewer = settings(some, max_examples=max(AGENDAS // 4, 50))

minute = st.integers(0, HORIZON)
spans = st.tuples(minute, minute).map(lambda pair: (min(pair), max(pair)))
short = st.tuples(minute, st.integers(1, 40)).map(lambda p: (p[0], p[0] + p[1]))
busy_spans = st.lists(st.one_of(short, spans), max_size=5)
buffers = st.tuples(st.sampled_from([0, 0, 5, 7]), st.sampled_from([0, 0, 10, 3]))
needs = st.builds(Need, st.integers(1, 60), buffers, buffers, buffers)


@st.composite
def places(draw):
    lanes = draw(
        st.one_of(
            st.just((NO_ROOM,)),
            st.lists(st.sampled_from(LANES), min_size=1, unique=True).map(tuple),
        )
    )
    kinds = draw(st.lists(st.sampled_from(KINDS), max_size=2, unique=True))
    return Places(lanes, tuple(kinds))


@st.composite
def shifts_of(draw, specialist_id, choices):
    """Disjoint shifts by start; some touch each other."""
    marks = sorted(draw(st.lists(minute, min_size=2, max_size=6)))
    found = []
    for start, stop in zip(marks, marks[1:], strict=False):
        if start < stop and draw(st.integers(0, 3)):
            branch_id, choice = draw(st.sampled_from(choices))
            # Near midnight of the wall clock, so that days change in the midst.
            offset = draw(st.sampled_from([0, 300, 1380]))
            found.append(Shift(specialist_id, branch_id, start, stop, choice, offset))
    return found


@st.composite
def sessions_of(draw):
    start = draw(minute)
    specialist_id = draw(st.sampled_from(SPECIALISTS))
    seats = draw(st.integers(0, 2))
    return Session(specialist_id, 1, 7, start, start + 20, 300, seats)


@st.composite
def agendas(draw):
    """Return (shifts by specialist, what is taken, needs, span, sessions)."""
    choices = [(1, draw(places())), (2, draw(places()))]
    shifts = {one: draw(shifts_of(one, choices)) for one in SPECIALISTS}

    def taken(keys):
        found = draw(st.dictionaries(st.sampled_from(keys), busy_spans))
        return {key: Taken.of(each) for key, each in found.items()}

    busy = Busy(
        taken(SPECIALISTS),
        taken(LANES),
        taken([1, 2, 3, 4, 5]),
        Taken.of(draw(st.one_of(st.just([]), busy_spans))),
        taken([(1, 1), (1, 2), (2, 1)]),
        draw(
            st.dictionaries(
                st.sampled_from(SPECIALISTS),
                st.lists(
                    short.map(lambda span: (span[0] + 300, span[1] + 300)), max_size=2
                ),
            )
        ),
    )
    found = draw(st.lists(sessions_of(), max_size=2))
    wanted = {one: draw(needs) for one in SPECIALISTS}
    return shifts, busy, wanted, draw(st.one_of(st.just((0, HORIZON)), spans)), found


def search_of(agenda, **options):
    shifts, busy, wanted, span, sessions = agenda
    return Search(shifts, busy, wanted, span, sessions=sessions, **options)


# The oracle ---------------------------------------------------------------------------


# Minutes before the agenda that buffers may reach into.
EARLY = 100


def span_of(start, stop):
    """Return the minutes of a span as a set: an integer with a bit for each."""
    return ((1 << max(stop - start, 0)) - 1) << (start + EARLY)


def minutes(taken):
    found = 0
    for start, stop in zip(taken.starts, taken.stops, strict=True):
        found |= span_of(start, stop)
    return found


def around(start, duration, buffer):
    return span_of(start - buffer[0], start + duration + buffer[1])


class Oracle:
    """Tries each minute of an agenda, one by one."""

    def __init__(self, agenda, now=-EARLY):
        self.now = now
        self.shifts, busy, self.needs, self.span, self.sessions = agenda
        self.specialists = {k: minutes(v) for k, v in busy.specialists.items()}
        self.lanes = {k: minutes(v) for k, v in busy.lanes.items()}
        self.devices = {k: minutes(v) for k, v in busy.devices.items()}
        self.off = {k: minutes(v) for k, v in busy.off.items()}
        self.patient = minutes(busy.patient)
        self.closed = busy.closed

    def own(self, shift, start):
        """Tell whether the specialist himself could begin then."""
        need = self.needs[shift.specialist_id]
        visit = span_of(start, start + need.duration)
        off = self.off.get((shift.specialist_id, shift.branch_id), 0)
        claims = self.specialists.get(shift.specialist_id, 0)
        return (
            shift.start <= start
            and start + need.duration <= shift.stop
            and not visit & off
            and not around(start, need.duration, need.specialist) & claims
        )

    def rooms(self, shift, start):
        """Return the rooms in which the whole visit could be, with its devices."""
        need = self.needs[shift.specialist_id]
        in_room = around(start, need.duration, need.room)
        with_device = around(start, need.duration, need.device)
        return {
            lane.room_id
            for lane in shift.places.lanes
            if not (lane.room_id and in_room & self.lanes.get(lane, 0))
            and all(
                any(
                    device.room_id in (None, lane.room_id)
                    and not with_device & self.devices.get(device.id, 0)
                    for device in kind
                )
                for kind in shift.places.devices
            )
        }

    def open_at(self, specialist_id, wall):
        closed = self.closed.get(specialist_id, ())
        return not any(wall in range(*span) for span in closed)

    def starts(self, shift):
        """Return {start: rooms} of all that is feasible in a shift."""
        need = self.needs[shift.specialist_id]
        found = {}
        for start in range(self.span[0], self.span[1] - need.duration + 1):
            visit = span_of(start, start + need.duration)
            if (
                self.own(shift, start)
                and not visit & self.patient
                and self.open_at(shift.specialist_id, start + shift.offset)
            ):
                rooms = self.rooms(shift, start)
                if rooms:
                    found[start] = rooms
        return found

    def offered(self, shift):
        """Return {start: rooms} of the marks and of both edges of each range."""
        found = self.starts(shift)
        return {
            start: rooms
            for start, rooms in found.items()
            if start % windows.STEP == 0
            or start - 1 not in found
            or start + 1 not in found
        }

    def window(self, shift, start):
        first = last = start
        while self.own(shift, first - 1):
            first -= 1
        while self.own(shift, last + 1):
            last += 1
        return max(first, self.now), last + self.needs[shift.specialist_id].duration

    def seats(self):
        return [
            session
            for session in self.sessions
            if session.seats
            and self.span[0] <= session.start
            and session.stop <= self.span[1]
            and not span_of(session.start, session.stop) & self.patient
            and self.open_at(session.specialist_id, session.start + session.offset)
        ]


@some
@given(agendas(), st.integers(0, 40))
def test_slots_equal_brute_force(agenda, ahead):
    """No false offer, no hidden window, a right room and the true gaps."""
    now = agenda[3][0] - ahead
    oracle, search = Oracle(agenda, now), search_of(agenda, now=now)
    alone = [slot for slot in search.slots() if not slot.is_group_seat]
    by_shift = {}
    for slot in alone:
        [shift] = [
            shift
            for shift in agenda[0][slot.specialist_id]
            if shift.start <= slot.start and slot.stop <= shift.stop
        ]
        assert slot.branch_id == shift.branch_id
        assert slot.stop - slot.start == agenda[2][slot.specialist_id].duration
        by_shift.setdefault(shift, []).append(slot)
    for found in agenda[0].values():
        for shift in found:
            expected = oracle.offered(shift)
            slots = by_shift.get(shift, [])
            assert [slot.start for slot in slots] == sorted(expected)
            for slot in slots:
                assert slot.room_id in expected[slot.start]
                assert slot.window == oracle.window(shift, slot.start)
    seats = [(s.specialist_id, s.start, s.seats) for s in search.group_slots()]
    assert seats == [(s.specialist_id, s.start, s.seats) for s in oracle.seats()]


@some
@given(agendas())
def test_own_windows_equal_brute_force(agenda):
    """What the specialist's agenda alone leaves, whatever rooms and patients do."""
    oracle, search = Oracle(agenda), search_of(agenda)
    for specialist_id in SPECIALISTS:
        found = [
            (shift, start)
            for shift, (first, stop) in search.windows(specialist_id)
            for start in range(first, stop - agenda[2][specialist_id].duration + 1)
        ]
        assert found == [
            (shift, start)
            for shift in agenda[0][specialist_id]
            for start in range(shift.start, shift.stop)
            if oracle.own(shift, start)
        ]


@st.composite
def tastes(draw):
    usual = ranking.Habits(
        draw(st.sampled_from([frozenset(), frozenset({1}), frozenset({1, 2})])),
        draw(st.sampled_from([None, 1])),
        draw(st.sampled_from([None, 5, 6])),
        draw(st.sampled_from([None, 0, 60, 333, 1430])),
        draw(st.sampled_from([None, 1])),
    )
    regular = st.builds(
        ranking.Regular, st.integers(5, 6), st.integers(0, 500), st.just(30)
    )
    return ranking.Taste(
        usual,
        draw(st.integers(-4000, 50)),
        {1: draw(st.integers(5, 30))},
        draw(st.dictionaries(st.just(1), st.lists(regular, max_size=2))),
        draw(minute),
    )


@some
@given(agendas(), tastes(), st.integers(0, 30))
def test_a_limit_gives_the_beginning_of_the_whole_order(agenda, taste, limit):
    search = search_of(agenda, usual=taste.usual.minute)
    everything = list(search.slots())
    for order, key in (
        (ranking.best, lambda i: (-i[1], i[0].start, i[0].specialist_id)),
        (ranking.first, lambda i: (i[0].start, -i[1], i[0].specialist_id)),
    ):
        whole = order(search, taste)
        assert whole == sorted(whole, key=key)
        # Two free seats at the same time are as good as each other.
        assert sorted(map(repr, (slot for slot, _score, _reasons in whole))) == sorted(
            map(repr, everything)
        )
        again = search_of(agenda, usual=taste.usual.minute)
        assert order(again, taste, limit) == whole[:limit]


@fewer
@given(agendas(), tastes())
def test_bounds_are_bounds(agenda, taste):
    search = search_of(agenda)
    hours = [
        found
        for shifts in search.shifts.values()
        for found in ranking._hours(search, shifts)
    ]
    opened = {shift for shift, _low, _high in hours}
    assert not any(
        search.ranges(shift) for shift in search.all_shifts() if shift not in opened
    )
    for shift, low, high in hours:
        for found in search.ranges(shift):
            highest = max(taste.scores(search, found, search.starts(found)))
            touches = found.first == found.lowest or found.last == found.highest
            bound = taste.bound(search, shift, found.first, found.last, touches)
            whole = taste.bound(search, shift, low, high)
            assert highest <= bound <= whole
            assert whole <= taste.rough_bound(shift.specialist_id, low)


@fewer
@given(agendas(), st.none() | st.integers(1, 4), st.integers(5, 30))
def test_picking_makes_the_same_offers(agenda, per_day, shortest):
    """The short way to the offers and the long one, through every slot, agree."""
    search = search_of((*agenda[:4], ()))
    least = dict.fromkeys(SPECIALISTS, shortest)
    picked = [
        slot
        for found, starts in offers.pick(search, least, per_day)
        for slot in search.some_slots(found, starts)
    ]
    slots = offers.pick_offers(search.slots(), per_day, shortest=shortest)
    assert sorted(picked, key=repr) == sorted(slots, key=repr)


@fewer
@given(agendas(), st.none() | st.integers(1, 4))
def test_offers_are_real_and_hide_no_window(agenda, per_day):
    slots = list(search_of(agenda).slots())
    picked = offers.pick_offers(slots, per_day=per_day)
    assert set(picked) <= set(slots)
    assert {slot.specialist_id for slot in picked} == {s.specialist_id for s in slots}
    if not per_day:
        assert {slot.window for slot in picked} == {slot.window for slot in slots}


def test_nearest_does_not_depend_on_the_order_of_equals():
    alone = windows.Slot(1, 1, None, 1, 2, (1, 3))
    next_ = windows.Slot(1, 1, None, 2, 3, (1, 3))
    seat = windows.Slot(1, 1, 7, 1, 21, (1, 21), seats=1)
    found = offers.nearest([seat, alone, next_], 0)
    assert found == offers.nearest([alone, seat, next_], 0) == [alone, next_]


@fewer
@given(agendas(), minute)
def test_nearest_are_the_nearest_and_apart(agenda, wanted):
    search = search_of(agenda)
    slots = list(search.slots())
    near = offers.nearest(slots, wanted)
    assert len(near) <= 3
    if slots:
        best = min(abs(slot.start - wanted) for slot in slots)
        assert abs(near[0].start - wanted) == best
    for one in near:
        for other in near:
            assert one == other or one.stop <= other.start or other.stop <= one.start
    found = offers.nearest_in(search, wanted)
    assert [(s.start, s.specialist_id) for s in found] == [
        (s.start, s.specialist_id) for s in near
    ]


# The algebra --------------------------------------------------------------------------


def covered(found):
    return {minute for start, stop in found for minute in range(start, stop)}


def inclusive(ranges):
    return {minute for first, last in ranges for minute in range(first, last + 1)}


@given(busy_spans)
def test_merge_keeps_minutes_and_is_disjoint(found):
    merged = windows.merge(found)
    assert covered(merged) == covered(found)
    assert all(a[1] < b[0] for a, b in zip(merged, merged[1:], strict=False))


@given(spans, busy_spans)
def test_subtract_is_set_difference(span, busy):
    left = windows.subtract(span, windows.merge(busy))
    assert covered(left) == covered([span]) - covered(busy)


@given(busy_spans)
def test_gaps_are_what_open_intervals_leave(found):
    found = [span for span in found if span[0] < span[1]]
    free = windows.gaps([s for s, _ in found], [e for _, e in found])
    for moment in range(-1, HORIZON + 42):
        inside = any(start < moment < stop for start, stop in found)
        assert inside != any(first <= moment <= last for first, last in free)


@given(busy_spans, busy_spans)
def test_ranges_intersect_and_unite_as_sets(left, right):
    left, right = windows.unite_ranges(left), windows.unite_ranges(right)
    both = windows.intersect_ranges(left, right)
    assert inclusive(both) == inclusive(left) & inclusive(right)
    either = windows.unite_ranges(left + right)
    assert inclusive(either) == inclusive(left) | inclusive(right)
    assert all(a[1] + 1 < b[0] for a, b in zip(either, either[1:], strict=False))


def test_own_specialist_never_ranks_lower():
    shift = Shift(1, 1, 0, 600)
    search = Search({1: [shift]}, Busy(), {1: Need(30)}, (0, 600))
    known = ranking.Taste(ranking.Habits(frozenset({1}), specialist_id=1))
    stranger = ranking.Taste(ranking.Habits(frozenset({9}), specialist_id=9))
    [(_slot, mine, reasons)] = ranking.best(search, known, 1)
    [(_slot, other, _reasons)] = ranking.best(search, stranger, 1)
    assert mine > other
    assert ranking.OWN_SPECIALIST in reasons


def test_a_device_that_is_free_until_minute_zero_is_free():
    """Found by ten thousand agendas: zero is a minute like any other."""
    places = Places((Lane(7, 0),), ((Device(3),),))
    shift = Shift(1, 1, 0, 11, places)
    busy = Busy(devices={3: Taken([1], [155])})
    search = Search({1: [shift]}, busy, {1: Need(1)}, (0, 1))
    assert [(slot.start, slot.room_id) for slot in search.slots()] == [(0, 7)]
