"""A payment arrives in the very moment in which a rule cancels the visit."""

import json

VISITS = 12

# Runs in a shell of a database of its own, with real transactions that commit.
SCRIPT = """
import json, random, threading, time
from collections import Counter
from datetime import date, datetime, timedelta
from psycopg2.errors import OperationalError
from odoo import SUPERUSER_ID, Command, api
from odoo.service.model import retrying
rng = random.Random(20261122)
company = env.company
env["clinic.finance.rule"].search([]).active = False
specialty = env["clinic.specialty"].create({"name": "Race of money"})
branch = env["clinic.branch"].create({"name": "Race of money", "tz": "UTC"})
room = env["clinic.room"].create({"name": "Race", "branch_id": branch.id})
employee = env["hr.employee"].create({"name": "Race of money"})
doctor = env["clinic.specialist"].create({
    "employee_id": employee.id, "branch_ids": [Command.set(branch.ids)],
    "specialty_ids": [Command.set(specialty.ids)]})
start = datetime.combine(date.today() + timedelta(days=12), datetime.min.time())
env["clinic.shift"].create({
    "specialist_id": doctor.id, "branch_id": branch.id, "room_id": room.id,
    "start": start + timedelta(hours=6), "stop": start + timedelta(hours=20)})
service = env["product.product"].create({
    "name": "Race of money", "is_clinic_service": True, "duration": 30,
    "list_price": 5000, "prepayment": "full",
    "specialty_ids": [Command.set(specialty.ids)]})
rule = env["clinic.finance.rule"].create({
    "name": "Race", "action": "cancel", "active": True,
    "condition_ids": [Command.create(
        {"fact": "hours_left", "compare": "ge", "number": 0})]})
visits = []
for number in range(VISITS):
    patient = env["res.partner"].create(
        {"name": f"Race of money {number}", "is_patient": True})
    # Every third is a hold, whose invoice is still a draft.
    visits.append(env["clinic.appointment"]._book({
        "patient_id": patient.id, "service_id": service.id,
        "specialist_id": doctor.id,
        "start": start + timedelta(hours=6, minutes=30 * number),
        "hold_minutes": 600 if number % 3 == 0 else None}).id)
env.cr.commit()
registry = env.registry
events = Counter()

def pay(visit_id, gate, wait):
    gate.wait()
    time.sleep(wait)
    with registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        def take():
            visit = own["clinic.appointment"].browse(visit_id)
            context = visit.action_take_payment()["context"]
            wizard = own["clinic.payment.wizard"].with_context(**context).create(
                {"amount": 5000})
            wizard._take()
        retrying(take, own)
    events["paid"] += 1

def decide(visit_id, gate, wait):
    gate.wait()
    time.sleep(wait)
    with registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        try:
            made = own["clinic.finance.engine"]._decide_on(visit_id)
            cr.commit()
            events["cancelled" if made else "spared"] += 1
        except OperationalError:
            cr.rollback()
            events["gave way"] += 1

problems = []
for visit_id in visits:
    gate = threading.Barrier(2)
    wait = rng.uniform(-0.4, 0.4)
    threads = [
        threading.Thread(target=pay, args=(visit_id, gate, max(wait, 0))),
        threading.Thread(target=decide, args=(visit_id, gate, max(-wait, 0)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    env.cr.rollback()
    env.invalidate_all()
    visit = env["clinic.appointment"].browse(visit_id)
    payments = env["account.payment"].search(
        [("partner_id", "=", visit.patient_id.id)])
    balance = visit.patient_id._clinic_balance_in(company)
    if visit.cancelled_by_rule and visit.payment_state in ("paid", "partial"):
        problems.append([visit.name, "paid and cancelled by a rule"])
    if len(payments) != 1:
        problems.append([visit.name, f"{len(payments)} payments"])
    if visit.state == "booked" and (visit.payment_state != "paid" or balance):
        problems.append([visit.name, "booked", visit.payment_state, balance])
    if visit.state == "cancelled" and balance != 5000:
        problems.append([visit.name, "cancelled", visit.payment_state, balance])
    if len(visit.decision_ids) > 1:
        problems.append([visit.name, f"{len(visit.decision_ids)} decisions"])
    events[f"in the end {visit.state}, {visit.payment_state}"] += 1
rule.active = False
env.cr.commit()
print("RESULT " + json.dumps({"events": events, "problems": problems}))
"""


def test_payment_races_with_a_cancelling_rule(fresh_server):
    output = fresh_server.shell(SCRIPT.replace("VISITS", str(VISITS)))
    result = json.loads(output.rpartition("RESULT ")[2].splitlines()[0])
    assert not result["problems"], result
    assert result["events"]["paid"] == VISITS, result
