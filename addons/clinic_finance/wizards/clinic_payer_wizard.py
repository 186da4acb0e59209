from odoo import api, fields, models


class ClinicPayerWizard(models.TransientModel):
    """Chooses who of the family pays for a visit."""

    _name = "clinic.payer.wizard"
    _description = "Change the Payer"

    appointment_id = fields.Many2one("clinic.appointment", required=True, readonly=True)
    allowed_ids = fields.Many2many("res.partner", compute="_compute_allowed_ids")
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        domain="[('id', 'in', allowed_ids)]",
    )
    reason = fields.Char(help="Nothing medical.")

    @api.depends("appointment_id")
    def _compute_allowed_ids(self):
        for wizard in self:
            visit = wizard.appointment_id
            wizard.allowed_ids = visit._possible_payers() if visit else False

    def action_apply(self):
        self.ensure_one()
        self.appointment_id.change_payer(self.partner_id.id, self.reason)
        return {"type": "ir.actions.act_window_close"}


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    def action_open_payer(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the Payer"),
            "res_model": "clinic.payer.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_appointment_id": self.id},
        }
