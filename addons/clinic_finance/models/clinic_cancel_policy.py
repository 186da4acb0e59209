from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.charges import CancelStep, kept_percent


class ClinicCancelPolicy(models.Model):
    """What a patient's late cancellation costs.

    Named by a service, else by the company; without one a cancellation is free. A
    cancellation by the clinic, of a held time, or right after booking always is.
    """

    _name = "clinic.cancel.policy"
    _description = "Cancellation Rules"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    base = fields.Selection(
        [
            ("price", "Of the price"),
            ("deposit", "Of the deposit"),
            ("paid", "Of what has been paid"),
        ],
        required=True,
        default="price",
        help="What the percentages are taken of.",
    )
    step_ids = fields.One2many(
        "clinic.cancel.policy.step", "policy_id", string="Steps", copy=True
    )
    noshow_percent = fields.Float(
        string="Did Not Come, %",
        default=100.0,
        digits=(5, 2),
        help="Kept when the patient did not come at all.",
    )
    grace_minutes = fields.Integer(
        string="Free After Booking, Minutes",
        default=30,
        help="A cancellation so soon after booking costs nothing.",
    )
    summary = fields.Char(compute="_compute_summary")

    _percent_range = models.Constraint(
        "CHECK(noshow_percent BETWEEN 0 AND 100 AND grace_minutes >= 0)",
        "From 0 to 100 %, and not below zero minutes.",
    )

    @api.depends("step_ids.hours", "step_ids.percent", "noshow_percent")
    @api.depends_context("lang")
    def _compute_summary(self):
        for policy in self:
            words = [
                self.env._(
                    "less than %(hours)g h before: %(percent)g %%",
                    hours=step.hours,
                    percent=step.percent,
                )
                for step in policy.step_ids.sorted("hours", reverse=True)
            ]
            words.append(
                self.env._(
                    "did not come: %(percent)g %%", percent=policy.noshow_percent
                )
            )
            policy.summary = "; ".join(words)

    def _kept_percent(self, hours_left):
        """Return the percent kept of a cancellation so many hours ahead."""
        self.ensure_one()
        return kept_percent(
            hours_left,
            [CancelStep(step.hours, step.percent) for step in self.step_ids],
        )


class ClinicCancelPolicyStep(models.Model):
    _name = "clinic.cancel.policy.step"
    _description = "Step of Cancellation Rules"
    _order = "hours desc, id"

    policy_id = fields.Many2one(
        "clinic.cancel.policy", required=True, index=True, ondelete="cascade"
    )
    hours = fields.Float(
        string="Hours Before", required=True, help="Less than so many hours before."
    )
    percent = fields.Float(string="Kept, %", required=True, digits=(5, 2))

    _hours_once = models.UniqueIndex(
        "(policy_id, hours)", "There is a step with these hours already."
    )

    @api.constrains("hours", "percent")
    def _check_range(self):
        for step in self:
            if step.hours <= 0 or not 0 <= step.percent <= 100:
                raise ValidationError(
                    self.env._(
                        "A step is more than zero hours before the visit, and keeps "
                        "from 0 to 100 %."
                    )
                )


class ResCompany(models.Model):
    _inherit = "res.company"

    clinic_cancel_policy_id = fields.Many2one(
        "clinic.cancel.policy",
        string="Cancellation Rules",
        check_company=True,
        help="For services without rules of their own. Empty: cancellations are free.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    clinic_cancel_policy_id = fields.Many2one(
        related="company_id.clinic_cancel_policy_id", readonly=False
    )


class ProductTemplate(models.Model):
    _inherit = "product.template"

    cancel_policy_id = fields.Many2one(
        "clinic.cancel.policy",
        string="Cancellation Rules",
        company_dependent=True,
        help="What a late cancellation costs; empty: by the setting of the company.",
    )
