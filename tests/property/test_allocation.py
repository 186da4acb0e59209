"""Properties of the matching core, and a slow oracle it must agree with."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_finance.tools.allocation import (
    AllocationError,
    Charge,
    Credit,
    Match,
    allocate,
    normalize,
)
from odoo.addons.clinic_finance.tools.reference import Reference, find_references

DAY = date(2026, 3, 1)
NAMES = [f"INV/2026/{number:05d}" for number in range(1, 9)]

# Few amounts and few days: equal sums and equal dates are where rules collide.
amounts = st.one_of(
    st.sampled_from([100, 50_000, 150_000, 200_000]), st.integers(1, 10**9)
)
days = st.integers(0, 5).map(lambda shift: DAY + timedelta(days=shift))
LOOSE = ["по счету 1", "сч. 2 от 02.03", "2026/00001", "счёт 2/2025"]
texts = st.lists(st.sampled_from([*NAMES, *LOOSE, "visit", "1", "№"]), max_size=3).map(
    " ".join
)
# Instalments share a document.
documents = st.tuples(st.integers(0, 2), st.integers(0, 2), days)


@st.composite
def histories(draw):
    charges = [
        Charge(
            index * 2,
            amount,
            day,
            tuple(names),
            document=document,
            serial=serial,
            issued=issued,
        )
        for index, (amount, day, names, (document, serial, issued)) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        amounts,
                        days,
                        st.lists(st.sampled_from(NAMES), max_size=2),
                        documents,
                    ),
                    max_size=8,
                )
            )
        )
    ]
    ids = [charge.id for charge in charges] + [9999]
    credits = [
        Credit(index * 2 + 1, amount, day, frozenset(links), text)
        for index, (amount, day, links, text) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        amounts, days, st.sets(st.sampled_from(ids), max_size=2), texts
                    ),
                    max_size=8,
                )
            )
        )
    ]
    return charges, credits


def left(items, matches, side):
    used = {}
    for match in matches:
        item_id = getattr(match, side)
        used[item_id] = used.get(item_id, 0) + match.amount
    return {item.id: item.amount - used.get(item.id, 0) for item in items}


def oracle(charges, credits):
    """The rules of the module's docstring, written as plainly as they are read."""
    charges = sorted(charges, key=lambda item: (item.date, item.id))
    credits = sorted(credits, key=lambda item: (item.date, item.id))
    open_charge = {item.id: item.amount for item in charges}
    open_credit = {item.id: item.amount for item in credits}
    found = []

    def take(charge, credit, rule):
        amount = min(open_charge[charge.id], open_credit[credit.id])
        if amount > 0:
            open_charge[charge.id] -= amount
            open_credit[credit.id] -= amount
            found.append(Match(charge.id, credit.id, amount, rule))

    def names(charge, credit):
        words = f" {' '.join(normalize(credit.text))} "
        return any(
            len(name) >= 4
            and any(sign.isdigit() for sign in name)
            and f" {' '.join(normalize(name))} " in words
            for name in charge.names
        )

    def means(charge, credit):
        return any(
            charge.serial
            and reference.serial == charge.serial
            and reference.year in (None, charge.issued.year)
            and reference.day in (None, (charge.issued.day, charge.issued.month))
            for reference in find_references(credit.text)
        )

    for credit in credits:
        for charge in charges:
            if charge.id in credit.links:
                take(charge, credit, "link")
    named = [charge for charge in charges if open_charge[charge.id]]
    for credit in credits:
        hits = [charge for charge in named if names(charge, credit)] or [
            charge for charge in named if means(charge, credit)
        ]
        if len({charge.document or ("alone", charge.id) for charge in hits}) == 1:
            for charge in hits:
                take(charge, credit, "reference")
    for credit in credits:
        for charge in charges:
            if open_credit[credit.id] and (
                open_charge[charge.id] == open_credit[credit.id]
            ):
                take(charge, credit, "amount")
    for charge in charges:
        for credit in credits:
            take(charge, credit, "oldest")
    return found


@given(histories())
def test_agrees_with_the_oracle(history):
    assert allocate(*history) == oracle(*history)


@given(histories())
def test_conserves_money(history):
    charges, credits = history
    matches = allocate(charges, credits)
    charge_left = left(charges, matches, "charge_id")
    credit_left = left(credits, matches, "credit_id")
    assert all(match.amount > 0 for match in matches)
    assert min([*charge_left.values(), *credit_left.values()], default=0) >= 0
    assert sum(match.amount for match in matches) == min(
        sum(item.amount for item in charges), sum(item.amount for item in credits)
    )
    assert not any(charge_left.values()) or not any(credit_left.values())


@given(histories())
def test_second_run_finds_nothing(history):
    charges, credits = history
    matches = allocate(charges, credits)
    charge_left = left(charges, matches, "charge_id")
    credit_left = left(credits, matches, "credit_id")
    rest = (
        [replace(c, amount=charge_left[c.id]) for c in charges if charge_left[c.id]],
        [
            Credit(c.id, credit_left[c.id], c.date, c.links, c.text)
            for c in credits
            if credit_left[c.id]
        ],
    )
    assert allocate(*rest) == []


@given(histories(), st.randoms())
def test_input_order_does_not_matter(history, random):
    expected = allocate(*history)
    charges, credits = (list(items) for items in history)
    random.shuffle(charges)
    random.shuffle(credits)
    assert allocate(charges, credits) == expected


@given(histories())
def test_execution_by_residuals_gives_the_plan(history):
    """The ledger always matches the smaller of two residuals; so does the plan."""
    charges, credits = history
    charge_left = {item.id: item.amount for item in charges}
    credit_left = {item.id: item.amount for item in credits}
    pairs = set()
    for match in allocate(charges, credits):
        taken = min(charge_left[match.charge_id], credit_left[match.credit_id])
        assert taken == match.amount
        charge_left[match.charge_id] -= taken
        credit_left[match.credit_id] -= taken
        assert (match.charge_id, match.credit_id) not in pairs
        pairs.add((match.charge_id, match.credit_id))


@given(histories())
@settings(max_examples=50)
def test_a_payment_made_for_a_charge_goes_there_first(history):
    charges, credits = history
    for match in allocate(charges, credits):
        if match.rule == "link":
            credit = next(item for item in credits if item.id == match.credit_id)
            assert match.charge_id in credit.links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Оплата по счёту INV/2026/00012, без НДС", [Match(2, 1, 100, "reference")]),
        ("inv 2026 00012", [Match(2, 1, 100, "reference")]),
        ("INV/2026/000123", [Match(1, 1, 100, "oldest")]),
        ("INV/2026/00012 INV/2026/00011", [Match(1, 1, 100, "oldest")]),
        ("", [Match(1, 1, 100, "oldest")]),
    ],
)
def test_reference(text, expected):
    charges = [
        Charge(1, 500, DAY, ("INV/2026/00011",)),
        Charge(2, 500, DAY + timedelta(days=1), ("INV/2026/00012",)),
    ]
    assert allocate(charges, [Credit(1, 100, DAY, text=text)]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("сч 2026/00136", [(136, 2026, None)]),
        ("Оплата по счёту №136 от 12.11.2026 г. за приём", [(136, 2026, (12, 11))]),
        ("по счету 136 от 12.11", [(136, None, (12, 11))]),
        ("счет на оплату № 136 от 12 ноября 2026", [(136, 2026, (12, 11))]),
        ("сч.136-26", [(136, 2026, None)]),
        ("по сч. №№ 136, 137 и 138", [(n, None, None) for n in (136, 137, 138)]),
        ("копия: 2026/00136", [(136, 2026, None)]),
        ("inv no 136", [(136, None, None)]),
        # Not an invoice's number.
        ("Счет-фактура 136", []),
        ("лицевой счет 00001230, р/с 136, л/с 7", []),
        ("на счет 40702810900000000001", []),
        ("счет 1500.00 руб., счетчик 136", []),
        ("договор 2026/15 за 2026/2027 год", []),
        ("мой счет 8-999-123-45-67", []),
        ("сч 136 от 31.13", [(136, None, None)]),
    ],
)
def test_numbers_in_the_words_of_a_payer(text, expected):
    assert find_references(text) == [Reference(*facts) for facts in expected]


@given(st.text(alphabet="счет№ от.,/-0123456789и", max_size=40))
def test_any_text_is_read(text):
    for reference in find_references(text):
        assert reference.serial > 0


def test_instalments_of_a_named_invoice_are_paid_before_an_older_debt():
    charges = [
        Charge(1, 500, DAY, ("INV/2026/00011",), document=1),
        Charge(2, 300, DAY + timedelta(days=9), ("INV/2026/00012",), document=2),
        Charge(3, 300, DAY + timedelta(days=5), ("INV/2026/00012",), document=2),
    ]
    assert allocate(charges, [Credit(7, 400, DAY, text="INV/2026/00012")]) == [
        Match(3, 7, 300, "reference"),
        Match(2, 7, 100, "reference"),
    ]


def test_exact_amount_wins_over_age():
    charges = [Charge(1, 500, DAY), Charge(2, 300, DAY + timedelta(days=9))]
    assert allocate(charges, [Credit(7, 300, DAY)]) == [Match(2, 7, 300, "amount")]


@pytest.mark.parametrize("amount", [0, -100])
def test_refuses_what_is_not_open(amount):
    with pytest.raises(AllocationError):
        allocate([Charge(1, amount, DAY)], [])


def test_refuses_an_item_given_twice():
    with pytest.raises(AllocationError):
        allocate([], [Credit(1, 5, DAY), Credit(1, 5, DAY)])
