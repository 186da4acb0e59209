from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_clinic_emergency_access(self):
        """Open the record; where it is not one's patient's, ask for the reason."""
        self.ensure_one()
        Record = self.env["clinic.medical.record"]
        Record.check_access("read")
        # sudo: a record of somebody else's patient must be found to be asked for
        record = Record.sudo().search([("patient_id", "=", self.id)])
        if record and record.with_env(self.env).has_access("read"):
            return record.with_env(self.env).action_open()
        return self.env["clinic.record.emergency"]._ask(self)
