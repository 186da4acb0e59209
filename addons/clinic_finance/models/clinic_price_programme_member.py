from odoo import api, fields, models
from odoo.tools import SQL

GIVEN_BACK = ("cancelled", "noshow")


class ClinicPriceProgrammeMember(models.Model):
    """A patient in a programme: an employee on the list, the holder of a policy."""

    _name = "clinic.price.programme.member"
    _description = "Member of a Price Programme"
    _order = "programme_id, date_from desc, id desc"

    programme_id = fields.Many2one(
        "clinic.price.programme", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="programme_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True)
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_patient", "=", True)],
    )
    policy_number = fields.Char(string="Policy or Personnel Number")
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="To", help="Inclusive.")
    used_amount = fields.Monetary(string="Used", compute="_compute_used")
    used_visits = fields.Integer(string="Visits", compute="_compute_used")
    # Raised by every visit that uses up a limit: of two at once one must try again.
    version = fields.Integer(default=0, readonly=True, copy=False)

    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (programme_id WITH =, patient_id WITH =,"
        " daterange(date_from, date_to, '[]') WITH &&) WHERE (active)",
        "The patient is in this programme already in this period.",
    )
    _period_ok = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A membership must not end before it begins.",
    )
    _policy_uniq = models.UniqueIndex(
        "(programme_id, policy_number, patient_id, date_from)"
        " WHERE policy_number IS NOT NULL",
        "This policy is in the programme already.",
    )

    @api.depends("programme_id", "patient_id", "policy_number")
    def _compute_display_name(self):
        for member in self:
            parts = (member.programme_id.name, member.policy_number)
            member.display_name = " · ".join(part for part in parts if part)

    def _compute_used(self):
        rows = self.env["clinic.appointment"]._read_group(
            [
                ("price_member_id", "in", self.ids),
                ("state", "not in", GIVEN_BACK),
            ],
            ["price_member_id"],
            ["price_covered:sum", "__count"],
        )
        used = {member: (amount, count) for member, amount, count in rows}
        for member in self:
            member.used_amount, member.used_visits = used.get(member._origin, (0, 0))

    def _touch_limits(self):
        """Let two bookings that use the same limit at once run into each other.

        A lock alone would not do: who waited for it still reads the old sum. Whoever
        comes second to this write fails to serialize and is tried again by Odoo.
        """
        limited = self.filtered(
            lambda member: (
                member.programme_id.member_limit or member.programme_id.member_visits
            )
        )
        if limited:
            self.env.cr.execute(
                SQL(
                    "UPDATE clinic_price_programme_member"
                    " SET version = COALESCE(version, 0) + 1 WHERE id IN %s",
                    tuple(limited.sorted("id").ids),
                )
            )
            limited.invalidate_recordset(["version"])
