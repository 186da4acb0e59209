from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicShiftGenerate(models.TransientModel):
    _name = "clinic.shift.generate"
    _description = "Make Shifts"

    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_to = fields.Date(required=True, default=lambda self: self._default_date_to())
    specialist_ids = fields.Many2many(
        "clinic.specialist", string="Specialists", help="Leave empty for everybody."
    )

    @api.model
    def _default_date_to(self):
        weeks = self.env["clinic.shift.template"]._horizon_weeks()
        return fields.Date.context_today(self) + timedelta(weeks=weeks)

    def action_generate(self):
        self.ensure_one()
        if self.date_to < self.date_from:
            raise UserError(self.env._("The last day is before the first."))
        domain = []
        if self.specialist_ids:
            domain = [("specialist_id", "in", self.specialist_ids.ids)]
        templates = self.env["clinic.shift.template"].search(domain)
        shifts = templates._generate(self.date_from, self.date_to)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_shift"
        )
        if not shifts:
            raise UserError(
                self.env._(
                    "There is nothing new to make: the shifts of these days are there "
                    "already, or no weekly template is valid then."
                )
            )
        action["domain"] = [("id", "in", shifts.ids)]
        return action
