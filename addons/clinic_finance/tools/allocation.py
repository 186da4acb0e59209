"""Which open payment pays which open charge.

The question comes up each time money arrives: people have charges (what is left of
invoices) and credits (what is left of payments and credit notes), and the sums rarely
agree. :func:`allocate` answers it from plain data; it touches no database, so the same
open items always give the same answer.

Everybody's money pays their own charges. Where a person has agreed to pay for others,
``family`` says for whom, and what the person's own charges leave goes to them.

Rules, tried in this order, each over everything the rules before it left:

``link``       the payment was made for this very charge;
``reference``  the payment's text names exactly one open document, by its name or, where
               it has no name in it, by number, year, day (see :mod:`.reference`);
``amount``     what is left of both is equal to the kopeck, oldest of equals;
``family``     what is left equals a charge of the payer's family, oldest of equals;
``oldest``     the oldest charge first, partly on either side;
``family``     then the family's charges, the oldest first.

What no rule placed stays with the person as an advance. Three things are never matched
by a rule: a pair that somebody took apart (``forbidden``), a credit held for something
else than its links, and two items that both lie in closed books.

Invariants: no item is used for more than its amount; nobody's money pays a stranger's
charge; a pair occurs at most once; the order of the input does not matter; whatever
may be matched is; applied to what is left, the answer is empty. Every match takes the
whole of what one of its two items had left, so executing the matches in their order as
"the smaller of the two residuals" reproduces the amounts.

Cost: sorting, then one pass a rule: ``O(n log n)`` for ``n`` items, and one step for
each forbidden pair that is met.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from .reference import find_references

LINK = "link"
REFERENCE = "reference"
AMOUNT = "amount"
FAMILY = "family"
OLDEST = "oldest"
RULES = (LINK, REFERENCE, AMOUNT, FAMILY, OLDEST)

# A name shorter than this, or without a digit, says too little to be looked for
# in a payer's free text.
MIN_NAME_LENGTH = 4


class AllocationError(ValueError):
    """The open items given cannot be allocated at all."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What is left to pay. ``amount`` in kopecks, ``names`` it is known by.

    ``document``: what the instalments of one invoice have in common (0: it is alone);
    ``serial``, ``issued``: the number within the name of that invoice, and its day.
    """

    id: int
    amount: int
    date: datetime.date
    names: tuple[str, ...] = ()
    owner: int = 0
    closed: bool = False
    document: int = 0
    serial: int = 0
    issued: datetime.date | None = None

    @property
    def whole(self) -> int:
        """What tells documents from each other."""
        return self.document or -self.id


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left of a payment.

    ``links``: ids of the charges it was made for; ``held``: it may pay nothing else.
    """

    id: int
    amount: int
    date: datetime.date
    links: frozenset[int] = frozenset()
    text: str = ""
    owner: int = 0
    held: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    charge_id: int
    credit_id: int
    amount: int
    rule: str


def normalize(text: str) -> tuple[str, ...]:
    """Split a text into its words and numbers, ignoring case and punctuation."""
    return tuple(re.findall(r"[^\W_]+", text.casefold()))


def allocate(
    charges: Iterable[Charge],
    credits: Iterable[Credit],
    family: Mapping[int, Container[int]] | None = None,
    forbidden: Container[tuple[int, int]] = (),
) -> list[Match]:
    """Return the matches in the order in which they have to be executed.

    :param family: ``{owner: owners whose charges this one agreed to pay}``
    :param forbidden: pairs ``(charge id, credit id)`` not to be matched
    """
    return _Allocation(charges, credits, family or {}, forbidden).run()


class _Allocation:
    def __init__(self, charges, credits, family, forbidden):
        self.charges: list[Charge] = sorted(charges, key=_by_date)
        self.credits: list[Credit] = sorted(credits, key=_by_date)
        self.charge_left = _residuals(self.charges)
        self.credit_left = _residuals(self.credits)
        self.family = family
        self.forbidden = forbidden
        self.matches: list[Match] = []

    def run(self) -> list[Match]:
        self._by_link()
        self._by_reference()
        self._by_amount()
        self._by_family_amount()
        self._by_age()
        self._by_family_age()
        return self.matches

    # What may be matched -------------------------------------------------------------

    def _pays_for(self, owner: int, other: int) -> bool:
        return owner == other or other in self.family.get(owner, ())

    def _may(self, charge: Charge, credit: Credit) -> bool:
        return (charge.id, credit.id) not in self.forbidden and not (
            charge.closed and credit.closed
        )

    def _take(self, charge: Charge, credit: Credit, rule: str) -> None:
        amount = min(self.charge_left[charge.id], self.credit_left[credit.id])
        if amount and self._may(charge, credit):
            self.charge_left[charge.id] -= amount
            self.credit_left[credit.id] -= amount
            self.matches.append(Match(charge.id, credit.id, amount, rule))

    def _open_charges(self) -> Iterator[Charge]:
        return (item for item in self.charges if self.charge_left[item.id])

    def _free_credits(self) -> Iterator[Credit]:
        return (
            item for item in self.credits if self.credit_left[item.id] and not item.held
        )

    # The rules -----------------------------------------------------------------------

    def _by_link(self) -> None:
        rank = {charge.id: index for index, charge in enumerate(self.charges)}
        for credit in self.credits:
            for index in sorted(rank[link] for link in credit.links if link in rank):
                charge = self.charges[index]
                if self._pays_for(credit.owner, charge.owner):
                    self._take(charge, credit, LINK)

    def _by_reference(self) -> None:
        named, numbered = defaultdict(dict), defaultdict(list)
        for charge in self._open_charges():
            for name in charge.names:
                if len(name) >= MIN_NAME_LENGTH and any(map(str.isdigit, name)):
                    named[normalize(name)][charge.id] = charge
            if charge.serial:
                numbered[charge.serial].append(charge)
        sizes = {len(words) for words in named}
        for credit in self._free_credits():
            if not credit.text:
                continue
            hits = self._payable(credit, self._named(credit.text, named, sizes))
            if not hits:
                hits = self._payable(credit, self._numbered(credit.text, numbered))
            if len({charge.whole for charge in hits}) == 1:
                for charge in sorted(hits, key=_by_date):
                    self._take(charge, credit, REFERENCE)

    def _payable(self, credit: Credit, charges: Iterable[Charge]) -> set[Charge]:
        return {
            charge for charge in charges if self._pays_for(credit.owner, charge.owner)
        }

    def _named(self, text: str, named: dict, sizes: set[int]) -> Iterator[Charge]:
        words = normalize(text)
        for size in sizes:
            for start in range(len(words) - size + 1):
                yield from named.get(words[start : start + size], {}).values()

    def _numbered(self, text: str, numbered: dict) -> Iterator[Charge]:
        for reference in find_references(text):
            for charge in numbered.get(reference.serial, ()):
                if reference.fits(charge.serial, charge.issued):
                    yield charge

    def _by_amount(self) -> None:
        waiting = self._charges_by(lambda item: (item.owner, self.charge_left[item.id]))
        for credit in list(self._free_credits()):
            equals = waiting.get((credit.owner, self.credit_left[credit.id]), {})
            self._take_first(equals, credit, AMOUNT)

    def _by_family_amount(self) -> None:
        for _owner, credits, charges in self._families():
            waiting = defaultdict(dict)
            for charge in charges:
                waiting[self.charge_left[charge.id]][charge.id] = charge
            for credit in credits:
                equals = waiting.get(self.credit_left[credit.id], {})
                self._take_first(equals, credit, FAMILY)

    def _by_age(self) -> None:
        credits = defaultdict(list)
        for credit in self._free_credits():
            credits[credit.owner].append(credit)
        for owner, charges in self._charges_by(lambda item: item.owner).items():
            self._first_in_first_out(charges.values(), credits[owner], OLDEST)

    def _by_family_age(self) -> None:
        for _owner, credits, charges in self._families():
            self._first_in_first_out(charges, credits, FAMILY)

    # Their means ---------------------------------------------------------------------

    def _charges_by(self, key) -> dict:
        groups = defaultdict(dict)
        for charge in self._open_charges():
            groups[key(charge)][charge.id] = charge
        return groups

    def _families(self) -> Iterator[tuple[int, list[Credit], list[Charge]]]:
        """Yield each payer in turn, with what is left of the payer and the family."""
        for owner in sorted(self.family):
            members = self.family[owner]
            credits = [item for item in self._free_credits() if item.owner == owner]
            if credits:
                charges = [
                    item
                    for item in self._open_charges()
                    if item.owner != owner and item.owner in members
                ]
                yield owner, credits, charges

    def _take_first(self, equals: dict[int, Charge], credit: Credit, rule: str) -> None:
        """Match with the oldest of equal charges that may be matched."""
        for charge in equals.values():
            if self._may(charge, credit):
                self._take(charge, credit, rule)
                del equals[charge.id]
                return

    def _first_in_first_out(
        self, charges: Iterable[Charge], credits: list[Credit], rule: str
    ) -> None:
        first = 0
        for charge in charges:
            while first < len(credits) and not self.credit_left[credits[first].id]:
                first += 1
            for index in range(first, len(credits)):
                if not self.charge_left[charge.id]:
                    break
                self._take(charge, credits[index], rule)


def _by_date(item: Charge | Credit) -> tuple[datetime.date, int]:
    return item.date, item.id


def _residuals(items: list[Charge] | list[Credit]) -> dict[int, int]:
    residuals = {}
    for item in items:
        if item.amount <= 0:
            raise AllocationError(f"item {item.id}: amount {item.amount} is not open")
        if item.id in residuals:
            raise AllocationError(f"item {item.id} is given twice")
        residuals[item.id] = item.amount
    return residuals
