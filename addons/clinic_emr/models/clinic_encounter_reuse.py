from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .clinic_encounter import CONTENT_FIELDS


class ClinicEncounter(models.Model):
    """What the previous visit says, to be taken over into this one."""

    _inherit = "clinic.encounter"

    def _last_visit(self):
        """Return the visit to take over from: this specialist's last one with the
        patient, else one of the same specialty, else any."""
        self.ensure_one()
        earlier = Domain("record_id", "=", self.record_id.id) & (
            Domain("start", "<", self.start)
            | (Domain("start", "=", self.start) & Domain("id", "<", self.id))
        )
        specialties = self.specialist_id.specialty_ids
        for nearer in (
            Domain("specialist_id", "=", self.specialist_id.id),
            Domain("specialist_id.specialty_ids", "in", specialties.ids),
            Domain.TRUE,
        ):
            if found := self.search(earlier & nearer, limit=1):
                return found
        return self.browse()

    def last_text(self, part):
        """Return what the previous visit says in a text, for the button beside it.

        :param part: the name of one of the visit's texts
        """
        self.ensure_one()
        self.check_access("read")
        if part not in CONTENT_FIELDS:
            raise AccessError(self.env._("This text can't be taken over."))
        last = self._last_visit()
        last._log_look("open")
        return last[part] or ""

    def action_as_last_time(self):
        """Take over the texts and choices of the previous visit where this one is
        still empty; measurements are made anew."""
        for encounter in self:
            encounter._check_not_locked()
            encounter._check_own()
            last = encounter._last_visit()
            last._log_look("open")
            texts = {
                name: last[name]
                for name in CONTENT_FIELDS
                if last[name] and not (encounter[name] or "").strip()
            }
            if texts:
                encounter.write(texts)
            written = set(encounter.observation_ids.mapped("code"))
            encounter._set_values(
                {
                    line.code: line._json_value()
                    for line in last.observation_ids
                    if line.code not in written and line._fits(encounter)
                }
            )
        return True
