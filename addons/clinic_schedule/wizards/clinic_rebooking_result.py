from odoo import api, fields, models


class ClinicRebookingResult(models.TransientModel):
    """What came of moving many visits at once."""

    _name = "clinic.rebooking.result"
    _description = "Visits Moved"

    moved = fields.Json(readonly=True)
    left = fields.Json(readonly=True)
    moved_count = fields.Integer(compute="_compute_counts")
    left_count = fields.Integer(compute="_compute_counts")
    summary = fields.Html(compute="_compute_counts", sanitize=False)

    @api.depends("moved", "left")
    def _compute_counts(self):
        for result in self:
            result.moved_count = len(result.moved or ())
            result.left_count = len(result.left or ())
            result.summary = self.env["ir.qweb"]._render(
                "clinic_schedule.rebooking_result",
                {"moved": result.moved or [], "left": result.left or []},
            )

    @api.model
    def _show(self, moved, left):
        """Return the action that shows what was moved, and what was not and why.

        :param moved: dicts of words: ``visit``, ``patient``, ``at``, ``to``, ``who``.
        :param left: dicts of words: ``visit``, ``patient``, ``at``, ``why``.
        """
        # sudo: a scrap of paper for the one who pressed the button
        result = self.sudo().create({"moved": moved, "left": left})
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_rebooking_result"
        )
        action["res_id"] = result.id
        return action
