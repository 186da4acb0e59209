from odoo.tests import HttpCase, tagged

from .desk import DeskCommon


@tagged("post_install", "-at_install")
class TestDeskTours(DeskCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._book()
        cls.visit.name = "V900001"
        # Sudo: the cashier has chosen the desk before.
        cls.cashier.sudo().clinic_desk_id = cls.desk

    def test_cashier_takes_a_split_payment_and_closes_with_a_difference(self):
        self.start_tour(
            "/odoo/clinic-cash", "clinic_cash_screen_tour", login=self.cashier.login
        )
        self.assertEqual(self.visit.payment_state, "paid")
        payments = self.env["account.payment"].search(
            [("clinic_desk_id", "=", self.desk.id)]
        )
        self.assertEqual(sorted(payments.mapped("amount")), [500.0, 1500.0])
        [receipt] = self._receipts()
        self.assertEqual(self._paid_by(receipt), {"cash": 2000.0, "card": 500.0})
        self.assertEqual(self._methods(receipt), [(1, 4, 2000.0)])
        shift = self.env["clinic.cash.shift"].search([("desk_id", "=", self.desk.id)])
        self.assertEqual(shift.payment_ids, payments)
        self.assertEqual((shift.state, shift.reason), ("closed", "Tour reason"))
        self.assertEqual(shift.counted_amount, 1000000.0)
        self.assertEqual(
            self._work(),
            ["shift_open", "receipt", "cash_out", "drawer", "x_report", "shift_close"],
        )

    def test_box_is_away_and_the_desk_goes_on(self):
        self.box.last_seen = "2026-01-01 00:00:00"
        self.start_tour(
            "/odoo/clinic-cash", "clinic_cash_box_down_tour", login=self.cashier.login
        )
        self.assertEqual(self.visit.payment_state, "paid")

    def test_slip_of_a_terminal_that_stands_alone_and_a_drawer_that_stays_shut(self):
        self.desk.terminal_id = self._create_device(
            self.box, "pos1", type="payment", kinds=["payment", "refund"]
        )
        self._screen().open_drawer(self.desk.id)
        self._work("failed", code="line")
        self.start_tour(
            "/odoo/clinic-cash", "clinic_cash_slip_tour", login=self.cashier.login
        )
        payment = self.env["account.payment"].search(
            [("clinic_desk_id", "=", self.desk.id)]
        )
        self.assertEqual(payment.clinic_card_reference, "428811905533")
        self.assertEqual(self.visit.payment_state, "paid")
