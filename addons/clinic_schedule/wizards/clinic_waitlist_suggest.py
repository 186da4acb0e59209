from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.windows import from_minutes

SHOWN = 20


class ClinicWaitlistSuggest(models.TransientModel):
    """Whom a freed window suits, best first, to choose by hand."""

    _name = "clinic.waitlist.suggest"
    _description = "Whom to Offer a Window"

    window_id = fields.Many2one(
        "clinic.freed.window", required=True, ondelete="cascade"
    )
    window_time = fields.Char(related="window_id.local_time", string="Free Time")
    specialist_id = fields.Many2one(related="window_id.specialist_id")
    line_ids = fields.One2many("clinic.waitlist.suggest.line", "suggest_id")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        window = self.env["clinic.freed.window"].browse(values.get("window_id") or ())
        if window and "line_ids" in fields:
            values["line_ids"] = [
                (0, 0, vals) for vals in self._prepare_line_vals_list(window)
            ]
        return values

    @api.model
    def _prepare_line_vals_list(self, window):
        # sudo: read-only look at the queue, whose rows the desk cannot write
        window_sudo = window.sudo()
        if not window_sudo.branch_id:
            parts = window_sudo._grow()
            if not parts:
                return []
            window_sudo.branch_id = parts[0][0]
        offers = self.env["clinic.waitlist.offer"]
        entries = self.env["clinic.waitlist"]
        visible = set(entries.search([("state", "=", "open")]).ids)
        result = []
        for match in window_sudo._matches():
            if match.wish.id not in visible:
                continue
            entry = entries.browse(match.wish.id)
            found = window_sudo._best_slot(entry.sudo(), match.ranges)
            if not found or not window_sudo._receives(entry.sudo()):
                continue
            slot = found[0]
            start = from_minutes(slot.start)
            result.append(
                {
                    "entry_id": entry.id,
                    "start": start,
                    "room_id": slot.room_id or False,
                    "local_time": window_sudo.branch_id._format_local(start),
                    "why": offers._words_for(entry, match.reasons),
                    "reasons": list(match.reasons),
                }
            )
            if len(result) == SHOWN:
                break
        return result


class ClinicWaitlistSuggestLine(models.TransientModel):
    _name = "clinic.waitlist.suggest.line"
    _description = "Somebody a Window Suits"

    suggest_id = fields.Many2one(
        "clinic.waitlist.suggest", required=True, ondelete="cascade", index=True
    )
    entry_id = fields.Many2one("clinic.waitlist", required=True, ondelete="cascade")
    patient_id = fields.Many2one(related="entry_id.patient_id")
    patient_phone = fields.Char(related="entry_id.patient_phone")
    service_id = fields.Many2one(related="entry_id.service_id")
    wish_words = fields.Char(related="entry_id.wish_words")
    start = fields.Datetime(required=True)
    room_id = fields.Many2one("clinic.room")
    local_time = fields.Char(string="Time")
    why = fields.Char()
    reasons = fields.Json()

    def action_offer(self):
        """Hold the time for this person and send the offer."""
        self.ensure_one()
        window, entry = self.suggest_id.window_id, self.entry_id
        entry.check_access("write")
        if window.pending_offer_id:
            raise UserError(
                self.env._(
                    "The window is offered to somebody at the moment. Withdraw that "
                    "offer first."
                )
            )
        branch = window.branch_id
        quiet = bool(branch._quiet_end(fields.Datetime.now()))
        window._offer_by_hand(
            entry,
            self.start,
            self.room_id,
            entry._channel(branch, silent=quiet) or "phone",
            self.reasons or (),
        )
        return {"type": "ir.actions.act_window_close"}

    def action_book(self):
        """The person has agreed by phone: book at once."""
        self.ensure_one()
        self.entry_id.book_at(
            self.suggest_id.window_id.specialist_id.id,
            self.start,
            self.room_id.id or None,
        )
        return {"type": "ir.actions.act_window_close"}
