from odoo import api, models

from ..tools import series

# What took the time, in the words of the dates of regular visits.
REASON_OF_KIND = {
    "leave": series.ABSENCE,
    "holiday": series.HOLIDAY,
    "shift": series.NO_SHIFT,
    "block": series.BUSY,
}


class ClinicRebookingOfSeries(models.Model):
    """A visit to move that is one of regular visits: its date is to be settled too.

    Either screen settles both: moving the visit closes the one and the other.
    """

    _inherit = "clinic.rebooking"

    @api.model
    def _open_for(self, visits, kind, reference=None):
        todos = super()._open_for(visits, kind, reference)
        # sudo: dates follow what happens to the visits, whoever did it
        lines_sudo = todos.sudo().appointment_id.series_line_ids
        lines_sudo.filtered(lambda line: line.state == "booked").write(
            {"state": "to_do", "reason": REASON_OF_KIND.get(kind, False)}
        )
        return todos

    def _close(self, outcome):
        todos = super()._close(outcome)
        lines_sudo = todos.sudo().appointment_id.series_line_ids
        lines_sudo.filtered(
            lambda line: line.state == "to_do" and outcome != "cancelled"
        )._set_booked()
        return todos
