from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .clinic_finance_rule import ACTIONS

BY_HAND = [("unblock", "Lift the block"), ("waive", "Book without prepayment")]


class ClinicFinanceDecision(models.Model):
    """What was decided on a visit or a patient, why, and who decided otherwise.

    Rows are only added, and by the engine; an override keeps the row and its reason.
    """

    _name = "clinic.finance.decision"
    _description = "Financial Decision"
    _order = "id desc"

    rule_id = fields.Many2one(
        "clinic.finance.rule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Empty: decided by hand.",
    )
    rule_name = fields.Char(string="Rule Then", readonly=True)
    action = fields.Selection(ACTIONS + BY_HAND, required=True, readonly=True)
    state = fields.Selection(
        [
            ("done", "Done"),
            ("overridden", "Overridden"),
            ("failed", "Could not be done"),
        ],
        required=True,
        default="done",
        readonly=True,
        index=True,
    )
    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    visit_start = fields.Datetime(readonly=True)
    visit_time = fields.Char(related="appointment_id.local_time", string="Visit Time")
    patient_id = fields.Many2one(
        "res.partner", readonly=True, index=True, ondelete="cascade", required=True
    )
    branch_id = fields.Many2one("clinic.branch", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_due = fields.Monetary(string="To Pay Then", readonly=True, aggregator="sum")
    is_paid = fields.Boolean(
        string="Was Paid", readonly=True, help="Wholly or partly, when it was decided."
    )
    is_urgent = fields.Boolean(string="Was Urgent", readonly=True)
    because = fields.Json(readonly=True)
    reason = fields.Char(compute="_compute_reason", compute_sudo=True)
    note = fields.Char(
        readonly=True, help="The reason given by hand, or why it could not be done."
    )
    user_id = fields.Many2one("res.users", string="Decided By", readonly=True)
    override_reason = fields.Char(readonly=True)
    overridden_by_id = fields.Many2one("res.users", readonly=True)
    overridden_at = fields.Datetime(readonly=True)
    can_override = fields.Boolean(compute="_compute_can_override")

    # The limits once more, where no code can forget them.
    _cancels_no_paid = models.Constraint(
        "CHECK(action NOT IN ('cancel', 'suspend')"
        " OR (is_paid IS NOT TRUE AND is_urgent IS NOT TRUE))",
        "A paid or urgent visit is never cancelled by a rule.",
    )
    _override_reasoned = models.Constraint(
        "CHECK(state <> 'overridden' OR override_reason <> '')",
        "An override needs a reason.",
    )
    # Each rule acts once on a visit, however many jobs run; a moved visit is new.
    _once = models.UniqueIndex(
        "(rule_id, appointment_id, visit_start)"
        " WHERE rule_id IS NOT NULL AND appointment_id IS NOT NULL"
        " AND state <> 'failed'",
        "This rule has acted on this visit already.",
    )

    @api.depends("because", "note", "rule_name")
    @api.depends_context("lang")
    def _compute_reason(self):
        words = self.env["clinic.finance.condition"]._words
        for decision in self:
            parts = [words(*item) for item in decision.because or ()]
            if decision.note:
                parts.append(decision.note)
            decision.reason = "; ".join(parts)

    @api.depends("action", "patient_id", "visit_start")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["action"]._description_selection(self.env))
        for decision in self:
            decision.display_name = labels.get(decision.action) or ""

    @api.depends("state", "action")
    def _compute_can_override(self):
        may = self._may_override()
        for decision in self:
            decision.can_override = (
                may
                and decision.state == "done"
                and decision.action in ("prepayment", "suspend", "block", "cancel")
            )

    @api.model
    def _may_override(self):
        return self.env.su or self.env.user.has_group(
            "clinic_finance.group_decision_override"
        )

    @api.model
    def _check_may_override(self):
        if not self._may_override():
            raise AccessError(
                self.env._(
                    "Only those who may override financial decisions can do this; ask "
                    "the accountant or the director."
                )
            )

    @api.model
    def _log(self, action, patient, visit=None, **vals):
        """Write one decision down (sudo); return it."""
        company = visit.company_id if visit else self.env.company
        return self.sudo().create(
            {
                "action": action,
                "patient_id": patient.id,
                "company_id": company.id,
                "user_id": self.env.uid,
                **(visit._decision_vals() if visit else {}),
                **vals,
            }
        )

    @api.model
    def _done_on(self, visits):
        """Return ``{visit id: ids of the rules that have acted on it}``.

        Of its present time: a visit that was moved is looked at anew.
        """
        done = {}
        for decision in self.search_fetch(
            [
                ("appointment_id", "in", visits.ids),
                ("rule_id", "!=", False),
                ("state", "!=", "failed"),
            ],
            ["appointment_id", "rule_id", "visit_start"],
        ):
            visit = decision.appointment_id
            if decision.visit_start == visit.start:
                done.setdefault(visit.id, set()).add(decision.rule_id.id)
        return done

    @api.model
    def _failed_today(self, rule, visit):
        """Tell whether the same failure is in the log of the last day already."""
        return bool(
            self.search_count(
                [
                    ("appointment_id", "=", visit.id),
                    ("rule_id", "=", rule.id),
                    ("state", "=", "failed"),
                    ("create_date", ">", fields.Datetime.now() - timedelta(days=1)),
                ],
                limit=1,
            )
        )

    # Overriding -----------------------------------------------------------------

    def _override(self, reason):
        """Take a decision back; the log keeps both, and the reason."""
        self._check_may_override()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the decision is overridden."))
        for decision_sudo in self.sudo():
            if decision_sudo.state != "done":
                raise UserError(self.env._("This decision does not hold any more."))
            getattr(decision_sudo, f"_undo_{decision_sudo.action}")(reason)
            decision_sudo.write(
                {
                    "state": "overridden",
                    "override_reason": reason,
                    "overridden_by_id": self.env.uid,
                    "overridden_at": fields.Datetime.now(),
                }
            )

    def _undo_prepayment(self, reason):
        self.appointment_id._waive_prepayment()

    def _undo_suspend(self, reason):
        self.appointment_id._waive_prepayment()

    def _undo_block(self, reason):
        self.patient_id._lift_financial_block(reason, self.company_id)

    def _undo_cancel(self, reason):
        visit = self.appointment_id
        if not visit or visit.state != "cancelled":
            raise UserError(
                self.env._("There is no cancelled visit to book again here.")
            )
        # By the rules of booking: whoever has got the time since keeps it.
        visit._undo_release(
            {
                "state": "booked",
                "hold_until": False,
                "cancel_reason": False,
                "room_id": visit.room_id.id,
            }
        )
        visit.hold_expired = False
        visit._waive_prepayment()

    def action_override(self):
        """Ask for the reason, then take the decision back."""
        self.ensure_one()
        self._check_may_override()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_finance_override"
        )
        action["context"] = {"default_decision_id": self.id}
        return action

    def action_view_visit(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.appointment",
            "res_id": self.appointment_id.id,
            "views": [(False, "form")],
        }
