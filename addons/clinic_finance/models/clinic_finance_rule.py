from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import rules

ACTIONS = [
    ("remind", "Remind of the payment"),
    ("link", "Send the payment link"),
    ("prepayment", "Ask for prepayment"),
    ("call", "Ask the reception to call"),
    ("suspend", "Put the visit on hold until it is paid"),
    ("block", "Block: new bookings only with prepayment"),
    ("cancel", "Cancel and offer the time to the waiting list"),
    ("notify", "Notify colleagues"),
]


class ClinicFinanceRule(models.Model):
    """IF the conditions hold THEN act: what the clinic decides on unpaid visits.

    Tried in their order for each visit. Limits that no rule can cross are in
    ``tools/rules.py`` and in the database; each decision is written down.
    """

    _name = "clinic.finance.rule"
    _description = "Decision Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=False,
        help="Try the rule on the past before it acts.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    condition_ids = fields.One2many(
        "clinic.finance.condition", "rule_id", string="If", copy=True
    )
    action = fields.Selection(ACTIONS, string="Then", required=True, default="remind")
    last = fields.Boolean(
        string="Look No Further",
        default=True,
        help="The rules behind this one are not tried on a visit it applies to.",
    )
    note = fields.Char(
        string="Task",
        translate=True,
        help="What the colleagues are asked to do.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Whom to Notify",
        domain=[("share", "=", False)],
    )
    prepay_hours = fields.Float(
        string="Hours to Pay",
        default=24.0,
        help="The patient is told to pay within this time, and not later than the "
        "visit. What happens then is the matter of another rule.",
    )
    block_days = fields.Integer(
        string="Days of the Block",
        help="Zero: until somebody lifts it.",
    )
    words = fields.Char(compute="_compute_words", string="In Words")
    decision_ids = fields.One2many("clinic.finance.decision", "rule_id")
    decision_count = fields.Integer(compute="_compute_decision_count")

    _hours_positive = models.Constraint(
        "CHECK(prepay_hours > 0 AND block_days >= 0)",
        "The time to pay must be above zero, the days of a block not below it.",
    )

    @api.depends("condition_ids.words", "action")
    @api.depends_context("lang")
    def _compute_words(self):
        actions = dict(self._fields["action"]._description_selection(self.env))
        for rule in self:
            rule.words = self.env._(
                "If %(conditions)s, then: %(action)s",
                conditions="; ".join(rule.condition_ids.mapped("words"))
                or self.env._("always"),
                action=actions.get(rule.action, ""),
            )

    def _compute_decision_count(self):
        groups = self.env["clinic.finance.decision"]._read_group(
            [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
        )
        counts = {rule.id: count for rule, count in groups}
        for rule in self:
            rule.decision_count = counts.get(rule.id, 0)

    @api.constrains("active", "condition_ids", "action", "user_ids")
    def _check_complete(self):
        for rule in self.filtered("active"):
            if not rule.condition_ids:
                raise ValidationError(
                    self.env._(
                        "Rule “%(name)s” has no conditions: it would act on every "
                        "visit. Add a condition.",
                        name=rule.name,
                    )
                )
            if rule.action == "notify" and not rule.user_ids:
                raise ValidationError(
                    self.env._("Say whom rule “%(name)s” notifies.", name=rule.name)
                )

    def copy_data(self, default=None):
        """A copy does not act by itself."""
        return [
            {**vals, "active": False, "name": self.env._("%s (copy)", vals["name"])}
            for vals in super().copy_data(default)
        ]

    def _as_rules(self):
        """Return the rules for the pure engine, in their order."""
        return [
            rules.Rule(
                rule.id,
                rule.action,
                tuple(condition._as_condition() for condition in rule.condition_ids),
                rule.last,
            )
            for rule in self
        ]

    @api.model
    def _of_company(self, company):
        """Return the rules at work in a company, in their order."""
        return self.search([("company_id", "=", company.id)])

    # Screens ------------------------------------------------------------------

    def action_try(self):
        """Open the dry run for these rules."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_finance_dry_run"
        )
        action["context"] = {"default_rule_ids": self.ids}
        return action

    def action_view_decisions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_finance_decision"
        )
        action["domain"] = [("rule_id", "=", self.id)]
        action["context"] = {}
        return action
