from odoo import models

from ..generator import make_clinic
from ..hooks import PENDING


class ClinicDemo(models.AbstractModel):
    _name = "clinic.demo"
    _description = "Demonstration Clinic"

    def _register_hook(self):
        super()._register_hook()
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param(PENDING):
            # Gone with the clinic in one transaction: it is made once, or not at all.
            parameters.set_param(PENDING, False)
            make_clinic(self.env)
