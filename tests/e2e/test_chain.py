"""The whole chain once through: a stranger's question, a paid visit, a written record.

A new visitor answers the screening on a phone, is matched, books a free window, pays.
Then the ledger is looked at by RPC, the reception marks the arrival, the doctor writes
the visit in the browser, and the reception may not read a word of it.
"""

import json
import re
import uuid

import pytest

from launcher.testing.stack import RpcError

from .conftest import PHONE
from .visitor import Site
from .walk import Walk

DOCTOR = "doctor"
MEDICAL = (
    "clinic.encounter",
    "clinic.encounter.addendum",
    "clinic.diagnosis",
    "clinic.medical.record",
    "clinic.record.access",
)


@pytest.fixture(scope="module")
def admin(server):
    return server.client("admin")


@pytest.fixture(scope="module")
def reception(server):
    return server.client("reception")


@pytest.fixture(scope="module")
def doctor(server):
    return server.client(DOCTOR)


@pytest.fixture(scope="module")
def walk(open_page, shots, doctor):
    """Return the walk of a new visitor up to the paid visit."""
    [specialist] = doctor.search_read(
        "clinic.specialist", [["user_id", "=", doctor.uid]], ["name"]
    )
    walk = Walk(open_page(PHONE), shots, specialist["id"])
    walk.answer_screening()
    walk.choose_window()
    walk.register()
    walk.book_and_pay()
    return walk


@pytest.fixture(scope="module")
def visit(walk, reception):
    """Return the appointment as the reception sees it."""
    fields = ["state", "start", "patient_id", "specialist_id", "invoice_id", "name"]
    [visit] = reception.search_read(
        "clinic.appointment", [["id", "=", walk.appointment_id]], fields
    )
    return visit


@pytest.fixture(scope="module")
def written(server, walk, visit, reception, doctor, open_page, shots):
    """Let the visit happen; return the words that only the doctor may read."""
    let_the_day_come(server, visit["id"])
    reception.call("clinic.appointment", "action_arrive", [visit["id"]])
    secret = f"особая примета {uuid.uuid4().hex}"
    page = open_page()
    sign_in(page, DOCTOR)
    page.goto("/odoo/clinic-my-day")
    card = page.locator(".o_kanban_record", has_text=walk.person["name"])
    card.wait_for()
    page.screenshot(path=shots / "chain-9-my-day.png")
    card.locator(".o_clinic_start").click()
    fill = ".o_field_widget[name={}] textarea"
    page.fill(fill.format("complaint"), f"Насморк, кашель, {secret}")
    page.fill(fill.format("examination"), "Зев гиперемирован, дыхание везикулярное")
    page.fill(fill.format("recommendations"), "Тёплое питьё, покой")
    page.click(".o_field_widget[name=diagnosis_ids] .o_field_x2many_list_row_add a")
    page.fill(".o_field_widget[name=icd10_id] input", "J06.9")
    page.click(".o-autocomplete--dropdown-item:has-text('J06.9')")
    page.screenshot(path=shots / "chain-10-encounter.png")
    page.click("button[name=action_finish]")
    page.click(".modal-footer .btn-primary")
    page.wait_for_selector("button[name=action_print]")
    page.screenshot(path=shots / "chain-11-finished.png")
    [encounter_id] = doctor.call(
        "clinic.encounter", "search", [["appointment_id", "=", visit["id"]]]
    )
    doctor.call(
        "clinic.encounter.addendum",
        "create",
        [{"encounter_id": encounter_id, "text": f"Дополнение: {secret}"}],
    )
    return secret


def sign_in(page, login):
    page.goto("/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/odoo|/my"))


def let_the_day_come(server, visit_id):
    """Move a booked visit to today, as if the days between had passed."""
    server.query(
        f"""UPDATE clinic_appointment
               SET start = start - late.days, stop = stop - late.days, day = late.today
              FROM (SELECT (now() AT TIME ZONE branch.tz)::date AS today,
                           (visit.day - (now() AT TIME ZONE branch.tz)::date)
                               * interval '1 day' AS days
                      FROM clinic_branch branch
                      JOIN clinic_appointment visit ON visit.branch_id = branch.id
                     WHERE visit.id = {int(visit_id)}) late
             WHERE clinic_appointment.id = {int(visit_id)}"""
    )


def test_visit_is_booked(walk, visit, admin):
    assert visit["state"] in ("booked", "confirmed")
    assert visit["specialist_id"][0] == walk.specialist_id
    [patient] = admin.search_read(
        "res.partner",
        [["id", "=", visit["patient_id"][0]]],
        ["name", "is_patient", "patient_number", "phone", "birthdate_date", "gender"],
    )
    assert patient["is_patient"] and patient["patient_number"]
    for field, value in (
        ("name", walk.person["name"]),
        ("phone", walk.person["phone"]),
        ("birthdate_date", walk.person["birthdate"]),
        ("gender", walk.person["gender"]),
    ):
        assert patient[field] == value
    consents = admin.search_read(
        "clinic.consent",
        [["patient_id", "=", patient["id"]], ["state", "=", "given"]],
        ["kind", "channel"],
    )
    assert "personal_data" in [consent["kind"] for consent in consents]


def test_payment_is_in_the_ledger(server, visit):
    finance = server.client("finance")
    [invoice] = finance.search_read(
        "account.move",
        [["id", "=", visit["invoice_id"][0]]],
        ["state", "payment_state", "amount_total", "amount_residual", "partner_id"],
    )
    assert invoice["state"] == "posted"
    assert invoice["payment_state"] == "paid"
    assert invoice["amount_residual"] == 0
    [payment] = finance.search_read(
        "account.payment",
        [["partner_id", "=", invoice["partner_id"][0]]],
        ["amount", "state", "payment_transaction_id"],
    )
    assert payment["amount"] == invoice["amount_total"]
    assert payment["payment_transaction_id"]
    [match] = finance.search_read(
        "clinic.payment.match",
        [["partner_id", "=", invoice["partner_id"][0]]],
        ["amount", "rule", "reason"],
    )
    assert match["amount"] == invoice["amount_total"]
    assert match["rule"] == "link"
    assert match["reason"]
    [payer] = finance.search_read(
        "res.partner", [["id", "=", invoice["partner_id"][0]]], ["clinic_balance"]
    )
    assert payer["clinic_balance"] == 0


def test_cabinet_shows_the_visit_and_the_payment(server, walk, visit):
    site = Site(server)
    site.login(walk.person["email"], walk.person["password"])
    site.get("/my/clinic")
    assert site.status == 200
    assert f"/my/clinic/appointment/{visit['id']}" in site.text
    assert "o_clinic_payments" in site.text


def test_doctor_has_written_the_visit(doctor, visit, written):
    [encounter] = doctor.search_read(
        "clinic.encounter",
        [["appointment_id", "=", visit["id"]]],
        ["complaint", "state", "diagnosis_ids", "record_id"],
    )
    assert written in encounter["complaint"]
    assert encounter["state"] == "finished"
    [diagnosis] = doctor.search_read(
        "clinic.diagnosis", [["encounter_id", "=", encounter["id"]]], ["icd10_id"]
    )
    assert diagnosis["icd10_id"][1].startswith("J06.9")
    [appointment] = doctor.search_read(
        "clinic.appointment", [["id", "=", visit["id"]]], ["state"]
    )
    assert appointment["state"] == "fulfilled"


@pytest.mark.parametrize("model", MEDICAL)
def test_reception_cannot_read_the_record(server, reception, doctor, written, model):
    # The log of looks is read by the chief physician only.
    reader = server.client("chief") if model == "clinic.record.access" else doctor
    ids = reader.call(model, "search", [], limit=5) or [1]
    attempts = [
        ("search", [[]], {}),
        ("search_count", [[]], {}),
        ("search_read", [[], ["display_name"]], {}),
        ("read", [ids], {}),
        ("web_read", [ids], {"specification": {"display_name": {}}}),
        ("web_search_read", [[]], {"specification": {"display_name": {}}}),
        ("formatted_read_group", [[]], {"aggregates": ["__count"]}),
        ("name_search", [""], {}),
        ("export_data", [ids, ["id", "display_name"]], {}),
        ("copy", [ids[:1]], {}),
        ("write", [ids[:1], {}], {}),
    ]
    api = server.json2("reception")
    for method, args, kwargs in attempts:
        with pytest.raises(RpcError) as refused:
            reception.call(model, method, *args, **kwargs)
        # Exporting, and changing what nobody may change, is refused before rights
        # are looked at.
        others = {"UserError"} if method in ("export_data", "write", "copy") else set()
        assert refused.value.name in {"AccessError"} | others, method
    with pytest.raises(RpcError):
        api.call(model, "search_read", domain=[], fields=["display_name"])


def test_reception_cannot_read_the_record_by_a_detour(reception, visit, written):
    """Through what the reception may read: the visit, the patient, the chatter."""
    visit_id, patient_id = visit["id"], visit["patient_id"][0]
    detours = [
        ("clinic.appointment", "read", [[visit_id]], {}),
        ("clinic.appointment", "read", [[visit_id], ["encounter_ids"]], {}),
        (
            "clinic.appointment",
            "search_read",
            [[["encounter_ids.complaint", "ilike", written]], ["name"]],
            {},
        ),
        (
            "clinic.appointment",
            "web_read",
            [[visit_id]],
            {"specification": {"encounter_ids": {"fields": {"complaint": {}}}}},
        ),
        (
            "clinic.appointment",
            "export_data",
            [[visit_id], ["name", "encounter_ids/complaint"]],
            {},
        ),
        (
            "clinic.appointment",
            "search_read",
            [[["id", "=", visit_id]], ["name"]],
            {"order": "encounter_ids"},
        ),
        ("res.partner", "read", [[patient_id]], {}),
        ("mail.message", "search_read", [[["body", "ilike", written]], ["body"]], {}),
        ("ir.attachment", "search_read", [[["name", "ilike", written]], ["name"]], {}),
        ("clinic.appointment", "action_open_encounter", [[visit_id]], {}),
        ("clinic.appointment", "action_open_medical_record", [[visit_id]], {}),
    ]
    for model, method, args, kwargs in detours:
        try:
            answer = reception.call(model, method, *args, **kwargs)
        except RpcError as refused:
            assert written not in str(refused)
        else:
            assert written not in json.dumps(answer, ensure_ascii=False), method
            assert not (method == "search_read" and answer and written in str(args))


def test_no_field_of_a_patient_leads_to_the_record(reception):
    found = reception.call("res.partner", "fields_get", attributes=["relation"])
    relations = {field.get("relation") for field in found.values()}
    assert not relations.intersection(MEDICAL)


def test_reception_cannot_print_the_record(server, doctor, visit, written):
    [encounter_id] = doctor.call(
        "clinic.encounter", "search", [["appointment_id", "=", visit["id"]]]
    )
    site = Site(server).sign_in("reception")
    site.get(f"/report/html/clinic_emr.report_encounter/{encounter_id}")
    assert written not in site.text


@pytest.mark.parametrize("login", ["cashier", "finance", "director", "storekeeper"])
def test_others_without_medical_rights_cannot_either(server, written, login):
    client = server.client(login)
    for model in MEDICAL:
        with pytest.raises(RpcError) as refused:
            client.call(model, "search_read", [], ["display_name"])
        assert refused.value.name == "AccessError"
