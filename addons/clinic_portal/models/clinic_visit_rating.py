from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

RATED_DAYS = 60
LONGEST = 2000


class ClinicVisitRating(models.Model):
    """What a patient thought of a visit, once a visit.

    The mark is for whoever runs the clinic; the words may tell of health and are for
    the chief physician.
    """

    _name = "clinic.visit.rating"
    _description = "Rating of a Visit"
    _order = "create_date desc, id desc"

    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    specialist_id = fields.Many2one(
        related="appointment_id.specialist_id", store=True, index=True
    )
    branch_id = fields.Many2one(related="appointment_id.branch_id", store=True)
    service_id = fields.Many2one(related="appointment_id.service_id", store=True)
    company_id = fields.Many2one(related="appointment_id.company_id", store=True)
    day = fields.Date(
        related="appointment_id.day", string="Day of the Visit", store=True
    )
    score = fields.Integer(required=True, readonly=True, aggregator="avg")
    comment = fields.Text(
        readonly=True, groups="clinic_base.group_chief_physician", string="Words"
    )

    _visit_uniq = models.Constraint(
        "UNIQUE(appointment_id)", "This visit is rated already."
    )
    _score_range = models.Constraint(
        "CHECK(score BETWEEN 1 AND 5)", "A mark is from 1 to 5."
    )

    @api.depends("score", "day")
    def _compute_display_name(self):
        for rating in self:
            day = rating.day.strftime("%d.%m.%Y") if rating.day else ""
            rating.display_name = f"{rating.score} · {day}"

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What patients say is not deleted."))


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    def _clinic_can_rate(self):
        """Return those of the visits that may be rated now."""
        since = fields.Datetime.now() - timedelta(days=RATED_DAYS)
        recent = self.filtered(
            lambda visit: visit.state == "fulfilled" and visit.stop >= since
        )
        rated = self.env["clinic.visit.rating"].search(
            [("appointment_id", "in", recent.ids)]
        )
        return recent - rated.appointment_id

    def _clinic_rate(self, score, comment):
        """Keep what the patient thought of the visit; the caller has checked who."""
        self.ensure_one()
        if not self._clinic_can_rate():
            raise UserError(
                self.env._("This visit is rated already, or was too long ago.")
            )
        if not score or not 1 <= score <= 5:
            raise UserError(self.env._("Please choose a mark from 1 to 5."))
        self.env["clinic.visit.rating"].create(
            {
                "appointment_id": self.id,
                "score": score,
                "comment": (comment or "").strip()[:LONGEST] or False,
            }
        )
