from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.allocation import allocate

MONEY_GROUPS = (
    "clinic_finance.group_payment_viewer,"
    "account.group_account_invoice,account.group_account_readonly"
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    clinic_balance = fields.Monetary(
        string="Account Balance",
        compute="_compute_clinic_balance",
        compute_sudo=True,
        search="_search_clinic_balance",
        currency_field="clinic_currency_id",
        groups=MONEY_GROUPS,
        help="Above zero: the clinic holds the patient's money. Below zero: the "
        "patient owes. Counted from the books for the person who pays: invoices of a "
        "child paid by a parent are on the parent's account.",
    )
    clinic_currency_id = fields.Many2one(
        "res.currency", compute="_compute_clinic_currency_id"
    )
    clinic_invoice_ids = fields.One2many(
        "account.move",
        "partner_id",
        string="Clinic Invoices",
        domain=[
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
        ],
        readonly=True,
        groups=MONEY_GROUPS,
    )
    clinic_patient_invoice_ids = fields.One2many(
        "account.move",
        "clinic_patient_id",
        string="Invoices for the Patient",
        domain=[("state", "=", "posted")],
        readonly=True,
        groups=MONEY_GROUPS,
    )
    clinic_payment_ids = fields.One2many(
        "account.payment",
        "partner_id",
        string="Payments",
        domain=[
            ("partner_type", "=", "customer"),
            ("state", "in", ("in_process", "paid")),
        ],
        readonly=True,
        groups=MONEY_GROUPS,
    )
    clinic_match_ids = fields.One2many(
        "clinic.payment.match",
        "partner_id",
        string="Matches",
        readonly=True,
        groups=MONEY_GROUPS,
    )

    @api.depends_context("company")
    def _compute_clinic_currency_id(self):
        self.clinic_currency_id = self.env.company.currency_id

    @api.depends_context("company")
    def _compute_clinic_balance(self):
        balances = self._clinic_balances(self.env.company)
        for partner in self:
            partner.clinic_balance = balances.get(partner.id, 0.0)

    def _clinic_balances(self, company):
        """Return {partner id: balance in ``company``}, from one query."""
        groups = self.env["account.move.line"]._read_group(
            self._clinic_open_items_domain(company),
            ["partner_id"],
            ["amount_residual:sum"],
        )
        return {
            partner.id: company.currency_id.round(-residual)
            for partner, residual in groups
        }

    def _clinic_balance_in(self, company):
        """Return the balance now; the field keeps its first value in a transaction."""
        self.ensure_one()
        return self._clinic_balances(company).get(self.id, 0.0)

    def _search_clinic_balance(self, operator, value):
        compare = {
            "in": lambda balance: balance in value,
            "<": lambda balance: balance < value,
            "<=": lambda balance: balance <= value,
            ">": lambda balance: balance > value,
            ">=": lambda balance: balance >= value,
        }.get(operator)
        if not compare:
            return NotImplemented
        # Sudo: the balance itself is shown to whoever may see this field.
        everybody = self.sudo().browse()
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                everybody._clinic_open_items_domain(self.env.company, anybody=True),
                ["partner_id"],
                ["amount_residual:sum"],
            )
        )
        balances = {partner.id: -residual for partner, residual in groups}
        if compare(0.0):
            return Domain(
                "id", "not in", [i for i, bal in balances.items() if not compare(bal)]
            )
        return Domain("id", "in", [i for i, bal in balances.items() if compare(bal)])

    def _clinic_open_items_domain(self, company, anybody=False):
        """Return the domain of what is open on the customers' account."""
        whose = (
            Domain("partner_id", "!=", False)
            if anybody
            else Domain("partner_id", "in", self.ids)
        )
        return whose & Domain(
            [
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
            ]
        )

    def _clinic_desk_warnings(self):
        """Add what the payer owes, for those who may see money."""
        warnings = super()._clinic_desk_warnings()
        payer = self._clinic_payer()
        if payer._has_field_access(payer._fields["clinic_balance"], "read"):
            currency = self.env.company.currency_id
            balance = payer.clinic_balance
            if currency.compare_amounts(balance, 0.0) < 0:
                warnings.append(
                    self.env._("Owes %(amount)s", amount=currency.format(-balance))
                )
        return warnings

    # Matching ----------------------------------------------------------------

    def clinic_allocate(self):
        """Match this person's open payments to their open invoices now.

        :return: ``{"matched": number of matches, "amount": their sum}``
        """
        self._check_clinic_may_take_payments()
        # Sudo after the check: the desk has no rights to write in the books.
        matches = self.sudo()._clinic_allocate()
        return {"matched": len(matches), "amount": sum(matches.mapped("amount"))}

    def _clinic_allocate(self):
        """Match in sudo mode; return the rows of the log that were added."""
        plan = {}
        for items in self._clinic_open_items():
            for match in allocate(*items):
                plan[match.charge_id, match.credit_id] = match
        plan = self._clinic_outside_locks(plan)
        if not plan:
            return self.env["clinic.payment.match"]
        lines = self.env["account.move.line"].browse(
            {line_id for pair in plan for line_id in pair}
        )
        last_match = self.env["clinic.payment.match"].search([], limit=1)
        lines.with_context(
            clinic_match_plan={pair: match.rule for pair, match in plan.items()}
        )._reconcile_plan(
            # one prefetch for all of them, or each pair is read by itself
            [lines.browse(pair).with_prefetch(lines.ids) for pair in plan]
        )
        matches = self.env["clinic.payment.match"].search(
            [("id", ">", last_match.id or 0), ("debit_line_id", "in", lines.ids)]
        )
        self._check_clinic_plan_executed(plan, matches)
        return matches

    def _check_clinic_plan_executed(self, plan, matches):
        """Refuse, and so roll back, a result other than what was planned."""
        done = {
            (match.debit_line_id.id, match.credit_line_id.id): _to_kopecks(match.amount)
            for match in matches
        }
        if done != {pair: match.amount for pair, match in plan.items()}:
            raise UserError(
                self.env._(
                    "The payments of %(names)s changed while they were being matched. "
                    "Please try again.",
                    names=", ".join(self.mapped("name")),
                )
            )

    def _clinic_open_items(self):
        """Return (charges, credits) for each payer, company and account."""
        lines = self.env["account.move.line"].search(
            Domain(
                [
                    ("partner_id", "in", self.ids),
                    ("parent_state", "=", "posted"),
                    ("account_type", "=", "asset_receivable"),
                    ("reconciled", "=", False),
                    ("amount_residual", "!=", 0),
                ]
            )
        )
        groups = defaultdict(lambda: ([], []))
        for line in lines:
            # What is in another currency is left to the accountant.
            if line.currency_id != line.company_currency_id:
                continue
            charges, credits = groups[line.partner_id, line.company_id, line.account_id]
            if line.amount_residual > 0:
                charges.append(line._clinic_as_charge())
            else:
                credits.append(line._clinic_as_credit())
        return groups.values()

    # Buttons -----------------------------------------------------------------

    @api.model
    def _check_clinic_may_take_payments(self):
        if not self.env.su and not self.env.user.has_group(
            "clinic_finance.group_payment_taker"
        ):
            raise AccessError(
                self.env._(
                    "Only the reception, the cash desk and the accountants can take "
                    "and match payments."
                )
            )

    def action_clinic_account(self):
        """Open the personal account of this person."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_account"
        )
        form = self.env.ref("clinic_finance.view_clinic_account_form")
        return {**action, "res_id": self.id, "views": [(form.id, "form")]}

    def action_clinic_take_payment(self):
        """Open the payment screen for this person's account."""
        self.ensure_one()
        payer = self._clinic_payer().commercial_partner_id
        return self.env["clinic.payment.wizard"]._open(
            default_partner_id=payer.id, default_patient_id=self.id
        )

    def action_clinic_allocate(self):
        """Match from the button, and say in words what came of it."""
        result = self.clinic_allocate()
        currency = self.env.company.currency_id
        message = (
            self.env._("Matched: %(amount)s.", amount=currency.format(result["amount"]))
            if result["matched"]
            else self.env._("There is nothing to match.")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success" if result["matched"] else "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


def _to_kopecks(amount):
    return round(amount * 100)
