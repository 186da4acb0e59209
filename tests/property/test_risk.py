"""Properties of the risk of late payment."""

from datetime import date, timedelta

from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_finance.tools import risk

DAY = date(2026, 1, 1)
counts = st.integers(0, 40)


@st.composite
def histories(draw):
    found = []
    for _number in range(draw(st.integers(0, 40))):
        day = DAY + timedelta(days=draw(st.integers(0, 300)))
        due = day + timedelta(days=draw(st.integers(0, 20)))
        late = draw(st.sampled_from([None, False, False, True]))
        known = due + timedelta(days=8)
        paid = due if late is False else None
        found.append(
            risk.Invoice(
                draw(st.integers(1, 6)),
                day,
                due,
                draw(st.integers(1, 10**7)),
                late,
                known,
                paid,
                draw(st.booleans()),
                draw(st.booleans()),
            )
        )
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(counts, counts), max_size=20), counts, counts)
def test_share_is_drawn_to_the_usual(pairs, late, good):
    prior = risk.fit_prior((a, a + b) for a, b in pairs)
    assert 0 < prior.mean < 1
    n = late + good
    found = risk.posterior(prior, late, n)
    assert 0 < found < 1
    if n:
        low, high = sorted((prior.mean, late / n))
        assert low - 1e-9 <= found <= high + 1e-9
    # One more late invoice never lowers the risk.
    assert risk.posterior(prior, late + 1, n + 1) >= found - 1e-9


@settings(max_examples=200, deadline=None)
@given(histories(), st.randoms())
def test_answer_is_a_probability_and_needs_no_order(invoices, random):
    today = DAY + timedelta(days=400)
    model = risk.train(invoices, {})
    found = risk.assess(model, invoices, {}, today)
    assert set(found) == {invoice.patient for invoice in invoices}
    for one in found.values():
        assert 0 < one.probability < 1
        assert one.late <= one.invoices
        assert (one.level == "unknown") == (one.invoices < risk.TELLING)
    shuffled = list(invoices)
    random.shuffle(shuffled)
    again = risk.train(shuffled, {})
    assert abs(again.prior.mean - model.prior.mean) < 1e-9


@settings(max_examples=200, deadline=None)
@given(histories())
def test_the_future_is_not_looked_into(invoices):
    """What an invoice looked like does not change with what came after it."""
    prior = risk.Prior()
    whole = risk.examples(invoices, {}, prior, 1000.0)
    cut = DAY + timedelta(days=150)
    part = risk.examples([i for i in invoices if i.day < cut], {}, prior, 1000.0)
    assert [e.features for e in whole if e.day < cut] == [e.features for e in part]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_auc_is_what_counting_pairs_gives(pairs):
    guesses = [guess for guess, _late in pairs]
    labels = [late for _guess, late in pairs]
    late = [g for g, y in pairs if y]
    good = [g for g, y in pairs if not y]
    expected = 0.5
    if late and good:
        expected = sum(
            1.0 if a > b else 0.5 if a == b else 0.0 for a in late for b in good
        ) / (len(late) * len(good))
    assert abs(risk.auc(guesses, labels) - expected) < 1e-9
    table = risk.calibration(guesses, labels)
    assert sum(n for n, _said, _came in table) == len(pairs)
