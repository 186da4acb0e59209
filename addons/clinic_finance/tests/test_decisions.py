from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FinanceCommon


class DecisionCommon(FinanceCommon):
    """Rules made in tests, and what they do to the visits of the common day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("finance", "director", "callcenter", "specialist"):
            cls._user(role)
        cls.engine = cls.env["clinic.finance.engine"]
        cls.decisions = cls.env["clinic.finance.decision"]
        cls.env["clinic.finance.rule"].search([]).active = False

    @classmethod
    def _rule(cls, action, *conditions, **values):
        """Make a rule; a condition is (fact, operator, number or codes)."""
        return cls.env["clinic.finance.rule"].create(
            {
                "name": f"Test {action}",
                "action": action,
                "active": True,
                "condition_ids": [
                    Command.create(cls._condition(*condition))
                    for condition in conditions or [("hours_left", "ge", 0)]
                ],
                **values,
            }
        )

    @classmethod
    def _condition(cls, fact, operator, value):
        if operator in ("ge", "lt"):
            return {"fact": fact, "compare": operator, "number": value}
        if fact == "tags":
            return {
                "fact": fact,
                "belongs": operator,
                "tag_ids": [Command.set(value.ids)],
            }
        codes = cls.env["clinic.finance.fact.value"].search(
            [("fact", "=", fact), ("code", "in", value)]
        )
        return {
            "fact": fact,
            "belongs": operator,
            "value_ids": [Command.set(codes.ids)],
        }

    def _decide(self, visit):
        visit.invalidate_recordset()
        return self.engine._decide(visit)

    def _notices(self, visit, kind):
        return self.env["clinic.notice"].search(
            [("appointment_id", "=", visit.id), ("kind", "=", kind)]
        )


@tagged("post_install", "-at_install")
class TestDecisions(DecisionCommon):
    def _visit(self, **values):
        """Return a booked visit of the service that is paid in advance."""
        return self._book(10, service_id=self.service_prepaid.id, **values)

    def test_unpaid_visit_is_cancelled_and_the_time_is_offered(self):
        visit = self._visit()
        self._rule("cancel", ("policy", "in", ["full"]), ("paid_share", "lt", 1))
        decision = self._decide(visit)
        self.assertEqual(visit.state, "cancelled")
        self.assertTrue(visit.cancelled_by_rule)
        self.assertIn("Test cancel", visit.cancel_reason)
        self.assertEqual(visit.payment_state, "reversed")
        self.assertEqual(self._balance(), 0.0)
        self.assertEqual(decision.state, "done")
        self.assertEqual(decision.amount_due, 5000.0)
        self.assertIn("0", decision.reason)
        freed = self.env["clinic.freed.window"].search(
            [
                ("specialist_id", "=", visit.specialist_id.id),
                ("start", "=", visit.start),
            ]
        )
        self.assertEqual(freed.stop, visit.stop)

    def test_nobody_who_paid_is_cancelled(self):
        self._rule("cancel")
        paid = self._visit()
        self._pay(paid, amount=5000)
        partly = self._book(12, service_id=self.service_prepaid.id)
        self._pay(partly, amount=100)
        for visit in paid | partly:
            with self.subTest(visit.payment_state):
                self.assertFalse(self._decide(visit))
                self.assertEqual(visit.state, "booked")

    def test_money_on_the_account_counts_as_paid(self):
        """A hold's draft takes no money yet, and still it is covered."""
        hold = self._hold()
        self._pay(None, amount=6000)
        self._rule("cancel")
        self.assertFalse(self._decide(hold))
        self.assertEqual(hold.state, "hold")

    def test_payment_on_its_way_is_waited_for(self):
        visit = self._visit()
        transaction = self._online_payment(visit)
        transaction.state = "pending"
        transaction.provider_id.code = "none"
        self._rule("cancel")
        # A bank transfer may be pending for ever …
        self.assertIn(
            "cancel",
            self.engine._plan(self.env["clinic.finance.rule"].search([]), visit)[
                visit.id
            ][0].action,
        )
        # … a card payment is done and only not booked yet.
        transaction.state = "done"
        self.assertFalse(self._decide(visit))
        self.assertEqual(visit.state, "booked")

    def test_urgent_visit_is_never_cancelled(self):
        visit = self._visit(is_urgent=True)
        self._rule("cancel")
        self._rule("suspend")
        self.assertFalse(self._decide(visit))
        self.assertEqual(visit.state, "booked")

    def test_visit_not_to_be_prepaid_is_not_cancelled(self):
        visit = self._book(10)
        self._rule("cancel")
        self.assertFalse(self._decide(visit))
        visit._ask_prepayment(1)
        self.assertTrue(self._decide(visit))
        self.assertEqual(visit.state, "cancelled")

    def test_database_refuses_too(self):
        visit = self._visit()
        self._pay(visit, amount=5000)
        urgent = self._book(12, is_urgent=True)
        for one in visit | urgent:
            with (
                self.subTest(one.payment_state),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                one.cancelled_by_rule = True
                self.env.flush_all()
            one.invalidate_recordset()
            with (
                self.subTest(one.payment_state),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.decisions._log("cancel", one.patient_id, one)
                self.env.flush_all()

    def test_each_rule_acts_once_on_a_visit(self):
        visit = self._visit()
        self._rule("remind")
        self.assertEqual(len(self._decide(visit)), 1)
        self.assertFalse(self._decide(visit))
        self.assertEqual(
            set(self._notices(visit, "pay_remind").mapped("channel")), {"sms", "email"}
        )
        visit.reschedule(self._at(13))
        self.assertEqual(len(self._decide(visit)), 1, "a moved visit is looked at anew")

    def test_message_has_the_sum_and_the_link(self):
        visit = self._visit()
        self._rule("prepayment", prepay_hours=5)
        self._decide(visit)
        notice = self._notices(visit, "pay_request").filtered(
            lambda n: n.channel == "sms"
        )
        body = notice.rule_id.sms_template_id._render_field("body", notice.ids)
        self.assertIn(visit.invoice_id.access_token, body[notice.id])
        self.assertIn("5\xa0000", body[notice.id].replace(",", "\xa0", 1))
        self.assertEqual(visit.prepay_state, "asked")
        self._pay(visit, amount=5000)
        self.assertEqual(notice._why_pointless(fields.Datetime.now()), "paid")

    def test_first_rule_that_applies_ends_the_search(self):
        visit = self._visit()
        self._rule("call", sequence=1)
        self._rule("cancel", sequence=2)
        self._decide(visit)
        self._decide(visit)
        self.assertEqual(visit.state, "booked")
        self.assertEqual(
            visit.activity_ids.activity_type_id,
            self.env.ref("mail.mail_activity_data_call"),
        )

    def test_call_is_asked_for_in_the_language_of_the_desk(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        visit = self._visit()
        visit._get_desk_user().lang = "ru_RU"
        self._rule("call")
        self._decide(visit)
        message = self.env["mail.message"].search(
            [
                ("model", "=", visit._name),
                ("res_id", "=", visit.id),
                ("message_type", "=", "user_notification"),
            ]
        )
        self.assertIn("назначена", message.subject)

    def test_unknown_is_no_ground(self):
        """No birth date: neither a child nor an adult."""
        stranger = self._create_patient(name="No Birthday")
        visit = self._visit(patient_id=stranger.id)
        self._rule("call", ("age", "lt", 18))
        self._rule("call", ("age", "ge", 18))
        self.assertFalse(self._decide(visit))

    def test_patient_is_called_once_whatever_is_unpaid(self):
        visits = self._visit() + self._book(12, service_id=self.service_prepaid.id)
        self._rule("call", ("due", "ge", 1))
        for visit in visits:
            self._decide(visit)
        self.assertEqual(len(visits.activity_ids), 1)

    def test_tags_of_the_patient(self):
        vip = self.env["res.partner.category"].create({"name": "VIP"})
        visit = self._visit()
        self._rule("cancel", ("tags", "not in", vip))
        self.patient.category_id = vip
        self.assertFalse(self._decide(visit))
        self.patient.category_id = False
        self.assertTrue(self._decide(visit))

    def test_suspended_visit_is_received_once_paid(self):
        visit = self._visit()
        self._rule("suspend")
        self._decide(visit)
        with self.assertRaisesRegex(UserError, "on hold until it is paid"):
            visit._check_can_arrive()
        self._pay(visit, amount=5000)
        visit._check_can_arrive()

    def test_override_books_again_and_keeps_the_reason(self):
        visit = self._visit()
        self._rule("cancel")
        decision = self._decide(visit)
        with self.assertRaises(AccessError):
            decision.with_user(self._user("reception"))._override("Because")
        with self.assertRaises(UserError):
            decision.with_user(self._user("director"))._override("  ")
        decision.with_user(self._user("director"))._override("Will pay at the desk")
        self.assertEqual(visit.state, "booked")
        self.assertFalse(visit.cancelled_by_rule)
        self.assertEqual(decision.override_reason, "Will pay at the desk")
        self.assertEqual(decision.overridden_by_id, self._user("director"))
        self.assertFalse(self._decide(visit), "the rule does not insist")
        self.assertEqual(visit.state, "booked")

    def test_what_a_person_decided_no_rule_takes_back(self):
        visit = self._visit()
        self._rule("prepayment")
        self._decide(visit)._override("A colleague's mother")
        visit.reschedule(self._at(13))
        self.assertFalse(self._decide(visit), "moved, it is still let pass")
        self._rule("cancel", sequence=1)
        self.assertFalse(self._decide(visit), "nor by another rule")
        self.assertEqual((visit.state, visit.prepay_state), ("booked", "waived"))

    def test_lifted_block_is_not_put_back_because_of_another_visit(self):
        visit, other = self._visit(), self._book(12)
        self._rule("block")
        decision = self._decide(visit)
        self.assertFalse(self._decide(other))
        director = self._user("director")
        decision.with_user(director)._override("Has promised to pay")
        self.assertFalse(self._decide(other), "nobody is blocked a minute later")
        self.assertFalse(self.patient.financial_block)
        # one whose time is over is another matter
        block = self.patient.financial_block_ids
        block.lifted_by_id = self.env.ref("base.user_root")
        self.assertTrue(self._decide(other))
        block = self.patient.financial_block_ids - block
        block.with_user(director).sudo()._lift("Has paid a half")
        self.assertFalse(self._decide(visit))
        block.lifted_at -= timedelta(days=91)
        later = self._book(14)
        self.company.clinic_lifted_days = 92
        self.assertFalse(self._decide(later), "as the clinic wants it")
        self.company.clinic_lifted_days = 90
        self.assertTrue(self._decide(later), "long ago")

    def test_late_payment_takes_the_time_again(self):
        visit = self._visit()
        self._rule("cancel")
        self._decide(visit)
        self._pay(visit, amount=5000)
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.payment_state, "paid")
        self.assertFalse(visit.cancelled_by_rule)

    def test_rule_without_conditions_does_not_act(self):
        with self.assertRaises(ValidationError):
            self.env["clinic.finance.rule"].create(
                {"name": "Everything", "action": "cancel", "active": True}
            )

    def test_cron_decides_and_says_so_once(self):
        visit = self._visit()
        self._rule("remind", ("policy", "in", ["full"]))
        cron = self.env.ref("clinic_finance.ir_cron_finance_decide")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.assertEqual(len(visit.decision_ids), 1)

    def test_facts_of_many_cost_as_much_as_of_one(self):
        visits = self.env["clinic.appointment"]
        for hour in range(9, 15):
            for minute in (0, 30):
                patient = self._create_patient(name=f"P {hour} {minute}")
                visits += self._book(hour, minute, patient_id=patient.id)
        self.env.flush_all()

        def queries(some):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._finance_facts()
            return self.env.cr.sql_log_count - before

        queries(visits[:1])
        self.assertLessEqual(queries(visits), queries(visits[:1]) + 2)

    def test_nobody_edits_the_log(self):
        visit = self._visit()
        self._rule("remind")
        decision = self._decide(visit)
        for role in ("finance", "director", "admin", "reception"):
            for change in (
                lambda d: d.write({"note": "x"}),
                lambda d: d.unlink(),
                lambda d: d.create({"action": "block", "patient_id": 1}),
            ):
                self.env.invalidate_all()
                with self.subTest(role), self.assertRaises(AccessError):
                    change(decision.with_user(self._user(role)))

    def test_who_reads_decisions_rules_and_risk(self):
        self._rule("remind")
        decision = self._decide(self._visit())
        risk = self.env["clinic.debt.risk"].create(
            {
                "patient_id": self.patient.id,
                "company_id": self.company.id,
                "probability": 0.5,
            }
        )
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "decisions_portal",
                "partner_id": self.patient.id,
                "group_ids": [Command.set([self.env.ref("base.group_portal").id])],
            }
        )
        strangers = [portal, self._user("specialist"), self._user("callcenter")]
        for user in strangers:
            for record in (decision, risk, decision.rule_id):
                self.env.invalidate_all()
                with self.subTest(user=user.login, model=record._name):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["id", "display_name"])
            self.env.invalidate_all()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.patient.with_user(user).read(["financial_block"])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            risk.with_user(self._user("reception")).read(["probability"])
        self.env.invalidate_all()
        self.assertEqual(
            risk.with_user(self._user("reception")).read(["level"])[0]["level"],
            "unknown",
        )
        self.assertEqual(
            risk.with_user(self._user("director")).read(["probability"])[0][
                "probability"
            ],
            0.5,
        )

    def test_other_company_sees_nothing(self):
        self._rule("remind")
        decision = self._decide(self._visit())
        other = self.env["res.company"].create({"name": "Other clinic"})
        user = self._user("finance")
        user.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for record in (decision, decision.rule_id, decision.rule_id.condition_ids):
            self.env.invalidate_all()
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(user).read(["id", "display_name"])


@tagged("post_install", "-at_install")
class TestFinancialBlock(DecisionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient._set_financial_block("Did not pay twice")

    def test_desk_books_with_prepayment_only(self):
        visits = self.env["clinic.appointment"].with_user(self._user("reception"))
        visit = visits.browse(
            visits.book(
                self.patient.id, self.service.id, self.specialist.id, self._at(10)
            )
        )
        self.assertEqual(visit.state, "hold")
        self.assertEqual(visit.prepay_state, "asked")
        self.assertIn("prepayment", visit.prepay_words)
        self.assertEqual(visit.sudo().invoice_id.state, "draft")
        self.assertTrue(self._notices(visit.sudo(), "pay_request"))
        with self.assertRaisesRegex(UserError, "only with prepayment"):
            visit.action_confirm()
        self._pay(visit, user=self._user("reception"), amount=2000)
        visit.invalidate_recordset()
        self.assertEqual((visit.state, visit.payment_state), ("booked", "paid"))
        self.assertFalse(visit.prepay_words)

    def test_every_way_of_booking_asks(self):
        """By values, by several, by a plain create, by a hold."""
        ways = {
            "one": lambda: self._book(9),
            "several": lambda: self.env["clinic.appointment"]._book(
                [
                    {
                        "patient_id": self.patient.id,
                        "service_id": self.service.id,
                        "specialist_id": self.specialist.id,
                        "start": self._at(hour),
                    }
                    for hour in (10, 11)
                ]
            ),
            "create": lambda: (
                self.env["clinic.appointment"]
                .with_user(self._user("reception"))
                .create(
                    {
                        "patient_id": self.patient.id,
                        "service_id": self.service.id,
                        "specialist_id": self.specialist.id,
                        "start": self._at(12),
                    }
                )
            ),
            "hold": lambda: self._book(13, hold_minutes=10),
        }
        for name, book in ways.items():
            with self.subTest(name):
                visits = book()
                self.assertEqual(set(visits.mapped("state")), {"hold"})
                self.assertEqual(set(visits.mapped("prepay_state")), {"asked"})

    def test_urgent_is_booked_at_once(self):
        self.assertEqual(self._book(10, is_urgent=True).state, "booked")

    def test_urgent_is_booked_at_once_by_the_public_method_too(self):
        start = str(self._book(10).start + timedelta(hours=2))
        book = self.env["clinic.appointment"].book
        specialist = self._book(11, is_urgent=True).specialist_id
        args = (self.patient.id, self.service.id, specialist.id, start)
        visit = self.env["clinic.appointment"].browse(book(*args, is_urgent=True))
        self.assertRecordValues(visit, [{"state": "booked", "is_urgent": True}])
        visit.action_cancel()
        visit = self.env["clinic.appointment"].browse(book(*args, note="Called"))
        self.assertRecordValues(
            visit, [{"state": "hold", "is_urgent": False, "note": "Called"}]
        )

    def test_money_on_the_account_books_at_once(self):
        self._pay(None, amount=2500)
        visit = self._book(10)
        self.assertEqual((visit.state, visit.payment_state), ("booked", "paid"))

    def test_old_debt_does_not_eat_the_prepayment(self):
        self.patient._lift_financial_block("For the test")
        old = self._book(9)
        self.patient._set_financial_block("Owes for the last visit")
        visit = self._book(10)
        self._pay(visit, amount=2000)
        self.assertEqual((visit.state, visit.payment_state), ("booked", "paid"))
        self.assertEqual(old.payment_state, "not_paid")

    def test_other_patients_book_as_ever(self):
        other = self._create_patient(name="Good Payer")
        self.assertEqual(self._book(10, patient_id=other.id).state, "booked")

    def test_block_ends_on_its_day_and_by_hand(self):
        yesterday = fields.Date.context_today(self.patient) - timedelta(days=1)
        self.patient._set_financial_block("For a time", yesterday)
        self.assertFalse(self.patient.financial_block)
        self.assertEqual(self._book(10).state, "booked")
        self.env["clinic.financial.block"]._lift_expired()
        self.assertFalse(self.patient.financial_block_ids.filtered("active"))

    def test_who_blocks_and_lifts(self):
        wizard = self.env["clinic.financial.block.wizard"]
        vals = {"patient_id": self.patient.id, "step": "lift", "reason": "Has paid"}
        for role in ("reception", "callcenter", "specialist"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                wizard.with_user(self._user(role)).create(vals).action_apply()
        wizard.with_user(self._user("finance")).create(vals).action_apply()
        self.assertFalse(self.patient.financial_block)
        log = self.decisions.search([("action", "=", "unblock")], limit=1)
        self.assertEqual((log.note, log.user_id), ("Has paid", self._user("finance")))

    def test_waived_with_a_reason(self):
        visit = self._book(10)
        with self.assertRaises(AccessError):
            visit.with_user(self._user("reception"))._waive("Please")
        visit.with_user(self._user("director"))._waive("Known to the director")
        self.assertEqual(visit.state, "booked")
        waived = visit.decision_ids.filtered(lambda d: d.action == "waive")
        self.assertEqual(waived.note, "Known to the director")
        asked = visit.decision_ids.filtered(lambda d: d.action == "prepayment")
        self.assertEqual(asked.state, "overridden")

    def test_desk_is_warned_and_the_doctor_is_not(self):
        patient = self.patient.with_user(self._user("reception"))
        self.assertIn(
            "Prepayment only: Did not pay twice", patient._clinic_desk_warnings()
        )
        self.env.invalidate_all()
        doctor = self.patient.with_user(self._user("specialist"))
        self.assertFalse(
            [w for w in doctor._clinic_desk_warnings() if "Prepayment" in w]
        )

    def test_rule_blocks(self):
        self.patient._lift_financial_block("For the test")
        visit = self._book(10)
        rule = self._rule("block", block_days=30, note="Owes for long")
        self.engine._decide(visit)
        self.assertTrue(self.patient.financial_block)
        self.assertEqual(self.patient.financial_block_reason, "Owes for long")
        self.assertEqual(
            self.patient.financial_block_until,
            fields.Date.context_today(self.patient) + timedelta(days=30),
        )
        self.assertEqual(
            self.patient.financial_block_ids.filtered("active").rule_id, rule
        )
        self.assertEqual(visit.state, "booked", "what is booked stays")
