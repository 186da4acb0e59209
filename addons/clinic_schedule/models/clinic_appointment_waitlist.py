from odoo import fields, models


class ClinicAppointmentWaitlist(models.Model):
    """What visits mean for the waiting list: they free time, and fulfil wishes."""

    _inherit = "clinic.appointment"

    origin = fields.Selection(
        selection_add=[("waitlist", "Waiting list")],
        ondelete={"waitlist": "set default"},
    )
    waitlist_offer_ids = fields.One2many("clinic.waitlist.offer", "appointment_id")

    def _after_book(self):
        super()._after_book()
        self._close_waiting()

    def _after_confirm_hold(self):
        super()._after_confirm_hold()
        self._close_waiting()

    def _close_waiting(self):
        """Take off the list who waited for these visits."""
        # Confirmed by the button of the visit, not by the one of the offer.
        pending_sudo = self._pending_offers_sudo().filtered(
            lambda offer: offer.appointment_id.state != "hold"
        )
        for offer_sudo in pending_sudo:
            offer_sudo._accepted("desk")
        self.env["clinic.waitlist"]._close_for(
            self - self.browse(pending_sudo.appointment_id.ids)
        )

    def _move(self, state, force=False, at=None, **vals):
        held = self.filtered(lambda visit: visit.state == "hold")
        result = super()._move(state, force=force, at=at, **vals)
        if state == "cancelled":
            self._free_cancelled(held)
        return result

    def _free_cancelled(self, held):
        """Offer the time of cancelled visits to others; ``held`` were holds only."""
        # sudo: whoever cancels need not see offers
        offers_sudo = self.sudo().waitlist_offer_ids
        offers_sudo.filtered(lambda offer: offer.state == "pending")._fall_silent()
        # The window of an offer that came to nothing is in the queue already.
        queued = offers_sudo.filtered(
            lambda offer: offer.state != "accepted" and offer.window_id
        ).appointment_id
        freed = self - self.browse(queued.ids)
        self._free_spans(freed & held, "hold")
        self._free_spans(freed - held, "cancel")

    def _after_noshow(self):
        super()._after_noshow()
        # Known early, the rest of the time may still serve somebody.
        self._free_spans(self, "noshow")

    def _after_reschedule(self, old):
        super()._after_reschedule(old)
        for offer_sudo in self._pending_offers_sudo():
            offer_sudo.write(
                {
                    "start": self.start,
                    "stop": self.stop,
                    "specialist_id": self.specialist_id.id,
                    "branch_id": self.branch_id.id,
                }
            )
        specialist = old.get("specialist_id") or self.specialist_id
        start, stop = old.get("start") or self.start, old.get("stop") or self.stop
        if (specialist, start, stop) != (self.specialist_id, self.start, self.stop):
            self.env["clinic.freed.window"]._freed(
                [(specialist.id, start, stop)], "move"
            )

    def _pending_offers_sudo(self):
        # sudo: whoever moves or confirms a visit need not see offers
        return self.sudo().waitlist_offer_ids.filtered(
            lambda offer: offer.state == "pending"
        )

    def _free_spans(self, visits, origin):
        self.env["clinic.freed.window"]._freed(
            [(visit.specialist_id.id, visit.start, visit.stop) for visit in visits],
            origin,
        )
