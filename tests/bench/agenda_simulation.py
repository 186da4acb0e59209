"""A year of a clinic's desk in the computer: what the way of offering times is worth.

The same seeded people ask for visits in the same order; only who answers them differs.
Time is minutes from a Monday 0:00, one zone, no rooms: what is compared is how a
specialist's day is cut. See docs/utilisation.md for the assumptions in words.
"""

import heapq
import random
from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass, field

from tools import ranking, windows

DAY, WEEK = 24 * 60, 7 * 24 * 60
# Minute 0 of the tools' epoch was a Saturday; this begins on the Monday after.
ORIGIN = 2 * DAY
# Minutes a visit takes, and how many of a hundred do.
DURATIONS = {15: 10, 20: 12, 30: 26, 40: 16, 45: 12, 50: 8, 60: 10, 90: 6}


@dataclass(frozen=True)
class Settings:
    """The assumptions; all shares are of one.

    :param load: minutes asked for, by minutes of shifts.
    :param clashes: regulars whose usual time overlaps somebody else's; the others'
        were agreed with the clinic once and fit together.
    :param near: a regular counts as served at the usual hour within so many minutes.
    """

    specialists: int = 6
    weeks: int = 52
    load: float = 1.0
    regulars: float = 0.8
    cancelled: float = 0.08
    no_show: float = 0.05
    late: float = 0.10
    late_minutes: tuple[int, int] = (5, 20)
    course: tuple[int, int] = (8, 30)
    shift_minutes: int = 6 * 60
    grid: int = 30
    clashes: float = 0.1
    accepts_minutes: int = 180
    accepts_days: int = 7
    choice: int = 2
    near: int = 30
    seed: int = 19


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks at ``asked`` for a visit; ``wish`` is the usual start, if any."""

    number: int
    asked: int
    duration: int
    specialists: tuple[int, ...]
    regular: int | None = None
    wish: int | None = None


@dataclass(slots=True)
class Regular:
    specialist: int
    weekday: int
    minute: int
    duration: int
    since: int
    until: int


@dataclass
class World:
    """What happens whatever the desk does."""

    settings: Settings
    requests: list[Request] = field(default_factory=list)
    regulars: list[Regular] = field(default_factory=list)

    def __post_init__(self):
        self._chance = random.Random(self.settings.seed)
        self._make_regulars()
        self._make_others()
        self.requests.sort(key=lambda request: (request.asked, request.number))

    def shift(self, specialist: int, day: int) -> tuple[int, int] | None:
        """Return the shift of a day: mornings and afternoons by turns, no week-ends."""
        if day % 7 >= 5:
            return None
        begin = 9 * 60 if (specialist + day % 7) % 2 else 14 * 60
        start = day * DAY + begin
        return start, start + self.settings.shift_minutes

    def fate(self, request: Request) -> tuple[str, int]:
        """Return what becomes of a visit: the same whoever has booked it."""
        chance = random.Random(self.settings.seed * 1_000_003 + request.number)
        drawn, settings = chance.random(), self.settings
        if drawn < settings.cancelled:
            return "cancelled", chance.randint(2 * 60, 4 * DAY)
        drawn -= settings.cancelled
        if drawn < settings.no_show:
            return "no_show", 0
        drawn -= settings.no_show
        if drawn < settings.late:
            return "late", chance.randint(*settings.late_minutes)
        return "comes", 0

    def _duration(self):
        [minutes] = self._chance.choices(list(DURATIONS), list(DURATIONS.values()))
        return minutes

    def _capacity(self):
        """Return the minutes of shifts of one specialist in a week."""
        return 5 * self.settings.shift_minutes

    def _make_regulars(self):
        """Give each specialist places in the week, each handed on among regulars."""
        settings, chance = self.settings, self._chance
        for specialist in range(settings.specialists):
            wanted = self._capacity() * settings.load * settings.regulars
            places: dict[int, list] = {weekday: [] for weekday in range(5)}
            filled = tries = 0
            while filled < wanted and tries < 400:
                tries += 1
                duration = self._duration()
                weekday = chance.randrange(5)
                minute = self._find_place(places[weekday], duration)
                if minute is None:
                    continue
                places[weekday].append((minute, minute + duration))
                filled += duration
                week = -chance.randint(0, settings.course[0])
                while week < settings.weeks:
                    week = self._make_regular(
                        specialist, weekday, minute, duration, week
                    )

    def _find_place(self, taken, duration):
        """Return where in a shift one more regular comes, at quarters of an hour."""
        latest = self.settings.shift_minutes - duration
        free = range(0, latest + 1, 15)
        if self._chance.random() >= self.settings.clashes:
            free = [
                minute
                for minute in free
                if all(
                    stop <= minute or minute + duration <= start
                    for start, stop in taken
                )
            ]
        return self._chance.choice(free) if free else None

    def _make_regular(self, specialist, weekday, minute, duration, week):
        settings = self.settings
        until = week + self._chance.randint(*settings.course)
        number = len(self.regulars)
        self.regulars.append(
            Regular(specialist, weekday, minute, duration, week, until)
        )
        for each in range(max(week, 0), min(until, settings.weeks)):
            start, _stop = self.shift(specialist, each * 7 + weekday)
            # Asked at the last visit, a week before.
            asked = start + minute - WEEK + duration
            self._ask(asked, duration, (specialist,), number, start + minute)
        return until

    def _make_others(self):
        settings, chance = self.settings, self._chance
        total = self._capacity() * settings.specialists * settings.weeks
        left = total * settings.load
        left -= sum(request.duration for request in self.requests)
        while left > 0:
            duration = self._duration()
            left -= duration
            asked = chance.randrange(-2 * DAY, settings.weeks * WEEK)
            choice = chance.sample(range(settings.specialists), settings.choice)
            self._ask(asked, duration, tuple(choice))

    def _ask(self, asked, duration, specialists, regular=None, wish=None):
        self.requests.append(
            Request(len(self.requests), asked, duration, specialists, regular, wish)
        )


class Agenda:
    """What is booked, by specialist: sorted (start, stop, request)."""

    def __init__(self, world: World):
        self.world = world
        self.booked = defaultdict(list)

    def add(self, specialist, start, request):
        insort(
            self.booked[specialist],
            (start, start + request.duration, request.number, request),
        )

    def remove(self, specialist, start, request):
        entry = (start, start + request.duration, request.number, request)
        rows = self.booked[specialist]
        del rows[bisect_left(rows, entry)]

    def between(self, specialist, start, stop):
        """Return the visits that begin in a span of days."""
        rows = self.booked[specialist]
        return rows[bisect_left(rows, (start,)) : bisect_left(rows, (stop,))]

    def free(self, specialist, day, after):
        """Return the free windows of a day, from a moment on."""
        shift = self.world.shift(specialist, day)
        if not shift:
            return []
        begin, end = max(shift[0], after), shift[1]
        taken = [row[:2] for row in self.between(specialist, day * DAY, end)]
        return windows.subtract((begin, end), windows.merge(taken))


# Three ways to answer -----------------------------------------------------------------


def days_for(request, settings):
    """Return the days to look at: of a regular the usual day, then its week."""
    if request.wish is None:
        first = request.asked // DAY
        return range(max(first, 0), first + settings.accepts_days + 1)
    usual = request.wish // DAY
    week = range(usual // 7 * 7, usual // 7 * 7 + 5)
    return [usual, *(day for day in week if day != usual)]


def minutes_off(request, start):
    """Return how far a start is from the usual hour, whatever the day."""
    off = abs(start % DAY - request.wish % DAY)
    return min(off, DAY - off)


def acceptable(request, start, settings):
    if start < request.asked:
        return False
    return request.wish is None or minutes_off(request, start) <= (
        settings.accepts_minutes
    )


class PreCut:
    """Slots of a fixed length, cut in advance; a long visit takes several in a row."""

    name = "pre-cut slots"

    def __init__(self, world):
        self.agenda = Agenda(world)
        self.world, self.settings = world, world.settings

    def length(self, request):
        grid = self.settings.grid
        return -(-request.duration // grid) * grid

    def starts(self, specialist, day, request):
        shift = self.world.shift(specialist, day)
        if not shift:
            return
        length, grid = self.length(request), self.settings.grid
        rows = self.agenda.between(specialist, day * DAY, shift[1])
        taken = [(row[0], row[0] + self.length(row[3])) for row in rows]
        for start in range(shift[0], shift[1] - length + 1, grid):
            if all(stop <= start or start + length <= begin for begin, stop in taken):
                if acceptable(request, start, self.settings):
                    yield start

    def choose(self, request):
        for day in days_for(request, self.settings):
            found = [
                (minutes_off(request, start) if request.wish else start, start, who)
                for who in request.specialists
                for start in self.starts(who, day, request)
            ]
            if found:
                _cost, start, who = min(found)
                return who, start
        return None


class FirstFit:
    """Real free windows; the usual time if it is free, else the first that fits."""

    name = "first-fit windows"

    def __init__(self, world):
        self.agenda = Agenda(world)
        self.world, self.settings = world, world.settings

    def starts(self, specialist, day, request):
        """Yield the candidates of a day: the wish, and the first start of a window."""
        for begin, end in self.agenda.free(specialist, day, request.asked):
            # People are given times of the clock, not 9:07.
            begin = -(-begin // windows.STEP) * windows.STEP
            last = end - request.duration
            if last < begin:
                continue
            if request.wish is not None and begin <= request.wish <= last:
                yield request.wish
            yield begin

    def choose(self, request):
        for day in days_for(request, self.settings):
            found = [
                (start != request.wish, start, who)
                for who in request.specialists
                for start in self.starts(who, day, request)
                if acceptable(request, start, self.settings)
            ]
            if found:
                _other, start, who = min(found)
                return who, start
        return None


class OurRanking:
    """The search and the ranking of the product, best offer first."""

    name = "our ranking"
    # Usual times are kept for their owners until so shortly before.
    kept_days = 2
    offers = 400

    def __init__(self, world):
        self.agenda = Agenda(world)
        self.world, self.settings = world, world.settings
        self._regulars = defaultdict(list)
        for number, regular in enumerate(world.regulars):
            self._regulars[regular.specialist].append((number, regular))

    def choose(self, request):
        days = days_for(request, self.settings)
        search = self._search(request, min(days), max(days))
        for slot, _score, _reasons in ranking.best(
            search, self._taste(request, min(days)), limit=self.offers
        ):
            start = slot.start - ORIGIN
            if acceptable(request, start, self.settings):
                return slot.specialist_id, start
        return None

    def _search(self, request, first, last):
        shifts, busy, needs = {}, {}, {}
        for who in request.specialists:
            shifts[who] = [
                windows.Shift(who, 1, shift[0] + ORIGIN, shift[1] + ORIGIN)
                for day in range(first, last + 1)
                if (shift := self.world.shift(who, day))
            ]
            rows = self.agenda.between(who, first * DAY, (last + 1) * DAY)
            busy[who] = windows.Taken.of(
                (row[0] + ORIGIN, row[1] + ORIGIN) for row in rows
            )
            needs[who] = windows.Need(request.duration)
        span = (
            max(request.asked, first * DAY) + ORIGIN,
            (last + 1) * DAY + ORIGIN,
        )
        usual = None if request.wish is None else request.wish % DAY
        return windows.Search(
            shifts, windows.Busy(specialists=busy), needs, span, usual=usual
        )

    def _taste(self, request, day):
        usual = ranking.NO_HABITS
        if request.wish is not None:
            who = request.specialists[0]
            usual = ranking.Habits(
                frozenset({who}),
                1,
                request.wish // DAY % 7,
                request.wish % DAY,
                who,
            )
        return ranking.Taste(
            usual=usual,
            now=request.asked + ORIGIN,
            shortest=dict.fromkeys(request.specialists, min(DURATIONS)),
            reserved={
                who: self._reserved(who, day, request) for who in request.specialists
            },
            reserve_until=request.asked + self.kept_days * DAY + ORIGIN,
        )

    def _reserved(self, who, day, request):
        """Return the usual times of the specialist's other regulars in that week."""
        week = day // 7
        kept = []
        for number, regular in self._regulars[who]:
            # Who begins next week is known to the desk already.
            if not regular.since - 1 <= week < regular.until:
                continue
            if number == request.regular:
                continue
            begin, _end = self.world.shift(who, week * 7 + regular.weekday)
            minute = begin % DAY + regular.minute
            kept.append(ranking.Regular(regular.weekday, minute, regular.duration))
        return kept


POLICIES = (PreCut, FirstFit, OurRanking)


# The year -----------------------------------------------------------------------------


def simulate(world: World, policy_class) -> dict:
    """Let a policy answer all requests in order; return the figures of its year."""
    policy = policy_class(world)
    agenda, settings = policy.agenda, world.settings
    cancellations: list = []
    refused = offered_usual = regulars = 0
    for request in world.requests:
        while cancellations and cancellations[0][0] <= request.asked:
            _when, _number, who, start, gone = heapq.heappop(cancellations)
            agenda.remove(who, start, gone)
        chosen = policy.choose(request)
        if request.regular is not None:
            regulars += 1
        if not chosen:
            refused += 1
            continue
        who, start = chosen
        agenda.add(who, start, request)
        if request.regular is not None:
            same_day = start // DAY == request.wish // DAY
            offered_usual += same_day and minutes_off(request, start) <= settings.near
        fate, before = world.fate(request)
        if fate == "cancelled":
            when = max(start - before, request.asked + 1)
            heapq.heappush(cancellations, (when, request.number, who, start, request))
    while cancellations:
        _when, _number, who, start, gone = heapq.heappop(cancellations)
        agenda.remove(who, start, gone)
    figures = _live(world, agenda)
    figures["refused"] = refused
    figures["usual_hour"] = offered_usual / regulars if regulars else 0.0
    return figures


def _live(world, agenda):
    """Return what the year was like once everybody has come, late or not at all."""
    settings = world.settings
    served = served_minutes = waited = overtime = lost = dead = capacity = 0
    for who in range(settings.specialists):
        for day in range(settings.weeks * 7):
            shift = world.shift(who, day)
            if not shift:
                continue
            capacity += shift[1] - shift[0]
            at = edge = shift[0]
            for start, stop, _number, request in agenda.between(
                who, day * DAY, shift[1]
            ):
                dead += _dead(start - edge)
                edge = stop
                fate, minutes = world.fate(request)
                if fate == "no_show":
                    lost += stop - start
                    continue
                arrived = start + (minutes if fate == "late" else 0)
                begun = max(arrived, at)
                waited += max(begun - max(arrived, start), 0)
                at = begun + request.duration
                served += 1
                served_minutes += request.duration
            dead += _dead(shift[1] - edge)
            overtime += max(at - shift[1], 0)
    return {
        "served": served,
        "idle_hours": (capacity - served_minutes) / 60,
        "no_show_hours": lost / 60,
        "dead_gap_hours": dead / 60,
        "utilisation": served_minutes / capacity,
        "waited_per_visit": waited / served if served else 0.0,
        "overtime_hours": overtime / 60,
    }


def _dead(gap):
    """Return the gap if it is too short for any visit."""
    return gap if 0 < gap < min(DURATIONS) else 0
