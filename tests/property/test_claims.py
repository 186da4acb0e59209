"""The choice of rooms, devices and places against plain rules, on random agendas."""

from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import given, strategies as st

from odoo.addons.clinic_schedule.tools.claims import (
    DEVICE,
    PATIENT,
    ROOM,
    SPECIALIST,
    ClaimClash,
    DeviceNeed,
    Group,
    Limit,
    Number,
    Order,
    Taken,
    Thing,
    choices,
)

DAY = datetime(2030, 1, 7, 9)
LANES = tuple(Thing(ROOM, room, seat) for room in (1, 2) for seat in range(room))
DEVICES = ((1, None), (2, 1), (3, 2))
GROUP_SIZE, LIMIT = 3, 4


@st.composite
def orders(draw):
    start = DAY + timedelta(minutes=15 * draw(st.integers(0, 7)))
    minutes = draw(st.sampled_from((15, 30, 45)))
    specialist = draw(st.integers(1, 3))
    buffers = {
        column: (draw(st.sampled_from((0, 0, 5))), draw(st.sampled_from((0, 10))))
        for column in (SPECIALIST, ROOM, DEVICE)
    }
    grouped = draw(st.booleans())
    if grouped:
        minutes, buffers = 30, {}
    return Order(
        start,
        start + timedelta(minutes=minutes),
        (Thing(SPECIALIST, specialist), Thing(PATIENT, draw(st.integers(1, 9)))),
        LANES,
        (DeviceNeed(1, DEVICES),) if draw(st.booleans()) else (),
        buffers,
        Group(f"{start}", GROUP_SIZE) if grouped else None,
        Limit(DAY.date(), LIMIT) if specialist == 3 else None,
    )


class Ledger:
    """What the database is: rows, and who owns them."""

    def __init__(self):
        self.rows, self.numbers = [], []
        self.parties = 0

    def try_book(self, owner, order):
        numbers = self.numbers if order.limit else ()
        try:
            choice = next(choices(order, self.rows, tuple(numbers)))
        except ClaimClash:
            return None
        self.parties += 1
        party = choice.party or self.parties
        for row in choice.rows:
            first = row.thing.column == SPECIALIST
            self.rows.append(
                Taken(
                    row.thing,
                    row.start,
                    row.stop,
                    party,
                    owner=owner,
                    session=order.group.key if order.group else None,
                    place=choice.place if first else 0,
                )
            )
        if choice.number:
            self.numbers.append(Number(owner, choice.number))
        return choice


def overlap(a, b):
    return a.thing == b.thing and a.start < b.stop and b.start < a.stop


@given(st.lists(orders(), max_size=25))
def test_nothing_is_taken_twice(wanted):
    ledger = Ledger()
    for owner, order in enumerate(wanted, 1):
        ledger.try_book(owner, order)
    for a, b in combinations(ledger.rows, 2):
        if overlap(a, b):
            assert a.party == b.party
            assert a.thing.column != PATIENT
    sessions = {}
    for row in ledger.rows:
        if row.thing.column == SPECIALIST:
            sessions.setdefault(row.party, []).append(row)
    for rows in sessions.values():
        assert len({row.start for row in rows}) == 1
        assert len({row.place for row in rows}) == len(rows) <= GROUP_SIZE
    numbers = [number.visit for number in ledger.numbers]
    assert sorted(numbers) == sorted(set(numbers))
    assert all(1 <= number <= LIMIT for number in numbers)


@given(st.lists(orders(), max_size=15), orders())
def test_a_refusal_is_true(wanted, order):
    """Whatever is refused has no free combination, tried one by one."""
    ledger = Ledger()
    for owner, earlier in enumerate(wanted, 1):
        ledger.try_book(owner, earlier)
    rows, numbers = list(ledger.rows), list(ledger.numbers)
    if ledger.try_book(0, order):
        return

    def free(thing):
        start, stop = order.span(thing.column)
        return not any(overlap(Taken(thing, start, stop, 0), row) for row in rows)

    if order.limit and len(numbers) >= LIMIT:
        return
    certain = all(free(thing) for thing in order.things)
    places = [
        (lane, device)
        for lane in LANES
        if free(lane)
        for device, room in (DEVICES if order.devices else ((None, None),))
        if device is None
        or (room in (None, lane.res_id) and free(Thing(DEVICE, device)))
    ]
    assert not (certain and places)


@given(orders())
def test_an_empty_agenda_refuses_nothing(order):
    choice = Ledger().try_book(1, order)
    assert choice
    assert len(choice.ids(ROOM)) == 1
    assert len(choice.ids(DEVICE)) == len(order.devices)
    for row in choice.rows:
        assert (row.start, row.stop) == order.span(row.thing.column)


@given(orders())
def test_expired_holds_give_way(order):
    ledger = Ledger()
    choice = ledger.try_book(1, order)
    rows = [
        Taken(row.thing, row.start, row.stop, 1, owner=7, expired=True)
        for row in choice.rows
    ]
    again = next(choices(order, rows))
    assert again.expired == {7}
    assert [row.thing for row in again.rows] == [row.thing for row in choice.rows]
