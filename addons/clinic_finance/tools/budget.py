"""Budget arithmetic: whose an entry is, what a month comes to, how a plan is copied.

The books answer one question, grouped: how much went through which account, in which
month, with which branch, analytic accounts and partner. :func:`sort_entries` gives
each such sum to exactly one item (or to none), so that the items always add up to the
books. All amounts are whole minor units (kopecks).

The most particular rule wins: an item named on the entry itself, then a rule that
names partners, then analytic accounts, then accounts; of equals the first in the
order of the items. An entry shared between analytic accounts is shared between their
items in the same parts.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

INCOME = "income"
EXPENSE = "expense"
# Particular first: the weights of what a rule names.
PARTNER_WEIGHT, ANALYTIC_WEIGHT, ACCOUNT_WEIGHT = 4, 2, 1


@dataclass(frozen=True, slots=True)
class Rule:
    """Which entries are an item's. ``None``: whatever; no accounts: of its kind."""

    item: int
    kind: str
    accounts: frozenset[int] | None = None
    analytics: frozenset[int] | None = None
    partners: frozenset[int] | None = None

    @property
    def is_empty(self) -> bool:
        return self.accounts is self.analytics is self.partners is None

    @property
    def weight(self) -> int:
        return (
            PARTNER_WEIGHT * (self.partners is not None)
            + ANALYTIC_WEIGHT * (self.analytics is not None)
            + ACCOUNT_WEIGHT * (self.accounts is not None)
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A sum of the books. ``balance``: debit − credit; ``nature`` of its account.

    ``shares``: pairs of the analytic accounts (several, of several plans) and percents.
    """

    account: int
    nature: str
    month: date
    balance: int
    branch: int | None = None
    partner: int | None = None
    item: int | None = None
    shares: tuple[tuple[frozenset[int], Fraction], ...] = ()
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an entry, given to an item; ``item`` None: nobody's."""

    item: int | None
    kind: str
    amount: int
    entry: Entry


def round_half_up(value: Fraction | int) -> int:
    """Round to the nearest whole, a half away from zero."""
    value = Fraction(value)
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


class Sorter:
    """Gives entries to items. Rules come in the order of the items.

    The candidates of an account are found once, so the cost is that of one pass over
    the entries, whatever the number of rules that name other accounts.
    """

    def __init__(self, rules: Iterable[Rule]):
        rules = list(rules)
        self.kinds = {rule.item: rule.kind for rule in rules}
        named = [rule for rule in rules if not rule.is_empty]
        # sorted() is stable: the order of the items decides between equals.
        self.rules = sorted(named, key=lambda rule: -rule.weight)
        self._candidates: dict[tuple[int, str], list[Rule]] = {}

    def _of_account(self, account: int, nature: str) -> list[Rule]:
        key = (account, nature)
        if key not in self._candidates:
            self._candidates[key] = [
                rule
                for rule in self.rules
                if (
                    rule.kind == nature
                    if rule.accounts is None
                    else account in rule.accounts
                )
            ]
        return self._candidates[key]

    def pieces(self, entry: Entry) -> Iterator[Piece]:
        """Yield the parts of ``entry``; they always add up to it."""
        if entry.item in self.kinds:
            yield self._piece(entry.item, entry.balance, entry)
            return
        left, rest = Fraction(100), entry.balance
        for rule in self._of_account(entry.account, entry.nature):
            if rule.partners is not None and entry.partner not in rule.partners:
                continue
            share = left
            if rule.analytics is not None:
                named = sum(
                    (part for ids, part in entry.shares if ids & rule.analytics),
                    Fraction(0),
                )
                share = min(left, named)
                if share <= 0:
                    continue
            # The last part takes what is left, so that nothing is lost in rounding.
            amount = (
                rest if share == left else round_half_up(entry.balance * share / 100)
            )
            yield self._piece(rule.item, amount, entry)
            left, rest = left - share, rest - amount
            if not left:
                return
        if rest or not entry.balance:
            yield self._piece(None, rest, entry)

    def _piece(self, item: int | None, balance: int, entry: Entry) -> Piece:
        kind = self.kinds.get(item) or (INCOME if entry.nature == INCOME else EXPENSE)
        return Piece(item, kind, -balance if kind == INCOME else balance, entry)


def sort_entries(
    rules: Iterable[Rule], entries: Iterable[Entry]
) -> dict[tuple[int | None, str, int | None, date], int]:
    """Return the sums by (item, kind, branch, month).

    Entries of no item are kept under item None, as long as they are income or expense.
    """
    sorter = Sorter(rules)
    sums: dict[tuple[int | None, str, int | None, date], int] = defaultdict(int)
    for entry in entries:
        for piece in sorter.pieces(entry):
            if piece.item is None and entry.nature not in (INCOME, EXPENSE):
                continue
            sums[piece.item, piece.kind, entry.branch, entry.month] += piece.amount
    return dict(sums)


def done_share(month: date, today: date) -> Fraction:
    """Return how much of the month is over, from 0 to 1.

    Today's entries are still coming: it counts as half a day.
    """
    days = monthrange(month.year, month.month)[1]
    if today > month.replace(day=days):
        return Fraction(1)
    if today < month.replace(day=1):
        return Fraction(0)
    return Fraction(2 * today.day - 1, 2 * days)


def forecast(planned: int, actual: int, month: date, today: date, by_pace: bool) -> int:
    """Return what the month will come to.

    A month that is over is what it was, one that has not begun is as planned. Within a
    month: what is there, and for the days left either what remains of the plan (rent is
    paid once), or the pace: the plan's at first, more and more the month's own, for
    three days say little of thirty. The grid in the browser does the same.
    """
    done = done_share(month, today)
    if done == 1:
        return actual
    if done == 0:
        return planned
    if not by_pace:
        further = abs(actual) > abs(planned) or actual * planned < 0
        return actual if further else planned
    trust = done if planned else Fraction(1)
    daily = trust * actual / done + (1 - trust) * planned
    return actual + round_half_up((1 - done) * daily)


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of the months that the period touches."""
    count = 12 * (last.year - first.year) + last.month - first.month + 1
    return [add_months(first.replace(day=1), number) for number in range(count)]


def add_months(month: date, number: int) -> date:
    year, index = divmod(12 * month.year + month.month - 1 + number, 12)
    return date(year, index + 1, 1)


def last_day(day: date) -> date:
    """Return the last day of the day's month."""
    return add_months(day.replace(day=1), 1) - timedelta(days=1)


def match_months(sources: Sequence[date], targets: Sequence[date]) -> dict[date, date]:
    """Return the source of each target month.

    A whole year or more gives each month the same one of the calendar (December is not
    like July), the latest of several; less than a year is repeated in its order.
    """
    if len(sources) >= 12:
        by_number = {month.month: month for month in sources}
        return {target: by_number[target.month] for target in targets}
    return {
        target: sources[number % len(sources)] for number, target in enumerate(targets)
    }


def scale(amount: int, percent: Fraction | int, step: int = 1) -> int:
    """Return ``amount`` changed by ``percent`` and rounded to whole ``step``.

    >>> scale(100_050, 10)
    110055
    >>> scale(123_456, 0, 10_000)
    120000
    """
    changed = amount * (100 + Fraction(percent)) / 100
    return round_half_up(changed / step) * step
