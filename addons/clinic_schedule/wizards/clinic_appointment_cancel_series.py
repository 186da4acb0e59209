from odoo import api, fields, models

from .clinic_series_change import SCOPES


class ClinicAppointmentCancelSeries(models.TransientModel):
    """Cancels a visit of regular visits, and the following or all ahead if asked."""

    _inherit = "clinic.appointment.cancel"

    series_id = fields.Many2one(
        "clinic.appointment.series", compute="_compute_series_id"
    )
    series_scope = fields.Selection(
        [
            (SCOPES[0][0], "This visit only"),
            (SCOPES[1][0], "This visit and the following"),
            (SCOPES[2][0], "All visits ahead: the regular visits end"),
        ],
        string="Cancel",
        required=True,
        default="this",
    )
    series_summary = fields.Char(compute="_compute_series_summary")

    @api.depends("appointment_ids")
    def _compute_series_id(self):
        for wizard in self:
            visit = wizard.appointment_ids._origin
            wizard.series_id = visit.series_id if len(visit) == 1 else False

    @api.depends("series_id", "series_scope", "appointment_ids")
    @api.depends_context("lang")
    def _compute_series_summary(self):
        for wizard in self:
            wizard.series_summary = False
            if wizard.series_id and wizard.series_scope != "this":
                visits = wizard._series_lines().appointment_id.sorted("start")
                wizard.series_summary = self.env._(
                    "Visits to cancel: %(count)s, from %(first)s to %(last)s.",
                    count=len(visits),
                    first=visits[:1].local_time,
                    last=visits[-1:].local_time,
                )

    def _series_lines(self):
        """Return the dates ahead that the choice means."""
        self.ensure_one()
        visit = self.appointment_ids._origin
        lines = self.series_id._open_lines()
        if self.series_scope == "following":
            return lines.filtered(
                lambda line: (line.appointment_id or line).start >= visit.start
            )
        return lines

    def action_cancel(self):
        self.ensure_one()
        if not self.series_id or self.series_scope == "this":
            return super().action_cancel()
        self.series_id._check_may_plan()
        lines = self._series_lines()
        self.appointment_ids |= lines.appointment_id
        result = super().action_cancel()
        lines.filtered(lambda line: not line.appointment_id)._skip("cancelled")
        return result
