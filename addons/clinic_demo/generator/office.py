import base64
from datetime import timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from odoo.fields import Command

from odoo.addons.clinic_finance.tools.client_bank import Document

from ..tools import office, paper
from ..tools.catalog import BANK_ACCOUNT, COMPANY
from .agenda import WEEKS_BACK

CHART = "ru_clinic"
GROWTH = 3.0  # percent, from the last month's budget to this month's
# How near the last month came to its plan, by what was sold before these books began.
LAST_MONTH = Fraction(97, 100)
AGREED_WITH, AGREED_CHANGE, AGREED_NOTE = "frolova", -10.0, "Договор на курс терапии"


class Office:
    """What accountants and the director work with: agreed prices, budget, bills."""

    def __init__(self, env, now, network, terms):
        self.env = env
        self.today = now.date()
        self.this_month = self.today.replace(day=1)
        self.last_month = self.this_month - relativedelta(months=1)
        self.network = network
        self.terms = terms
        self.plan = terms.plan
        self.company = env.company
        self.items = {}
        self.suppliers = {}
        staff = env["res.users"].search([("share", "=", False)])
        self.users = {user.login: user for user in staff}

    def make(self):
        self._agree_prices()
        if self.company.chart_template != CHART:
            return  # The accounts of the budget are those of our chart.
        self._make_items()
        self._make_turnover()
        self._make_budgets()
        self._make_bills()
        self._take_from_bank()
        self._take_by_register()

    def _as(self, login, model):
        return self.env[model].with_user(self.users[login]).with_company(self.company)

    def _agree_prices(self):
        """Agree with everybody who comes to the psychotherapist again and again."""
        wizard = self._as("finance", "clinic.price.generate").create(
            {
                "specialist_ids": [
                    Command.set(self.network.specialists[AGREED_WITH].ids)
                ],
                "service_ids": [Command.set(self.network.services["psy_session"].ids)],
                "min_visits": 3,
                "change_percent": AGREED_CHANGE,
                "rounding": "100",
                "note": AGREED_NOTE,
            }
        )
        if wizard._find_treated():
            wizard.action_preview()
            wizard.action_apply()

    # Budget ----------------------------------------------------------------------

    def _account(self, key):
        return self.env["account.chart.template"].with_company(self.company).ref(key)

    def _make_items(self):
        for number, item in enumerate(self.plan.items, 1):
            parent = self.items.get(item.parent, self.env["clinic.budget.item"])
            self.items[item.key] = self.env["clinic.budget.item"].create(
                {
                    "name": item.name,
                    "code": item.code,
                    "sequence": number,
                    "kind": item.kind or parent.kind,
                    "parent_id": parent.id,
                    "is_one_off": item.one_off,
                    "account_ids": [
                        Command.set([self._account(key).id for key in item.accounts])
                    ],
                }
            )

    def _make_turnover(self):
        """Book what the last month had beside the visits that are known here."""
        history = self.today - timedelta(weeks=WEEKS_BACK)
        revenue = self._account("ru90_01_1")
        [[known]] = self.env["account.move.line"]._read_group(
            [
                ("account_id", "=", revenue.id),
                ("parent_state", "=", "posted"),
                ("date", ">=", self.last_month),
                ("date", "<", self.this_month),
            ],
            aggregates=["balance:sum"],
        )
        usual = next(item.plan for item in self.plan.items if item.key == "visits")
        before = int(usual * LAST_MONTH) + round(known or 0.0)
        last_day = self.this_month - timedelta(days=1)
        entries = [(last_day, one) for one in self.plan.payroll]
        if before > 0:
            sold = office.Entry(
                "ru51", "ru90_01_1", before, "Выручка до начала учёта в этой системе"
            )
            entries.insert(0, (min(history - timedelta(days=1), last_day), sold))
        moves = self.env["account.move"].create(
            [self._entry_vals(day, entry) for day, entry in entries]
        )
        moves.action_post()

    def _entry_vals(self, day, entry):
        debit, credit = self._account(entry.debit), self._account(entry.credit)
        lines = []
        for key, amount in office.split(entry.amount, self.plan.branch_shares).items():
            branch = self.network.branches[key].id
            for account, balance in ((debit, amount), (credit, -amount)):
                lines.append(
                    Command.create(
                        {
                            "name": entry.name,
                            "account_id": account.id,
                            "balance": balance,
                            "clinic_branch_id": branch,
                        }
                    )
                )
        return {
            "move_type": "entry",
            "date": day,
            "ref": entry.name,
            "company_id": self.company.id,
            "line_ids": lines,
        }

    def _make_budgets(self):
        """The last month's budget, and this month's copied from it; both in force."""
        budget = self._as("finance", "clinic.budget").create(
            {
                "name": "Бюджет",
                "date_from": self.last_month,
                "date_to": self.last_month,
                "by_branch": True,
                "line_ids": [
                    Command.create(
                        {
                            "item_id": self.items[item.key].id,
                            "branch_id": self.network.branches[key].id,
                            "month": self.last_month,
                            "planned": amount,
                        }
                    )
                    for item in self.plan.items
                    if item.plan
                    for key, amount in office.split(
                        item.plan, self.plan.branch_shares
                    ).items()
                ],
            }
        )
        budget.name = budget._period_name([self.last_month])
        copied = budget.browse(
            budget.copy_to_period(
                self.this_month, self.this_month, percent=GROWTH, rounding=500
            )
        )
        (budget | copied).with_user(self.users["director"]).action_approve()

    # Bills -----------------------------------------------------------------------

    def _make_bills(self):
        """Each asked for by somebody, approved and paid by who may."""
        for key, (name, inn) in self.plan.suppliers.items():
            self.suppliers[key] = self.env["res.partner"].create(
                {
                    "name": name,
                    "vat": inn,
                    "is_company": True,
                    "supplier_rank": 1,
                    "country_id": self.env.ref("base.ru").id,
                    "lang": "ru_RU",
                }
            )
        # One after another, as they come: of two alike the second one is suspicious.
        for bill in self.plan.bills:
            self._follow(bill, self._ask(bill))

    def _follow(self, bill, request):
        """Bring the request to where it stands today."""
        by_boss = request.with_user(self.users["director"])
        if bill.end in ("approved", "paid"):
            by_boss.action_approve()
        elif bill.end == "refused":
            by_boss.action_refuse(bill.why)
        if bill.end == "paid":
            self._as("finance", "clinic.bill.pay").create(
                {
                    "request_ids": [Command.set(request.ids)],
                    "date": self._day(bill.due),
                }
            )._pay()

    def _ask(self, bill):
        request = self._as(bill.asker, "clinic.bill.request").create(
            {
                "partner_id": self.suppliers[bill.supplier].id,
                "number": bill.number,
                "bill_date": self._day(bill.day),
                "date_due": self._day(bill.due),
                "amount": bill.amount,
                "description": bill.what,
                "branch_id": self.network.branches[bill.branch].id,
                "priority": bill.priority,
                "attachment_ids": [Command.link(self._photo(bill).id)],
            }
        )
        # Who asks for money need not know the articles of the budget.
        request.with_user(self.users["finance"]).item_id = self.items[bill.item]
        request.action_submit()
        return request

    def _photo(self, bill):
        name, inn = self.plan.suppliers[bill.supplier]
        picture = paper.bill(
            name,
            inn,
            bill.number,
            self._day(bill.day).strftime("%d.%m.%Y"),
            bill.what,
            f"{bill.amount:,}".replace(",", " "),
        )
        return self._as(bill.asker, "ir.attachment").create(
            {"name": f"Счёт {bill.number}.png", "datas": base64.b64encode(picture)}
        )

    def _day(self, days):
        return self.today + timedelta(days=days)

    # Money by the bank -----------------------------------------------------------

    def _bank_journal(self):
        journal = self._as("finance", "clinic.bill.pay")._default_journal()
        # By this number the statement of a client-bank finds its journal.
        journal.sudo().bank_account_id = self.company.clinic_bank_account_id
        return journal.with_env(self.env)

    def _take_from_bank(self):
        """One payment is recognised, of the other somebody has to find the payer."""
        self.env["clinic.payment.intent"]._take_from_bank(
            self._bank_journal(),
            [
                Document(
                    number=one.number,
                    day=self._day(one.days),
                    received=self._day(one.days),
                    kopecks=one.amount * 100,
                    payer_account=f"4070281020000000{one.number:0>4}",
                    payer_inn=one.inn,
                    payer_name=one.payer,
                    payee_account=BANK_ACCOUNT,
                    payee_inn=COMPANY["vat"],
                    payee_name=COMPANY["name"],
                    purpose=one.purpose,
                )
                for one in self.plan.bank
            ],
        )

    def _take_by_register(self):
        """The insurer pays the older half of its visits by a register."""
        insurer = next(
            programme
            for programme in self.terms.programmes.values()
            if programme.kind == "insurance"
        )
        wizard = self._as("finance", "clinic.corporate.payment").create(
            {
                "partner_id": insurer.partner_id.id,
                "number": "1205",
                "date": self._day(-3),
                "journal_id": self._bank_journal().id,
            }
        )
        older = wizard.line_ids[: (len(wizard.line_ids) + 1) // 2]
        (wizard.line_ids - older).chosen = False
        if older:
            wizard._pay()
