from odoo import api, fields, models


class ClinicShiftCallOff(models.TransientModel):
    """Call shifts off, with a look at the visits they hold."""

    _name = "clinic.shift.call.off"
    _description = "Call Off Shifts"

    shift_ids = fields.Many2many("clinic.shift", required=True)
    shift_words = fields.Text(compute="_compute_words", string="Shifts")
    visit_count = fields.Integer(compute="_compute_words")
    preview = fields.Html(compute="_compute_words", sanitize=False)

    @api.depends("shift_ids")
    @api.depends_context("lang")
    def _compute_words(self):
        for wizard in self:
            # Read as the user may: the list itself is made for whoever asks.
            shifts = wizard.shift_ids._origin
            visits = shifts._visits_inside().sorted("start")
            wizard.shift_words = "\n".join(shifts.mapped("display_name"))
            wizard.visit_count = len(visits)
            wizard.preview = visits._stranded_preview()

    def action_call_off(self):
        self.ensure_one()
        self.shift_ids.action_archive()
        if self.visit_count:
            return self.env["clinic.rebooking"]._open_screen()
        return {"type": "ir.actions.act_window_close"}
