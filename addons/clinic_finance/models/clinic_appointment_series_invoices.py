from odoo import fields, models

AHEAD = ("booked", "confirmed", "arrived", "in_progress")


class ClinicAppointmentSeries(models.Model):
    _inherit = "clinic.appointment.series"

    invoice_ahead = fields.Integer(
        string="Invoice Ahead, Visits",
        default=lambda self: self.env.company.clinic_series_ahead,
        help="Only so many of the next visits have invoices; each that is over makes "
        "room for one more. Zero: all of them at once.",
    )

    _invoice_ahead_not_negative = models.Constraint(
        "CHECK(invoice_ahead >= 0)", "Not below zero."
    )

    def write(self, vals):
        result = super().write(vals)
        if "invoice_ahead" in vals:
            # Sudo: the documents follow, whoever plans the visits.
            self.sudo()._invoice_next()
        return result

    def _invoice_next(self):
        """Invoice the visits whose turn has come (sudo)."""
        visits = self.appointment_ids.filtered(
            lambda visit: visit.state in AHEAD and not visit.invoice_ids
        )
        if visits:
            visits._invoice()

    def _next_visits(self):
        """Return the visits of these series that have invoices now."""
        found = self.env["clinic.appointment"]
        for record in self:
            ahead = record.appointment_ids.filtered(
                lambda visit: visit.state in AHEAD
            ).sorted(lambda visit: (visit.start, visit.id))
            found |= ahead[: record.invoice_ahead or None]
        return found


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    def _move(self, state, force=False, at=None, **vals):
        result = super()._move(state, force=force, at=at, **vals)
        if state in ("fulfilled", "cancelled", "noshow"):
            # Sudo: one visit less ahead, the next one gets its invoice.
            self.sudo().series_id.filtered("invoice_ahead")._invoice_next()
        return result

    def _waits_for_turn(self):
        """Return those whose turn to be invoiced has not come."""
        limited = self.filtered(lambda visit: visit.series_id.invoice_ahead)
        return limited - limited.series_id._next_visits()


class ResCompany(models.Model):
    _inherit = "res.company"

    clinic_series_ahead = fields.Integer(
        string="Regular Visits Invoiced Ahead",
        help="For new regular visits: only so many of the next ones have invoices. "
        "Zero: all of them.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    clinic_series_ahead = fields.Integer(
        related="company_id.clinic_series_ahead", readonly=False
    )
