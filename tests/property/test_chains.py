"""Chains of several services against a brute-force oracle that tries everything."""

from itertools import permutations, product

from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_schedule.tools.chains import (
    Option,
    find_chains,
    least_waiting,
)

DAY = 60


def make_option(start, length, specialist, place, tail=0):
    return Option(
        start,
        start + length,
        specialist,
        place=(place,),
        holds=((("specialist", specialist), start, start + length + tail),),
    )


options = st.builds(
    make_option,
    st.integers(0, DAY),
    st.integers(1, 15),
    st.integers(1, 3),
    st.integers(1, 2),
)
options_with_tail = st.builds(
    make_option,
    st.integers(0, DAY),
    st.integers(1, 15),
    st.integers(1, 2),
    st.just(1),
    st.integers(0, 8),
)


def needs_of(kind):
    return st.lists(st.lists(kind, max_size=6), min_size=1, max_size=3)


def disturb(one, other):
    return any(
        a == b and start < other_stop and other_start < stop
        for a, start, stop in one.holds
        for b, other_start, other_stop in other.holds
    )


def is_possible(parts, order):
    row = [parts[number] for number in order]
    return (
        len({part.place for part in parts}) == 1
        and all(a.stop <= b.start for a, b in zip(row, row[1:], strict=False))
        and not any(disturb(a, b) for i, a in enumerate(row) for b in row[i + 1 :])
    )


def all_chains(needs):
    """Return (place, start, stop) of everything that is possible."""
    for parts in product(*needs):
        for order in permutations(range(len(needs))):
            if is_possible(parts, order):
                yield parts[0].place, parts[order[0]].start, parts[order[-1]].stop


@settings(max_examples=400, deadline=None)
@given(needs_of(options_with_tail))
def test_every_chain_is_possible(needs):
    for chain in find_chains(needs):
        assert sorted(chain.order) == list(range(len(needs)))
        assert all(part in needs[number] for number, part in enumerate(chain.parts))
        assert is_possible(chain.parts, chain.order)
        assert chain.waiting >= 0


@settings(max_examples=400, deadline=None)
@given(needs_of(options))
def test_no_chain_worth_having_is_missed(needs):
    found = {
        (chain.parts[0].place, chain.start, chain.stop) for chain in find_chains(needs)
    }
    possible = set(all_chains(needs))
    assert found <= possible
    best = {
        (place, start, stop)
        for place, start, stop in possible
        if not any(
            other_place == place
            and other_start >= start
            and other_stop <= stop
            and (other_start, other_stop) != (start, stop)
            for other_place, other_start, other_stop in possible
        )
    }
    assert found == best


@settings(max_examples=200, deadline=None)
@given(needs_of(options))
def test_the_first_has_the_least_time_in_the_clinic(needs):
    chains = least_waiting(find_chains(needs))
    spans = [stop - start for _place, start, stop in all_chains(needs)]
    assert bool(chains) == bool(spans)
    if chains:
        assert chains[0].stop - chains[0].start == min(spans)


def test_many_needs_keep_the_order_they_are_given_in():
    needs = [[make_option(10 * n, 10, n, 1)] for n in range(7)]
    (chain,) = find_chains(needs)
    assert chain.order == tuple(range(7))
    assert chain.waiting == 0
    assert find_chains(list(reversed(needs))) == []


def test_nothing_asked_for_nothing_found():
    assert find_chains([]) == []
    assert find_chains([[make_option(0, 10, 1, 1)], []]) == []
