from odoo import fields, models


class ClinicBranch(models.Model):
    _inherit = "clinic.branch"

    quiet_from = fields.Float(
        string="Quiet Hours From",
        default=21.0,
        help="No notices are sent to patients from this time of the branch's day on.",
    )
    quiet_to = fields.Float(
        string="Quiet Hours To",
        default=9.0,
        help="Notices of the night are sent then, unless the visit is so soon that it "
        "would be too late. The same time twice: no quiet hours.",
    )
    call_hours = fields.Integer(
        string="Call Unconfirmed Visits, Hours Before",
        default=24,
        help="Visits that the patient has not confirmed are listed under “To Call” so "
        "many hours before they begin; 0: never.",
    )

    _call_hours_ok = models.Constraint(
        "CHECK(call_hours BETWEEN 0 AND 336)",
        "Unconfirmed visits are called up to two weeks ahead.",
    )
    _quiet_hours_ok = models.Constraint(
        "CHECK(quiet_from >= 0 AND quiet_from < 24"
        " AND quiet_to >= 0 AND quiet_to < 24)",
        "Quiet hours are times of the day, 0:00 to 23:59.",
    )

    def _notice_address(self):
        """Return where the branch is, in one line ("" for no branch)."""
        return ", ".join(part for part in (self.city, self.street) if part)
