from odoo import fields, models

from .clinic_series_change import SCOPES


class ClinicAppointmentMoveSeries(models.TransientModel):
    """A visit of regular visits: its new time may be meant for the others too."""

    _inherit = "clinic.appointment.move"

    series_id = fields.Many2one(related="appointment_id.series_id")
    series_scope = fields.Selection(
        SCOPES, string="Move", required=True, default="this"
    )

    def action_move(self):
        """For more than this visit, show first what each date would meet."""
        self.ensure_one()
        if not self.series_id or self.series_scope == "this":
            return super().action_move()
        specialist, room, start = self._parse_chosen()
        visit = self.appointment_id
        keep_room = room if visit.series_id.room_id else room.browse()
        return visit.action_open_series_move(
            start, specialist.id, keep_room.id or None, scope=self.series_scope
        )
