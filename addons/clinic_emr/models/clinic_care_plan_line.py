from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicCarePlanLine(models.Model):
    """A service of a care plan: promised, ordered, done, owed."""

    _name = "clinic.care.plan.line"
    _description = "Service of a Care Plan"
    _inherit = ["clinic.medical.mixin"]
    _order = "stage, sequence, id"

    _medical_author_path = "plan_id.specialist_id.user_id"

    plan_id = fields.Many2one(
        "clinic.care.plan", required=True, index=True, ondelete="cascade"
    )
    record_id = fields.Many2one(
        related="plan_id.record_id", store=True, precompute=True, index=True
    )
    sequence = fields.Integer(default=10)
    stage = fields.Integer(required=True, default=1, aggregator=None)
    service_id = fields.Many2one(
        "product.product",
        required=True,
        ondelete="restrict",
        domain=[("type", "=", "service"), ("sale_ok", "=", True)],
    )
    quantity = fields.Integer(string="Promised", required=True, default=1)
    note = fields.Char()
    currency_id = fields.Many2one(related="plan_id.currency_id")
    unit_price = fields.Monetary(
        string="Price",
        compute="_compute_unit_price",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
    )
    amount = fields.Monetary(compute="_compute_amount")
    request_ids = fields.One2many(
        "clinic.service.request", "care_plan_line_id", string="Orders", readonly=True
    )
    ordered_count = fields.Integer(compute="_compute_counts", string="Ordered")
    done_count = fields.Integer(compute="_compute_counts", string="Carried Out")
    owed_count = fields.Integer(compute="_compute_counts", string="Owed")
    left_count = fields.Integer(compute="_compute_counts", string="To Order")

    _quantity_range = models.Constraint(
        "CHECK(quantity BETWEEN 1 AND 60 AND stage BETWEEN 1 AND 50)",
        "From 1 to 60 times, in one of 50 stages.",
    )

    @api.depends("plan_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.plan_id.display_name

    @api.depends("service_id")
    def _compute_unit_price(self):
        self._set_prices()

    @api.depends("unit_price", "quantity", "declined_count")
    def _compute_amount(self):
        for line in self:
            line.amount = line.unit_price * (line.quantity - line.declined_count)

    @api.depends(
        "quantity",
        "declined_count",
        "awaits_consent",
        "request_ids.state",
        "request_ids.quantity",
        "request_ids.referral_id.done_count",
    )
    def _compute_counts(self):
        for line in self:
            # sudo: a referral before the desk is counted, not shown
            requests = line.sudo().request_ids
            line.done_count = sum(
                request.quantity
                if request.state == "completed"
                else request.referral_id.done_count
                for request in requests
            )
            # of what was revoked midway, that stands which was done before
            line.ordered_count = sum(
                request.referral_id.done_count
                if request.state == "revoked"
                else request.quantity
                for request in requests
            )
            promised = line.quantity - line.declined_count
            line.owed_count = max(promised - line.done_count, 0)
            line.left_count = max(promised - line.ordered_count, 0)
            if line.awaits_consent:
                line.left_count = 0

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: not line.replaces_id).plan_id._check_is_draft()
        lines.plan_id._renew_consents()
        return lines

    def write(self, vals):
        if set(vals) - {"record_id", "request_ids"} - self._change_fields():
            self.plan_id._check_is_draft()
        if "plan_id" in vals and any(
            line.plan_id.id != vals["plan_id"] for line in self
        ):
            raise UserError(self.env._("A service can't be moved to another plan."))
        result = super().write(vals)
        self.plan_id._renew_consents()
        return result

    def unlink(self):
        plans = self.plan_id
        result = super().unlink()
        plans.exists()._renew_consents()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self.plan_id._check_is_draft()

    def _may_be_struck_out(self):
        return super()._may_be_struck_out() or self.plan_id.state == "draft"

    def _estimate(self):
        """Take the prices anew."""
        self._set_prices()

    def _set_prices(self):
        for plan, lines in self.grouped("plan_id").items():
            if not plan:
                lines.unit_price = 0.0
                continue
            prices = plan._estimate_prices(lines.service_id)
            for line in lines:
                line.unit_price = prices.get(line.service_id, 0.0)

    def _prepare_request_vals(self):
        """Return the values of the order for what is left of the line."""
        self.ensure_one()
        return {
            "record_id": self.record_id.id,
            "specialist_id": self.plan_id.specialist_id.id,
            "care_plan_line_id": self.id,
            "kind": "course" if self.left_count > 1 else "procedure",
            "service_id": self.service_id.id,
            "quantity": self.left_count,
            "reason": self.note,
        }
