"""Waiting list: matching a freed window against 5,000 entries, from the database on."""

import json

ENTRIES = 5000

# Runs in a shell of the database; nothing is committed.
SCRIPT = """
import json, random, time
from datetime import datetime, timedelta
from odoo import Command
from odoo.addons.clinic_schedule.tools import waitlist
rng = random.Random(20261122)
env = env(context={**env.context, "tracking_disable": True})
specialties = env["clinic.specialty"].create(
    [{"name": f"Bench {n}"} for n in range(8)])
branches = env["clinic.branch"].create(
    [{"name": f"Bench {n}", "tz": "Europe/Moscow"} for n in range(3)])
employees = env["hr.employee"].create(
    [{"name": f"Bench doctor {n}"} for n in range(40)])
doctors = env["clinic.specialist"].create([{
    "employee_id": employee.id, "branch_ids": [Command.set(branches.ids)],
    "specialty_ids": [Command.set([specialties[n % 8].id])],
} for n, employee in enumerate(employees)])
services = env["product.product"].create([{
    "name": f"Bench service {n}", "is_clinic_service": True,
    "duration": rng.choice((15, 30, 45, 60)),
    "specialty_ids": [Command.set([specialties[n % 8].id])],
} for n in range(40)])
patients = env["res.partner"].create(
    [{"name": f"Bench {n}", "is_patient": True} for n in range(100)])
day = datetime.now().date() + timedelta(days=5)
vals = []
for number in range(ENTRIES):
    n = rng.randrange(40)
    able = [d.id for d in doctors if d.specialty_ids == services[n].specialty_ids]
    first = day - timedelta(days=rng.randint(-10, 20))
    hours = rng.choice(((0, 24), (0, 24), (0, 13), (9, 13), (9, 20), (16, 24)))
    vals.append({
        "patient_id": patients[number % 100].id, "service_id": services[n].id,
        "specialist_ids": [Command.set(rng.sample(able, rng.choice((0, 1, 1, 2))))],
        "branch_ids": [Command.set(rng.sample(branches.ids, rng.choice((0, 0, 1))))],
        "weekdays": rng.choice(("", "0,1,2,3,4", "1,3", "5,6")),
        "hour_from": hours[0], "hour_to": hours[1],
        "date_from": first, "date_to": first + timedelta(days=rng.randint(1, 40)),
        "notice_hours": rng.choice((0, 2, 24)), "priority": rng.choice("0012"),
    })
env["clinic.waitlist"].create(vals)
env.flush_all()
env.cr.execute("ANALYZE clinic_waitlist")
env.cr.execute("ANALYZE clinic_waitlist_specialist_rel")
env.cr.execute("ANALYZE clinic_waitlist_branch_rel")
windows = env["clinic.freed.window"].create([{
    "specialist_id": doctors[n].id, "branch_id": branches[n % 3].id,
    "start": datetime.combine(day, datetime.min.time()) + timedelta(hours=6 + n % 8),
    "stop": datetime.combine(day, datetime.min.time()) + timedelta(hours=7 + n % 8),
    "origin": "cancel", "state": "nobody",
} for n in range(40)])
every = [entry._as_wish() for entry in env["clinic.waitlist"].search(
    [("state", "=", "open")])]
pure, read, whole, found = [], [], [], []
for turn in range(3):
    for window in windows:
        wishes = window._read_wishes()
        durations = window._durations({wish.service_id for wish in every})
        plain = window._as_window()
        now = waitlist.DAY * 9000
        begun = time.perf_counter()
        matches = waitlist.match(plain, every, durations, now)
        pure.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        wishes = window._read_wishes()
        read.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        same = waitlist.match(plain, wishes, durations, now)
        whole.append(read[-1] + time.perf_counter() - begun)
        found.append(len(matches))
        assert [m.wish.id for m in same] == [m.wish.id for m in matches]
middle = lambda numbers: sorted(numbers)[len(numbers) // 2]
print("RESULT " + json.dumps({
    "entries": len(every),
    "matches (median)": middle(found),
    "pure matching of all, ms": middle(pure) * 1000,
    "reading from the database, ms": middle(read) * 1000,
    "reading and matching, ms": middle(whole) * 1000,
    "reading and matching, worst, ms": max(whole) * 1000,
}))
env.cr.rollback()
"""


def run(server):
    output = server.shell(SCRIPT.replace("ENTRIES", str(ENTRIES)))
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])
