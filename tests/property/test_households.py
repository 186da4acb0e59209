"""Properties of matching between people: families, held money, pairs taken apart.

The plain rules for one person are in ``test_allocation.py``; here everybody's money is
in one call, and a slow oracle says what each rule means.
"""

from datetime import date, timedelta

from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_finance.tools.allocation import (
    Charge,
    Credit,
    Match,
    allocate,
    normalize,
)

DAY = date(2026, 3, 1)
NAMES = [f"INV/2026/{number:05d}" for number in range(1, 5)]
amounts = st.sampled_from([100, 250, 500, 700, 1000])
days = st.integers(0, 4).map(lambda shift: DAY + timedelta(days=shift))
owners = st.integers(1, 4)


@st.composite
def households(draw):
    charges = [
        Charge(index * 2, amount, day, tuple(names), owner, closed)
        for index, (amount, day, names, owner, closed) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        amounts,
                        days,
                        st.lists(st.sampled_from(NAMES), max_size=1),
                        owners,
                        st.booleans(),
                    ),
                    max_size=7,
                )
            )
        )
    ]
    ids = [charge.id for charge in charges] + [9999]
    credits = [
        Credit(index * 2 + 1, amount, day, frozenset(links), text, owner, held, closed)
        for index, (amount, day, links, text, owner, held, closed) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        amounts,
                        days,
                        st.sets(st.sampled_from(ids), max_size=2),
                        st.sampled_from(["", *NAMES]),
                        owners,
                        st.booleans(),
                        st.booleans(),
                    ),
                    max_size=7,
                )
            )
        )
    ]
    family = draw(
        st.dictionaries(owners, st.frozensets(owners, max_size=3), max_size=3)
    )
    pairs = [(charge.id, credit.id) for charge in charges for credit in credits]
    forbidden = draw(st.sets(st.sampled_from(pairs), max_size=6)) if pairs else set()
    return charges, credits, family, forbidden


def may_pay(charge, credit, family, forbidden):
    return (
        (charge.owner == credit.owner or charge.owner in family.get(credit.owner, ()))
        and (charge.id, credit.id) not in forbidden
        and not (charge.closed and credit.closed)
        and (not credit.held or charge.id in credit.links)
    )


def oracle(charges, credits, family, forbidden):  # noqa: C901 - rule after rule
    """The docstring of the module, as plainly as it is read."""
    charges = sorted(charges, key=lambda item: (item.date, item.id))
    credits = sorted(credits, key=lambda item: (item.date, item.id))
    left = {item.id: item.amount for item in (*charges, *credits)}
    found = []

    def take(charge, credit, rule):
        amount = min(left[charge.id], left[credit.id])
        if amount and may_pay(charge, credit, family, forbidden):
            left[charge.id] -= amount
            left[credit.id] -= amount
            found.append(Match(charge.id, credit.id, amount, rule))

    for credit in credits:
        for charge in charges:
            if charge.id in credit.links:
                take(charge, credit, "link")
    named = [charge for charge in charges if left[charge.id]]
    for credit in credits:
        hits = [
            charge
            for charge in named
            if charge.names
            and normalize(credit.text) == normalize(charge.names[0])
            and (
                charge.owner == credit.owner
                or charge.owner in family.get(credit.owner, ())
            )
        ]
        if len(hits) == 1 and not credit.held:
            take(hits[0], credit, "reference")

    def mine(charge, credit):
        return charge.owner == credit.owner

    for credit in credits:
        for charge in charges:
            if mine(charge, credit) and left[credit.id] == left[charge.id]:
                if not credit.held:
                    take(charge, credit, "amount")
    for owner in sorted(family):
        for credit in credits:
            for charge in charges:
                if (
                    credit.owner == owner
                    and not mine(charge, credit)
                    and not credit.held
                    and left[credit.id] == left[charge.id]
                ):
                    take(charge, credit, "family")
    for charge in charges:
        for credit in credits:
            if mine(charge, credit) and not credit.held:
                take(charge, credit, "oldest")
    for owner in sorted(family):
        for charge in charges:
            for credit in credits:
                if credit.owner == owner and not mine(charge, credit):
                    if not credit.held:
                        take(charge, credit, "family")
    return found


@given(households())
@settings(max_examples=400)
def test_agrees_with_the_oracle(household):
    found, expected = allocate(*household), oracle(*household)
    assert sorted(found, key=str) == sorted(expected, key=str)


def rest(items, matches, side):
    used = {}
    for match in matches:
        used[getattr(match, side)] = used.get(getattr(match, side), 0) + match.amount
    return {item.id: item.amount - used.get(item.id, 0) for item in items}


@given(households())
@settings(max_examples=300)
def test_nothing_is_doubled_nor_goes_astray(household):
    charges, credits, family, forbidden = household
    matches = allocate(*household)
    charge_by_id = {item.id: item for item in charges}
    credit_by_id = {item.id: item for item in credits}
    pairs = [(match.charge_id, match.credit_id) for match in matches]
    assert len(set(pairs)) == len(pairs)
    for charge_id, credit_id in pairs:
        assert may_pay(
            charge_by_id[charge_id], credit_by_id[credit_id], family, forbidden
        )
    charge_left = rest(charges, matches, "charge_id")
    credit_left = rest(credits, matches, "credit_id")
    assert min([0, *charge_left.values(), *credit_left.values()]) == 0
    # Whatever may still be matched is nothing.
    for charge in charges:
        for credit in credits:
            if charge_left[charge.id] and credit_left[credit.id]:
                assert not may_pay(charge, credit, family, forbidden)


@given(households(), st.randoms())
@settings(max_examples=200)
def test_order_of_the_input_does_not_matter(household, random):
    charges, credits, family, forbidden = household
    expected = allocate(*household)
    charges, credits = list(charges), list(credits)
    random.shuffle(charges)
    random.shuffle(credits)
    assert allocate(charges, credits, family, forbidden) == expected


@given(households(), st.data())
@settings(max_examples=200)
def test_random_histories(household, data):
    """Documents come one by one, somebody undoes matches: the books stay true.

    After each step all is matched again, as the clinic does it. Never is an item used
    for more than it has, never comes back what was taken apart by hand, and a repeat
    does nothing.
    """
    charges, credits, family, forbidden = household
    events = data.draw(st.permutations([*charges, *credits]))
    present, standing, apart = [], {}, set(forbidden)

    def left(item):
        used = sum(
            amount
            for pair, amount in standing.items()
            if item.id == pair[isinstance(item, Credit)]
        )
        return item.amount - used

    def match_all():
        open_items = [
            type(item)(item.id, left(item), *_others(item))
            for item in present
            if left(item)
        ]
        plan = allocate(
            [item for item in open_items if isinstance(item, Charge)],
            [item for item in open_items if isinstance(item, Credit)],
            family,
            apart,
        )
        for match in plan:
            pair = match.charge_id, match.credit_id
            assert pair not in apart
            standing[pair] = standing.get(pair, 0) + match.amount
        return plan

    for event in events:
        present.append(event)
        match_all()
        assert match_all() == []
        if standing and data.draw(st.booleans()):
            pair = data.draw(st.sampled_from(sorted(standing)))
            del standing[pair]
            if data.draw(st.booleans()):
                apart.add(pair)
            match_all()
        assert all(left(item) >= 0 for item in present)


def _others(item):
    names = [name for name in item.__slots__ if name not in ("id", "amount")]
    return [getattr(item, name) for name in names]


@given(households())
@settings(max_examples=100)
def test_families_change_nothing_for_strangers(household):
    """What a person without a family gets does not depend on other people."""
    charges, credits, family, forbidden = household
    whole = allocate(*household)
    for owner in range(1, 5):
        if owner in family or any(owner in members for members in family.values()):
            continue
        alone = allocate(
            [item for item in charges if item.owner == owner],
            [item for item in credits if item.owner == owner],
            {},
            forbidden,
        )
        ids = {item.id for item in charges if item.owner == owner}
        assert [match for match in whole if match.charge_id in ids] == alone
