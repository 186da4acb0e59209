from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import SECRET, EmrCommon


class ReadersCommon(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._user("chief_physician")
        cls.encounter = cls._create_encounter(finished=True)
        cls.record = cls.encounter.record_id
        cls.victims = [
            cls.record,
            cls.encounter,
            cls.encounter.diagnosis_ids,
        ]

    def _reads(self, user):
        """Return whether a user reads everything of the record, as a new request."""
        self.env.invalidate_all()
        answers = {victim.with_user(user).has_access("read") for victim in self.victims}
        found = (
            self.env["clinic.encounter"]
            .with_user(user)
            .search([("id", "=", self.encounter.id)])
        )
        answers.add(bool(found))
        self.assertEqual(len(answers), 1, "open and closed must go together")
        return answers.pop()

    def _break_glass(self, user, reason="Brought in unconscious, no relatives", **vals):
        wizard = (
            self.env["clinic.record.emergency"]
            .with_user(user)
            .create({"patient_id": self.patient.id, "reason": reason, **vals})
        )
        return wizard.action_take()


@tagged("post_install", "-at_install")
class TestEmergencyAccess(ReadersCommon):
    def test_opens_for_a_time_is_noted_and_told(self):
        self.assertFalse(self._reads(self.other_doctor))
        action = self._break_glass(self.other_doctor, hours="4")
        self.assertEqual(action["res_id"], self.record.id)
        self.assertTrue(self._reads(self.other_doctor))
        self.encounter.with_user(self.other_doctor).read(["complaint"])
        log = self.env["clinic.record.access"].search(
            [("user_id", "=", self.other_doctor.id)]
        )
        self.assertEqual(set(log.mapped("basis")), {"emergency"})
        self.assertEqual(set(log.mapped("kind")), {"emergency", "open"})
        grant = self.env["clinic.record.grant"].search([])
        self.assertEqual(grant.user_id, self.other_doctor)
        self.assertEqual(grant.look_count, 1)
        self.assertIn(self.chief, grant.activity_ids.user_id)
        later = fields.Datetime.now() + timedelta(hours=4, minutes=1)
        with freeze_time(later):
            self.assertFalse(self._reads(self.other_doctor))

    def test_the_report_tells_neither_reason_nor_patient(self):
        self._break_glass(self.other_doctor, reason=f"{SECRET} in the hall")
        self.env.flush_all()
        for model, columns in {
            "mail.activity": ("summary", "note", "res_name"),
            "mail.message": ("body", "subject", "record_name"),
            "mail.mail": ("body_html",),
        }.items():
            for column in columns:
                if not self.env[model]._fields[column].store:
                    continue
                for words in (SECRET, self.patient.name):
                    found = self.env[model].search(
                        [
                            (column, "ilike", words),
                            (
                                "model" if model != "mail.activity" else "res_model",
                                "=",
                                "clinic.record.grant",
                            ),
                        ]
                    )
                    self.assertFalse(found, f"{model}.{column}")

    def test_only_specialists_take_it_and_say_why(self):
        for role in ("reception", "cashier", "director", "nurse", "lab", "admin"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._break_glass(self._user(role))
        for reason in (False, "  ", "urgent"):
            with self.subTest(reason=reason), self.assertRaises(UserError):
                self._break_glass(self.other_doctor, reason=reason)
        self.assertFalse(self._reads(self.other_doctor))

    def test_chief_judges_and_nobody_else(self):
        self._break_glass(self.other_doctor)
        grant = self.env["clinic.record.grant"].search([])
        with self.assertRaises(AccessError):
            grant.with_user(self.other_doctor).action_justified()
        with self.assertRaises(AccessError):
            grant.with_user(self.doctor).read(["reason"])
        for user in (self.chief, self.other_doctor):
            with self.assertRaises(UserError):
                grant.with_user(user).write({"stop": "2099-01-01"})
            with self.assertRaises(UserError):
                grant.with_user(user).unlink()
        grant.with_user(self.chief).action_unjustified()
        self.assertEqual(grant.verdict, "unjustified")
        self.assertEqual(grant.judge_id, self.chief)
        self.assertFalse(grant.activity_ids)
        self.assertFalse(self._reads(self.other_doctor))

    def test_the_button_asks_only_strangers(self):
        own = self.patient.with_user(self.doctor).action_clinic_emergency_access()
        self.assertEqual(own["res_model"], "clinic.medical.record")
        asked = self.patient.with_user(
            self.other_doctor
        ).action_clinic_emergency_access()
        self.assertEqual(asked["res_model"], "clinic.record.emergency")
        with self.assertRaises(AccessError):
            self.patient.with_user(
                self._user("reception")
            ).action_clinic_emergency_access()

    def test_grants_are_not_made_by_hand(self):
        for user in (self.other_doctor, self.chief, self._user("admin")):
            with self.assertRaises(AccessError):
                self.env["clinic.record.grant"].with_user(user).create(
                    {
                        "record_id": self.record.id,
                        "user_id": user.id,
                        "reason": "because I like to",
                        "start": fields.Datetime.now(),
                        "stop": "2099-01-01",
                    }
                )


@tagged("post_install", "-at_install")
class TestReferredTo(ReadersCommon):
    def _refer(self, **values):
        return (
            self.env["clinic.service.request"]
            .with_user(self.doctor)
            .create(
                {
                    "record_id": self.record.id,
                    "service_id": self.service2.id,
                    "performer_id": self.specialist2.id,
                    **values,
                }
            )
        )

    def test_the_record_opens_when_the_referral_is_given_and_not_before(self):
        referral = self._refer()
        self.assertFalse(self._reads(self.other_doctor))
        referral.action_activate()
        self.assertTrue(self._reads(self.other_doctor))
        theirs = self.record.with_user(self.other_doctor)
        self.assertEqual(theirs._reading_bases(), {self.record.id: "referral"})
        theirs.read(["allergy_note"])
        look = self.env["clinic.record.access"].search(
            [("user_id", "=", self.other_doctor.id)], limit=1
        )
        self.assertEqual(look.basis, "referral")
        referral._revoke("The patient goes elsewhere")
        self.assertFalse(self._reads(self.other_doctor))

    def test_to_nobody_by_name_it_opens_nothing(self):
        self._refer(performer_id=False).action_activate()
        self.assertFalse(self._reads(self.other_doctor))

    def test_withdrawn_by_mistake_it_opens_nothing(self):
        referral = self._refer()
        referral.action_activate()
        referral._archive_with_reason("Written for a namesake")
        self.assertFalse(self._reads(self.other_doctor))

    def test_it_does_not_open_a_closed_record(self):
        self._refer().action_activate()
        self.env["clinic.record.closure"].with_user(self.chief).create(
            {"patient_id": self.patient.id, "ground": "mental"}
        )
        self.assertFalse(self._reads(self.other_doctor))

    def test_desks_of_other_companies_do_not_see_it(self):
        self._refer().action_activate()
        reception = self._user("reception")
        elsewhere = self.env["res.company"].create({"name": "Another clinic"})
        reception.company_ids += elsewhere
        referrals = self.env["clinic.referral"].with_user(reception)
        domain = [("patient_id", "=", self.patient.id)]
        self.env.invalidate_all()
        self.assertTrue(referrals.search(domain))
        there = referrals.with_context(allowed_company_ids=elsewhere.ids)
        self.assertFalse(there.search(domain))


@tagged("post_install", "-at_install")
class TestCareTeam(ReadersCommon):
    def _create_team(self, **values):
        return (
            self.env["clinic.care.team"]
            .with_user(self.chief)
            .create(
                {
                    "name": "Team",
                    "member_ids": [
                        Command.create(
                            {
                                "user_id": self.other_doctor.id,
                                "start": fields.Datetime.now() - timedelta(hours=1),
                                "stop": fields.Datetime.now() + timedelta(hours=1),
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    def _basis(self):
        self.env.invalidate_all()
        record = self.record.with_user(self.other_doctor)
        return record._reading_bases()[record.id]

    def test_named_patients(self):
        team = self._create_team()
        self.assertFalse(self._reads(self.other_doctor))
        team.patient_ids = [Command.create({"patient_id": self.patient.id})]
        self.assertTrue(self._reads(self.other_doctor))
        self.assertEqual(self._basis(), "team")
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)):
            self.assertFalse(self._reads(self.other_doctor))
        team.active = False
        self.assertFalse(self._reads(self.other_doctor))

    def test_colleagues_share_their_patients(self):
        team = self._create_team(kind="colleagues")
        self.assertFalse(self._reads(self.other_doctor))
        team.member_ids = [Command.create({"user_id": self.doctor.id})]
        self.assertTrue(self._reads(self.other_doctor))

    def test_duty_opens_who_is_in_the_branch_now(self):
        self._create_team(kind="duty", branch_id=self.branch.id)
        self.assertFalse(self._reads(self.other_doctor))
        visit = self._create_appointment(state="arrived")
        self.assertTrue(self._reads(self.other_doctor))
        self.assertEqual(self._basis(), "duty")
        visit.state = "fulfilled"
        self.assertFalse(self._reads(self.other_doctor))
        visit.write({"state": "arrived", "branch_id": self.branch_msk.id})
        self.assertFalse(self._reads(self.other_doctor))

    def test_teams_are_the_chief_physicians_and_of_specialists(self):
        with self.assertRaises(ValidationError):
            self._create_team(
                member_ids=[Command.create({"user_id": self._user("admin").id})]
            )
        team = self._create_team()
        for role in ("reception", "director", "admin", "nurse", "lab", "specialist"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                team.with_user(self._user(role)).read(["name"])
            with self.subTest(role=role), self.assertRaises(AccessError):
                team.member_ids.with_user(self._user(role)).create(
                    {"team_id": team.id, "user_id": self._user(role).id}
                )


@tagged("post_install", "-at_install")
class TestClosedRecord(ReadersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the other one treats the patient as well
        cls._create_appointment(specialist=cls.specialist2, state="booked")

    def _close(self, *readers):
        closure = (
            self.env["clinic.record.closure"]
            .with_user(self.chief)
            .create({"patient_id": self.patient.id, "ground": "hiv"})
        )
        for reader in readers:
            closure.reader_ids += reader
        return closure

    def test_closed_to_all_but_the_named(self):
        for user in (self.other_doctor, self.doctor, self.chief):
            self.assertTrue(self._reads(user))
        closure = self._close(self.other_doctor)
        self.assertTrue(self._reads(self.other_doctor))
        self.assertFalse(self._reads(self.chief))
        closure.reader_ids = self.chief
        self.assertTrue(self._reads(self.chief))
        self.assertFalse(self._reads(self.other_doctor))
        self.assertEqual(
            self.record.with_user(self.chief)._reading_bases(),
            {self.record.id: "named"},
        )
        closure.action_lift()
        self.assertTrue(self._reads(self.other_doctor))

    def test_author_keeps_his_own_visit(self):
        self._close()
        self.env.invalidate_all()
        self.assertIn(SECRET, self.encounter.with_user(self.doctor).complaint)
        self.assertFalse(self._reads(self.other_doctor))

    def test_who_receives_the_patient_reads_during_the_visit(self):
        self._close()
        visit = self._create_appointment(specialist=self.specialist2)
        self.assertTrue(self._reads(self.other_doctor))
        visit.state = "fulfilled"
        self.assertFalse(self._reads(self.other_doctor))

    def test_named_without_treating_reads_nothing(self):
        third = self._create_doctor("clinic_test_third_doctor")
        self._close(third)
        self.assertFalse(self._reads(third))

    def test_emergency_access_does_not_open_it(self):
        self._close()
        with self.assertRaises(AccessError):
            self._break_glass(self.other_doctor)

    def test_nobody_else_knows_that_it_is_closed(self):
        closure = self._close()
        for role in ("reception", "director", "admin", "specialist", "nurse", "lab"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                closure.with_user(self._user(role)).read()
        with self.assertRaises(UserError):
            closure.unlink()
        with self.assertRaises(UserError):
            closure.write({"lifted_at": fields.Datetime.now()})

    def test_every_medical_model_is_closed_along_its_path(self):
        """A model that inherits the mixin is closed without a rule of its own."""
        self._close()
        for name in self.env.registry.descendants(["clinic.medical.mixin"], "_inherit"):
            model = self.env[name].with_user(self.chief)
            if model._abstract:
                continue
            with self.subTest(model=name):
                path = model._medical_record_path
                found = model.search(
                    [(f"{path}.id" if path else "id", "=", self.record.id)]
                )
                self.assertFalse(found)
