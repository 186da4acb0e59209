from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import format_date


class ResPartner(models.Model):
    """No field here on purpose: whoever may see the person must not see the record."""

    _inherit = "res.partner"

    def action_clinic_medical_record(self):
        """Open the medical record of a patient whom the current user may read."""
        self.ensure_one()
        Record = self.env["clinic.medical.record"]
        Record.check_access("read")
        # sudo: a record of somebody else's patient must be found to be refused
        record = Record.sudo().search([("patient_id", "=", self.id)])
        record = record.with_env(self.env)
        if not record and Record._treats(self):
            record = Record._of_patients_sudo(self).with_env(self.env)
        if not record or not record.has_access("read"):
            raise AccessError(
                self.env._(
                    "The medical record of %(patient)s is open to the specialists who "
                    "treat this patient. In an emergency a specialist opens it by "
                    "“Emergency access”.",
                    patient=self.name,
                )
            )
        return record.action_open()

    def _clinic_caption(self):
        """Return sex, birth date and age in one line, as far as they are known."""
        self.ensure_one()
        sex = dict(self._fields["gender"]._description_selection(self.env)).get(
            self.gender
        )
        born = self.birthdate_date and self.env._(
            "born %(date)s (age %(age)s)",
            date=format_date(self.env, self.birthdate_date),
            age=self.age,
        )
        return ", ".join(filter(None, [sex, born]))
