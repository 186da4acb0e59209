import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .clinic_appointment import OPEN_STATES

KEPT_DAYS = 30
MOST = 200


class ClinicCalendarFeed(models.Model):
    """The secret address by which a calendar application reads a family's visits.

    Whoever has the address reads when and where, and nothing of health. A new address
    ends the old one at once; so does the end of the account.
    """

    _name = "clinic.calendar.feed"
    _description = "Calendar Subscription"
    _rec_name = "create_date"

    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    token = fields.Char(
        required=True,
        default=lambda self: secrets.token_urlsafe(32),
        groups="base.group_system",
        copy=False,
    )
    read_at = fields.Datetime(string="Last Read On", readonly=True)

    _partner_uniq = models.Constraint(
        "UNIQUE(partner_id)", "This person has a calendar subscription already."
    )
    _token_uniq = models.UniqueIndex("(token)")

    @api.model
    def _of(self, partner):
        """Return the subscription of a person, or none."""
        return self.search([("partner_id", "=", partner.id)])

    @api.model
    def _renew(self, partner):
        """Give the person a new address; the old one is dead from now on."""
        self._of(partner).unlink()
        return self.create({"partner_id": partner.id})

    @api.model
    def _find(self, token):
        """Return the subscription of the address while its owner has an account."""
        found = self.search([("token", "=", token)], limit=1)
        return found.filtered("partner_id.user_ids")

    def _visits(self):
        """Return the visits of the person and the family: lately past and ahead."""
        self.ensure_one()
        visits = self.env["clinic.appointment"]
        since = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        return visits.search(
            visits._clinic_family_domain(self.partner_id)
            & Domain("state", "in", (*OPEN_STATES[1:], "fulfilled"))
            & Domain("start", ">=", since),
            order="start",
            limit=MOST,
        )

    def _calendar(self):
        """Return the content of the calendar, and note that it was read."""
        self.ensure_one()
        self.read_at = fields.Datetime.now()
        return self.env["clinic.link.visit"]._calendar(self._visits())
