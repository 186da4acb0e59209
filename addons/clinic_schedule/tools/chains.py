"""Several services in one coming: visits in a row, the least time in the clinic.

Time is in minutes, as in ``windows``. Each need (a service) has its options: visits
that could be booked by themselves. A chain takes one option for each need, in any
order, on one day in one branch, none before the former has ended.

Idea: once the order and the first visit are fixed, it is best to take for each next
need the option that *ends* first among those that begin late enough: whatever could
follow a later end can follow the earlier one too (the exchange argument). So one look
by bisection for each step is exact. Of the chains found those are kept that are not
dominated: no other begins later and ends sooner.

Visits that follow each other may still disturb each other by what they keep busy beside
their own time (writing up after a visit, cleaning a room). Those spans come with the
option, and an option that would overlap a chosen one is passed over; the result is then
always possible, though a shorter chain might be missed.

Cost: orders x options x log(options); the orders of up to ``MAX_ANY_ORDER`` needs are
all tried, with more needs they are taken as given.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

MAX_ANY_ORDER = 5


@dataclass(frozen=True, slots=True)
class Option:
    """A visit that could be booked for one of the needs.

    :param place: what must be the same in a chain, e.g. branch and day.
    :param holds: ``(thing, start, stop)`` kept busy, beyond the visit itself too.
    """

    start: int
    stop: int
    specialist_id: int
    room_id: int | None = None
    place: tuple = ()
    holds: tuple = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Options by need (``parts[i]`` serves need ``i``), and the order they come in."""

    parts: tuple[Option, ...]
    order: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.parts[self.order[0]].start

    @property
    def stop(self) -> int:
        return self.parts[self.order[-1]].stop

    @property
    def waiting(self) -> int:
        """Return the minutes between the visits."""
        busy = sum(part.stop - part.start for part in self.parts)
        return self.stop - self.start - busy


class _Row:
    """The options of one need in one place, ready to be asked for the next one."""

    def __init__(self, options: Iterable[Option]):
        self.options = sorted(options, key=lambda option: (option.start, option.stop))
        self.starts = [option.start for option in self.options]
        # The option that ends first among this one and all that begin later.
        self.best_from: list[Option] = []
        best = None
        for option in reversed(self.options):
            if best is None or option.stop <= best.stop:
                best = option
            self.best_from.append(best)
        self.best_from.reverse()

    def next_after(self, moment: int, chosen: Sequence[Option]) -> Option | None:
        first = bisect_left(self.starts, moment)
        if first == len(self.options):
            return None
        best = self.best_from[first]
        if not _disturbs(best, chosen):
            return best
        fitting = (
            option for option in self.options[first:] if not _disturbs(option, chosen)
        )
        return min(fitting, key=lambda option: option.stop, default=None)

    def firsts(self) -> Iterable[Option]:
        """Return the options worth beginning with: of each start, what ends first."""
        last = None
        for option in self.options:
            if option.start != last:
                last = option.start
                yield option


def find_chains(needs: Sequence[Sequence[Option]]) -> list[Chain]:
    """Return the chains worth offering, by start; of each place by itself.

    No two of one place have the same start, and none begins earlier and ends later than
    another one there.
    """
    if not needs:
        return []
    places: dict[tuple, list[list[Option]]] = defaultdict(lambda: [[] for _ in needs])
    for number, options in enumerate(needs):
        for option in options:
            places[option.place][number].append(option)
    result = []
    for rows in places.values():
        if all(rows):
            result += _undominated(_chains_of([_Row(row) for row in rows]))
    return sorted(result, key=lambda chain: (chain.start, chain.stop))


def least_waiting(chains: Iterable[Chain]) -> list[Chain]:
    """Return the chains, those with the least time in the clinic first."""
    return sorted(chains, key=lambda chain: (chain.stop - chain.start, chain.start))


def _orders(count: int) -> Iterable[tuple[int, ...]]:
    if count > MAX_ANY_ORDER:
        return [tuple(range(count))]
    return permutations(range(count))


def _chains_of(rows: Sequence[_Row]) -> Iterable[Chain]:
    for order in _orders(len(rows)):
        for first in rows[order[0]].firsts():
            chosen = [first]
            for number in order[1:]:
                option = rows[number].next_after(chosen[-1].stop, chosen)
                if option is None:
                    break
                chosen.append(option)
            else:
                parts: list[Option] = [first] * len(rows)
                for number, option in zip(order, chosen, strict=True):
                    parts[number] = option
                yield Chain(tuple(parts), order)


def _undominated(chains: Iterable[Chain]) -> list[Chain]:
    result: list[Chain] = []
    # The latest start first; of equal starts the earliest end, in the order given.
    for chain in sorted(chains, key=lambda c: (-c.start, c.stop, c.order)):
        if not result or chain.stop < result[-1].stop:
            result.append(chain)
    return result


def _disturbs(option: Option, chosen: Sequence[Option]) -> bool:
    return any(
        thing == other_thing and start < other_stop and other_start < stop
        for thing, start, stop in option.holds
        for other in chosen
        for other_thing, other_start, other_stop in other.holds
    )
