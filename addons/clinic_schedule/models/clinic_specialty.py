from odoo import models


class ClinicSpecialty(models.Model):
    _inherit = "clinic.specialty"

    def write(self, vals):
        result = super().write(vals)
        if "specialist_ids" in vals:
            self.env["clinic.skill"].sudo()._sync()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["clinic.skill"].sudo()._sync()
        return result
