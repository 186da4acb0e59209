from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.clinic_shift_template import WEEKDAYS

_VALUES = ("branch_id", "room_id", "weekday", "hour_from", "hour_to", "parity")


class ClinicShiftTemplateChange(models.TransientModel):
    """Change or end a weekly template, after a look at what that would strand."""

    _name = "clinic.shift.template.change"
    _description = "Change a Weekly Template"

    template_id = fields.Many2one(
        "clinic.shift.template", required=True, ondelete="cascade"
    )
    specialist_id = fields.Many2one(related="template_id.specialist_id")
    action = fields.Selection(
        [("change", "Change it"), ("end", "End it")], required=True, default="change"
    )
    day = fields.Date(
        string="From Day", required=True, default=fields.Date.context_today
    )
    branch_id = fields.Many2one("clinic.branch")
    room_id = fields.Many2one("clinic.room", domain="[('branch_id', '=', branch_id)]")
    weekday = fields.Selection(WEEKDAYS)
    hour_from = fields.Float(string="From")
    hour_to = fields.Float(string="To")
    parity = fields.Selection(
        [("all", "Every week"), ("odd", "Odd weeks"), ("even", "Even weeks")],
        string="Weeks",
    )
    visit_count = fields.Integer(compute="_compute_preview")
    summary = fields.Char(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        template = self.env["clinic.shift.template"].browse(
            values.get("template_id") or self.env.context.get("active_id") or ()
        )
        if template:
            week = template._week_vals()
            values.update({name: week[name] for name in _VALUES})
            values["template_id"] = template.id
        return values

    @api.onchange("branch_id")
    def _onchange_branch_id(self):
        if self.room_id.branch_id != self.branch_id:
            self.room_id = False

    @api.depends("template_id", "action", "day", *_VALUES)
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            wizard.visit_count, wizard.summary, wizard.preview = 0, False, False
            template = wizard.template_id._origin
            if not (template and wizard.day and wizard._is_sane()):
                continue
            plan = template._plan_change(wizard._new_vals(), wizard.day)
            visits = plan.stranded()
            wizard.visit_count = len(visits)
            wizard.summary = wizard._summary(plan.changes)
            wizard.preview = visits._stranded_preview()

    def _is_sane(self):
        return self.action == "end" or (
            self.branch_id and self.weekday and 0 <= self.hour_from < self.hour_to <= 24
        )

    def _summary(self, changes):
        counts = (
            (self.env._("shifts changed: %s"), len(changes.write)),
            (self.env._("shifts removed: %s"), len(changes.remove)),
            (self.env._("new shifts: %s"), len(changes.create)),
            (self.env._("edited by hand and left alone: %s"), len(changes.kept)),
        )
        words = [sentence % count for sentence, count in counts if count]
        return ", ".join(words) or self.env._("no shift to come is concerned")

    def _new_vals(self):
        if self.action == "end":
            return {"date_to": self.day - timedelta(days=1)}
        return {
            "branch_id": self.branch_id._origin.id,
            "room_id": self.room_id._origin.id,
            **{name: self[name] for name in ("weekday", "hour_from", "hour_to")},
            "parity": self.parity,
        }

    def action_apply(self):
        """Do it; open the list of visits to move if there are any now."""
        self.ensure_one()
        template, count = self.template_id, self.visit_count
        if not self._is_sane():
            raise UserError(
                self.env._("The hours run from 0:00 to 24:00 and end after they begin.")
            )
        today = template.branch_id._localize(fields.Datetime.now()).date()
        first = template.date_from
        begins_later = self.day > today and not (first and first >= self.day)
        if self.action == "end":
            template._end(self.day - timedelta(days=1))
        elif begins_later:
            template._continue_as(self.day, self._new_vals())
        else:
            template.write(self._new_vals())
        if count:
            return self.env["clinic.rebooking"]._open_screen()
        return {"type": "ir.actions.act_window_close"}
