"""The facts of the registry, and secrets planted where only medical staff may look."""

import json
import os
from pathlib import Path

import pytest

INSIDE = Path(__file__).parent / "inside"


@pytest.fixture(scope="session")
def server():
    """Return a server of these tests' own: attackers press every button there is.

    Its log is full of errors, as it should be; a test of its own reads it for secrets.
    """
    from launcher.testing import stack

    if "CLINIC_TEST_TEMPLATE" not in os.environ:
        pytest.skip("needs a server: run by ./clinic test")
    with stack.serve_for_test(log_name="attacked-{name}.log") as running:
        yield running


def run_inside(server, name):
    """Run a script of ``inside`` in a shell and return the JSON it prints."""
    output = server.shell((INSIDE / f"{name}.py").read_text())
    marker = f"{name.upper()} "
    [line] = [line for line in output.splitlines() if line.startswith(marker)]
    return json.loads(line.removeprefix(marker))


@pytest.fixture(scope="session")
def facts(server):
    """Return models with their cells, routes and public methods of our addons."""
    return run_inside(server, "facts")


@pytest.fixture(scope="session")
def planted(server):
    """Plant secrets in every medical table; return where, and whose they are."""
    return run_inside(server, "planted")
