from collections import Counter
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.clinic_finance_rule import ACTIONS

MOST_VISITS = 5000
MOST_LINES = 500


class ClinicFinanceDryRun(models.TransientModel):
    """Tries rules on the past, or on what is booked now, and changes nothing."""

    _name = "clinic.finance.dry.run"
    _description = "Rules Tried on the Past"

    rule_ids = fields.Many2many(
        "clinic.finance.rule",
        string="Rules",
        required=True,
        context={"active_test": False},
        default=lambda self: self.env["clinic.finance.rule"].search([]),
    )
    scope = fields.Selection(
        [("past", "Visits of the past"), ("now", "What is booked now")],
        required=True,
        default="past",
    )
    date_from = fields.Date(
        string="From",
        default=lambda self: fields.Date.context_today(self) - timedelta(days=30),
    )
    date_to = fields.Date(
        string="To",
        default=lambda self: fields.Date.context_today(self) - timedelta(days=1),
    )
    line_ids = fields.One2many("clinic.finance.dry.run.line", "run_id", readonly=True)
    summary = fields.Char(readonly=True)
    warning = fields.Char(readonly=True)
    is_tried = fields.Boolean()

    @api.depends("scope")
    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Try the Rules")

    def action_try(self):
        """Fill the list of what the rules would have done."""
        self.ensure_one()
        rules_tried = self.rule_ids.sorted()
        rules_tried.check_access("read")
        if not rules_tried:
            raise UserError(self.env._("Choose the rules to try."))
        company = rules_tried.company_id
        if len(company) > 1:
            raise UserError(self.env._("Choose rules of one company."))
        # Sudo: the rules read what the books say; shown is what a rule would do.
        visits_sudo = (
            self.env["clinic.appointment"]
            .sudo()
            .search(self._visits_domain(company), order="start", limit=MOST_VISITS)
        )
        found = self._tried_on(rules_tried, visits_sudo)
        lines = [
            (visit, moment, decision)
            for visit, decisions in found.items()
            for moment, decision in decisions
        ]
        lines.sort(key=lambda line: (line[1], line[0].id))
        self.write(
            {
                "is_tried": True,
                "line_ids": [
                    Command.clear(),
                    *(
                        Command.create(self._line_vals(*line))
                        for line in lines[:MOST_LINES]
                    ),
                ],
                "summary": self._summary(len(visits_sudo), found, lines),
                "warning": self._warning(lines),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try the Rules"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _visits_domain(self, company):
        if self.scope == "now":
            return self.env["clinic.finance.engine"]._visits_domain(company)
        if not self.date_from or not self.date_to or self.date_from > self.date_to:
            raise UserError(self.env._("Choose a period that ends after it begins."))
        return [
            ("company_id", "=", company.id),
            ("day", ">=", self.date_from),
            ("day", "<=", self.date_to),
            ("start", "<", fields.Datetime.now()),
            ("hold_expired", "=", False),
        ]

    def _tried_on(self, rules_tried, visits_sudo):
        if self.scope == "past":
            history = self.env["clinic.finance.history"].sudo()
            return history._replay(rules_tried.sudo(), visits_sudo)
        now = fields.Datetime.now()
        planned = (
            self.env["clinic.finance.engine"]
            .sudo()
            ._plan(rules_tried.sudo(), visits_sudo)
        )
        return {
            visit: [(now, decision) for decision in planned[visit.id]]
            for visit in visits_sudo
            if planned[visit.id]
        }

    @api.model
    def _line_vals(self, visit, moment, decision):
        words = self.env["clinic.finance.condition"]._words
        return {
            "appointment_id": visit.id,
            "moment": moment,
            "rule_id": decision.rule_id,
            "action": decision.action,
            "reason": "; ".join(words(*item) for item in decision.because),
            "outcome": self._outcome(visit),
        }

    @api.model
    def _outcome(self, visit):
        """Return how the visit really ended."""
        if visit.state in ("fulfilled", "arrived", "in_progress"):
            return "came_paid" if not visit.amount_due else "came_owes"
        if visit.state == "noshow":
            return "noshow"
        if visit.state == "cancelled":
            return "cancelled"
        return "ahead"

    def _summary(self, count, found, lines):
        labels = dict(ACTIONS)
        labels.update(
            self.env["clinic.finance.rule"]
            ._fields["action"]
            ._description_selection(self.env)
        )
        counts = Counter(decision.action for _visit, _moment, decision in lines)
        if not lines:
            return self.env._(
                "The rules would not have touched any of %(count)s visits.", count=count
            )
        done = "; ".join(
            f"{labels[action].lower()}: {number}"
            for action, number in counts.most_common()
        )
        pattern = (
            self.env._("Would have touched %(touched)s of %(count)s visits: %(done)s.")
            if self.scope == "past"
            else self.env._("Would touch %(touched)s of %(count)s visits: %(done)s.")
        )
        return pattern % {"touched": len(found), "count": count, "done": done}

    def _warning(self, lines):
        """Say which cancellations would have hit people who came and paid."""
        harmed = [
            visit
            for visit, _moment, decision in lines
            if decision.action == "cancel" and self._outcome(visit) == "came_paid"
        ]
        if not harmed:
            return False
        return self.env._(
            "%(count)s of the cancelled visits took place and were paid in the end: "
            "the rule may be too strict.",
            count=len(harmed),
        )


class ClinicFinanceDryRunLine(models.TransientModel):
    """One thing a rule would have done."""

    _name = "clinic.finance.dry.run.line"
    _description = "What a Rule Would Have Done"
    _order = "moment, id"

    run_id = fields.Many2one(
        "clinic.finance.dry.run", required=True, ondelete="cascade", index=True
    )
    appointment_id = fields.Many2one(
        "clinic.appointment", string="Visit", ondelete="cascade"
    )
    patient_id = fields.Many2one(related="appointment_id.patient_id")
    visit_time = fields.Char(related="appointment_id.local_time", string="Visit Time")
    moment = fields.Datetime(string="When")
    rule_id = fields.Many2one("clinic.finance.rule", ondelete="cascade")
    action = fields.Selection(ACTIONS, string="Would Do")
    reason = fields.Char()
    outcome = fields.Selection(
        [
            ("came_paid", "Came and paid"),
            ("came_owes", "Came, has not paid"),
            ("noshow", "Did not come"),
            ("cancelled", "Was cancelled"),
            ("ahead", "Is still to come"),
        ],
        string="What Really Happened",
    )
