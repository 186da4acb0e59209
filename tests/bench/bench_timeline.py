"""The medical record of 1,000 visits opened by its specialist, and its time line.

A patient of 1,000 finished visits (diagnoses, measurements and texts in each) beside
one of ten. Measured as the screen asks: the record's form and the first portion of
the time line, in the server and over HTTP; then the last portion and a search by a
word. ``CLINIC_BENCH_TIMELINE`` is the number of visits (1,000).
"""

import json
import os
import statistics
import time
from pathlib import Path

INSIDE = Path(__file__).resolve().parent / "inside"
ROUNDS = 7


def run(server):
    visits = int(os.environ.get("CLINIC_BENCH_TIMELINE", "1000"))
    output = server.shell(
        f"import sys; sys.path.insert(0, {str(INSIDE)!r})\n"
        "import measure_timeline\n"
        f"measure_timeline.main(env, {visits})\n"
    )
    numbers = json.loads(output.rpartition("RESULT ")[2].splitlines()[0])
    spec = numbers.pop("spec")
    client = server.client("doctor")
    for size in ("few", "many"):
        record = numbers[f"{size}_record"]
        numbers[f"{size}_http_ms"] = statistics.median(
            opened(client, record, spec) for _round in range(ROUNDS)
        )
    return numbers


def opened(client, record, spec):
    """Return the milliseconds until form and time line of a record are there."""
    begun = time.perf_counter()
    call(client, "web_read", [[record]], {"specification": spec})
    answer = call(client, "timeline", [[record]], {})
    took = 1000 * (time.perf_counter() - begun)
    assert answer["events"], "the doctor sees the visits"
    return took


def call(client, method, args, kwargs):
    model = "clinic.medical.record"
    params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
    _status, text = client.open(
        f"/web/dataset/call_kw/{model}/{method}",
        json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
        {"Content-Type": "application/json"},
    )
    return json.loads(text)["result"]


def report(numbers):
    """Return the table and what was compared."""
    rows = [
        ("form", "the record's form"),
        ("line", "first portion of the time line"),
        ("last", "its last portion"),
        ("words", "a search by a word"),
    ]
    lines = [f"{'':<36}{'10 visits':>22}{numbers['visits']:>13,} visits"]
    lines += [
        f"{words:<36}"
        + "".join(
            f"{numbers[f'{size}_{name}_ms']:>10,.1f} ms"
            f"{numbers[f'{size}_{name}_queries']:>4} q."
            for size in ("few", "many")
        )
        for name, words in rows
    ]
    lines.append(
        "over HTTP, form and first portion: {few_http_ms:,.0f} ms and "
        "{many_http_ms:,.0f} ms; target < 1,000 ms".format(**numbers)
    )
    return "\n".join(lines)
