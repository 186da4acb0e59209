"""What bench_timeline.py runs in an Odoo shell; it commits, for HTTP to find it."""

import json
import random
import statistics
import time
from datetime import timedelta

from lxml import etree

from odoo import fields

ROUNDS = 7
FORM = "clinic_emr.view_clinic_medical_record_form"
WORDS = (
    "кашель температура боль одышка слабость отек сыпь головокружение осмотр дыхание "
    "живот мягкий горло гиперемия давление режим питье контроль анализ повторно"
).split()


def timed(env, call):
    """Return the result, the median milliseconds and the queries, caches cold."""
    seconds = []
    for _round in range(ROUNDS):
        env.invalidate_all()
        before, begun = env.cr.sql_log_count, time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - begun)
        queries = env.cr.sql_log_count - before
    return result, statistics.median(seconds) * 1000, queries


def visits(env, doctor, count, name, hour, rng):
    """Write finished visits of a patient, one every two days back from today."""
    patient = env["res.partner"].create({"name": name, "is_patient": True})
    pattern = env["clinic.appointment"].search(
        [("specialist_id", "=", doctor.id), ("state", "=", "fulfilled")], limit=1
    )
    # at night, where nobody is booked
    day = fields.Datetime.now().replace(hour=hour, minute=0, second=0, microsecond=0)
    codes = env["clinic.icd10"].search([("is_diagnosis", "=", True)], limit=40)
    appointments = env["clinic.appointment"].create(
        [
            {
                "patient_id": patient.id,
                "specialist_id": doctor.id,
                "service_id": pattern.service_id.id,
                "branch_id": pattern.branch_id.id,
                "start": day - timedelta(days=2 * number),
                "stop": day - timedelta(days=2 * number) + timedelta(minutes=30),
                "duration": 30,
                "state": "fulfilled",
            }
            for number in range(1, count + 1)
        ]
    )

    def text():
        return " ".join(rng.choice(WORDS) for _word in range(30))

    encounters = env["clinic.encounter"]
    for appointment in appointments:
        encounters += appointment._start_encounters(when=appointment.start)
    for encounter in encounters:
        encounter.write(
            {
                one: text()
                for one in ("complaint", "anamnesis", "examination", "recommendations")
            }
        )
    env["clinic.diagnosis"].create(
        [
            {"encounter_id": encounter.id, "icd10_id": code.id, "kind": kind}
            for encounter in encounters
            for code, kind in zip(
                rng.sample(list(codes), 2), ("main", "accompanying"), strict=True
            )
        ]
    )
    env["clinic.observation"].create(
        [
            {
                "encounter_id": encounter.id,
                "code": f"bench{number}",
                "name": f"Показатель {number}",
                "value_number": rng.randrange(30, 200),
            }
            for encounter in encounters
            for number in range(6)
        ]
    )
    # not _finish(): what it works out is not read here, and 1,000 are many
    env.flush_all()
    env.cr.execute(
        "UPDATE clinic_encounter SET state = 'finished' WHERE id = ANY(%s)",
        [encounters.ids],
    )
    env.invalidate_all()
    return encounters.record_id


def asked_by_form(env):
    """Return what the form of a record asks for."""
    record = env["clinic.medical.record"]
    arch = etree.fromstring(record.get_view(env.ref(FORM).id, "form")["arch"])
    return specification(env, record, arch)


def specification(env, model, node):
    result = {}
    for child in node:
        if child.tag != "field":
            result.update(specification(env, model, child))
            continue
        name = child.get("name")
        field = model._fields[name]
        if field.type == "many2one":
            result[name] = {"fields": {"display_name": {}}}
        elif field.type in ("one2many", "many2many"):
            inner = specification(env, env[field.comodel_name], child)
            result[name] = {"fields": inner, "limit": 40}
        else:
            result[name] = {}
    return result


def last_portion(record, cursor):
    """Return the last portion of the time line, all before it skipped."""
    total = record.sudo().encounter_count
    before = {**(cursor or {}), "visit": max(total - 20, 0)}
    return record.timeline(before=before)


def main(env, many):
    rng = random.Random(20261123)
    env = env(context={**env.context, "tracking_disable": True})
    doctor = env["clinic.specialist"].search([("user_id.login", "=", "doctor")])
    numbers = {"visits": many}
    records = {
        "few": visits(env, doctor, 10, "Bench Few", 20, rng),
        "many": visits(env, doctor, many, "Bench Many", 22, rng),
    }
    env.cr.commit()
    for table in ("clinic_encounter", "clinic_diagnosis", "clinic_observation"):
        env.cr.execute(f"ANALYZE {table}")
    spec = asked_by_form(env(user=doctor.user_id))
    for size, record in records.items():
        theirs = record.with_user(doctor.user_id)
        cursor = theirs.timeline()["cursor"]
        for name, call in {
            "form": lambda theirs=theirs: theirs.web_read(spec),
            "line": theirs.timeline,
            "last": lambda theirs=theirs, cursor=cursor: last_portion(theirs, cursor),
            "words": lambda theirs=theirs: theirs.timeline(words="одышка"),
        }.items():
            _result, took, queries = timed(theirs.env, call)
            numbers[f"{size}_{name}_ms"] = took
            numbers[f"{size}_{name}_queries"] = queries
        numbers[f"{size}_record"] = record.id
    env.cr.commit()
    print("RESULT " + json.dumps({**numbers, "spec": spec}))
