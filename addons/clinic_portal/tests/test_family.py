from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import PortalCommon

FAMILY = "/my/clinic/family"


@tagged("post_install", "-at_install")
class TestFamily(PortalCommon):
    def _invite(self, scope="visits", **values):
        """Let the stranger have a letter of the patient; return its token."""
        return self.env["clinic.proxy"]._invite(
            self.patient, "stranger@example.com", scope, **values
        )

    def _grant(self, scope="visits", **values):
        token = self._invite(scope, **values)
        leave = self.env["clinic.proxy"]._of_token(token)
        leave._accept(self.stranger)
        return leave

    def _child_form(self, **values):
        consent = self.env["clinic.consent.template"]._current("personal_data")
        return {
            "name": "Small Petr",
            "birthdate": fields.Date.to_string(
                fields.Date.today() - relativedelta(years=4)
            ),
            "gender": "male",
            "representative": "1",
            "consent_personal_data": consent.id,
            **values,
        }

    # -- children

    def test_guardian_acts_until_the_age_of_consent(self):
        today = fields.Date.today()
        for born, acts in (
            (today - relativedelta(years=15) + timedelta(days=1), True),
            (today - relativedelta(years=15), False),
            (today - relativedelta(years=40), False),
        ):
            with self.subTest(born=born):
                self.ward.birthdate_date = born
                self.assertEqual(self.ward in self.patient._clinic_family(), acts)
        self.ward.birthdate_date = today - relativedelta(years=16)
        self.env["ir.config_parameter"].set_param("clinic_base.age_of_consent", "18")
        self.assertIn(self.ward, self.patient._clinic_family())

    def test_grown_ward_is_closed_to_rpc_too(self):
        visit = self._book(10, patient_id=self.ward.id)
        as_guardian = visit.with_user(self.user)
        self.env.invalidate_all()
        self.assertTrue(as_guardian.has_access("read"))
        self.ward.birthdate_date = fields.Date.today() - relativedelta(years=15)
        self.env.invalidate_all()
        self.assertFalse(as_guardian.has_access("read"))
        # the clinic's own age holds there too, and from that moment
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("clinic_base.age_of_consent", "16")
        self.env.invalidate_all()
        self.assertTrue(as_guardian.has_access("read"))
        parameters.set_param("clinic_base.age_of_consent", "14")
        self.env.invalidate_all()
        self.assertFalse(as_guardian.has_access("read"))

    def test_cabinet_names_the_family_and_their_next_visits(self):
        visit = self._book(10, patient_id=self.ward.id)
        self._sign_in()
        [block] = self._found(self._page(self._get("/my/clinic")), "o_clinic_family")
        self.assertIn(self.ward.name, block.text_content())
        self.assertIn(
            f"/my/clinic/appointment/{visit.id}", str(block.xpath(".//@href"))
        )
        self.ward.guardian_ids = False
        [block] = self._found(self._page(self._get("/my/clinic")), "o_clinic_family")
        self.assertNotIn(self.ward.name, block.text_content())
        self.assertTrue(block.xpath(".//a[contains(@href, '/my/clinic/family')]"))

    def test_ex_guardian_loses_access_at_once(self):
        visit = self._book(10, patient_id=self.ward.id)
        self._sign_in()
        path = f"/my/clinic/appointment/{visit.id}"
        self._page(self._get(path))
        self.ward.guardian_ids = [Command.unlink(self.patient.id)]
        self.env.flush_all()
        self.assertEqual(self._get(path).status_code, 404)

    def test_guardian_adds_a_child_and_books(self):
        self._sign_in()
        self._page(self._get(f"{FAMILY}/child"))
        response = self._post(
            f"{FAMILY}/child", self._child_form(), allow_redirects=False
        )
        self.assertEqual(self._path(response)[0], FAMILY)
        child = self.patient.ward_ids - self.ward
        self.assertRecordValues(
            child, [{"name": "Small Petr", "is_patient": True, "gender": "male"}]
        )
        self.assertRecordValues(
            child.clinic_consent_ids,
            [{"given_by_id": self.patient.id, "channel": "portal"}],
        )
        self.assertIn("Small Petr", self._page(self._get(FAMILY)).text_content())
        self._post("/clinic/book", self._window(patient=child.id))
        self.assertTrue(self._visits(child))

    def test_known_child_is_never_opened(self):
        """Name and birth date of a child are known to half the school."""
        known = self._create_patient(
            name="Small Petr", birthdate_date=self._child_form()["birthdate"]
        )
        self._sign_in()
        self._post(f"{FAMILY}/child", self._child_form())
        self.assertNotIn(known, self.patient._clinic_family())
        self.assertFalse(known.guardian_ids)
        self.assertIn(known, (self.patient.ward_ids - self.ward).clinic_duplicate_ids)

    def test_wrong_child_gets_a_sentence(self):
        self._sign_in()
        grown = fields.Date.to_string(fields.Date.today() - relativedelta(years=15))
        for values, field in (
            ({"name": "Petr"}, "name"),
            ({"birthdate": grown}, "birthdate"),
            ({"birthdate": ""}, "birthdate"),
            ({"gender": ""}, "gender"),
            ({"phone": "12"}, "phone"),
            ({"representative": ""}, "representative"),
            ({"consent_personal_data": ""}, "consent_personal_data"),
        ):
            with self.subTest(values=values):
                tree = self._page(
                    self._post(f"{FAMILY}/child", self._child_form(**values))
                )
                self.assertTrue(tree.xpath(f"//*[@id='{field}_error']"))
        self.assertEqual(self.patient.ward_ids, self.ward)

    def test_child_adds_no_child(self):
        self.patient.birthdate_date = fields.Date.today() - relativedelta(years=16)
        self._sign_in()
        self._post(f"{FAMILY}/child", self._child_form())
        self.assertEqual(self.patient.ward_ids, self.ward)

    # -- leave from one adult to another

    def test_leave_is_given_taken_used_and_taken_back(self):
        visit = self._book(10)
        path = f"/my/clinic/appointment/{visit.id}"
        self._sign_in()
        self._post(
            f"{FAMILY}/invite", {"email": "stranger@example.com", "scope": "visits"}
        )
        leave = self.env["clinic.proxy"].search([("patient_id", "=", self.patient.id)])
        self.assertEqual(leave.state, "invited")
        mail = self.env["mail.mail"].search([("email_to", "=", leave.email)], limit=1)
        link = mail.body_html.split("/family/accept/")[1].split('"')[0]
        self._sign_in(self.stranger_user)
        self.assertEqual(self._get(path).status_code, 404)
        tree = self._page(self._get(f"{FAMILY}/accept/{link}"))
        self.assertIn(self.patient.name, tree.text_content())
        self._post(f"{FAMILY}/accept/{link}", {})
        self.assertEqual(leave.state, "active")
        self._page(self._get(path))
        self.assertIn(self.patient, self.stranger._clinic_family())
        # nobody else gets in by the same letter
        third = self._portal_user("third", self._create_patient(name="Third Person"))
        self._sign_in(third)
        self._post(f"{FAMILY}/accept/{link}", {})
        self.assertEqual(leave.proxy_id, self.stranger)
        self._sign_in()
        self._post(f"{FAMILY}/{leave.id}/end", {})
        self.assertRecordValues(
            leave, [{"state": "ended", "ended_by_id": self.user.id}]
        )
        self._sign_in(self.stranger_user)
        self.assertEqual(self._get(path).status_code, 404)

    def test_medical_part_is_given_apart(self):
        leave = self._grant()
        self.assertIn(self.patient, self.stranger._clinic_family())
        self.assertNotIn(self.patient, self.stranger._clinic_record_family())
        leave._end()
        self._grant("all")
        self.assertIn(self.patient, self.stranger._clinic_record_family())
        # it is not handed on: the wards of the patient are not the stranger's
        self.assertNotIn(self.ward, self.stranger._clinic_family())

    def test_leave_ends_by_itself(self):
        today = fields.Date.today()
        self._grant(date_to=today)
        self.assertIn(self.patient, self.stranger._clinic_family())
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.assertNotIn(self.patient, self.stranger._clinic_family())

    def test_letter_is_valid_for_a_week(self):
        token = self._invite()
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.assertFalse(self.env["clinic.proxy"]._of_token(token))
        self.assertFalse(self.env["clinic.proxy"]._of_token(token + "x"))
        self.assertFalse(self.env["clinic.proxy"]._of_token(""))

    def test_unknown_address_is_answered_the_same(self):
        self._sign_in()
        pages = []
        for email in (self.patient.email, "nobody@example.com"):
            tree = self._page(
                self._post(f"{FAMILY}/invite", {"email": email, "scope": "all"})
            )
            pages.append(
                self._found(tree, "o_clinic_notice")[0]
                .text_content()
                .replace(email, "")
            )
        self.assertEqual(*pages)

    def test_who_may_take_it(self):
        leave = self.env["clinic.proxy"]._of_token(self._invite())
        with self.assertRaises(UserError):
            leave._accept(self.patient)
        with self.assertRaises(UserError):
            leave._accept(self.ward)
        with self.assertRaises(UserError):  # a child decides nothing
            self.env["clinic.proxy"]._invite(self.ward, "x@example.com", "visits")

    def test_strangers_leave_is_not_ended(self):
        leave = self._grant()
        third = self._portal_user("third", self._create_patient(name="Third Person"))
        self._sign_in(third)
        response = self._post(f"{FAMILY}/{leave.id}/end", {})
        self.assertEqual(response.status_code, 404)
        self.assertEqual(leave.state, "active")

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_rights(self):
        leave = self._grant()
        self.env.invalidate_all()
        for user in (self.user, self.stranger_user):
            self.assertFalse(leave.with_user(user).has_access("read"))
        for role in ("reception", "admin"):
            user = self._user(role)
            self.assertTrue(leave.with_user(user).has_access("read"))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(leave.with_user(user).has_access(operation))
        with self.assertRaises(AccessError):
            leave.with_user(self._user("specialist")).action_end()
        leave.with_user(self._user("reception")).action_end()
        self.assertEqual(leave.state, "ended")
        with self.assertRaises(UserError):
            leave.unlink()
        code = self.env["clinic.portal.code"]
        for user in (self.user, self._user("reception"), self._user("admin")):
            self.assertFalse(code.with_user(user).has_access("read"))

    def test_page_costs_the_same_for_a_big_family(self):
        self._sign_in()
        few = self._count_queries(FAMILY)
        for number in range(8):
            self._create_patient(
                name=f"Child {number}",
                birthdate_date="2020-01-01",
                guardian_ids=[Command.link(self.patient.id)],
            )
        many = self._count_queries(FAMILY)
        self.assertLessEqual(many, few + 3)
        self.assertLessEqual(many, 60)
