from psycopg2.errors import ForeignKeyViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import escpos

from .desk import KINDS, DeskCommon


@tagged("post_install", "-at_install")
class TestCashShift(DeskCommon):
    """The drawer agrees with the books to the kopeck, or says why not."""

    def _shift(self):
        return self.env["clinic.cash.shift"].search(
            [("desk_id", "=", self.desk.id)], limit=1
        )

    def _journal_balance(self):
        account = self.desk.cash_journal_id.default_account_id
        lines = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return round(sum(lines.mapped("balance")), 2)

    def _notes(self, amount):
        """Return notes that make up this sum in roubles and tens of kopecks."""
        left = round(amount * 100)
        notes = {}
        for value in (100000, 10000, 100, 10):
            notes[str(value)], left = divmod(left, value)
        self.assertFalse(left)
        return notes

    def test_open_pay_close_agrees_to_the_kopeck(self):
        screen = self._screen()
        start = self._journal_balance()
        state = screen.shift_open(self.desk.id)
        self.assertTrue(state["shift"]["mine"])
        self._pay_at_desk(self._book(), cash=1999.9, card=0.1)
        self._pay_at_desk(cash=500.3, key="advance")
        figures = screen.shift_figures(self.desk.id)
        self.assertEqual(figures["opening"], start)
        self.assertAlmostEqual(figures["cash_in"], 2500.2)
        self.assertAlmostEqual(figures["card_in"], 0.1)
        self.assertAlmostEqual(figures["expected"], self._journal_balance())
        self.assertAlmostEqual(figures["expected"], start + 2500.2)
        answer = screen.shift_close(self.desk.id, self._notes(figures["expected"]))
        shift = self._shift()
        self.assertEqual(answer["shift_id"], shift.id)
        self.assertRecordValues(
            shift, [{"state": "closed", "difference": 0.0, "difference_move_id": False}]
        )
        self.assertEqual(
            self._work(),
            ["shift_open", "receipt", "receipt", "shift_close"],
            "the register closes after all receipts of the shift",
        )

    def test_a_register_whose_shift_is_open_already_is_no_trouble(self):
        screen = self._screen()
        screen.shift_open(self.desk.id)
        self._work("failed", code="shift_open", message="The shift is open")
        self.assertFalse(screen.state(self.desk.id)["shift"]["message"])
        shift = self._shift()
        screen.shift_close(self.desk.id, self._notes(shift._book_balance()))
        self._work("failed", code="no_paper", message="No paper")
        self.assertTrue(shift.register_message)

    def test_register_says_its_own_count_beside_the_books(self):
        self.register.kinds = [*self.register.kinds, "state"]
        screen = self._screen()
        screen.shift_open(self.desk.id)
        self._pay_at_desk(cash=1234.5)
        self._work()
        books = screen.shift_figures(self.desk.id)["expected"]
        self.assertFalse(screen.state(self.desk.id)["shift"]["register"])
        screen.shift_x(self.desk.id)
        self._work(cash=round(books * 100))
        said = screen.state(self.desk.id)["shift"]["register"]
        self.assertEqual((said["amount"], said["difference"]), (books, 0.0))
        self.assertTrue(screen.shift_ask_register(self.desk.id))
        self._work(cash=round(books * 100) + 10000)
        said = screen.shift_figures(self.desk.id)["register"]
        self.assertEqual((said["amount"], said["difference"]), (books + 100, 100.0))
        # At the end the Z report has the last word, beside what was counted then.
        screen.shift_close(self.desk.id, self._notes(books + 5), "found five")
        self._work(cash=round(books * 100) - 50)
        shift = self._shift()
        self.assertEqual((shift.difference, shift.register_difference), (5.0, -0.5))
        html = self.env["ir.actions.report"]._render_qweb_html(
            "clinic_iot.report_cash_shift", shift.ids
        )[0]
        self.assertIn("расходится с учётом", html.decode())

    def test_register_that_is_away_is_not_asked(self):
        self.register.kinds = [*self.register.kinds, "state"]
        screen = self._screen()
        screen.shift_open(self.desk.id)
        self.assertTrue(screen.shift_ask_register(self.desk.id))
        self.register.condition_code = "no_paper"
        self.assertFalse(screen.shift_ask_register(self.desk.id))

    def _move_cash(self, kind, amount, key="move", user=None):
        values = {"key": key, "desk_id": self.desk.id, "kind": kind, "amount": amount}
        return self._screen(user).cash_move(values)

    def test_change_is_brought_and_cash_goes_to_the_bank(self):
        screen = self._screen()
        with self.assertRaises(UserError):
            self._move_cash("in", 100)
        screen.shift_open(self.desk.id)
        start = self._journal_balance()
        self._move_cash("in", 1000.5, key="in")
        self._pay_at_desk(self._book(), cash=2000)
        for _sent_twice in range(2):
            state = self._move_cash("out", 1500, key="out")
        self.assertEqual(state["shift"]["taken_out"], 1500.0)
        figures = screen.shift_figures(self.desk.id)
        self.assertAlmostEqual(figures["expected"], start + 1500.5)
        self.assertAlmostEqual(figures["expected"], self._journal_balance())
        self.assertEqual(figures["other"], 0.0)
        moves = self._shift().cash_move_ids.sorted("id")
        transfer = self.company.transfer_account_id
        lines = moves.move_id.line_ids.filtered(lambda li: li.account_id == transfer)
        self.assertEqual(sorted(lines.mapped("balance")), [-1000.5, 1500.0])
        self.assertEqual(set(moves.move_id.mapped("state")), {"posted"})
        screen.shift_close(self.desk.id, self._notes(figures["expected"]))
        self.assertEqual(self._shift().difference, 0.0)
        self.assertEqual(
            self._work(),
            ["shift_open", "cash_in", "drawer", "receipt", "cash_out", "drawer"]
            + ["shift_close"],
        )
        html = self.env["ir.actions.report"]._render_qweb_html(
            "clinic_iot.report_cash_shift", self._shift().ids
        )[0]
        self.assertIn("Изъято (сдано в банк)", html.decode())

    def test_cash_is_moved_by_its_cashier_and_not_below_nothing(self):
        self._screen().shift_open(self.desk.id)
        there = self._screen().shift_figures(self.desk.id)["expected"]
        for kind, amount in (("out", there + 0.01), ("in", 0), ("in", -5)):
            with self.assertRaises(UserError):
                self._move_cash(kind, amount)
        reception = self._user("reception")
        self.assertFalse(
            self._screen(reception).state(self.desk.id)["shift"]["may_close"]
        )
        with self.assertRaises(AccessError):
            self._move_cash("in", 100, user=reception)
        self._move_cash("in", 100)
        move = self._shift().cash_move_ids
        for user in (self.cashier, reception, self._user("finance")):
            with self.assertRaises(AccessError):
                move.with_user(user).note = "Mine"
        with self.assertRaises(UserError):
            move.unlink()
        self.assertFalse(self._screen().state(self.desk.id)["shift"]["untold"])
        self._work("failed", code="no_cash", message="0x46")
        self.assertNotIn("0x46", move.message)
        [untold] = self._screen().state(self.desk.id)["shift"]["untold"]
        self.assertEqual((untold["amount"], untold["message"]), (100, move.message))

    def test_difference_wants_a_reason_and_is_booked(self):
        screen = self._screen()
        screen.shift_open(self.desk.id)
        self._pay_at_desk(cash=1000)
        expected = screen.shift_figures(self.desk.id)["expected"]
        with self.assertRaises(UserError):
            screen.shift_close(self.desk.id, self._notes(expected - 100))
        screen.shift_close(self.desk.id, self._notes(expected - 100), "A note was torn")
        shift = self._shift()
        self.assertEqual(shift.difference, -100.0)
        self.assertAlmostEqual(self._journal_balance(), shift.counted_amount)
        self.assertIn("A note was torn", shift.difference_move_id.ref)
        self.assertEqual(shift.difference_move_id.state, "posted")

    def test_more_than_the_books_is_booked_too(self):
        screen = self._screen()
        screen.shift_open(self.desk.id)
        expected = screen.shift_figures(self.desk.id)["expected"]
        screen.shift_close(self.desk.id, self._notes(expected + 50), "Found a note")
        self.assertAlmostEqual(self._journal_balance(), expected + 50)

    def test_another_cashier_does_not_close_it(self):
        self._screen().shift_open(self.desk.id)
        other = self._user("reception")
        with self.assertRaises(AccessError):
            self._screen(other).shift_close(self.desk.id, {}, "Curious")
        self.assertEqual(self._shift().state, "open")
        self.assertFalse(self._screen(other).state(self.desk.id)["shift"]["mine"])

    def test_a_desk_is_for_those_it_names(self):
        self.desk.user_ids = [Command.set(self.cashier.ids)]
        other = self._user("reception")
        self.assertFalse(self._screen(other).at_desk()["desks"])
        with self.assertRaises(AccessError):
            self._screen(other).state(self.desk.id)
        self.assertEqual(self._screen().at_desk()["desk"]["id"], self.desk.id)

    def test_each_branch_has_its_first_desk(self):
        branch = self.env["clinic.branch"].create({"name": "New branch"})
        desk = self.env["clinic.cash.desk"].search([("branch_id", "=", branch.id)])
        self.assertEqual(len(desk), 1, "its cashiers need nobody to set it up")
        self.assertEqual(desk.cash_journal_id, branch.cash_journal_id)
        self.assertFalse(self.env["clinic.cash.desk"]._open_for_branches())

    def test_branch_opened_by_mistake_goes_with_its_desk(self):
        admin = self._user("admin")
        branch = self.env["clinic.branch"].with_user(admin).create({"name": "Oops"})
        desk = self.env["clinic.cash.desk"].search([("branch_id", "=", branch.id)])
        desk.active = False
        branch.unlink()
        self.assertFalse(branch.exists() or desk.exists())

    def test_branch_whose_desk_was_used_stays(self):
        self._screen().shift_open(self.desk.id)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ForeignKeyViolation),
            self.cr.savepoint(),
        ):
            self.branch.unlink()
        self.assertTrue(self.desk.exists())

    def test_second_desk_of_a_branch_has_its_own_drawer(self):
        second = self.env["clinic.cash.desk"].create(
            {"name": "Second", "branch_id": self.branch.id}
        )
        self.assertTrue(second.cash_journal_id)
        self.assertNotEqual(second.cash_journal_id, self.desk.cash_journal_id)

    def test_nonsense_is_not_counted(self):
        screen = self._screen()
        screen.shift_open(self.desk.id)
        for notes in ({"123": 1}, {"100000": -1}, {"100000": 0.5}):
            with self.assertRaises(UserError):
                screen.shift_close(self.desk.id, notes, "x")

    def test_act_of_the_shift(self):
        screen = self._screen()
        screen.shift_open(self.desk.id)
        self._pay_at_desk(cash=1234.5)
        expected = screen.shift_figures(self.desk.id)["expected"]
        screen.shift_close(self.desk.id, self._notes(expected))
        html = self.env["ir.actions.report"]._render_qweb_html(
            "clinic_iot.report_cash_shift", self._shift().ids
        )[0]
        self.assertIn("Расхождений нет", html.decode())


@tagged("post_install", "-at_install")
class TestCashScreen(DeskCommon):
    def test_scanned_act_shows_what_is_to_be_paid(self):
        visit = self._book()
        found = self._screen().find(visit.name)["person"]
        self.assertEqual(found["scanned"], visit.id)
        self.assertEqual([one["due"] for one in found["visits"]], [2000.0])
        billed = visit.invoice_id.state == "posted"
        self.assertEqual([one["billed"] for one in found["visits"]], [billed])

    def test_desk_form_has_no_empty_part_for_who_keeps_no_books(self):
        desks = self.env["clinic.cash.desk"]
        view = self.env.ref("clinic_iot.view_clinic_cash_desk_form").id
        for login, seen in (("admin", False), ("finance", True)):
            user = self._user(login)
            arch = desks.with_user(user).get_view(view, "form")["arch"]
            self.assertEqual(">Money<" in arch or 'string="Money"' in arch, seen, login)

    def test_patient_is_found_by_name_and_phone(self):
        patient = self._create_patient(name="Кассин Пётр", phone="+7 912 200-11-99")
        for text in ("Кассин", "8 912 200-11-99"):
            self.assertEqual(self._screen().find(text)["person"]["id"], patient.id)
        self._create_patient(name="Кассин Павел", phone=False)
        people = self._screen().find("Кассин")["people"]
        self.assertEqual(sorted(bool(one["phone"]) for one in people), [False, True])
        self.assertNotIn(False, [one["phone"] for one in people], "shown as a word")
        self.assertEqual(self._screen().find("Nobody Such")["people"], [])

    def test_two_visits_are_paid_at_once(self):
        visits = self._book() | self._book(hour=12)
        answer = self._pay_at_desk(visits, cash=2500, card=1500)
        self.assertEqual(visits.mapped("payment_state"), ["paid", "paid"])
        self.assertEqual(len(answer["receipts"]), 1)
        paid = self._paid_by(self._receipts())
        self.assertEqual(paid, {"cash": 2500.0, "card": 1500.0})

    def _order(self, visits, **values):
        """Return what a screen sends that shows these visits now."""
        shown = self._screen().person(self.patient.id)
        return {
            "desk_id": self.desk.id,
            "partner_id": self.patient.id,
            "visit_ids": visits.ids,
            "dues": [(one.id, round(one.amount_due * 100)) for one in visits],
            "other": round(shown["other_due"] * 100),
            "free": round(shown["free"] * 100),
            **values,
        }

    def test_an_old_screen_does_not_take_the_money_again(self):
        visit = self._book()
        first = self._order(visit, key="one", cash=2000)
        second = self._order(visit, key="two", cash=2000)
        taken = self._screen().pay(first)
        with self.assertRaises(UserError):
            self._screen().pay(second)
        with self.assertRaises(UserError, msg="nor by card, though less than before"):
            self._screen().pay({**second, "cash": 0, "card": 1500})
        # the same screen sent again is answered by its own payment
        again = self._screen().pay(first)
        self.assertEqual(again["payments"], taken["payments"])
        payer = self.patient._clinic_payer()
        self.assertEqual(payer._clinic_balance_in(self.env.company), 0.0)
        # what is still due may be taken, and more on purpose
        self._screen().pay(self._order(visit, key="three", cash=300))
        self.assertEqual(payer._clinic_balance_in(self.env.company), 300.0)

    def test_an_old_screen_takes_what_is_left_at_most(self):
        visit = self._book()
        old = self._order(visit, key="one", cash=2000)
        self._pay(visit, amount=500, user=self.cashier)
        with self.assertRaises(UserError):
            self._screen().pay(old)
        self._screen().pay({**old, "cash": 1500})
        self.assertEqual(visit.payment_state, "paid")

    def test_a_card_is_not_charged_for_what_is_paid(self):
        self.desk.terminal_id = self._create_device(
            self.box, "pos1", type="payment", kinds=["payment"]
        )
        visit = self._book()
        old = self._order(visit, key="k", card=2000)
        terminal = self._screen().terminal
        charged = terminal(self.desk.id, 2000, "k:1", self.patient.id, old)
        self._work(amount=200000)
        self._pay(visit, user=self.cashier)
        with self.assertRaises(UserError):
            terminal(self.desk.id, 2000, "k:2", self.patient.id, old)
        # a card that was charged meanwhile is booked: the money lies on the account
        self._screen().pay({**old, "terminal_job_id": charged["id"]})
        payer = self.patient._clinic_payer()
        self.assertEqual(payer._clinic_balance_in(self.env.company), 2000.0)

    def test_label_has_the_code_the_patient_is_found_by(self):
        screen = self._screen()
        with self.assertRaises(UserError):
            screen.print_label(self.desk.id, self.patient.id)
        self.desk.printer_id = self._create_device(
            self.box, "printer1", type="printer", kinds=["slip", "label", "drawer"]
        )
        self.assertTrue(screen.state(self.desk.id)["has_labels"])
        job = self.env["clinic.iot.job"].browse(
            screen.print_label(self.desk.id, self.patient.id)
        )
        lines = job.payload["lines"]
        self.assertEqual(lines[0]["text"], self.patient.name)
        found = screen.find(lines[-1]["code128"])
        self.assertEqual(found["person"]["id"], self.patient.id)
        # A printer takes it: what it cannot print it refuses before it begins.
        self.assertTrue(escpos.render(lines, 384))

    def _opened(self):
        """Return by which devices a drawer was opened, but with a receipt."""
        jobs = self.env["clinic.iot.job"].search([("kind", "=", "drawer")])
        return [job.device_id.identifier for job in jobs.sorted("id")]

    def test_drawer_on_the_slip_printer_opens_for_cash(self):
        self.desk.printer_id = self._create_device(
            self.box, "printer1", type="printer", kinds=["slip", "label", "drawer"]
        )
        self._pay_at_desk(self._book(), cash=2000)
        self.assertFalse(self._opened(), "the register does it with the receipt")
        # One that knows of no drawer leaves it to the printer.
        self.register.kinds = [kind for kind in KINDS if kind != "drawer"]
        self._pay_at_desk(self._book(12), card=2000)
        self.assertFalse(self._opened(), "nothing is put in")
        self._pay_at_desk(self._book(13), cash=2000)
        self.assertEqual(self._opened(), ["printer1"])
        # Closed for cash, it opens for whoever asks.
        self.desk.opens_drawer = False
        self._pay_at_desk(self._book(14), cash=2000)
        self.assertEqual(self._opened(), ["printer1"])
        self._screen().open_drawer(self.desk.id)
        self.assertEqual(self._opened(), ["printer1", "printer1"])

    def test_drawer_that_stays_shut_is_told_until_it_works(self):
        screen = self._screen()

        def told():
            return screen.state(self.desk.id)["drawer"]

        self.assertFalse(told())
        job = screen.open_drawer(self.desk.id)
        self.assertFalse(told(), "nobody knows yet")
        self._work("failed", code="line")
        self.assertEqual(told()["job_id"], job)
        self.assertTrue(told()["message"])
        # What else the device does says nothing of its drawer.
        self._pay_at_desk(self._book(), card=2000)
        self._work()
        self.assertEqual(told()["job_id"], job)
        screen.open_drawer(self.desk.id)
        self.assertEqual(told()["job_id"], job, "until it has worked")
        self._work()
        self.assertFalse(told())
        screen.open_drawer(self.desk.id)
        self._work("failed", code="line")
        self.env.cr.execute(
            "UPDATE clinic_iot_job SET create_date = create_date - interval '1 day'"
        )
        self.env.invalidate_all()
        self.assertFalse(told(), "yesterday's")

    def test_less_given_than_taken_is_refused(self):
        with self.assertRaises(UserError):
            self._pay_at_desk(self._book(), cash=2000, cash_given=1000)

    def test_change_is_printed(self):
        self._pay_at_desk(self._book(), cash=2000, cash_given=5000)
        self.assertEqual(self._paid_by(self._receipts()), {"cash": 5000.0})

    def test_terminal_takes_the_card_before_it_is_booked(self):
        terminal = self._create_device(
            self.box, "pos1", type="payment", kinds=["payment"]
        )
        self.desk.terminal_id = terminal
        visit = self._book()
        job = self._screen().terminal(self.desk.id, 2000, "k:1")
        with self.assertRaises(UserError):
            self._pay_at_desk(visit, card=2000, terminal_job_id=job["id"], key="k")
        self._work(amount=200000)
        with self.assertRaises(UserError):
            self._pay_at_desk(visit, card=1500, terminal_job_id=job["id"], key="k")
        answer = self._pay_at_desk(visit, card=2000, terminal_job_id=job["id"], key="k")
        payment = self.env["account.payment"].browse(answer["payments"])
        self.assertEqual(payment.clinic_terminal_job_id.id, job["id"])
        self.assertEqual(visit.payment_state, "paid")

    def _taken_card(self, state="done"):
        """Return the job of a card of the patient, ended so."""
        if not self.desk.terminal_id:
            self.desk.terminal_id = self._create_device(
                self.box, "pos1", type="payment", kinds=["payment"]
            )
        screen = self._screen()
        job = screen.terminal(self.desk.id, 2000, "k:1", self.patient.id)
        self._work(state)
        return self.env["clinic.iot.job"].browse(job["id"])

    def test_terminal_that_stands_alone_wants_the_number_of_its_slip(self):
        self.desk.terminal_id = self._create_device(
            self.box, "pos2", type="payment", kinds=["payment", "refund"]
        )
        visit = self._book()
        for empty in ({}, {"reference": ""}, {"reference": "  "}):
            with self.assertRaises(UserError):
                self._pay_at_desk(visit, card=2000, key="k", **empty)
        self.assertEqual(visit.payment_state, "not_paid")
        answer = self._pay_at_desk(visit, card=2000, key="k", reference="004217")
        payment = self.env["account.payment"].browse(answer["payments"])
        self.assertEqual(payment.clinic_card_reference, "004217")
        # cash has no slip
        self._pay_at_desk(self._book(12), cash=2000, key="cash")

    def test_card_that_was_charged_waits_to_be_booked(self):
        visit = self._book()
        job = self._taken_card().with_user(self.cashier)
        [card] = self._screen().state(self.desk.id)["cards"]
        self.assertEqual((card["id"], card["amount"]), (job.id, 2000.0))
        self.assertEqual(card["patient"], self.patient.name)
        self.assertIn(job, job.search([("card_open", "=", True)]))
        action = job.action_book_card()
        shown = self._screen().card(action["params"]["card_job_id"])
        self.assertEqual(shown["person"]["id"], self.patient.id)
        with self.assertRaises(UserError, msg="it was another one's card"):
            self._screen().pay(
                {
                    "key": "other",
                    "desk_id": self.desk.id,
                    "partner_id": self._create_patient(name="Чужой").id,
                    "card": 2000,
                    "terminal_job_id": job.id,
                }
            )
        answer = self._pay_at_desk(visit, card=2000, terminal_job_id=job.id, key="k")
        self.assertFalse(answer["desk"]["cards"])
        with self.assertRaises(UserError):
            job.action_return_card()
        # taken back in the books, the card is still charged
        self.env["account.payment"].browse(answer["payments"]).action_cancel()
        self.assertTrue(job.card_open)
        self._pay_at_desk(visit, card=2000, terminal_job_id=job.id, key="again")
        self.assertFalse(job.card_open)

    def test_card_that_was_given_back_needs_no_booking(self):
        job = self._taken_card().with_user(self.cashier)
        wizard = self.env["clinic.iot.job.card.return"].with_user(self.cashier)
        values = {"job_id": job.id, "reference": "117", "reason": "Paid in cash"}
        wizard.create(values).action_return()
        self.assertFalse(job.card_open)
        self.assertFalse(self._screen().state(self.desk.id)["cards"])
        self.assertIn("117", job.message_ids[0].body)
        with self.assertRaises(UserError):
            self._screen().card(job.id)

    def test_slip_tells_how_an_unknown_card_payment_has_ended(self):
        visit = self._book()
        job = self._taken_card("unknown")
        self.assertFalse(job.card_open)
        said = self._screen().approve_by_slip(job.id, "004217")
        self.assertEqual(said["state"], "done")
        self._pay_at_desk(
            visit, card=2000, terminal_job_id=job.id, reference="004217", key="k"
        )
        self.assertEqual(visit.payment_state, "paid")
        self.assertFalse(job.card_open)
        # said once more, nothing comes of it
        self._screen().approve_by_slip(job.id, "004217")

    def test_trouble_is_told_in_the_language_of_who_reads_it(self):
        self.register._set_condition({"code": "no_paper", "message": "0x6B"})
        self.assertNotIn(
            "0x6B", self._screen().state(self.desk.id)["register"]["message"]
        )
        self.register._set_condition({"code": "shtrih_a1", "message": "Error A1"})
        said = self._screen().state(self.desk.id)["register"]["message"]
        self.assertEqual(said, "Error A1")

    def test_terminal_is_cancelled_before_it_begins(self):
        self.desk.terminal_id = self._create_device(
            self.box, "pos1", type="payment", kinds=["payment"]
        )
        job = self._screen().terminal(self.desk.id, 2000, "k:1")
        self.assertEqual(self._screen().terminal_cancel(job["id"])["state"], "failed")

    def test_scanner_of_the_desk_reaches_its_screen(self):
        self.env["bus.bus"].search([]).unlink()
        self.scanner._on_event("scan", {"raw": "31", "text": "V00012", "gs1": {}})
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].search([])
        self.assertTrue(any("V00012" in (one.message or "") for one in messages))
