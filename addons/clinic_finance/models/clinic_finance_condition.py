from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, formatLang

from ..tools import rules

MONEY = ("due", "price", "debt")
RECORD_MODELS = {
    "tags": "res.partner.category",
    "services": "product.product",
    "branches": "clinic.branch",
}
RECORD_FIELDS = {"tags": "tag_ids", "services": "service_ids", "branches": "branch_ids"}


class ClinicFinanceCondition(models.Model):
    """One condition of a rule: a fact, a comparison, a value."""

    _name = "clinic.finance.condition"
    _description = "Condition of a Rule"
    _order = "sequence, id"
    _rec_name = "words"

    rule_id = fields.Many2one(
        "clinic.finance.rule", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    fact = fields.Selection(
        [
            ("state", "State of the visit"),
            ("hours_left", "Hours left to the visit"),
            ("days_since", "Days since the visit"),
            ("hours_booked", "Hours since it was booked"),
            ("hours_asked", "Hours since prepayment was asked"),
            ("due", "To pay for the visit"),
            ("price", "Price of the visit"),
            ("paid_share", "Paid, % of the price"),
            ("policy", "Prepayment of the service"),
            ("services", "Service"),
            ("branches", "Branch"),
            ("source", "Booked through"),
            ("debt", "Overdue debt of the payer"),
            ("debt_days", "Days the oldest debt is overdue"),
            ("risk", "Risk of late payment, %"),
            ("risk_level", "Risk of late payment, level"),
            ("noshows", "Missed visits in a year"),
            ("patient_kind", "Patient is new or not"),
            ("age", "Age of the patient"),
            ("tags", "Tags of the patient"),
            ("payer_kind", "Who pays"),
            ("blocked", "Patient is blocked"),
        ],
        string="What",
        required=True,
        default="hours_left",
    )
    kind = fields.Selection(
        [("number", "Number"), ("choice", "Choice"), ("records", "Records")],
        compute="_compute_kind",
    )
    compare = fields.Selection(
        [("ge", "at least"), ("lt", "less than")],
        string="Comparison",
        default="lt",
        required=True,
    )
    belongs = fields.Selection(
        [("in", "is one of"), ("not in", "is none of")],
        string="Membership",
        default="in",
        required=True,
    )
    number = fields.Float(string="Value", digits=(16, 2))
    value_ids = fields.Many2many(
        "clinic.finance.fact.value", string="Values", domain="[('fact', '=', fact)]"
    )
    tag_ids = fields.Many2many("res.partner.category", string="Tags")
    service_ids = fields.Many2many(
        "product.product", string="Services", domain=[("is_clinic_service", "=", True)]
    )
    branch_ids = fields.Many2many("clinic.branch", string="Branches")
    words = fields.Char(compute="_compute_words", string="Condition")

    @api.depends("fact")
    def _compute_kind(self):
        for condition in self:
            condition.kind = rules.FACTS.get(condition.fact)

    @api.depends(
        "fact",
        "compare",
        "belongs",
        "number",
        "value_ids",
        "tag_ids",
        "service_ids",
        "branch_ids",
    )
    @api.depends_context("lang")
    def _compute_words(self):
        for condition in self:
            operator, value = condition._operand()
            condition.words = self._words(condition.fact, operator, value)

    @api.constrains("fact", "value_ids", "tag_ids", "service_ids", "branch_ids")
    def _check_value(self):
        for condition in self.filtered(lambda c: c.kind != "number"):
            if not condition._operand()[1]:
                raise ValidationError(
                    self.env._(
                        "Choose at least one value of the condition “%(fact)s”.",
                        fact=self._fact_label(condition.fact),
                    )
                )

    @api.onchange("fact")
    def _onchange_fact(self):
        self.value_ids = False

    def _operand(self):
        """Return (operator, value) in plain values."""
        self.ensure_one()
        if self.kind == "number":
            return self.compare, self.number
        if self.kind == "choice":
            codes = self.value_ids.filtered(lambda v: v.fact == self.fact)
            return self.belongs, sorted(codes.mapped("code"))
        return self.belongs, sorted(self[RECORD_FIELDS[self.fact]]._origin.ids)

    def _as_condition(self):
        """Return the condition for the pure engine."""
        operator, value = self._operand()
        if isinstance(value, list):
            value = frozenset(value)
        return rules.Condition(self.fact, operator, value)

    # Words --------------------------------------------------------------------

    @api.model
    def _fact_label(self, fact):
        return dict(self._fields["fact"]._description_selection(self.env)).get(
            fact, fact
        )

    @api.model
    def _words(self, fact, operator, value, actual=None):
        """Say a condition in words; with ``actual``: and what it was then."""
        labels = {
            **dict(self._fields["compare"]._description_selection(self.env)),
            **dict(self._fields["belongs"]._description_selection(self.env)),
        }
        if not fact:
            return ""
        known = {
            "fact": self._fact_label(fact),
            "operator": labels[operator],
            "value": self._value_words(fact, value),
        }
        if actual is not None and rules.FACTS[fact] != rules.NUMBER:
            known["value"] = self._value_words(fact, actual)
            return self.env._("%(fact)s: %(value)s", **known)
        if actual is None:
            if operator in ("in", "not in") and len(value) == 1:
                # "one of" is for several.
                return (
                    self.env._("%(fact)s: %(value)s", **known)
                    if operator == "in"
                    else self.env._("%(fact)s: not %(value)s", **known)
                )
            return self.env._("%(fact)s: %(operator)s %(value)s", **known)
        known["actual"] = self._value_words(fact, actual)
        return self.env._("%(fact)s: %(actual)s (%(operator)s %(value)s)", **known)

    @api.model
    def _value_words(self, fact, value):
        if fact in MONEY:
            return format_amount(self.env, value or 0.0, self.env.company.currency_id)
        kind = rules.FACTS[fact]
        if kind == rules.NUMBER:
            number = value or 0.0
            whole = abs(number - round(number)) < 0.05
            return formatLang(self.env, number, digits=0 if whole else 1)
        values = value if isinstance(value, list | tuple | set | frozenset) else [value]
        if kind == rules.CHOICE:
            labels = self.env["clinic.finance.fact.value"]._labels().get(fact, {})
            return ", ".join(labels.get(code, str(code)) for code in values)
        # Sudo: the words of a decision are for whoever may read the decision.
        records = self.env[RECORD_MODELS[fact]].sudo().browse(values).exists()
        return ", ".join(records.mapped("display_name")) or "—"
