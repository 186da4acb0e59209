from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicRecordEntry(models.AbstractModel):
    """A line of a medical record that need not belong to a visit.

    Author and time are set by the system; lines are never deleted.
    """

    _name = "clinic.record.entry"
    _description = "Entry of a Medical Record"
    _inherit = ["clinic.record.part"]
    _medical_author_path = "author_id"
    _part_moment = "entered_at"

    author_id = fields.Many2one(
        "res.users",
        string="Entered by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    entered_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals["author_id"] = self.env.uid
                vals["entered_at"] = fields.Datetime.now()
        return super().create(vals_list)

    def write(self, vals):
        fixed = {"record_id", "encounter_id", "author_id", "entered_at"} & set(vals)
        if fixed and not self.env.su:
            raise UserError(
                self.env._(
                    "Patient, visit, author and time of an entry in the medical "
                    "record can't be changed."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "An entry of the medical record is not deleted: withdraw it with "
                "a reason."
            )
        )
