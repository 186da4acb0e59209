"""Visitors at once on the web site want the same windows (fifty: the benchmark)."""

from .crowd import come

VISITORS = 8


def test_each_gets_a_window_of_his_own(server):
    found = come(server, VISITORS)
    assert found["errors"] == 0, found
    assert found["doubles"] == 0, found
    assert found["lost"] == 0, found
    assert found["held"] == found["booked"] == found["paid"] == VISITORS, found
