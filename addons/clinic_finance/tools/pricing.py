"""Which price applies to a visit, who pays it, which share goes to the specialist.

Plain data in, plain data out: amounts are whole minor units (kopecks), percentages
exact fractions, reasons are codes. The caller reads everything in bulk and shows it.

Idea: the price is built from the bottom up and every step that said something is kept,
so that the answer to "why this price" is the very computation, not a story about it:

    service -> base list -> branch list -> specialist's terms -> patient's list
            -> programme -> terms agreed with the patient

A later step overrides the earlier one (a price), or lowers what it finds (a discount).
The specialist's percentage is the one of the most specific terms that name one. A
programme also says who pays: its payer, up to its limits; the rest is the patient's.

Cost: linear in the requests; terms and items are indexed once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from math import floor

HUNDRED = Fraction(100)
# How deep price lists may stand upon one another.
MAX_DEPTH = 8


class PricingError(Exception):
    """The price lists given make no sense, e.g. stand upon each other in a circle."""


def round_half_up(amount: Fraction, unit: Fraction | int = 1) -> Fraction:
    """Return the nearest multiple of ``unit``; a half goes away from zero.

    >>> int(round_half_up(Fraction(5, 2)))
    3
    >>> int(round_half_up(Fraction(12345), 100))
    12300
    """
    unit = Fraction(unit)
    if not unit:
        return Fraction(amount)
    quotient = abs(Fraction(amount)) / unit
    rounded = floor(quotient + Fraction(1, 2)) * unit
    return rounded if amount >= 0 else -rounded


def less(amount: Fraction | int, percent: Fraction) -> Fraction:
    """Return ``amount`` lowered by ``percent`` (raised, if that is negative)."""
    return Fraction(amount) * (HUNDRED - percent) / HUNDRED


def _within(day, first, last):
    return (first is None or first <= day) and (last is None or day <= last)


@dataclass(frozen=True)
class Service:
    """What is sold, with the price and cost of its card."""

    id: int
    price: int
    template_id: int | None = None
    category_ids: tuple[int, ...] = ()
    cost: int = 0


@dataclass(frozen=True)
class Request:
    """One price asked for; ``moment`` (naive UTC) is what dated list items go by."""

    service: Service
    day: date
    moment: datetime
    patient_id: int | None = None
    specialist_id: int | None = None
    branch_id: int | None = None


@dataclass(frozen=True)
class Terms:
    """Agreed with a patient, a specialist, or both; None stands for "any"."""

    id: int
    patient_id: int | None = None
    specialist_id: int | None = None
    service_id: int | None = None
    price: int | None = None
    discount: Fraction = Fraction(0)
    percent: Fraction | None = None
    date_from: date | None = None
    date_to: date | None = None

    def fits(self, request: Request) -> bool:
        return (
            self.patient_id in (None, request.patient_id)
            and self.specialist_id in (None, request.specialist_id)
            and self.service_id in (None, request.service.id)
            and _within(request.day, self.date_from, self.date_to)
        )

    @property
    def specificity(self) -> tuple:
        """The patient counts most, then the specialist, then the service."""
        return (
            self.patient_id is not None,
            self.specialist_id is not None,
            self.service_id is not None,
        )

    @property
    def has_price(self) -> bool:
        return self.price is not None or bool(self.discount)


@dataclass(frozen=True)
class Item:
    """One rule of a price list, as Odoo keeps them."""

    id: int
    list_id: int
    # Smaller is asked first; the caller takes it from the order of the rules.
    rank: int = 0
    product_id: int | None = None
    template_id: int | None = None
    category_id: int | None = None
    start: datetime | None = None
    stop: datetime | None = None
    kind: str = "fixed"  # fixed | percentage | formula
    amount: int = 0
    discount: Fraction = Fraction(0)
    rounding: Fraction = Fraction(0)
    surcharge: int = 0
    min_margin: int = 0
    max_margin: int = 0
    base: str = "list_price"  # list_price | standard_price | pricelist
    base_list_id: int | None = None

    def fits(self, request: Request) -> bool:
        service = request.service
        return (
            self.product_id in (None, service.id)
            and self.template_id in (None, service.template_id)
            and (self.category_id is None or self.category_id in service.category_ids)
            and _within(request.moment, self.start, self.stop)
        )


@dataclass(frozen=True)
class Programme:
    """Membership of one patient in a corporate or insurance programme."""

    member_id: int
    programme_id: int
    payer_id: int
    patient_id: int
    rank: int = 0
    discount: Fraction = Fraction(0)
    list_id: int | None = None
    coverage: Fraction = HUNDRED
    service_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    excluded_ids: frozenset[int] = frozenset()
    branch_ids: frozenset[int] = frozenset()
    date_from: date | None = None
    date_to: date | None = None
    # What is left of the limits; None stands for no limit.
    visit_limit: int | None = None
    amount_left: int | None = None
    visits_left: int | None = None

    def why_not(self, request: Request) -> str | None:
        """Return the code of what keeps this visit out of the programme, if anything.

        Empty for a programme of other days or of another person: not worth a word.
        """
        service = request.service
        if self.patient_id != request.patient_id or not _within(
            request.day, self.date_from, self.date_to
        ):
            return ""
        if (
            self.branch_ids
            and request.branch_id
            and request.branch_id not in self.branch_ids
        ):
            return "branch"
        if service.id in self.excluded_ids:
            return "service"
        if (self.service_ids or self.category_ids) and not (
            service.id in self.service_ids
            or self.category_ids & set(service.category_ids)
        ):
            return "service"
        return None


@dataclass(frozen=True)
class Step:
    """One reason: what it was, which record, what it gave.

    ``skipped`` says why a programme was looked at and left alone.
    """

    source: str
    record_id: int | None = None
    price: int | None = None
    percent: Fraction | None = None
    discount: Fraction | None = None
    covered: int | None = None
    skipped: str | None = None


@dataclass(frozen=True)
class Decision:
    """The answer, with the steps that led to it, the lowest first."""

    price: int
    percent: Fraction = Fraction(0)
    payer_id: int | None = None
    member_id: int | None = None
    covered: int = 0
    chain: tuple[Step, ...] = ()

    @property
    def copay(self) -> int:
        """What remains for the patient."""
        return self.price - self.covered


@dataclass
class Book:
    """All that prices follow from, read at once by the caller."""

    terms: Iterable[Terms] = ()
    programmes: Iterable[Programme] = ()
    items: Iterable[Item] = ()
    base_list_id: int | None = None
    branch_lists: Mapping[int, int] = field(default_factory=dict)
    patient_lists: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self):
        self._items = defaultdict(list)
        for item in sorted(self.items, key=lambda item: item.rank):
            self._items[item.list_id].append(item)
        self._terms = defaultdict(list)
        for terms in self.terms:
            self._terms[terms.patient_id, terms.specialist_id].append(terms)
        self._programmes = defaultdict(list)
        for programme in sorted(self.programmes, key=lambda p: (p.rank, p.member_id)):
            self._programmes[programme.patient_id].append(programme)
        # What requests of this call have used of the limits, by member.
        self._used = defaultdict(lambda: [0, 0])

    def terms_of(self, request: Request) -> list[Terms]:
        """Return the terms that fit, the most specific first; newer before older."""
        patients = {request.patient_id, None}
        specialists = {request.specialist_id, None}
        found = [
            terms
            for patient_id in patients
            for specialist_id in specialists
            for terms in self._terms.get((patient_id, specialist_id), ())
            if terms.fits(request)
        ]
        return sorted(
            found, key=lambda terms: (*terms.specificity, terms.id), reverse=True
        )

    def list_price(self, list_id, request: Request, depth=0):
        """Return the exact price by a list and its item; (None, None) if it has none.

        The arithmetic is Odoo's own: a percentage or a formula stands upon the price
        of the service, its cost or another list.
        """
        if depth > MAX_DEPTH:
            raise PricingError("price lists stand upon each other in a circle")
        for item in self._items.get(list_id, ()):
            if item.fits(request):
                return self._item_price(item, request, depth), item
        return None, None

    def _item_price(self, item: Item, request: Request, depth: int) -> Fraction:
        if item.kind == "fixed":
            return Fraction(item.amount)
        base = self._base_of(item, request, depth)
        price = less(base, item.discount)
        if item.kind == "percentage":
            return price
        if item.rounding:
            price = round_half_up(price, item.rounding)
        price += item.surcharge
        if item.min_margin:
            price = max(price, base + item.min_margin)
        if item.max_margin:
            price = min(price, base + item.max_margin)
        return price

    def _base_of(self, item: Item, request: Request, depth: int) -> Fraction:
        if item.base == "standard_price":
            return Fraction(request.service.cost)
        if item.base == "pricelist" and item.base_list_id:
            price, _item = self.list_price(item.base_list_id, request, depth + 1)
            if price is not None:
                return price
        return Fraction(request.service.price)

    def resolve(self, request: Request) -> Decision:
        """Return the decision; of limited programmes what it takes is taken off."""
        steps = [Step("service", request.service.id, price=request.service.price)]
        price = request.service.price
        price = self._by_list("base", self.base_list_id, request, price, steps)
        branch_list = self.branch_lists.get(request.branch_id)
        price = self._by_list("branch", branch_list, request, price, steps)
        found = self.terms_of(request)
        of_patient = [t for t in found if t.patient_id is not None]
        of_others = [t for t in found if t.patient_id is None]
        price = self._by_terms("specialist", of_others, price, steps)
        patient_list = self.patient_lists.get(request.patient_id)
        price = self._by_list("patient_list", patient_list, request, price, steps)
        programme, price = self._by_programme(request, price, steps)
        price = self._by_terms("profile", of_patient, price, steps)
        percent = self._percent(found, steps)
        covered = self._cover(programme, price, steps)
        return Decision(
            price=price,
            percent=percent,
            payer_id=programme.payer_id if covered else None,
            member_id=programme.member_id if covered else None,
            covered=covered,
            chain=tuple(steps),
        )

    def _by_list(self, source, list_id, request, price, steps):
        if not list_id:
            return price
        exact, item = self.list_price(list_id, request)
        if exact is None:
            return price
        price = max(int(round_half_up(exact)), 0)
        steps.append(Step(source, item.list_id, price=price))
        return price

    def _by_terms(self, source, found, price, steps):
        terms = next((t for t in found if t.has_price), None)
        if not terms:
            return price
        base = price if terms.price is None else terms.price
        price = int(round_half_up(less(base, terms.discount)))
        steps.append(
            Step(source, terms.id, price=price, discount=terms.discount or None)
        )
        return price

    def _by_programme(self, request, price, steps):
        for programme in self._programmes.get(request.patient_id, ()):
            reason = programme.why_not(request) or self._spent(programme)
            if reason:
                steps.append(Step("programme", programme.member_id, skipped=reason))
            if reason or programme.why_not(request) is not None:
                continue
            exact, _item = self.list_price(programme.list_id, request)
            base = Fraction(price) if exact is None else exact
            price = max(int(round_half_up(less(base, programme.discount))), 0)
            steps.append(
                Step(
                    "programme",
                    programme.member_id,
                    price=price,
                    discount=programme.discount or None,
                )
            )
            return programme, price
        return None, price

    def _left(self, programme):
        amount, visits = self._used[programme.member_id]
        return (
            None if programme.amount_left is None else programme.amount_left - amount,
            None if programme.visits_left is None else programme.visits_left - visits,
        )

    def _spent(self, programme):
        """Return the code of the limit that is used up, if one is."""
        amount, visits = self._left(programme)
        if visits is not None and visits <= 0:
            return "visits"
        if amount is not None and amount <= 0:
            return "amount"
        return None

    def _cover(self, programme, price, steps):
        """Return what the programme pays of the price, and count it."""
        if not programme:
            return 0
        amount_left, _visits = self._left(programme)
        covered = int(round_half_up(Fraction(price) * programme.coverage / HUNDRED))
        for limit in (programme.visit_limit, amount_left):
            if limit is not None:
                covered = min(covered, limit)
        if covered <= 0:
            return 0
        used = self._used[programme.member_id]
        used[0] += covered
        used[1] += 1
        steps.append(Step("payer", programme.member_id, covered=covered))
        return covered

    @staticmethod
    def _percent(found, steps):
        terms = next((t for t in found if t.percent is not None), None)
        if not terms:
            return Fraction(0)
        steps.append(Step("percent", terms.id, percent=terms.percent))
        return terms.percent


def resolve_all(requests: Iterable[Request], book: Book) -> list[Decision]:
    """Return a decision for each request, in their order.

    The order matters for limited programmes only: who comes first is covered first.
    """
    return [book.resolve(request) for request in requests]


def change_price(
    price: int, percent: Fraction, unit: int = 1, ending: int = 0, up: bool = False
) -> int:
    """Return ``price`` changed by ``percent``, rounded to ``unit``, minus ``ending``.

    :param unit: minor units the result is a multiple of; 0 or 1 for none.
    :param ending: taken off after rounding, so that 2000 becomes 1990.
    :param up: always round up, never in the patient's favour.

    >>> change_price(200_000, Fraction(7), 5_000)
    215000
    >>> change_price(200_000, Fraction(7), 10_000, ending=1_000)
    209000
    """
    raw = Fraction(price) * (HUNDRED + percent) / HUNDRED
    unit = max(unit, 1)
    rounded = -floor(-raw / unit) * unit if up else int(round_half_up(raw, unit))
    result = int(rounded)
    if ending and result > ending:
        result -= ending
    return max(result, 0)
