from odoo import models


class ClinicShift(models.Model):
    _name = "clinic.shift"
    _inherit = ["clinic.shift", "clinic.board.mixin"]

    def _board_spans(self):
        yield from super()._board_spans()
        for shift in self:
            yield shift.branch_id, shift.start, shift.stop
