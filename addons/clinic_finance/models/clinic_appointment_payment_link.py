from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# The payment link goes out so long before the visit, each time once.
LINK_HOURS = (48, 24)


class ClinicAppointment(models.Model):
    """The payment link: two days before the visit and again the day before."""

    _inherit = "clinic.appointment"

    @api.model
    def _remind(self):
        result = super()._remind()
        self._send_payment_links()
        return result

    @api.model
    def _send_payment_links(self):
        """Leave the payment links that are due in the outbox (sudo).

        Whoever pays in between gets no second one; a visit booked later than a link
        was due starts with the next.
        """
        companies = (
            self.env["payment.provider"]
            .search([("state", "in", ("enabled", "test")), ("is_published", "=", True)])
            .company_id.filtered("clinic_send_payment_links")
        )
        if not companies:
            return
        now = fields.Datetime.now()
        visits = self.search(
            Domain("state", "in", ("booked", "confirmed"))
            & Domain("amount_due", ">", 0)
            & Domain("start", ">", now)
            # a night earlier because of the quiet hours
            & Domain("start", "<=", now + timedelta(hours=max(LINK_HOURS) + 24))
            & Domain("origin", "!=", "import")
            & Domain("company_id", "in", companies.ids)
        )
        for visit in visits:
            hours = visit._due_payment_link(now)
            if hours:
                visit._send_payment_notice(
                    "pay_link", occurrence=f"{visit.start} {hours}h"
                )

    def _due_payment_link(self, now):
        """Return which of the links is due now, by its hours; None if none is."""
        self.ensure_one()
        if (
            self.service_id.prepayment == "after"
            # What is due is the patient's side, whatever a programme pays.
            or self._get_private_payer().is_company
        ):
            return None
        for hours in sorted(LINK_HOURS):
            lead = timedelta(hours=hours)
            moment = self._reminder_moment(lead)
            # After a server was down it may come late, but not too late.
            if moment <= now <= moment + lead / 2:
                late = self.slot_since and self.slot_since > moment
                return None if late else hours
        return None
