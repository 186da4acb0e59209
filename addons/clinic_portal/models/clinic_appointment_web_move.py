from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

MOVE_DAYS = 28
MOVE_PER_DAY = 8
LAST_MINUTE = timedelta(minutes=30)


class ClinicAppointment(models.Model):
    """Moving a visit on the patient's word: the new time is taken before the old one
    is released, and what cannot be cancelled for nothing cannot be moved for nothing.
    """

    _inherit = "clinic.appointment"

    def _clinic_can_move(self):
        self.ensure_one()
        return (
            self.state in ("booked", "confirmed")
            and self.start > fields.Datetime.now()
            and not self._cancel_fee()
        )

    def _clinic_web_moves(self):
        """Return the starts (naive UTC) the visit may be moved to, by time."""
        self.ensure_one()
        begin = fields.Datetime.now() + LAST_MINUTE
        found = self._find_offers(
            self.service_id.id,
            begin,
            begin + timedelta(days=MOVE_DAYS),
            specialist_ids=self.specialist_id.ids,
            branch_ids=self.branch_id.ids,
            patient_id=self.patient_id.id,
            per_day=MOVE_PER_DAY,
        )
        starts = {fields.Datetime.to_datetime(offer["start"]) for offer in found}
        return sorted(starts - {self.start})

    def _clinic_web_move(self, start, seen):
        """Move the visit to a time that is offered.

        :param start: the new start, naive UTC
        :param seen: the start the patient saw: of two who move, the later is told
        """
        self.ensure_one()
        self.lock_for_update()
        if not self._clinic_can_move() or self.start != seen:
            raise UserError(
                self.env._(
                    "This visit cannot be moved here any more: it has changed, or "
                    "too little time is left. Please call the branch."
                )
            )
        taken = self.env._("This time has just been taken. Please choose another one.")
        if start not in self._clinic_web_moves():
            raise UserError(taken)
        self._track_set_author(self.patient_id)
        try:
            with self.env.cr.savepoint():
                self._reschedule(start)
        except UserError as error:
            raise UserError(taken) from error
        self._message_log(
            body=self.env._("Moved by the patient on the website."),
            author_id=self.patient_id.id,
        )
