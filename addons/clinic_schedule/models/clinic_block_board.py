from odoo import models


class ClinicBlock(models.Model):
    _name = "clinic.block"
    _inherit = ["clinic.block", "clinic.board.mixin"]

    def _board_fields(self):
        return super()._board_fields() | {"name"}

    def _board_spans(self):
        yield from super()._board_spans()
        for block in self:
            for branch in block.room_id.branch_id or block.specialist_id.branch_ids:
                yield branch, block.start, block.stop
