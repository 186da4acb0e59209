from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.clinic_shift_template import WEEKDAYS


class ClinicShiftWeek(models.TransientModel):
    """The same hours on several days of the week, for one or more specialists."""

    _name = "clinic.shift.week"
    _description = "Usual Week"

    specialist_ids = fields.Many2many(
        "clinic.specialist", string="Specialists", required=True
    )
    branch_id = fields.Many2one(
        "clinic.branch",
        required=True,
        default=lambda self: self.env["clinic.branch"].search([], limit=1),
    )
    room_id = fields.Many2one(
        "clinic.room",
        domain="[('branch_id', '=', branch_id)]",
        help="Leave empty to take whichever suitable room of the branch is free.",
    )
    on_0 = fields.Boolean("Mon", default=True)
    on_1 = fields.Boolean("Tue", default=True)
    on_2 = fields.Boolean("Wed", default=True)
    on_3 = fields.Boolean("Thu", default=True)
    on_4 = fields.Boolean("Fri", default=True)
    on_5 = fields.Boolean("Sat")
    on_6 = fields.Boolean("Sun")
    hour_from = fields.Float(string="From", default=9.0, required=True)
    hour_to = fields.Float(string="To", default=15.0, required=True)
    parity = fields.Selection(
        [("all", "Every week"), ("odd", "Odd weeks"), ("even", "Even weeks")],
        string="Weeks",
        required=True,
        default="all",
        help="By the ISO number of the week.",
    )
    date_from = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Valid To")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        context = self.env.context
        if context.get("active_model") == "clinic.specialist":
            chosen = self.env["clinic.specialist"].browse(context.get("active_ids", ()))
            values["specialist_ids"] = [Command.set(chosen.ids)]
            if chosen.branch_ids:
                values["branch_id"] = chosen.branch_ids[0].id
        return values

    @api.onchange("branch_id")
    def _onchange_branch_id(self):
        if self.room_id.branch_id != self.branch_id:
            self.room_id = False

    def action_apply(self):
        """Make the weekly templates and their shifts up to the horizon."""
        self.ensure_one()
        weekdays = [value for value, _label in WEEKDAYS if self[f"on_{value}"]]
        if not weekdays:
            raise UserError(self.env._("Choose at least one day of the week."))
        templates = self.env["clinic.shift.template"].create(
            [
                {
                    "specialist_id": specialist.id,
                    "branch_id": self.branch_id.id,
                    "room_id": self.room_id.id,
                    "weekday": weekday,
                    "hour_from": self.hour_from,
                    "hour_to": self.hour_to,
                    "parity": self.parity,
                    "date_from": self.date_from,
                    "date_to": self.date_to,
                }
                for specialist in self.specialist_ids
                for weekday in weekdays
            ]
        )
        return templates.action_generate()
