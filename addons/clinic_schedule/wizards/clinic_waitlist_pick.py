from odoo import api, fields, models


class ClinicWaitlistPick(models.TransientModel):
    """Choose a free time for an entry: to offer it, or to book it by phone."""

    _name = "clinic.waitlist.pick"
    _description = "A Time for the Waiting List"
    _inherit = ["clinic.slot.picker.mixin"]

    entry_id = fields.Many2one("clinic.waitlist", required=True, ondelete="cascade")
    patient_id = fields.Many2one(related="entry_id.patient_id")
    patient_phone = fields.Char(related="entry_id.patient_phone")
    wish_words = fields.Char(related="entry_id.wish_words")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        entry = self.env["clinic.waitlist"].browse(values.get("entry_id") or ())
        if entry:
            today = entry._fields["date_from"].context_today(self)
            values.update(
                service_id=entry.service_id.id,
                specialist_id=entry.specialist_ids.id
                if len(entry.specialist_ids) == 1
                else False,
                branch_id=entry.branch_ids.id if len(entry.branch_ids) == 1 else False,
                date_from=max(entry.date_from, today),
            )
        return values

    def _picker_patient(self):
        super()._picker_patient()
        return self.entry_id.patient_id

    @api.depends("entry_id")
    def _compute_offers(self):
        return super()._compute_offers()

    def action_book(self):
        """Book the time: the patient has agreed."""
        self.ensure_one()
        specialist, room, start = self._parse_chosen()
        self.entry_id.book_at(specialist.id, start, room.id or None)
        return {"type": "ir.actions.act_window_close"}

    def action_offer(self):
        """Hold the time and send the patient an offer."""
        self.ensure_one()
        entry = self.entry_id
        entry.check_access("write")
        specialist, room, start = self._parse_chosen()
        branch = room.branch_id or specialist.branch_ids[:1]
        quiet = bool(branch._quiet_end(fields.Datetime.now()))
        self.env["clinic.waitlist.offer"]._make(
            entry,
            specialist.id,
            start,
            room.id or None,
            channel=entry._channel(branch, silent=quiet) or "phone",
        )
        return {"type": "ir.actions.act_window_close"}
