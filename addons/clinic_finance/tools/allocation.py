"""Which open payment pays which open charge.

The question comes up each time money arrives: a person has charges (what is
left of invoices) and credits (what is left of payments and credit notes), and
the sums rarely agree. :func:`allocate` answers it from plain data; it touches
no database, so the same open items always give the same answer.

Rules, tried in this order, each over everything the rules before it left:

``link``       the payment was made for this very charge;
``reference``  the payment's text names exactly one open charge;
``amount``     what is left of both is equal to the kopeck, oldest of equals;
``oldest``     the oldest charge first, partly on either side.

What no rule placed stays with the person as an advance.

Invariants: no item is used for more than its amount; the matched total is the
smaller of the two sides; a pair occurs at most once; the order of the input
does not matter; applied to what is left, the answer is empty. Every match
takes the whole of what one of its two items had left, so executing the matches
in their order as "the smaller of the two residuals" reproduces the amounts.

Cost: sorting, then one pass a rule: ``O(n log n)`` for ``n`` items.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

LINK = "link"
REFERENCE = "reference"
AMOUNT = "amount"
OLDEST = "oldest"
RULES = (LINK, REFERENCE, AMOUNT, OLDEST)

# A name shorter than this, or without a digit, says too little to be looked for
# in a payer's free text.
MIN_NAME_LENGTH = 4


class AllocationError(ValueError):
    """The open items given cannot be allocated at all."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What is left to pay. ``amount`` in kopecks, ``names`` it is known by."""

    id: int
    amount: int
    date: date
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left of a payment. ``links``: ids of the charges it was made for."""

    id: int
    amount: int
    date: date
    links: frozenset[int] = frozenset()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    charge_id: int
    credit_id: int
    amount: int
    rule: str


def normalize(text: str) -> tuple[str, ...]:
    """Split a text into its words and numbers, ignoring case and punctuation."""
    return tuple(re.findall(r"[^\W_]+", text.casefold()))


def allocate(charges: Iterable[Charge], credits: Iterable[Credit]) -> list[Match]:
    """Return the matches in the order in which they have to be executed."""
    return _Allocation(charges, credits).run()


class _Allocation:
    def __init__(self, charges: Iterable[Charge], credits: Iterable[Credit]):
        self.charges = sorted(charges, key=lambda item: (item.date, item.id))
        self.credits = sorted(credits, key=lambda item: (item.date, item.id))
        self.charge_left = _residuals(self.charges)
        self.credit_left = _residuals(self.credits)
        self.matches: list[Match] = []

    def run(self) -> list[Match]:
        self._by_link()
        self._by_reference()
        self._by_amount()
        self._by_age()
        return self.matches

    def _take(self, charge: Charge, credit: Credit, rule: str) -> None:
        amount = min(self.charge_left[charge.id], self.credit_left[credit.id])
        if amount:
            self.charge_left[charge.id] -= amount
            self.credit_left[credit.id] -= amount
            self.matches.append(Match(charge.id, credit.id, amount, rule))

    def _open_charges(self) -> Iterator[Charge]:
        return (item for item in self.charges if self.charge_left[item.id])

    def _open_credits(self) -> Iterator[Credit]:
        return (item for item in self.credits if self.credit_left[item.id])

    def _by_link(self) -> None:
        rank = {charge.id: index for index, charge in enumerate(self.charges)}
        for credit in self.credits:
            for index in sorted(rank[link] for link in credit.links if link in rank):
                self._take(self.charges[index], credit, LINK)

    def _by_reference(self) -> None:
        named = defaultdict(set)
        by_id = {}
        for charge in self._open_charges():
            by_id[charge.id] = charge
            for name in charge.names:
                if len(name) >= MIN_NAME_LENGTH and any(map(str.isdigit, name)):
                    named[normalize(name)].add(charge.id)
        sizes = {len(words) for words in named}
        for credit in self._open_credits():
            words = normalize(credit.text)
            hits = {
                charge_id
                for size in sizes
                for start in range(len(words) - size + 1)
                for charge_id in named.get(words[start : start + size], ())
            }
            if len(hits) == 1:
                self._take(by_id[hits.pop()], credit, REFERENCE)

    def _by_amount(self) -> None:
        waiting = defaultdict(deque)
        for charge in self._open_charges():
            waiting[self.charge_left[charge.id]].append(charge)
        for credit in self._open_credits():
            if equals := waiting.get(self.credit_left[credit.id]):
                self._take(equals.popleft(), credit, AMOUNT)

    def _by_age(self) -> None:
        credits = deque(self._open_credits())
        for charge in list(self._open_charges()):
            while credits and self.charge_left[charge.id]:
                self._take(charge, credits[0], OLDEST)
                if not self.credit_left[credits[0].id]:
                    credits.popleft()


def _residuals(items: list[Charge] | list[Credit]) -> dict[int, int]:
    residuals = {}
    for item in items:
        if item.amount <= 0:
            raise AllocationError(f"item {item.id}: amount {item.amount} is not open")
        if item.id in residuals:
            raise AllocationError(f"item {item.id} is given twice")
        residuals[item.id] = item.amount
    return residuals
