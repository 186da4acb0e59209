"""Plant secret words wherever medical staff writes them; say where they lie.

Runs in an Odoo shell (``env`` is there) on a database of its own, commits, and prints
one line of JSON. One visit is written as a doctor writes it, so that whatever follows
from it (invoice, messages, documents) follows; then every text column of every medical
table gets the words as well, those of addons to come included.
"""

# ruff: noqa: F821

import json

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import SQL

SECRET = "KANAREIKA7781"
LOGINS = (
    "reception",
    "callcenter",
    "cashier",
    "finance",
    "storekeeper",
    "director",
    "lab",
    "nurse",
    "doctor2",
    "admin",
    "patient",
    "patient2",
    "parent",
)
# locked with the visit, so planted before it is finished
OF_AN_OPEN_VISIT = (
    "clinic.care.item",
    "clinic.observation",
    "clinic.service.request",
)
# medical by what they tell, though no part of a record
ALSO_MEDICAL = (
    "clinic.care.team",
    "clinic.care.team.patient",
    "clinic.record.closure",
    "clinic.record.grant",
)


def is_foreign(patient):
    """Return whether the medical staff among the attackers has no ground to look."""
    record = env["clinic.medical.record"].search([("patient_id", "=", patient.id)])
    staff = env["res.users"].search([("login", "in", ["doctor2", "nurse", "lab"])])
    return bool(record) and not any(
        record.with_user(user).has_access("read") for user in staff
    )


def visit_of_today(past):
    """Return the same visit once more, at the latest hour its doctor was free."""
    start = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
    for hour in range(24):
        at = fields.Datetime.subtract(start, hours=hour)
        try:
            with env.cr.savepoint():
                return past.copy(
                    {"start": at, "stop": fields.Datetime.add(at, minutes=30)}
                )
        except UserError:  # the doctor, the patient or the room is taken
            continue
    raise AssertionError("The doctor was busy all day and night.")


def write_visit():
    """Receive a patient as a doctor does and return the finished visit."""
    doctor = env["clinic.specialist"].search([("user_id.login", "=", "doctor")])
    portal = env["res.users"].search([("login", "in", ["patient", "patient2"])])
    model = env["clinic.appointment"]
    visits = model.search(
        [
            ("specialist_id", "=", doctor.id),
            ("state", "=", "fulfilled"),
            ("patient_id", "not in", portal.partner_id.ids),
        ],
        limit=100,
    )
    past = next(visit for visit in visits if is_foreign(visit.patient_id))
    appointment = visit_of_today(past)
    appointment.state = "arrived"
    visit = appointment.with_user(doctor.user_id)._start_encounters()
    texts = {
        name: f"{SECRET} {name}"
        for name in ("complaint", "anamnesis", "examination", "recommendations")
    }
    visit.write(texts)
    code = env["clinic.icd10"].search([("is_diagnosis", "=", True)], limit=1)
    code.name = f"{SECRET} {code.name}"
    env["clinic.diagnosis"].with_user(doctor.user_id).create(
        {"encounter_id": visit.id, "icd10_id": code.id, "note": f"{SECRET} note"}
    )
    visit.record_id.write({"allergy_note": SECRET, "chronic_note": SECRET})
    for name in OF_AN_OPEN_VISIT:
        plant(name, visit.sudo())
    visit.action_finish()
    env["clinic.encounter.addendum"].with_user(doctor.user_id).create(
        {"encounter_id": visit.id, "text": f"{SECRET} addendum"}
    )
    return visit.sudo()


def least(model, visit, words=SECRET):
    """Return values of the required fields of a new row of a model."""
    values = {}
    for name, field in model._fields.items():
        known = {
            "clinic.medical.record": visit.record_id.id,
            "clinic.encounter": visit.id,
            "clinic.appointment": visit.appointment_id.id,
            "clinic.specialist": visit.specialist_id.id,
            "product.product": visit.service_id.id,
            "res.users": visit.specialist_id.user_id.id,
        }
        if not field.store or (field.compute and field.readonly) or field.related:
            continue
        if field.comodel_name in known and field.type == "many2one":
            values[name] = known[field.comodel_name]
        elif name == "patient_id":
            values[name] = visit.patient_id.id
        elif field.type in ("char", "text", "html") and not is_number(field):
            values[name] = words
        elif not field.required or field.default:
            continue
        elif field.type == "many2one":
            other = env[field.comodel_name]
            row = other.search([], limit=1) or other.create(
                least(other, visit, "Neutral")
            )
            values[name] = row.id
        elif field.type == "selection":
            choices = field._description_selection(env)
            values[name] = choices[0][0]
        elif field.type in ("integer", "float", "monetary"):
            values[name] = 1
        elif field.type == "date":
            values[name] = fields.Date.today()
        elif field.type == "datetime":
            values[name] = fields.Datetime.now()
    return values


def is_number(field):
    """Return whether this is the number of a document, which the desk may know."""
    return field.name == "display_name" or (
        field.name == "name" and field.string in ("No.", "Number")
    )


def plant(name, visit):
    """Write the words into each text column of a model's table; return a few ids."""
    model = env[name]
    path = getattr(model, "_medical_record_path", "record_id") or "id"
    if path not in model._fields:
        path = None
    mine = model.search([(path, "=", visit.record_id.id)] if path else [], limit=5)
    if not mine:
        try:
            with env.cr.savepoint():
                mine = model.create(least(model, visit))
        except Exception as error:  # noqa: BLE001 - told by the test
            failed[name] = repr(error)[:300]
    columns = [
        field.name
        for field in model._fields.values()
        if field.store
        and field.type in ("char", "text", "html")
        and not field.translate
        and field.name not in ("access_token", "code", "number")
        and not is_number(field)
    ]
    env.flush_all()
    for column in columns:
        try:
            with env.cr.savepoint():
                env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = ANY(%s)",
                        SQL.identifier(model._table),
                        SQL.identifier(column),
                        SECRET,
                        mine.ids,
                    )
                )
        except Exception:  # noqa: BLE001, S110 - locked or constrained: stays as it is
            pass
    env.invalidate_all()
    return mine


def ask(visit):
    """Ask the question of which the answers about health are part."""
    model = env["clinic.question"]
    model.create({**least(model, visit, "Neutral"), "kind": "medical"})


failed = {}
visit = write_visit()
ask(visit)
medical = [
    name
    for name in sorted(env.registry.descendants(["clinic.medical.mixin"], "_inherit"))
    if not env.registry[name]._abstract
]
rows, attachments = {}, []
for name in [*medical, *ALSO_MEDICAL]:
    planted = plant(name, visit)
    rows[name] = planted.ids[:3]
    if name in medical and planted:
        attachment = env["ir.attachment"].create(
            {
                "name": f"{SECRET}.txt",
                "raw": SECRET.encode(),
                "mimetype": "text/plain",
                "res_model": name,
                "res_id": planted[0].id,
            }
        )
        attachments.append(attachment.id)
# open again: a closed record is closed to the medical staff for that alone
env["clinic.record.closure"].browse(rows["clinic.record.closure"]).action_lift()
users = {login: env["res.users"].search([("login", "=", login)]) for login in LOGINS}
export = env.ref("base.group_allow_export")
for user in users.values():
    if user._is_internal():
        user.group_ids += export
keys = {
    login: env(user=user)["res.users.apikeys"].sudo()._generate("rpc", "attack", None)
    for login, user in users.items()
    if user
}
texts = {
    name: [
        field.name
        for field in env[name]._fields.values()
        if field.store and field.type in ("char", "text", "html")
    ]
    for name in rows
}
env.cr.commit()
print(
    "PLANTED "
    + json.dumps(
        {
            "secret": SECRET,
            "rows": rows,
            "medical": medical,
            "texts": texts,
            "failed": failed,
            "attachments": attachments,
            "keys": keys,
            "patient": visit.patient_id.id,
            "patient_name": visit.patient_id.name,
            "appointment": visit.appointment_id.id,
            "encounter": visit.id,
        }
    )
)
