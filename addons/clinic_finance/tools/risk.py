"""How likely is it that a patient pays late? Counts first, then a few factors.

Few invoices a patient are the rule, so the share of late ones is never taken at its
face value: it is drawn towards what is usual in the clinic (beta-binomial, prior by
moments, older invoices forgotten by half a year after year). Where the clinic has
enough closed invoices, a ridge logistic regression adds what the counts do not know:
the sum, what is owed already, missed visits, how long ahead one books.

Each invoice is judged by what was known on the day it was made: an outcome counts from
the day it showed. Pure Python; 20,000 invoices take seconds.
"""

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import mul

FEATURES = (
    "counts",
    "recent",
    "amount",
    "debt",
    "ahead",
    "new",
    "noshows",
    "payer",
    "web",
)
# The counts are told by themselves; of the others only what weighs something.
TOLD_FROM = 0.15
MOST_TOLD = 3
HALF_LIFE_DAYS = 365.0
ENOUGH = 500
# Enough for nine weights; more would only take longer.
MOST_ROWS = 10_000
RECENT = 3
# Of a long history only the last ones are looked through for what is still owed.
OWED_AMONG = 24
MEDIUM, HIGH = 0.15, 0.4
# Of fewer invoices than this nothing is said: one late payment makes nobody a debtor.
TELLING = 3


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice; ``late`` is None while nobody can tell yet.

    ``paid``: wholly, if it is. ``known``: the day from which the outcome counts, the
    same number of days after ``due`` for both outcomes: if the good news came sooner,
    the last weeks would look better than they are.
    """

    patient: int
    day: date
    due: date
    amount: int
    late: bool | None
    known: date | None
    paid: date | None = None
    payer: bool = False
    web: bool = False


@dataclass(frozen=True, slots=True)
class Prior:
    """Beta prior: late and in time, in invoices."""

    late: float = 1.0
    good: float = 9.0

    @property
    def mean(self) -> float:
        return self.late / (self.late + self.good)


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned; ``weights`` is empty where only the counts speak."""

    prior: Prior
    median: float
    weights: tuple[float, ...] = ()
    means: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()
    quality: Mapping[str, object] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "logistic" if self.weights else "counts"

    def as_json(self) -> dict[str, object]:
        return {
            "prior": [self.prior.late, self.prior.good],
            "median": self.median,
            "weights": list(self.weights),
            "means": list(self.means),
            "scales": list(self.scales),
        }


@dataclass(frozen=True, slots=True)
class Example:
    """An invoice as it looked when it was made: features, and what came of it."""

    features: tuple[float, ...]
    late: bool | None
    day: date
    patient: int
    counts: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Risk:
    """The answer for one patient, with what speaks for it and against it."""

    probability: float
    level: str
    invoices: int
    late: int
    factors: tuple[tuple[str, float], ...] = ()


# Counts ---------------------------------------------------------------------------


def fit_prior(counts: Iterable[tuple[float, float]]) -> Prior:
    """Return the beta prior of patients' (late, all), by moments."""
    pairs = [(late, n) for late, n in counts if n > 0]
    total = sum(n for _late, n in pairs)
    if not total:
        return Prior()
    # One imagined invoice each way: a clinic where nobody is ever late is young.
    mean = (sum(late for late, _n in pairs) + 0.5) / (total + 1)
    spread = sum(n * (late / n - mean) ** 2 for late, n in pairs)
    noise = mean * (1 - mean)
    free = total - sum(n * n for _late, n in pairs) / total
    patients = len(pairs) - 1
    share = 0.1
    if patients > 0 and free > patients:
        share = (spread / noise - patients) / (free - patients)
    share = min(max(share, 0.02), 0.7)
    strength = 1 / share - 1
    return Prior(mean * strength, (1 - mean) * strength)


def forget(days: float) -> float:
    """Return what an invoice of so many days ago still weighs."""
    return float(0.5 ** (max(days, 0.0) / HALF_LIFE_DAYS))


def posterior(prior: Prior, late: float, n: float) -> float:
    return (prior.late + late) / (prior.late + prior.good + n)


def logit(probability: float) -> float:
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(clipped / (1 - clipped))


def sigmoid(value: float) -> float:
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    grown = math.exp(value)
    return grown / (1 + grown)


# What was known when ----------------------------------------------------------------


class _History:
    """The past of one patient, as it grows."""

    __slots__ = ("outcomes", "waiting", "shown", "all", "late")

    def __init__(self) -> None:
        self.outcomes: list[tuple[date, bool]] = []
        self.waiting: list[Invoice] = []
        self.shown: list[Invoice] = []
        self.all = 0
        self.late = 0

    def learn(self, today: date) -> None:
        """Take in the outcomes that have shown before ``today``."""
        still = []
        for invoice in self.waiting:
            if invoice.known is not None and invoice.known < today:
                self.outcomes.append((invoice.known, bool(invoice.late)))
                self.shown.append(invoice)
                self.all += 1
                self.late += bool(invoice.late)
            else:
                still.append(invoice)
        self.waiting = still

    def counts(self, today: date) -> tuple[float, float]:
        late = total = 0.0
        for known, was_late in self.outcomes:
            weight = forget((today - known).days)
            total += weight
            late += weight * was_late
        return late, total

    def recent(self) -> float:
        last = sorted(self.outcomes)[-RECENT:]
        return sum(1.0 if late else -1.0 for _known, late in last) / RECENT

    def debt(self, today: date) -> int:
        """Return what was overdue: past due and not paid by then."""
        return sum(
            invoice.amount
            for invoice in (*self.waiting, *self.shown[-OWED_AMONG:])
            if invoice.due < today and (not invoice.paid or invoice.paid >= today)
        )


def examples(
    invoices: Iterable[Invoice],
    noshows: Mapping[int, Sequence[date]],
    prior: Prior,
    median: float,
) -> list[Example]:
    """Return each invoice as it looked on its day, in the order of days."""
    histories: dict[int, _History] = defaultdict(_History)
    found = []
    for invoice in sorted(invoices, key=lambda i: (i.day, i.patient, i.due)):
        history = histories[invoice.patient]
        history.learn(invoice.day)
        missed = noshows.get(invoice.patient, ())
        found.append(_example(invoice, history, missed, prior, median))
        history.waiting.append(invoice)
    return found


def _example(
    invoice: Invoice,
    history: _History,
    missed: Sequence[date],
    prior: Prior,
    median: float,
) -> Example:
    counts = history.counts(invoice.day)
    year_missed = sum(0 <= (invoice.day - when).days <= 365 for when in missed)
    features = (
        logit(posterior(prior, *counts)) - logit(prior.mean),
        history.recent(),
        math.log(max(invoice.amount, 100) / max(median, 100)),
        math.log1p(history.debt(invoice.day) / 100_000),
        math.log1p(max((invoice.due - invoice.day).days, 0)),
        float(not history.outcomes),
        math.log1p(year_missed),
        float(invoice.payer),
        float(invoice.web),
    )
    return Example(features, invoice.late, invoice.day, invoice.patient, counts)


# Logistic regression ----------------------------------------------------------------


def fit_logistic(
    rows: Sequence[Sequence[float]], labels: Sequence[bool], ridge: float = 2.0
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Return (weights with the intercept first, means, scales) by Newton's method."""
    size = len(rows[0])
    count = len(rows)
    means = [sum(row[j] for row in rows) / count for j in range(size)]
    scales = [
        math.sqrt(sum((row[j] - means[j]) ** 2 for row in rows) / count) or 1.0
        for j in range(size)
    ]
    data = [
        (1.0, *((row[j] - means[j]) / scales[j] for j in range(size))) for row in rows
    ]
    weights = [logit(sum(labels) / count)] + [0.0] * size
    for _step in range(12):
        change = _newton_step(data, labels, weights, ridge)
        weights = [w + c for w, c in zip(weights, change, strict=True)]
        if max(abs(c) for c in change) < 1e-4:
            break
    return tuple(weights), tuple(means), tuple(scales)


def _newton_step(
    data: Sequence[Sequence[float]],
    labels: Sequence[bool],
    weights: Sequence[float],
    ridge: float,
) -> list[float]:
    size = len(weights)
    gradient = [0.0] + [-ridge * w for w in weights[1:]]
    hessian = [[0.0] * size for _ in range(size)]
    for row, label in zip(data, labels, strict=True):
        guess = sigmoid(sum(map(mul, weights, row)))
        error = label - guess
        slope = guess * (1 - guess)
        for i, x in enumerate(row):
            gradient[i] += error * x
            scaled = slope * x
            hessian[i] = [h + scaled * r for h, r in zip(hessian[i], row, strict=True)]
    for i in range(size):
        hessian[i][i] += ridge if i else 1e-9
    return _solve(hessian, gradient)


def _solve(matrix: list[list[float]], vector: Sequence[float]) -> list[float]:
    """Solve a small system by elimination with pivots."""
    size = len(vector)
    rows = [[*line, value] for line, value in zip(matrix, vector, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda r: abs(rows[r][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        lead = rows[column][column] or 1e-12
        for other in range(column + 1, size):
            factor = rows[other][column] / lead
            if factor:
                for k in range(column, size + 1):
                    rows[other][k] -= factor * rows[column][k]
    answer = [0.0] * size
    for i in reversed(range(size)):
        known = sum(rows[i][k] * answer[k] for k in range(i + 1, size))
        answer[i] = (rows[i][size] - known) / (rows[i][i] or 1e-12)
    return answer


# Learning and judging -----------------------------------------------------------------


def train(
    invoices: Sequence[Invoice],
    noshows: Mapping[int, Sequence[date]],
    enough: int = ENOUGH,
) -> Model:
    """Learn from the invoices; the quality is of the last part, unseen in learning.

    The model returned has then learned from all of them.
    """
    closed = sorted((i for i in invoices if i.late is not None), key=lambda i: i.day)
    quality: dict[str, object] = {"invoices": len(closed)}
    if len(closed) >= 40:
        cut = closed[int(len(closed) * 0.7)].day
        learned = _fit([i for i in invoices if i.day < cut], noshows, enough, cut)
        whole = examples(invoices, noshows, learned.prior, learned.median)
        test = [e for e in whole if e.day >= cut and e.late is not None]
        guesses = [judge(learned, example)[0] for example in test]
        labels = [bool(example.late) for example in test]
        quality.update(measure(guesses, labels), tested=len(test))
    return replace(_fit(invoices, noshows, enough, None), quality=quality)


def _fit(
    invoices: Sequence[Invoice],
    noshows: Mapping[int, Sequence[date]],
    enough: int,
    today: date | None,
) -> Model:
    closed = [
        invoice
        for invoice in invoices
        if invoice.late is not None
        and (today is None or (invoice.known is not None and invoice.known < today))
    ]
    tallies: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for invoice in closed:
        tally = tallies[invoice.patient]
        tally[0] += bool(invoice.late)
        tally[1] += 1
    prior = fit_prior((late, n) for late, n in tallies.values())
    amounts = sorted(invoice.amount for invoice in closed)
    median = float(amounts[len(amounts) // 2]) if amounts else 100_000.0
    lates = sum(bool(invoice.late) for invoice in closed)
    # Both outcomes must have been seen often enough to learn from.
    if len(closed) < enough or min(lates, len(closed) - lates) < 30:
        return Model(prior, median)
    known = set(map(id, closed))
    ordered = sorted(invoices, key=lambda i: (i.day, i.patient, i.due))
    pairs = [
        (example.features, bool(example.late))
        for invoice, example in zip(
            ordered, examples(ordered, noshows, prior, median), strict=True
        )
        if id(invoice) in known
    ]
    pairs = pairs[-MOST_ROWS:]
    rows = [features for features, _late in pairs]
    weights, means, scales = fit_logistic(rows, [late for _features, late in pairs])
    return Model(prior, median, weights, means, scales)


def judge(
    model: Model, example: Example
) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Return (probability of late, factors with their weights in log-odds)."""
    if not model.weights:
        return posterior(model.prior, *example.counts), ()
    parts = [
        (name, weight * (value - mean) / scale)
        for name, weight, value, mean, scale in zip(
            FEATURES,
            model.weights[1:],
            example.features,
            model.means,
            model.scales,
            strict=True,
        )
    ]
    total = model.weights[0] + sum(part for _name, part in parts)
    told = sorted(
        (part for part in parts if part[0] != "counts" and abs(part[1]) >= TOLD_FROM),
        key=lambda part: -abs(part[1]),
    )
    return sigmoid(total), tuple((name, round(p, 3)) for name, p in told[:MOST_TOLD])


def assess(
    model: Model,
    invoices: Iterable[Invoice],
    noshows: Mapping[int, Sequence[date]],
    today: date,
) -> dict[int, Risk]:
    """Return the risk of each patient's next invoice, as things stand today."""
    by_patient: dict[int, list[Invoice]] = defaultdict(list)
    for invoice in sorted(invoices, key=lambda i: (i.day, i.due)):
        by_patient[invoice.patient].append(invoice)
    found = {}
    for patient, own in by_patient.items():
        history = _History()
        history.waiting = list(own)
        history.learn(today)
        last = list(deque(own, RECENT))
        usual = Invoice(
            patient,
            today,
            today,
            sum(i.amount for i in last) // len(last),
            None,
            None,
            payer=last[-1].payer,
            web=last[-1].web,
        )
        ahead = sum((i.due - i.day).days for i in last) / len(last)
        example = _example(
            usual, history, noshows.get(patient, ()), model.prior, model.median
        )
        features = list(example.features)
        features[FEATURES.index("ahead")] = math.log1p(max(ahead, 0.0))
        probability, factors = judge(model, replace(example, features=tuple(features)))
        found[patient] = Risk(
            probability,
            level(probability, history.all),
            history.all,
            history.late,
            factors,
        )
    return found


def level(probability: float, invoices: int) -> str:
    """Return the level; of whom little has shown yet nothing is said."""
    if invoices < TELLING:
        return "unknown"
    if probability >= HIGH:
        return "high"
    return "medium" if probability >= MEDIUM else "low"


# Quality ------------------------------------------------------------------------------


def measure(guesses: Sequence[float], labels: Sequence[bool]) -> dict[str, object]:
    """Return AUC, ECE, Brier score, the base rate and the table of calibration."""
    table = calibration(guesses, labels)
    count = len(labels) or 1
    return {
        "auc": auc(guesses, labels),
        "ece": sum(n * abs(said - came) for n, said, came in table) / count,
        "brier": sum((g - y) ** 2 for g, y in zip(guesses, labels, strict=True))
        / count,
        "base": sum(labels) / count,
        "table": table,
    }


def auc(guesses: Sequence[float], labels: Sequence[bool]) -> float:
    """Return how often a late one is put above one in time; equal ones count half."""
    order = sorted(range(len(guesses)), key=lambda i: guesses[i])
    late = sum(labels)
    good = len(labels) - late
    if not late or not good:
        return 0.5
    ranks = 0.0
    first = 0
    while first < len(order):
        last = first
        while (
            last + 1 < len(order) and guesses[order[last + 1]] == guesses[order[first]]
        ):
            last += 1
        middle = (first + last) / 2 + 1
        ranks += middle * sum(labels[order[k]] for k in range(first, last + 1))
        first = last + 1
    return (ranks - late * (late + 1) / 2) / (late * good)


def calibration(
    guesses: Sequence[float], labels: Sequence[bool], bins: int = 10
) -> list[tuple[int, float, float]]:
    """Return (how many, said on average, came true) in bins of equal size."""
    order = sorted(range(len(guesses)), key=lambda i: guesses[i])
    table = []
    for number in range(bins):
        part = order[len(order) * number // bins : len(order) * (number + 1) // bins]
        if part:
            table.append(
                (
                    len(part),
                    sum(guesses[i] for i in part) / len(part),
                    sum(labels[i] for i in part) / len(part),
                )
            )
    return table
