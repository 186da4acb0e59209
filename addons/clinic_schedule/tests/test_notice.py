from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged, users
from odoo.tools import mute_logger

from odoo.addons.clinic_schedule.models.res_company_notice import ResCompany
from odoo.addons.clinic_schedule.tests.common import ScheduleCommon
from odoo.addons.sms.tools.sms_api import SmsApi


class NoticeCommon(ScheduleCommon):
    """A clinic with a gateway and a mail server that nothing is sent to in tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_sms()
        cls.env["ir.mail_server"].create({"name": "Test", "smtp_host": "mail.invalid"})
        cls.branch.write({"street": "Lenina 1", "phone": "+7 343 200-00-00"})
        cls.patient.write({"lang": "en_US", "email": "patient@example.com"})
        cls.env["res.lang"]._activate_lang("ru_RU")

    @classmethod
    def _set_up_sms(cls):
        """Let SMS be sent, whichever gateways the addons installed bring along."""
        company_class = cls.env.registry["res.company"]
        cls.classPatch(company_class, "_clinic_sms_ready", lambda _company: True)

    @classmethod
    def _notices(cls, visit, *kinds):
        domain = [("appointment_id", "=", visit.id)]
        if kinds:
            domain.append(("kind", "in", kinds))
        return cls.env["clinic.notice"].search(domain, order="id")

    @classmethod
    def _send_due(cls):
        """Do what the job does, without its commits."""
        cls.env["clinic.appointment"]._remind()
        due = cls.env["clinic.notice"].search(
            [("state", "=", "waiting"), ("send_after", "<=", fields.Datetime.now())]
        )
        due._send()
        cls.env.flush_all()

    @classmethod
    def _sms(cls, notice):
        tracker = cls.env["sms.tracker"].search([("notice_id", "in", notice.ids)])
        return cls.env["sms.sms"].search([("uuid", "in", tracker.mapped("sms_uuid"))])

    @classmethod
    def _mail(cls, notice):
        return cls.env["mail.mail"].search(
            [("model", "=", "clinic.notice"), ("res_id", "in", notice.ids)]
        )


@tagged("post_install", "-at_install")
class TestNotice(NoticeCommon):
    def _noon(self, days=0):
        """Return noon of the branch, some days before the visits' day."""
        return self._at(12, day=self.day - timedelta(days=days))

    def test_a_notice_being_sent_is_left_alone_by_the_next_move(self):
        with freeze_time(self._noon(3)):
            visit = self._book(10)
        with freeze_time(self._noon(2)):
            self._send_due()
            visit.reschedule(self._at(11))
            first = self._notices(visit, "moved")
            self.assertEqual(set(first.mapped("was_start")), {self._at(10)})
            in_hand = patch.object(
                type(first), "_lock_unsent", lambda notices: notices.browse()
            )
            with in_hand:
                visit.reschedule(self._at(12))
        second = self._notices(visit, "moved") - first
        self.assertEqual(set(first.mapped("was_start")), {self._at(10)})
        self.assertEqual(set(first.mapped("state")), {"waiting"})
        self.assertEqual(set(second.mapped("was_start")), {self._at(11)})

    def test_a_booking_is_told_once_by_sms_and_mail(self):
        with freeze_time(self._noon(3)):
            visit = self._book(10)
            self.assertEqual(
                sorted(self._notices(visit).mapped("channel")), ["email", "sms"]
            )
            self._send_due()
            self.assertEqual(set(self._notices(visit).mapped("state")), {"waiting"})
        with freeze_time(self._noon(3) + timedelta(minutes=2)):
            self._send_due()
            self._send_due()
            visit._tell("booked")
            self._send_due()
        notices = self._notices(visit)
        self.assertEqual(notices.mapped("state"), ["sending", "sending"])
        sms = self._sms(notices)
        self.assertEqual(len(sms), 1)
        self.assertEqual(sms.number, self.patient.phone_sanitized)
        self.assertIn("10:00", sms.body)
        self.assertRegex(sms.body, r"/c/[0-9a-z]{13,}")
        self.assertEqual(len(self._mail(notices)), 1)

    def test_the_database_refuses_a_second_one(self):
        visit = self._book(10)
        first = self._notices(visit)[0]
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            with self.env.cr.savepoint():
                first.sudo().copy({"occurrence": first.occurrence})

    def test_a_hold_is_told_only_when_it_becomes_a_booking(self):
        visit = self._book(10, hold_minutes=30)
        self.assertFalse(self._notices(visit))
        visit.action_confirm()
        self.assertEqual(set(self._notices(visit).mapped("kind")), {"booked"})
        released = self._book(12, hold_minutes=30, patient_id=self._other().id)
        released.action_cancel()
        self.assertFalse(self._notices(released))

    def test_no_news_of_the_past_or_of_imports(self):
        with freeze_time(self._noon()):
            past = self._book(10, allow_past=True, origin="desk")
        self.assertFalse(self._notices(past))
        imported = self._book(13, origin="import", patient_id=self._other().id)
        self.assertFalse(self._notices(imported))

    def test_a_module_being_installed_tells_nobody(self):
        with patch.object(self.env.registry, "ready", False):
            visit = self._book(10)
        self.assertFalse(self._notices(visit))

    def test_a_move_and_a_cancellation_are_told(self):
        with freeze_time(self._noon(5)):
            visit = self._book(10)
        with freeze_time(self._noon(5) + timedelta(minutes=5)):
            self._send_due()
            visit.reschedule(self._at(12))
        with freeze_time(self._noon(5) + timedelta(minutes=10)):
            self._send_due()
            moved = self._notices(visit, "moved")
            self.assertEqual(set(moved.mapped("state")), {"sending"})
            self.assertIn("12:00", self._sms(moved).body)
            visit.action_cancel()
        with freeze_time(self._noon(5) + timedelta(minutes=15)):
            self._send_due()
        cancelled = self._notices(visit, "cancelled")
        self.assertEqual(set(cancelled.mapped("state")), {"sending"})
        self.assertNotIn("/c/", self._sms(cancelled).body)

    def test_there_and_back_is_told_each_time(self):
        with freeze_time(self._noon(5)):
            visit = self._book(10)
        for step, hour in enumerate((12, 10, 12), 1):
            with freeze_time(self._noon(5) + timedelta(minutes=5 * step)):
                self._send_due()
                visit.reschedule(self._at(hour))
        with freeze_time(self._noon(5) + timedelta(minutes=30)):
            self._send_due()
        moved = self._notices(visit, "moved").filtered(lambda n: n.channel == "sms")
        self.assertEqual(moved.mapped("state"), ["sending"] * 3)

    def test_what_is_undone_at_once_is_not_told(self):
        with freeze_time(self._noon(5)):
            undone = self._book(10)
            undone.action_cancel()
            moved = self._book(12, patient_id=self._other().id)
        self.assertEqual(set(self._notices(undone).mapped("state")), {"skipped"})
        with freeze_time(self._noon(5) + timedelta(minutes=5)):
            self._send_due()
            moved.reschedule(self._at(13))
            moved.reschedule(self._at(12))
        with freeze_time(self._noon(5) + timedelta(minutes=10)):
            self._send_due()
        self.assertEqual(
            set(self._notices(moved, "moved").mapped("state")), {"skipped"}
        )

    def test_a_cancellation_undone_in_time_is_not_told(self):
        with freeze_time(self._noon(5)):
            visit = self._book(10)
        with freeze_time(self._noon(5) + timedelta(minutes=5)):
            self._send_due()
            visit.action_cancel()
            visit.sudo().write({"state": "booked"})
            visit._tell_again()
        with freeze_time(self._noon(5) + timedelta(minutes=10)):
            self._send_due()
        self.assertEqual(
            set(self._notices(visit, "cancelled").mapped("state")), {"skipped"}
        )
        self.assertEqual(len(self._notices(visit, "booked")), 2)

    def test_reminder_the_day_before_once_and_anew_after_a_move(self):
        with freeze_time(self._noon(5)):
            visit = self._book(10)
        day_before = self._at(10, day=self.day - timedelta(days=1))
        with freeze_time(day_before - timedelta(minutes=5)):
            self._send_due()
            self.assertFalse(self._notices(visit, "reminder"))
        for minutes in (0, 1, 60):
            with freeze_time(day_before + timedelta(minutes=minutes)):
                self._send_due()
        self.assertEqual(len(self._notices(visit, "reminder")), 2)
        later = self.day + timedelta(days=2)
        self._create_shift(self.specialist, day=later, room_id=self.room.id)
        with freeze_time(day_before + timedelta(hours=3)):
            visit.reschedule(self._at(11, day=later))
        with freeze_time(self._at(11, 5, day=later - timedelta(days=1))):
            self._send_due()
        self.assertEqual(len(self._notices(visit, "reminder")), 4)

    def test_who_has_just_booked_is_not_reminded(self):
        with freeze_time(self._at(9, 30, day=self.day - timedelta(days=1))):
            visit = self._book(10)
        with freeze_time(self._at(10, 30, day=self.day - timedelta(days=1))):
            self._send_due()
        self.assertFalse(self._notices(visit, "reminder"))

    def test_further_reminders_as_the_clinic_wants(self):
        self.env.ref("clinic_schedule.notice_rule_reminder_hours").active = True
        with freeze_time(self._noon(5)):
            visit = self._book(14)
        with freeze_time(self._at(12, 1)):
            self._send_due()
        reminder = self._notices(visit, "reminder")
        self.assertEqual(reminder.mapped("channel"), ["sms"])

    def test_quiet_hours_wait_for_the_morning(self):
        evening = self._at(22, day=self.day - timedelta(days=3))
        with freeze_time(evening):
            visit = self._book(10)
        with freeze_time(evening + timedelta(minutes=5)):
            self._send_due()
        notices = self._notices(visit)
        self.assertEqual(set(notices.mapped("state")), {"waiting"})
        morning = self._at(9, day=self.day - timedelta(days=2))
        self.assertEqual(set(notices.mapped("send_after")), {morning})
        with freeze_time(morning + timedelta(minutes=1)):
            self._send_due()
        self.assertEqual(set(notices.mapped("state")), {"sending"})

    def test_quiet_hours_do_not_make_news_useless(self):
        night = self._at(23, day=self.day - timedelta(days=1))
        with freeze_time(night):
            visit = self._book(9, 30)
        with freeze_time(night + timedelta(minutes=5)):
            self._send_due()
        self.assertEqual(set(self._notices(visit).mapped("state")), {"sending"})

    def test_the_time_is_that_of_the_branch_in_the_patients_language(self):
        self.patient.lang = "ru_RU"
        with freeze_time(self._noon(3)):
            visit = self._book(10)
            # whoever books may sit anywhere
            self.env.user.tz = "America/New_York"
        with freeze_time(self._noon(3) + timedelta(minutes=5)):
            self._send_due()
        self.assertIn("(ср) в 10:00", self._sms(self._notices(visit)).body)
        self.assertIn("(ср) в 10:00", self._mail(self._notices(visit)).subject)

    def test_nothing_medical_and_no_name_in_the_messages(self):
        with freeze_time(self._noon(3)):
            visit = self._book(10)
        with freeze_time(self._noon(3) + timedelta(minutes=5)):
            self._send_due()
        mail = self._mail(self._notices(visit))
        for text in (self._sms(self._notices(visit)).body, mail.subject):
            for secret in (self.patient.name, self.service.name, self.specialty.name):
                self.assertNotIn(secret, text)
        self.assertNotIn(self.service.name, mail.body_html)

    def test_a_childs_guardian_is_told(self):
        mother = self.env["res.partner"].create(
            {
                "name": "Mother",
                "phone": "+7 912 200-00-09",
                "email": "mother@example.com",
                "lang": "ru_RU",
            }
        )
        child = self._other(
            birthdate_date=self.day - timedelta(days=3000),
            phone="+7 912 200-00-08",
            payer_id=self._other(phone="+7 912 200-00-07").id,
            guardian_ids=[Command.link(mother.id)],
        )
        with freeze_time(self._noon(3)):
            visit = self._book(10, patient_id=child.id)
        with freeze_time(self._noon(3) + timedelta(minutes=5)):
            self._send_due()
        notices = self._notices(visit)
        self.assertEqual(notices.partner_id, mother)
        self.assertEqual(self._sms(notices).number, mother.phone_sanitized)
        self.assertIn("mother@example.com", self._mail(notices).email_to)
        self.assertIn(" в 10:00", self._sms(notices).body)

    def test_who_wants_nothing_gets_nothing(self):
        cases = [
            ({"notice_channel": "none"}, {"sms": "skipped", "email": "skipped"}),
            ({"notice_channel": "sms"}, {"sms": "sending", "email": "skipped"}),
            ({"notice_channel": "email"}, {"sms": "skipped", "email": "sending"}),
            ({"notice_booking": False}, {"sms": "skipped", "email": "skipped"}),
            ({"notice_reminder": False}, {"sms": "sending", "email": "sending"}),
            ({"email": False}, {"sms": "sending", "email": "skipped"}),
            ({"phone": False}, {"sms": "skipped", "email": "sending"}),
            (
                {"phone": False, "email": False},
                {"sms": "failed", "email": "failed"},
            ),
        ]
        for number, (values, expected) in enumerate(cases):
            with self.subTest(values):
                patient = self._other(
                    **{
                        "phone": f"+7 912 200-01-{number:02}",
                        "email": "x@example.com",
                        **values,
                    }
                )
                with freeze_time(self._noon(3)):
                    start = self._at(9) + timedelta(minutes=40 * number)
                    visit = self._book(start=start, patient_id=patient.id)
                with freeze_time(self._noon(3) + timedelta(minutes=5)):
                    self._send_due()
                states = {n.channel: n.state for n in self._notices(visit)}
                self.assertEqual(states, expected)
                silent = self._notices(visit).filtered(
                    lambda n: n.state in ("skipped", "failed")
                )
                self.assertTrue(all(silent.mapped("reason")))

    def test_without_a_gateway_nobody_is_contacted(self):
        self.env["ir.mail_server"].search([]).unlink()
        with freeze_time(self._noon(3)):
            visit = self._book(10)
        company_class = type(self.env.company)
        with (
            freeze_time(self._noon(3) + timedelta(minutes=5)),
            patch.object(company_class, "_clinic_sms_ready", lambda company: False),
        ):
            self._send_due()
        notices = self._notices(visit)
        self.assertEqual(set(notices.mapped("state")), {"skipped"})
        self.assertFalse(self._sms(notices) | self.env["sms.sms"])
        self.assertFalse(self._mail(notices))

    def test_another_way_where_the_one_wanted_is_closed(self):
        gone = {"sms": "skipped", "email": "sending"}
        nobody = {"sms": "failed", "email": "failed"}
        cases = [
            # (the patient, what becomes of the two notices without a gateway)
            ({"notice_channel": "sms"}, gone, "no_gateway"),
            ({"notice_channel": "any"}, gone, "no_gateway"),
            ({"email": False}, nobody, "no_gateway"),
            ({"notice_channel": "sms", "email": False}, nobody, "no_gateway"),
            ({"notice_channel": "none"}, dict.fromkeys(gone, "skipped"), "unwanted"),
            ({"notice_booking": False}, dict.fromkeys(gone, "skipped"), "unwanted"),
        ]
        company_class = type(self.env.company)
        for number, (values, expected, reason) in enumerate(cases):
            with (
                self.subTest(values),
                patch.object(company_class, "_clinic_sms_ready", lambda company: False),
            ):
                patient = self._other(
                    **{
                        "phone": f"+7 912 200-02-{number:02}",
                        "email": "x@example.com",
                        **values,
                    }
                )
                with freeze_time(self._noon(3)):
                    start = self._at(9) + timedelta(minutes=40 * number)
                    visit = self._book(start=start, patient_id=patient.id)
                with freeze_time(self._noon(3) + timedelta(minutes=5)):
                    self._send_due()
                notices = self._notices(visit)
                self.assertEqual({n.channel: n.state for n in notices}, expected)
                sms = notices.filtered(lambda n: n.channel == "sms")
                self.assertEqual(sms.reason, reason)
                if expected == nobody:
                    self.assertEqual(visit.notice_state, "failed")

    def test_sms_only_without_a_phone_gets_a_mail(self):
        patient = self._other(notice_channel="sms", phone=False, email="y@example.com")
        with freeze_time(self._noon(3)):
            visit = self._book(10, patient_id=patient.id)
        with freeze_time(self._noon(3) + timedelta(minutes=5)):
            self._send_due()
        states = {n.channel: (n.state, n.reason) for n in self._notices(visit)}
        self.assertEqual(
            states, {"sms": ("skipped", "other_than_sms"), "email": ("sending", False)}
        )

    def test_the_service_of_odoo_counts_only_if_wanted(self):
        company = self.env.company
        params = self.env["ir.config_parameter"]
        # what this addon says: others may replace it
        is_ready = ResCompany._clinic_sms_ready
        with patch.object(
            self.env.registry["res.company"], "_get_sms_api_class"
        ) as api_class:
            api_class.return_value = SmsApi
            params.set_param("clinic_schedule.sms_by_odoo", False)
            self.assertFalse(is_ready(company))
            params.set_param("clinic_schedule.sms_by_odoo", "1")
            self.assertTrue(is_ready(company))
            params.set_param("clinic_schedule.sms_by_odoo", False)
            api_class.return_value = type("SmsApiOther", (SmsApi,), {})
            self.assertTrue(is_ready(company))

    def test_a_broken_text_does_not_stop_the_others(self):
        rule = self.env.ref("clinic_schedule.notice_rule_booked")
        rule.sms_template_id.body = "{{ object.no_such_field }}"
        with freeze_time(self._noon(3)):
            visit = self._book(10)
        with (
            freeze_time(self._noon(3) + timedelta(minutes=5)),
            mute_logger(
                "odoo.addons.clinic_schedule.models.clinic_notice",
                "odoo.addons.mail.models.mail_render_mixin",
            ),
        ):
            self._send_due()
        states = {n.channel: n.state for n in self._notices(visit)}
        self.assertEqual(states, {"sms": "failed", "email": "sending"})

    def test_a_crash_before_the_queue_loses_nothing_and_doubles_nothing(self):
        with freeze_time(self._noon(3)):
            visit = self._book(10)
        notices = self._notices(visit)
        self.env.flush_all()
        with freeze_time(self._noon(3) + timedelta(minutes=5)):
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                self._send_due()
                raise ZeroDivisionError  # the server dies before it commits
            self.env.invalidate_all()
            self.assertEqual(set(notices.mapped("state")), {"waiting"})
            self.assertFalse(self._sms(notices))
            self._send_due()
            self._send_due()
        self.assertEqual(len(self._sms(notices)), 1)
        self.assertEqual(len(self._mail(notices)), 1)

    def test_what_the_gateway_says_is_seen_on_the_visit(self):
        with freeze_time(self._noon(3)):
            visit = self._book(10)
        with freeze_time(self._noon(3) + timedelta(minutes=5)):
            self._send_due()
        notice = self._notices(visit).filtered(lambda n: n.channel == "sms")
        tracker = self.env["sms.tracker"].search([("notice_id", "=", notice.id)])
        tracker._action_update_from_sms_state("pending")
        self.assertEqual(notice.state, "sent")
        tracker._action_update_from_sms_state("error", failure_type="sms_credit")
        self.assertEqual(notice.state, "failed")
        self.assertTrue(notice.reason)
        tracker._action_update_from_sms_state("sent")
        self.assertEqual(notice.state, "delivered")
        self.assertEqual(visit.notice_state, "delivered")
        # a late report does not take it back
        tracker._action_update_from_sms_state("pending")
        tracker._action_update_from_provider_error("not_delivered")
        self.assertEqual(notice.state, "delivered")

    def test_a_mail_that_could_not_be_sent_says_why(self):
        with freeze_time(self._noon(3)):
            visit = self._book(10)
        with freeze_time(self._noon(3) + timedelta(minutes=5)):
            self._send_due()
        notice = self._notices(visit).filtered(lambda n: n.channel == "email")
        mail = self._mail(notice)
        mail._postprocess_sent_message([], [], "Mailbox full", "unknown")
        self.assertRecordValues(notice, [{"state": "failed", "reason": "Mailbox full"}])
        notice.with_user(self._user("reception")).action_resend()
        self.assertEqual(notice.state, "waiting")
        with freeze_time(self._noon(3) + timedelta(minutes=9)):
            self._send_due()
        self.assertEqual(notice.state, "sending")
        last = self._mail(notice).sorted("id")[-1:]
        last._postprocess_sent_message([], [self.patient.email])
        self.assertEqual(notice.state, "sent")

    def test_the_call_list(self):
        with freeze_time(self._noon(3)):
            visit = self._book(10)
            silent = self._book(12, patient_id=self._other().id)
            far = self._book(11, patient_id=self._other().id)
            self.assertFalse(visit.needs_call)
        visits = visit | silent | far
        with freeze_time(self._noon(1)):
            domain = [("needs_call", "=", True), ("id", "in", visits.ids)]
            found = self.env["clinic.appointment"].search(domain)
            self.assertEqual(found, visits)
            callcenter = visit.with_user(self._user("callcenter"))
            callcenter.action_call_confirmed()
            silent.with_user(self._user("callcenter")).action_call_no_answer()
            self.assertRecordValues(
                visit | silent,
                [
                    {"state": "confirmed", "confirmed_how": "call", "call_count": 0},
                    {"state": "booked", "confirmed_how": False, "call_count": 1},
                ],
            )
            found = self.env["clinic.appointment"].search(domain)
            self.assertEqual(found, silent | far)
            self.branch.call_hours = 0
            self.assertFalse(self.env["clinic.appointment"].search(domain))

    def test_rules_of_a_branch_replace_the_general_ones(self):
        rule = self.env.ref("clinic_schedule.notice_rule_booked")
        rule.copy({"branch_id": self.branch.id, "email": False})
        visit = self._book(10)
        self.assertEqual(self._notices(visit).mapped("channel"), ["sms"])

    def test_a_booking_costs_one_query_more(self):
        self._book(9)
        visit = self._book(10, patient_id=self._other().id)
        visit._tell("moved")
        visit.notice_serial += 1
        self.env.flush_all()
        with self.assertQueryCount(1):
            visit._tell("moved")
        self.assertEqual(len(self._notices(visit, "moved")), 4)

    # Rights -------------------------------------------------------------------

    @users("clinic_test_reception")
    def test_the_desk_reads_but_does_not_write(self):
        notice = self._notices(self._book(10))[:1].with_user(self.env.user)
        self.env.invalidate_all()
        self.assertTrue(notice.address is not None)
        with self.assertRaises(AccessError):
            notice.write({"state": "delivered"})
        with self.assertRaises(AccessError):
            notice.read(["body_values"])
        template = self.env.ref("clinic_schedule.mail_template_booked")
        with self.assertRaises(AccessError):
            template.with_user(self.env.user).write({"subject": "x"})

    def test_others_see_no_notices(self):
        notice = self._notices(self._book(10))[:1]
        for role in ("cashier", "director", "lab"):
            with self.subTest(role), self.assertRaises(AccessError):
                notice.with_user(self._user(role)).read(["state"])
        stranger = self._notices(
            self._book(
                10,
                specialist_id=self.specialist2.id,
                service_id=self._surgery().id,
                patient_id=self._other().id,
            )
        )[:1]
        self.env.invalidate_all()
        doctor = self._user("specialist")
        self.assertTrue(notice.with_user(doctor).read(["state"]))
        with self.assertRaises(AccessError):
            stranger.with_user(doctor).read(["state"])

    def test_the_administrator_edits_the_texts(self):
        admin = self._user("admin")
        rule = self.env.ref("clinic_schedule.notice_rule_booked").with_user(admin)
        rule.sms_template_id.body = "Come!"
        rule.mail_template_id.subject = "Come!"
        rule.email = False

    def _other(self, **values):
        return self._create_patient(**{"lang": "en_US", **values})

    def _surgery(self):
        return self._create_service(specialty_ids=[Command.set(self.specialty2.ids)])
