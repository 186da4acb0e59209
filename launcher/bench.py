"""Benchmarks: every tests/bench/bench_*.py, run against a server of its own.

Such a file has a docstring whose first line tells what is measured, and a function
``run(client)`` that returns a dict of numbers by name. The client is the one of
``tests/system`` (JSON-2 calls to a running server).
"""
