from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicCarePlan(models.Model):
    """What is to be done for the patient, by stages; agreed on, then followed.

    Draft: the specialist writes it. Active: the patient has signed. Its services are
    ordered stage by stage; when all of them are done, so is the plan.
    """

    _name = "clinic.care.plan"
    _description = "Care Plan"
    _inherit = ["clinic.order.mixin"]
    _order_sequence = "clinic.care.plan"

    title = fields.Char(required=True)
    goal = fields.Text(help="What the treatment is to achieve.")
    line_ids = fields.One2many("clinic.care.plan.line", "plan_id", string="Services")
    document_ids = fields.One2many("clinic.document", "care_plan_id", string="Consents")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount_total = fields.Monetary(string="Estimate", compute="_compute_amount_total")
    amount_owed = fields.Monetary(
        string="Still to Be Done", compute="_compute_amount_total"
    )
    progress = fields.Integer(
        compute="_compute_progress", string="Done, %", aggregator=None
    )
    next_stage = fields.Integer(compute="_compute_progress", aggregator=None)

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.depends("line_ids.amount", "line_ids.unit_price", "line_ids.owed_count")
    def _compute_amount_total(self):
        for plan in self:
            plan.amount_total = sum(plan.line_ids.mapped("amount"))
            plan.amount_owed = sum(
                line.unit_price * line.owed_count for line in plan.line_ids
            )

    @api.depends(
        "line_ids.done_count",
        "line_ids.quantity",
        "line_ids.declined_count",
        "line_ids.left_count",
    )
    def _compute_progress(self):
        for plan in self:
            promised = sum(
                line.quantity - line.declined_count for line in plan.line_ids
            )
            done = sum(plan.line_ids.mapped("done_count"))
            plan.progress = 100 * done // promised if promised else 0
            stages = [line.stage for line in plan.line_ids if line.left_count]
            plan.next_stage = min(stages, default=0)

    @api.model
    def _progress_fields(self):
        return super()._progress_fields() | {"document_ids"}

    # === ACTIONS === #

    def action_open(self):
        """Open the plan on a page of its own."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Care Plan"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_estimate(self):
        """Take the prices anew, as they are for this patient today."""
        self._check_own()
        self._check_is_draft()
        self.line_ids._estimate()
        return True

    def action_sign(self):
        """Open the consent to the plan, filled in, to be signed by the patient."""
        self.ensure_one()
        self._check_own()
        if not self.awaits_consent:
            self._check_is_draft()
        if not self.line_ids:
            raise UserError(self.env._("There are no services in the plan yet."))
        template = self.env.ref("clinic_emr.document_template_plan")
        draft = self.document_ids.filtered(lambda one: one.state == "draft")[:1]
        draft = draft or self.env["clinic.document"].create(
            {
                "care_plan_id": self.id,
                "patient_id": self.patient_id.id,
                "template_id": template.id,
            }
        )
        return draft.action_open()

    def action_order_stage(self):
        """Order all that is left of the next stage; the desk books it."""
        self.ensure_one()
        self._check_own()
        if self.state != "active":
            raise UserError(
                self.env._(
                    "The patient has not agreed to the plan %s yet.", self.display_name
                )
            )
        lines = self.line_ids.filtered(
            lambda line: line.stage == self.next_stage and line.left_count
        )
        if not lines:
            raise UserError(self.env._("Everything in this plan is ordered."))
        requests = self.env["clinic.service.request"].create(
            [line._prepare_request_vals() for line in lines]
        )
        requests._activate()
        return True

    def action_open_requests(self):
        """Open what was ordered by the plan."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders of the Plan"),
            "res_model": "clinic.service.request",
            "view_mode": "list,form",
            "domain": [("care_plan_line_id.plan_id", "=", self.id)],
        }

    # === BUSINESS === #

    def _check_can_activate(self):
        result = super()._check_can_activate()
        for plan in self:
            if not plan.document_ids.filtered(lambda one: one.state == "issued"):
                raise UserError(
                    self.env._(
                        "The patient has not signed the plan %s yet. Press “Sign”.",
                        plan.display_name,
                    )
                )
        return result

    def _complete_when_done(self):
        done = self.filtered(
            lambda plan: (
                plan.state == "active"
                and plan.line_ids
                and not any(plan.line_ids.mapped("owed_count"))
            )
        )
        done._close("completed")

    def _estimate_prices(self, services):
        """Return ``{service: price}`` for the patient. Override for price lists."""
        self.ensure_one()
        patient = self.patient_id._origin
        return {
            service: service._clinic_price(patient or None, self.specialist_id)
            for service in services
        }

    def _to_table(self):
        """Return the plan as a table of HTML, for the document that is signed."""
        self.ensure_one()
        rows = Markup("").join(
            Markup("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
                line.stage,
                escape(line.service_id.name),
                line.quantity - line.declined_count,
                self.currency_id.format(line.amount),
            )
            for line in self.line_ids.sorted(
                lambda line: (line.stage, line.sequence, line.id)
            )
            if line.quantity > line.declined_count
        )
        heads = Markup("").join(
            Markup("<th>{}</th>").format(head)
            for head in (
                self.env._("Stage"),
                self.env._("Service"),
                self.env._("Quantity"),
                self.env._("Amount"),
            )
        )
        return Markup('<table class="table table-sm"><tr>{}</tr>{}</table>').format(
            heads, rows
        )
