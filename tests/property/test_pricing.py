"""Properties of the price resolver, and a slow oracle it must agree with."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_finance.tools.pricing import (
    Book,
    Item,
    Programme,
    Request,
    Service,
    Terms,
    change_price,
    resolve_all,
    round_half_up,
)

DAY = date(2026, 3, 1)
PATIENTS, SPECIALISTS, SERVICES = (1, 2), (1, 2), (1, 2)
HUNDRED = Fraction(100)

# Few parties, prices and days: terms that fit together are where rules collide.
prices = st.integers(0, 10).map(lambda units: units * 12_345)
percents = st.sampled_from([0, 5, 10, Fraction("33.33"), 100]).map(Fraction)
days = st.integers(0, 6).map(lambda shift: DAY + timedelta(days=shift))
ends = st.none() | days


def maybe(values):
    return st.none() | st.sampled_from(values)


@st.composite
def terms(draw, number):
    return Terms(
        id=number,
        patient_id=draw(maybe(PATIENTS)),
        specialist_id=draw(maybe(SPECIALISTS)),
        service_id=draw(maybe(SERVICES)),
        price=draw(st.none() | prices),
        discount=draw(percents),
        percent=draw(st.none() | percents),
        date_from=draw(ends),
        date_to=draw(ends),
    )


@st.composite
def programmes(draw, number):
    return Programme(
        member_id=number,
        programme_id=number,
        payer_id=100 + number,
        patient_id=draw(st.sampled_from(PATIENTS)),
        rank=draw(st.integers(0, 2)),
        discount=draw(percents),
        list_id=draw(maybe((1, 2))),
        coverage=draw(percents),
        service_ids=frozenset(draw(st.sets(st.sampled_from(SERVICES), max_size=1))),
        excluded_ids=frozenset(draw(st.sets(st.sampled_from(SERVICES), max_size=1))),
        date_from=draw(ends),
        date_to=draw(ends),
        visit_limit=draw(st.none() | prices.map(lambda price: price + 1)),
        amount_left=draw(st.none() | prices),
        visits_left=draw(st.none() | st.integers(0, 3)),
    )


@st.composite
def items(draw, number):
    return Item(
        id=number,
        list_id=draw(st.sampled_from((1, 2))),
        rank=number,
        product_id=draw(maybe(SERVICES)),
        kind=draw(st.sampled_from(("fixed", "percentage", "formula"))),
        amount=draw(prices),
        discount=draw(percents),
        rounding=draw(st.sampled_from((Fraction(0), Fraction(5_000)))),
    )


def several(strategy, most):
    numbers = range(1, most + 1)
    return st.integers(0, most).flatmap(
        lambda count: st.tuples(*(strategy(number) for number in numbers[:count]))
    )


requests = st.lists(
    st.builds(
        Request,
        service=st.sampled_from(SERVICES).map(lambda n: Service(n, n * 100_001, n)),
        day=days,
        moment=st.just(datetime(2026, 3, 1, 12)),
        patient_id=maybe(PATIENTS),
        specialist_id=maybe(SPECIALISTS),
        branch_id=maybe((1,)),
    ),
    max_size=8,
)
books = st.builds(
    dict,
    terms=several(terms, 6),
    programmes=several(programmes, 3),
    items=several(items, 4),
    base_list_id=maybe((1, 2)),
    branch_lists=st.sampled_from([{}, {1: 2}]),
    patient_lists=st.sampled_from([{}, {1: 1}]),
)


def fitting(found, request):
    def matches(one):
        return (
            one.patient_id in (None, request.patient_id)
            and one.specialist_id in (None, request.specialist_id)
            and one.service_id in (None, request.service.id)
            and (one.date_from or request.day) <= request.day
            and (one.date_to or request.day) >= request.day
        )

    return [one for one in found if matches(one)]


def most_specific(found):
    """The oracle: count the conditions with weights, the newer of equals."""
    return max(
        found,
        key=lambda one: (
            4 * (one.patient_id is not None)
            + 2 * (one.specialist_id is not None)
            + (one.service_id is not None),
            one.id,
        ),
        default=None,
    )


@settings(max_examples=100, deadline=None)
@given(books, requests)
def test_money_is_neither_made_nor_lost(book, wanted):
    decisions = resolve_all(wanted, Book(**book))
    by_member = {p.member_id: p for p in book["programmes"]}
    taken, visits = {}, {}
    for decision in decisions:
        assert decision.price >= 0
        assert 0 <= decision.covered <= decision.price
        assert decision.covered + decision.copay == decision.price
        assert bool(decision.covered) == bool(decision.payer_id)
        if decision.member_id:
            member = by_member[decision.member_id]
            assert member.payer_id == decision.payer_id
            assert member.visit_limit is None or decision.covered <= member.visit_limit
            taken[member] = taken.get(member, 0) + decision.covered
            visits[member] = visits.get(member, 0) + 1
    for member, amount in taken.items():
        assert member.amount_left is None or amount <= member.amount_left
        assert member.visits_left is None or visits[member] <= member.visits_left


@settings(max_examples=100, deadline=None)
@given(books, requests)
def test_the_chain_ends_in_the_answer(book, wanted):
    for request, decision in zip(
        wanted, resolve_all(wanted, Book(**book)), strict=True
    ):
        priced = [step for step in decision.chain if step.price is not None]
        assert priced[0].source == "service"
        assert priced[0].price == request.service.price
        assert priced[-1].price == decision.price
        order = [
            "service",
            "base",
            "branch",
            "specialist",
            "patient_list",
            "programme",
            "profile",
        ]
        places = [order.index(step.source) for step in priced]
        assert places == sorted(set(places))


@settings(max_examples=100, deadline=None)
@given(books, requests)
def test_the_most_specific_terms_hold(book, wanted):
    for request, decision in zip(
        wanted, resolve_all(wanted, Book(**book)), strict=True
    ):
        found = fitting(book["terms"], request)
        agreed = most_specific(
            [t for t in found if t.patient_id and (t.price is not None or t.discount)]
        )
        if agreed and agreed.price is not None:
            expected = Fraction(agreed.price) * (HUNDRED - agreed.discount) / HUNDRED
            assert decision.price == round_half_up(expected)
        share = most_specific([t for t in found if t.percent is not None])
        assert decision.percent == (share.percent if share else 0)


@settings(max_examples=60, deadline=None)
@given(books, requests, st.randoms(use_true_random=False))
def test_the_order_of_what_is_read_does_not_matter(book, wanted, random):
    shuffled = dict(book)
    for name in ("terms", "programmes", "items"):
        shuffled[name] = random.sample(book[name], len(book[name]))
    assert resolve_all(wanted, Book(**book)) == resolve_all(wanted, Book(**shuffled))


@given(
    st.integers(0, 10**8),
    st.integers(-99, 300).map(Fraction),
    st.sampled_from((1, 100, 1_000, 5_000, 10_000)),
    st.booleans(),
)
def test_a_changed_price_is_round_and_near(price, percent, unit, up):
    exact = Fraction(price) * (HUNDRED + percent) / HUNDRED
    changed = change_price(price, percent, unit, up=up)
    assert changed % unit == 0
    assert 0 <= changed
    if up:
        assert 0 <= changed - exact < unit
    else:
        assert abs(changed - exact) * 2 <= unit
