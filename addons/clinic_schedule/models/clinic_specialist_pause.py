from odoo import fields, models
from odoo.fields import Domain


class ClinicSpecialistPause(models.Model):
    """A problem a specialist takes no new patients with for a while."""

    _name = "clinic.specialist.pause"
    _description = "Pause of a Problem"
    _order = "date_from desc, id desc"

    specialist_id = fields.Many2one(
        "clinic.specialist", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="specialist_id.company_id", store=True, index=True
    )
    problem_id = fields.Many2one(
        "clinic.problem", required=True, index=True, ondelete="cascade"
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="To", required=True, help="The last day of the pause.")
    note = fields.Char(help="For colleagues; patients hear the last day only.")

    _dates_range = models.Constraint(
        "CHECK(date_from <= date_to)", "A pause must not end before it begins."
    )
    # A second pause at the same time would hide when the problem is taken again.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (specialist_id WITH =, problem_id WITH =,"
        " daterange(date_from, date_to, '[]') WITH &&)",
        "This problem is paused in these days already. Change that pause instead.",
    )

    def _on(self, day):
        """Return those of the pauses that are in force on the day."""
        return self.filtered_domain(
            Domain("date_from", "<=", day) & Domain("date_to", ">=", day)
        )
