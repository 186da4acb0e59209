from odoo import api, fields, models
from odoo.exceptions import UserError

from .clinic_care_standard_line import LINE_KINDS


class ClinicCareItem(models.Model):
    """What a standard calls for in one visit, and whether it was done.

    Ticked by what was really ordered, measured or written; else by the specialist, who
    may also say why it is not needed.
    """

    _name = "clinic.care.item"
    _description = "Item of a Standard in a Visit"
    _inherit = ["clinic.encounter.line"]
    _order = "encounter_id desc, standard_id, sequence, id"

    encounter_id = fields.Many2one(readonly=True, ondelete="cascade")
    specialist_id = fields.Many2one(
        related="encounter_id.specialist_id", store=True, precompute=True
    )
    date = fields.Datetime(related="encounter_id.start", store=True, precompute=True)
    standard_id = fields.Many2one(
        "clinic.care.standard",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    line_id = fields.Many2one(
        "clinic.care.standard.line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(LINE_KINDS, required=True, readonly=True)
    name = fields.Char(string="What Is to Be Done", required=True, readonly=True)
    required = fields.Boolean(readonly=True)
    is_found = fields.Boolean(
        string="Found in the Visit",
        readonly=True,
        help="Ordered, measured or written in the visit.",
    )
    is_ticked = fields.Boolean(string="Ticked")
    waiver = fields.Char(string="Not Needed Because")
    state = fields.Selection(
        [("missing", "Missing"), ("done", "Carried out"), ("waived", "Not needed")],
        compute="_compute_state",
        store=True,
        precompute=True,
    )
    done_rate = fields.Float(
        string="Done, %",
        compute="_compute_state",
        store=True,
        precompute=True,
        aggregator="avg",
        help="What is not needed counts as done.",
    )

    done_count = fields.Integer(
        string="Done or Not Needed",
        compute="_compute_state",
        store=True,
        precompute=True,
        help="How many items, of those counted, were carried out or not needed.",
    )

    _line_once = models.UniqueIndex(
        "(encounter_id, line_id) WHERE line_id IS NOT NULL",
        "This item is in the visit already.",
    )

    @api.depends("is_found", "is_ticked", "waiver")
    def _compute_state(self):
        for item in self:
            if item.is_found or item.is_ticked:
                item.state = "done"
            else:
                item.state = "waived" if (item.waiver or "").strip() else "missing"
            item.done_count = item.state != "missing"
            item.done_rate = 100 * item.done_count

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.encounter_id._check_not_locked()
        return items

    def write(self, vals):
        self.encounter_id._check_not_locked()
        if not self.env.su and set(vals) - {"is_ticked", "waiver"}:
            raise UserError(
                self.env._("Of an item of the standard only the tick can be changed.")
            )
        return super().write(vals)

    def action_tick(self):
        """Tick by hand, or take the tick back."""
        for item in self:
            item.is_ticked = not item.is_ticked
        return True
