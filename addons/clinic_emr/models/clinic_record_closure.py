from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .clinic_medical_mixin import MEDICAL_GROUPS

GROUNDS = [
    ("mental", "Mental health"),
    ("hiv", "HIV"),
    ("staff", "A patient who works in the clinic"),
    ("request", "The patient's wish"),
    ("other", "Other"),
]


class ClinicRecordClosure(models.Model):
    """A record closed to all but those named here, the treating included.

    Whoever receives the patient at this moment reads it, and an author his own
    visits; emergency access does not open it. Only the chief physician sees that a
    record is closed and why, for the ground is a secret itself.
    """

    _name = "clinic.record.closure"
    _description = "Closed Medical Record"
    _inherit = ["clinic.wall.time"]
    _order = "create_date desc, id desc"

    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_patient", "=", True)],
    )
    record_id = fields.Many2one(
        "clinic.medical.record",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        groups=MEDICAL_GROUPS,
    )
    ground = fields.Selection(GROUNDS, required=True)
    reader_ids = fields.Many2many(
        "res.users",
        "clinic_record_closure_reader_rel",
        "closure_id",
        "user_id",
        string="Open to",
        domain=lambda self: [
            (
                "all_group_ids",
                "in",
                [
                    # from the cache: each check of a medical model comes by here
                    self.env["ir.model.data"]._xmlid_to_res_id(
                        f"clinic_base.group_{name}"
                    )
                    for name in ("specialist", "nurse", "chief_physician")
                ],
            )
        ],
        help="The only ones who read this record: treating specialists, nurses, and "
        "the chief physician if need be. It opens the record to nobody who could not "
        "read it otherwise.",
    )
    lifted_at = fields.Datetime(readonly=True)
    lifted_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    _once = models.UniqueIndex(
        "(record_id) WHERE lifted_at IS NULL", "This record is closed already."
    )

    @api.depends("record_id")
    def _compute_display_name(self):
        for closure in self:
            # sudo: the number, which is on the patient's card anyway
            closure.display_name = closure.patient_id.sudo().patient_number

    @api.model_create_multi
    def create(self, vals_list):
        # before anything is made in sudo mode below
        self.check_access("create")
        if not all(vals.get("patient_id") for vals in vals_list):
            raise UserError(self.env._("Choose the patient whose record is closed."))
        patients = self.env["res.partner"].browse(
            [vals["patient_id"] for vals in vals_list]
        )
        patients.check_access("read")
        # a record may be closed before the first visit
        records_sudo = self.env["clinic.medical.record"]._of_patients_sudo(patients)
        by_patient = {record.patient_id.id: record.id for record in records_sudo}
        return super().create(
            [
                {**vals, "record_id": by_patient[vals["patient_id"]]}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if {"patient_id", "record_id", "lifted_at", "lifted_by_id"} & set(vals):
            raise UserError(
                self.env._("A closure stays what it is: lift it and make another one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A closure stays on record: lift it instead."))

    def action_lift(self):
        """Open the record again to all who treat the patient."""
        self.check_access("write")
        for closure in self.filtered(lambda closure: not closure.lifted_at):
            # past our own refusal to write
            super(ClinicRecordClosure, closure).write(
                {"lifted_at": fields.Datetime.now(), "lifted_by_id": self.env.uid}
            )

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        # the ORM hands out external ids unasked: which rows exist is a secret here
        self.check_access("read")
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    @api.model
    def _current_domain(self):
        """Return the domain of closures that are not lifted."""
        return Domain("lifted_at", "=", False)

    def _move_to_record(self, record):
        """Go along when records merge; a record closed twice stays closed once."""
        for closure in self:
            if not closure.lifted_at and self.search_count(
                self._current_domain() & Domain("record_id", "=", record.id), limit=1
            ):
                closure.action_lift()
            super(ClinicRecordClosure, closure).write({"record_id": record.id})
