from dateutil.relativedelta import relativedelta

from odoo.tests import TransactionCase, tagged

from ..tools import office


@tagged("post_install", "-at_install")
class TestOffice(TransactionCase):
    """What accountants and the director find in the clinic that was made."""

    def setUp(self):
        super().setUp()
        if self.env.company.chart_template != "ru_clinic":
            self.skipTest("The books of this database are of another chart.")

    def test_terms_are_agreed(self):
        profiles = self.env["clinic.price.profile"].search([])
        specialists = self.env["clinic.specialist"].search([])
        shares = profiles.filtered(lambda one: not one.patient_id)
        self.assertEqual(shares.specialist_id, specialists)
        agreed = profiles - shares
        self.assertTrue(agreed)
        for one in agreed:
            self.assertLess(one.price, one.service_id.lst_price)

    def test_this_months_budget_is_the_last_ones_with_three_percent(self):
        budgets = self.env["clinic.budget"].search([], order="date_from")
        self.assertEqual(set(budgets.mapped("state")), {"approved"})
        last, this = budgets
        self.assertEqual(this.date_from, last.date_from + relativedelta(months=1))
        planned = {
            (line.item_id, line.branch_id): line.planned for line in last.line_ids
        }
        for line in this.line_ids:
            before = planned[line.item_id, line.branch_id]
            self.assertAlmostEqual(line.planned, before * 1.03, delta=250)
        self.assertTrue(last.line_ids.item_id.filtered("is_one_off"))
        self.assertFalse(this.line_ids.item_id.filtered("is_one_off"))

    def test_the_last_month_came_near_its_plan(self):
        last = self.env["clinic.budget"].search([], order="date_from", limit=1)
        income = last.line_ids.filtered(
            lambda line: line.item_id.name == "Платные услуги и ДМС"
        )
        share = sum(income.mapped("actual")) / sum(income.mapped("planned"))
        self.assertAlmostEqual(share, 0.97, places=2)

    def test_the_queue_has_bills_of_every_kind(self):
        requests = self.env["clinic.bill.request"].search([])
        self.assertEqual(
            set(requests.mapped("state")), {"submitted", "approved", "paid", "refused"}
        )
        self.assertTrue(all(requests.mapped("attachment_ids")))
        self.assertTrue(any(requests.mapped("is_overdue")))
        alike = requests.filtered(lambda one: one.state == "submitted").filtered(
            "duplicate_ids"
        )
        self.assertTrue(alike, "one bill has come twice")
        paid = requests.filtered(lambda one: one.state == "paid")
        self.assertEqual(set(paid.move_id.mapped("payment_state")), {"paid"})
        self.assertFalse(paid.approved_by_id & paid.user_id)

    def test_money_by_the_bank_is_booked_or_waits(self):
        intents = self.env["clinic.payment.intent"].search([("source", "=", "bank")])
        self.assertEqual(set(intents.mapped("state")), {"done", "waiting"})

    def test_an_insurer_owes_the_rest(self):
        insurers = self.env["clinic.price.programme"].search(
            [("kind", "=", "insurance")]
        )
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "in", insurers.partner_id.ids),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("move_id.move_type", "=", "out_invoice"),
            ]
        )
        self.assertTrue(items.filtered("reconciled"))
        self.assertTrue(items - items.filtered("reconciled"))

    def test_shares_of_branches_add_up(self):
        for total in (0, 499, 1000, 372400):
            parts = office.split(total, {"a": 50, "b": 20, "c": 30})
            self.assertEqual(sum(parts.values()), total)
