"""Two hands on one person's money, or on one bill, at the same moment."""

import json
import threading
import uuid
from pathlib import Path

import pytest
from simulators import yookassa

FOLDER = Path(__file__).with_name("in_odoo")
PARTS = ("stage.py", "money.py", "bills.py")
STORIES = (
    "two_cashiers_take_for_one_debt",
    "one_screen_is_sent_twice",
    "two_cashiers_let_one_credit_pay",
    "two_cashiers_choose_different_charges_for_one_credit",
    "two_cashiers_return_one_credit",
    "a_match_meets_a_refund_of_its_payment",
    "a_match_by_hand_meets_a_refund_of_a_part",
    "a_refund_meets_the_undoing_of_the_same_match",
    "two_cashiers_return_one_payment",
    "one_refund_is_sent_twice",
    "a_payment_meets_a_refund",
    "two_people_approve_one_bill",
    "one_approves_and_another_refuses",
    "two_people_pay_one_bill",
    "one_pays_and_another_refuses",
    "the_list_and_the_bill_itself_are_paid",
)


@pytest.fixture(scope="module")
def told(server):
    """Return what each story came to."""
    script = "\n".join((FOLDER / part).read_text() for part in PARTS)
    output = server.shell(f"{script}\nmain()\n")
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])


def test_no_story_is_forgotten(told):
    assert set(told) == set(STORIES)


@pytest.mark.parametrize("story", STORIES)
def test_money_is_neither_doubled_nor_lost(told, story):
    assert not told[story]["problems"], told[story]
    # Without a clash in the database the two have not met.
    assert told[story]["retries"], told[story]


# A notice of the provider against the cash desk, through the server's own doors ------

# Makes a held visit with its draft, a payer before the page of the provider.
SCENE = """
from datetime import date, datetime, timedelta
from odoo import Command
provider = env.ref("payment_yookassa.payment_provider_yookassa")
env["ir.config_parameter"].set_param("payment_yookassa.api_url", API_URL)
card = env.ref("payment.payment_method_card")
provider.write({
    "yookassa_shop_id": SHOP, "yookassa_secret_key": SECRET,
    "company_id": env.company.id, "state": "test", "is_published": True,
    "payment_method_ids": [Command.link(card.id)]})
if not provider.journal_id:
    provider.journal_id = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1)
env["clinic.finance.rule"].search([]).active = False
specialty = env["clinic.specialty"].create({"name": "Race at the door"})
branch = env["clinic.branch"].create({"name": "Race at the door", "tz": "UTC"})
room = env["clinic.room"].create({"name": "Race", "branch_id": branch.id})
employee = env["hr.employee"].create({"name": "Race at the door"})
doctor = env["clinic.specialist"].create({
    "employee_id": employee.id, "branch_ids": [Command.set(branch.ids)],
    "specialty_ids": [Command.set(specialty.ids)]})
start = datetime.combine(date.today() + timedelta(days=12), datetime.min.time())
env["clinic.shift"].create({
    "specialist_id": doctor.id, "branch_id": branch.id, "room_id": room.id,
    "start": start + timedelta(hours=6), "stop": start + timedelta(hours=20)})
service = env["product.product"].create({
    "name": "Race at the door", "is_clinic_service": True, "duration": 30,
    "list_price": 5000, "prepayment": "full",
    "specialty_ids": [Command.set(specialty.ids)]})
patient = env["res.partner"].create({"name": "Гонка у кассы", "is_patient": True})
visit = env["clinic.appointment"]._book({
    "patient_id": patient.id, "service_id": service.id,
    "specialist_id": doctor.id, "start": start + timedelta(hours=7),
    "hold_minutes": HOLD_MINUTES})
tx = env["payment.transaction"].create({
    "provider_id": provider.id, "payment_method_id": card.id,
    "reference": REFERENCE, "amount": 5000, "partner_id": patient.id,
    "currency_id": env.company.currency_id.id, "operation": "online_redirect",
    "invoice_ids": [Command.set(visit.invoice_id.ids)]})
tx._get_processing_values()
env.cr.commit()
env.registry.signal_changes()  # the server's processes forget the former address
print("RESULT", visit.id, patient.id, tx.provider_reference)
"""

END = """
import json
env["payment.transaction"].search([("reference", "=", REFERENCE)])._post_process()
env.cr.commit()
patient = env["res.partner"].browse(PATIENT)
visit = env["clinic.appointment"].browse(VISIT)
payments = env["account.payment"].search([("partner_id", "=", PATIENT)])
lines = env["account.move.line"].search([
    ("partner_id", "=", PATIENT), ("account_type", "=", "asset_receivable"),
    ("parent_state", "=", "posted")])
print("RESULT " + json.dumps({
    "state": visit.state, "paid": visit.payment_state,
    "payments": sorted(payments.mapped("journal_id.type")),
    "taken": sum(payments.mapped("amount")),
    "ledger": -sum(lines.filtered("move_id.origin_payment_id").mapped("balance")),
    "balance": patient._clinic_balance_in(env.company),
    "matched": sum(env["clinic.payment.match"].search(
        [("partner_id", "=", PATIENT), ("partial_id", "!=", False)]
    ).mapped("amount"))}))
"""


def run(server, script, **values):
    """Run a script in a shell, its names in capitals replaced."""
    settings = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    output = server.shell(settings + script)
    return output.rpartition("RESULT ")[2].splitlines()[0]


@pytest.mark.parametrize("hold_minutes", [None, 600], ids=["booked", "held"])
def test_a_notice_comes_twice_while_the_cashier_takes_money(server, hold_minutes):
    """Both sums were really given: both are booked, the visit is paid by one."""
    reference = f"race-{uuid.uuid4()}"
    with yookassa.Yookassa() as shop:
        answer = run(
            server,
            SCENE,
            API_URL=shop.url,
            SHOP=yookassa.SHOP,
            SECRET=yookassa.SECRET,
            HOLD_MINUTES=hold_minutes,
            REFERENCE=reference,
        )
        visit_id, patient_id, number = answer.split()
        shop.pay(number)
        cashier = server.client("cashier")
        context = cashier.call(
            "clinic.appointment", "action_take_payment", [int(visit_id)]
        )["context"]
        gate, statuses, refusals = threading.Barrier(3), [], []

        def tell():
            gate.wait(30)
            statuses.extend(shop.tell(f"{server.url}/payment/yookassa/webhook"))

        def take():
            gate.wait(30)
            try:
                [screen] = cashier.call(
                    "clinic.payment.wizard",
                    "create",
                    [{"amount": 5000}],
                    context=context,
                )
                cashier.call(
                    "clinic.payment.wizard", "action_pay", [screen], context=context
                )
            except Exception as error:  # told below, not lost in a thread
                refusals.append(str(error))

        threads = [threading.Thread(target=one) for one in (tell, tell, take)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert not refusals
        assert statuses == [200, 200]
        end = json.loads(
            run(
                server,
                END,
                REFERENCE=reference,
                PATIENT=int(patient_id),
                VISIT=int(visit_id),
            )
        )
    assert end == {
        "state": "booked",
        "paid": "paid",
        "payments": ["bank", "cash"],
        "taken": 10000,
        "ledger": 10000,
        "balance": 5000,
        "matched": 5000,
    }
