"""The day board at two desks at once: what one does, the other sees without a click."""

from datetime import datetime, timedelta

import pytest

MODEL = "clinic.appointment"


@pytest.fixture(scope="module")
def reception(server):
    return server.client("reception")


@pytest.fixture(scope="module")
def visit(server, reception):
    """Return a new visit in the first free window from tomorrow on."""
    doctor = server.client("doctor")
    [specialist] = doctor.search_read(
        "clinic.specialist", [["user_id", "=", doctor.uid]], ["specialty_ids"]
    )
    [service, *_] = reception.search_read(
        "product.product",
        [
            ["is_clinic_service", "=", True],
            ["specialty_ids", "in", specialist["specialty_ids"]],
            ["prepayment", "=", "none"],
        ],
        ["name"],
    )
    [patient, *_] = reception.search_read(
        "res.partner", [["is_patient", "=", True], ["phone", "!=", False]], ["name"]
    )
    tomorrow = datetime.utcnow() + timedelta(days=1)
    slots = reception.call(
        MODEL,
        "find_slots",
        service["id"],
        f"{tomorrow:%Y-%m-%d %H:%M:%S}",
        f"{tomorrow + timedelta(days=20):%Y-%m-%d %H:%M:%S}",
        [specialist["id"]],
        None,
        patient["id"],
    )
    slot = slots[0]
    visit_id = reception.call(
        MODEL,
        "book",
        patient["id"],
        service["id"],
        specialist["id"],
        slot["start"],
        slot["room_id"] or None,
    )
    [visit] = reception.search_read(
        MODEL, [["id", "=", visit_id]], ["day", "branch_id", "state"]
    )
    return visit


def test_another_desk_sees_a_change_at_once(visit, open_page, shots):
    first, second = (board(open_page(), user, visit) for user in ("reception",) * 2)
    card = f".o_cb_card[data-visit='{visit['id']}']"
    for page in (first, second):
        page.wait_for_selector(f"{card}.o_cb_is_booked")
        page.wait_for_selector(".o_cb_live.text-success")
    second.evaluate("document.querySelector('.o_cb_scroll').scrollTop = 40")
    first.locator(card).click()
    first.locator(".o_cb_visit button[name=action_confirm]").click()
    # Faster than the look of every minute: it came by the bus.
    second.wait_for_selector(f"{card}.o_cb_is_confirmed", timeout=20_000)
    assert second.evaluate("document.querySelector('.o_cb_scroll').scrollTop") == 40
    second.screenshot(path=shots / "board-second-desk.png")


def board(page, user, visit):
    page.goto("/web/login")
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", user)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector(".o_main_navbar")
    branch = visit["branch_id"][0]
    page.goto(f"/odoo/clinic-board?branch={branch}&day={visit['day']}")
    return page
