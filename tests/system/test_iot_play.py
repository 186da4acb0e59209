"""The box with simulated devices, as the README says to try it."""

import subprocess
import sys

import pytest

from launcher import process

pytest.importorskip("schedule")  # of the box itself
TYPED = """\
tape
next lost-ack close kassa2
paper out
paper in
scan 0104600439931256215h!Ul\\x1d93dGVz
cards
slips
nonsense
box kill
end
"""


def test_it_starts_and_takes_what_is_typed(root, tmp_path):
    port = process.free_port()
    ended = subprocess.run(
        [sys.executable, "-m", "simulators", tmp_path / "box", f"--port={port}"],
        cwd=root / "tests",
        input=TYPED,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert f"http://127.0.0.1:{port}/" in ended.stdout
    assert "Cash in the register: 0.00" in ended.stdout
    assert "terminal2 {}" in ended.stdout
    assert ended.stdout.count("Unknown syntax") == 1
    assert "Not understood" not in ended.stdout
