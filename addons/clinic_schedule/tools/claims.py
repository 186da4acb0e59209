"""What a visit takes, and which of several rooms, devices and places it gets.

A *thing* is what only one party can have at a time: a specialist, a patient, a device,
a seat of a room. A *party* is who is there together: all claims of one visit, or of all
visits of one group session. Two claims on one thing may overlap only inside a party.

An :class:`Order` says what is wanted, :func:`choices` answers with what can be had,
best first, given the rows of the ledger that are in the way. Buffers belong to the
order: a room that is cleaned for ten minutes after the visit is simply taken for ten
minutes more, while the patient has gone.

A group session takes its specialist, one seat of its room and its devices together:
whoever joins copies those rows of the party as they stand (so that a change of buffers
or rooms meanwhile cannot tear the session apart) and adds himself and a place of his
own, from 0 up to the size of the group.

Nothing here locks anything. The ledger asks twice if need be: see ``clinic.claim``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

SPECIALIST, PATIENT = "specialist_id", "patient_id"
ROOM, DEVICE = "room_id", "device_id"
# The order in which kinds of things are locked.
COLUMNS = (SPECIALIST, PATIENT, ROOM, DEVICE)
FULL, LIMIT, FIRST_LIMIT = "full", "limit", "first_limit"


class ClaimClash(Exception):
    """Something is taken; ``raced`` when somebody else took it this very moment.

    A raced clash is not visible in the loser's own snapshot of the database.

    :param column: of the thing, as in the ledger.
    :param kind: of the claim in the way (hold, booked, block), or FULL for a group
        without a place, LIMIT and FIRST_LIMIT for a day with enough visits.
    :param res_id: the kind of device there is none of.
    """

    def __init__(self, column, kind=None, raced=False, res_id=None):
        super().__init__(column, kind)
        self.column = column
        self.kind = kind
        self.raced = raced
        self.res_id = res_id
        self.index = 0  # of the order, among several


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that only one party can have at a time."""

    column: str
    res_id: int
    seat: int = 0


@dataclass(frozen=True, slots=True)
class DeviceNeed:
    """One device of a kind; ``devices`` are pairs of an id and the room it is fixed in.

    The room is None for a device that is carried about.
    """

    kind_id: int
    devices: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Which session may be joined (equal keys), and how many may be in it."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Limit:
    """How many visits, and first visits, one day of a specialist takes; 0: any."""

    day: date
    visits: int = 0
    firsts: int = 0


@dataclass(frozen=True)
class Order:
    """What one visit (or block) wants to take.

    :param things: what is needed for certain.
    :param lanes: seats of rooms, best first: one of them; none: no room is needed.
    :param buffers: minutes before and after by column.
    """

    start: datetime
    stop: datetime
    things: tuple[Thing, ...]
    lanes: tuple[Thing, ...] = ()
    devices: tuple[DeviceNeed, ...] = ()
    buffers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    group: Group | None = None
    limit: Limit | None = None

    def span(self, column: str) -> tuple[datetime, datetime]:
        """Return for how long things of this kind are taken, buffers included."""
        before, after = self.buffers.get(column, (0, 0))
        return (
            self.start - timedelta(minutes=before),
            self.stop + timedelta(minutes=after),
        )

    def candidates(self) -> dict[str, set[int]]:
        """Return the ids of everything that may be taken, by column."""
        result = defaultdict(set)
        for thing in (*self.things, *self.lanes):
            result[thing.column].add(thing.res_id)
        for need in self.devices:
            result[DEVICE].update(device_id for device_id, _room in need.devices)
        return result


@dataclass(frozen=True, slots=True)
class Taken:
    """A row of the ledger in the way. ``owner`` is the appointment, if there is one."""

    thing: Thing
    start: datetime
    stop: datetime
    party: int
    kind: str = "booked"
    owner: int | None = None
    expired: bool = False
    session: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Number:
    """The numbers one visit has of a limited day."""

    owner: int | None
    visit: int = 0
    first: int = 0
    expired: bool = False


@dataclass(frozen=True)
class Row:
    """A claim to be written."""

    thing: Thing
    start: datetime
    stop: datetime


@dataclass(frozen=True)
class Choice:
    """What can be had: the rows, the party (None: a new one), what expires for it."""

    rows: tuple[Row, ...]
    party: int | None = None
    place: int = 0
    number: int = 0
    first_number: int = 0
    expired: frozenset[int] = frozenset()

    def ids(self, column: str) -> list[int]:
        return [row.thing.res_id for row in self.rows if row.thing.column == column]


class _Ledger:
    """The rows in the way of one order, by thing."""

    def __init__(self, order: Order, taken: Iterable[Taken]):
        self.rows: dict[Thing, list[Taken]] = defaultdict(list)
        self.by_party: dict[int, list[Taken]] = defaultdict(list)
        for row in taken:
            start, stop = order.span(row.thing.column)
            if row.start < stop and start < row.stop:
                self.rows[row.thing].append(row)
            self.by_party[row.party].append(row)

    def live(self, thing: Thing) -> list[Taken]:
        return [row for row in self.rows.get(thing, ()) if not row.expired]

    def expired(self, things: Iterable[Thing]) -> set[int]:
        return {row.owner for thing in things for row in self.rows.get(thing, ())} - {
            None
        }


def choices(
    order: Order, taken: Iterable[Taken], numbers: Sequence[Number] = ()
) -> Iterator[Choice]:
    """Yield what can be had, best first: one choice for each free lane.

    :param taken: rows of the things of ``order.candidates()``, and all rows of a party
        that could be joined. Those of a visit that is being moved must not be among
        them.
    :raise ClaimClash: nothing can be had, and why.
    """
    ledger = _Ledger(order, taken)
    base = _numbered(order, numbers)
    session = _session(order, ledger)
    if session:
        yield _join(order, ledger, session, base)
        return
    for thing in order.things:
        for row in ledger.live(thing):
            raise ClaimClash(thing.column, row.kind)
    free = [lane for lane in order.lanes if not ledger.live(lane)]
    if order.lanes and not free:
        raise ClaimClash(ROOM, ledger.live(order.lanes[0])[0].kind)
    lacking = None
    for lane in free or [None]:
        own = [*order.things, lane] if lane else list(order.things)
        devices, missing = _devices(order, ledger, lane)
        if missing:
            lacking = lacking or missing
            continue
        own += devices
        lacking = 0
        yield replace(
            base,
            rows=tuple(Row(thing, *order.span(thing.column)) for thing in own),
            expired=base.expired | ledger.expired(own),
        )
    if lacking:
        raise ClaimClash(DEVICE, res_id=lacking)


def _devices(order, ledger, lane):
    """Return the first free device of each kind for a room, and a kind that lacks."""
    room_id = lane.res_id if lane else None
    found = []
    for need in order.devices:
        free = next(
            (
                thing
                for device_id, fixed_in in need.devices
                if fixed_in in (None, room_id)
                and not ledger.live(thing := Thing(DEVICE, device_id))
            ),
            None,
        )
        if not free:
            return [], need.kind_id
        found.append(free)
    return found, None


def _session(order, ledger):
    """Return the live rows of the specialist in a session to be joined, if any."""
    if not order.group:
        return None
    specialist = next(t for t in order.things if t.column == SPECIALIST)
    live = ledger.live(specialist)
    parties = {row.party for row in live}
    if len(parties) != 1 or any(row.session != order.group.key for row in live):
        return None
    rooms = {
        row.thing.res_id
        for row in ledger.by_party[live[0].party]
        if row.thing.column == ROOM
    }
    if rooms - {lane.res_id for lane in order.lanes}:
        return None  # in another room than the one asked for
    return live


def _join(order, ledger, session, base):
    party = session[0].party
    for thing in order.things:
        if thing.column != SPECIALIST:
            for row in ledger.live(thing):
                raise ClaimClash(thing.column, row.kind)
    if len(session) >= order.group.size:
        raise ClaimClash(SPECIALIST, FULL)
    held = [row for row in ledger.by_party[party] if row.thing.column == SPECIALIST]
    place, over = _first_free(
        range(order.group.size), [(row.place, row.owner, row.expired) for row in held]
    )
    own = [thing for thing in order.things if thing.column != SPECIALIST]
    specialist = session[0].thing
    others = {
        row.owner
        for row in ledger.rows[specialist]
        if row.expired and row.party != party
    }
    common = {
        row.thing: Row(row.thing, row.start, row.stop)
        for row in ledger.by_party[party]
        if row.thing.column != PATIENT
    }
    return replace(
        base,
        rows=(
            *common.values(),
            *(Row(thing, *order.span(thing.column)) for thing in own),
        ),
        party=party,
        place=place,
        expired=base.expired | over | others | ledger.expired(own),
    )


def _numbered(order, numbers):
    """Return a choice without rows: the numbers of the day, if it is limited."""
    limit = order.limit
    if not limit:
        return Choice(())
    found, over = [], set()
    for most, name, kind in (
        (limit.visits, "visit", LIMIT),
        (limit.firsts, "first", FIRST_LIMIT),
    ):
        number = 0
        if most:
            number, also = _first_free(
                range(1, most + 1),
                [(getattr(n, name), n.owner, n.expired) for n in numbers],
            )
            over |= also
            if number is None:
                raise ClaimClash(SPECIALIST, kind)
        found.append(number)
    return Choice((), number=found[0], first_number=found[1], expired=frozenset(over))


def _first_free(wanted, used):
    """Return the first number nobody has, else one of an expired hold and its owner."""
    taken = {number for number, _owner, _expired in used}
    for number in wanted:
        if number not in taken:
            return number, frozenset()
    for number, owner, expired in used:
        if expired and number in wanted:
            return number, frozenset({owner})
    return None, frozenset()
