from odoo import fields, models
from odoo.tools.sql import column_exists

MEDICAL = (
    "clinic_base.group_specialist,clinic_base.group_nurse,"
    "clinic_base.group_chief_physician"
)


class _SkillKey(models.Constraint):
    """A composite foreign key that begins with a column of its own.

    Odoo takes every foreign key for that of its first column alone, and replaces it on
    the next upgrade if a Many2one says otherwise. So the first column here is a copy
    that PostgreSQL keeps, which no field knows of.
    """

    def apply_to_database(self, model):
        cr = model.env.cr
        if not column_exists(cr, model._table, "skill_specialist_id"):
            cr.execute(
                """ALTER TABLE clinic_appointment ADD COLUMN skill_specialist_id integer
                   GENERATED ALWAYS AS (specialist_id) STORED"""
            )
        super().apply_to_database(model)


class ClinicAppointmentNeeds(models.Model):
    """What a visit takes besides the room, and what the patient complains of."""

    _inherit = "clinic.appointment"

    device_ids = fields.Many2many(
        "clinic.device",
        "clinic_appointment_device_rel",
        "appointment_id",
        "device_id",
        string="Devices",
        copy=False,
    )
    # The desk writes it down when booking and cannot read it any more: no tracking,
    # no export, and never a part of a name or a message.
    complaint = fields.Text(groups=MEDICAL, exportable=False, copy=False)
    past_reason = fields.Char(
        string="Why in the Past",
        readonly=True,
        copy=False,
        help="Why the visit was booked after it had begun.",
    )

    # Not by Python alone: an import or plain SQL cannot break it either.
    _skill_fkey = _SkillKey(
        "FOREIGN KEY (skill_specialist_id, service_id)"
        " REFERENCES clinic_skill (specialist_id, service_id)",
        "This specialist does not provide this service. Choose another specialist or "
        "another service.",
    )
