from odoo import api, models

CHANNEL = "board"
_QUEUE = "clinic.board.changes"


class ClinicBoardMixin(models.AbstractModel):
    """A model whose records are seen on the day board: open boards hear of changes."""

    _name = "clinic.board.mixin"
    _description = "Seen on the Day Board"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._board_changed()
        return records

    def write(self, vals):
        shown = vals.keys() & self._board_fields()
        if shown:
            self._board_changed()  # where it was
        result = super().write(vals)
        if shown:
            self._board_changed()  # where it is now
        return result

    def unlink(self):
        self._board_changed()
        return super().unlink()

    @api.model
    def _board_fields(self):
        """Return the names of the fields that can be seen on the board."""
        return {"start", "stop", "specialist_id", "branch_id", "room_id", "active"}

    def _board_spans(self):
        """Yield ``(branch, start, stop)``, naive UTC: where the records are seen."""
        return ()

    def _board_changed(self):
        """Tell the boards, once the transaction is committed, to look again.

        The message has a branch and days, never a name or a record.
        """
        precommit = self.env.cr.precommit
        for branch, start, stop in self._board_spans():
            if not branch or not start or not stop:
                continue
            if _QUEUE not in precommit.data:
                precommit.data[_QUEUE] = {}
                precommit.add(self._send_board_changes)
            days = (branch._localize(start).date(), branch._localize(stop).date())
            first, last = precommit.data[_QUEUE].get(branch, days)
            precommit.data[_QUEUE][branch] = (min(first, days[0]), max(last, days[1]))

    @api.model
    def _send_board_changes(self):
        bus = self.env["bus.bus"]
        for branch, (first, last) in self.env.cr.precommit.data.pop(_QUEUE, {}).items():
            bus._sendone(
                (branch, CHANNEL),
                "clinic_board",
                {"branch_id": branch.id, "first": str(first), "last": str(last)},
            )
