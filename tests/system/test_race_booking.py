"""Eight processes book one window at the same moment, as programs do: by JSON-2."""

import multiprocessing
from datetime import datetime, timedelta

import pytest

from launcher.testing.stack import Json2, RpcError

RIVALS = 8


def book_at_the_gate(url, name, key, gate, answers, arguments):
    """Wait for the others, book, and tell what came of it."""
    api = Json2(url, name, key)
    try:
        # The connection to a worker is warm before the start.
        api.call("clinic.appointment", "search_count", domain=[])
        gate.wait(timeout=60)
        answers.put(("booked", api.call("clinic.appointment", "book", **arguments)))
    except RpcError as error:
        answers.put((error.name, str(error)))
    except Exception as error:  # reported by the assertion, not lost in a child
        answers.put(("broken", repr(error)))


@pytest.fixture
def window(server):
    """Return a free window, the service, and a patient for each rival."""
    api = server.json2("reception")
    admin = server.client("admin")
    now = datetime.utcnow()
    services = admin.search_read(
        "product.product",
        [["is_clinic_service", "=", True], ["prepayment", "=", "none"]],
        ["name"],
    )
    for service in services:
        slots = api.call(
            "clinic.appointment",
            "find_slots",
            service_id=service["id"],
            start=str((now + timedelta(days=3)).replace(microsecond=0)),
            stop=str((now + timedelta(days=20)).replace(microsecond=0)),
            limit=1,
        )
        if slots:
            break
    patients = [
        api.call(
            "res.partner",
            "create",
            vals_list=[{"name": f"Соперник {n}", "is_patient": True}],
        )[0]
        for n in range(RIVALS)
    ]
    return api, service["id"], slots[0], patients


def test_one_of_eight_wins(server, window):
    api, service_id, slot, patients = window
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(RIVALS), context.Queue()
    rivals = [
        context.Process(
            target=book_at_the_gate,
            args=(
                server.url,
                api.database,
                api.key,
                gate,
                answers,
                {
                    "patient_id": patient_id,
                    "service_id": service_id,
                    "specialist_id": slot["specialist_id"],
                    "start": slot["start"],
                },
            ),
        )
        for patient_id in patients
    ]
    for rival in rivals:
        rival.start()
    told = [answers.get(timeout=120) for _rival in rivals]
    for rival in rivals:
        rival.join(timeout=30)
    assert [kind for kind, _text in told].count("booked") == 1, told
    for kind, text in told:
        if kind != "booked":
            assert kind == "UserError", told
            assert "Traceback" not in text
            assert len(text) < 400
    visits = api.call(
        "clinic.appointment",
        "search_count",
        domain=[
            ["specialist_id", "=", slot["specialist_id"]],
            ["start", "=", slot["start"]],
            ["state", "not in", ["cancelled", "noshow"]],
        ],
    )
    assert visits == 1
