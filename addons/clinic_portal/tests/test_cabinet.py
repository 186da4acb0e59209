from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestCabinet(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._book(10)
        cls.ward_visit = cls._book(11, patient_id=cls.ward.id)
        cls.foreign_visit = cls._book(12, patient_id=cls.stranger.id)

    def _shown_visits(self, tree):
        return {
            int(card.get("data-visit")) for card in self._found(tree, "o_clinic_visit")
        }

    def _past(self, visit):
        """Let the visit lie behind us."""
        start = fields.Datetime.now().replace(second=0) - timedelta(days=2)
        self.env.cr.execute(
            "UPDATE clinic_appointment SET start = %s, stop = %s WHERE id = %s",
            (start, start + timedelta(minutes=30), visit.id),
        )
        visit.invalidate_recordset()

    # -- what is seen

    def test_own_and_wards_visits_and_nobody_elses(self):
        self._sign_in()
        tree = self._page(self._get("/my/clinic"))
        self.assertEqual(self._shown_visits(tree), {self.visit.id, self.ward_visit.id})
        self.assertIn(self.ward.name, tree.text_content())
        self.assertNotIn(self.stranger.name, tree.text_content())
        self.assertEqual(len(self._found(tree, "o_clinic_invoices")), 1)
        self.assertIn(self.visit.invoice_id.name, tree.text_content())
        self.assertNotIn(self.foreign_visit.invoice_id.name, tree.text_content())

    def test_every_state_of_the_money_has_words(self):
        states = dict(self.visit._fields["payment_state"].selection)
        self._sign_in()
        for state in states:
            self.visit.sudo().payment_state = state
            self.env.flush_all()
            for path in ("", "/visits", f"/appointment/{self.visit.id}"):
                with self.subTest(state=state, path=path):
                    text = self._page(self._get(f"/my/clinic{path}")).text_content()
                    if state == "programme" and path != "/visits":
                        self.assertIn("paid by your programme", text)

    def test_what_a_programme_pays_is_not_asked_of_the_patient(self):
        insurer = self.env["res.partner"].create({"name": "Ural Insurance"})
        invoice = self.visit.invoice_id.sudo()
        invoice.button_draft()
        invoice.write({"partner_id": insurer.id, "clinic_is_covered": True})
        invoice.action_post()
        self._sign_in()
        tree = self._page(self._get("/my/clinic"))
        [row] = tree.xpath(
            "//section[contains(@class, 'o_clinic_invoices')]"
            f"//div[contains(@class, 'o_clinic_row')][contains(., '{invoice.name}')]"
        )
        self.assertIn("to be paid by Ural Insurance", row.text_content())
        self.assertFalse(row.xpath(".//a[contains(@class, 'btn')]"))
        page = self._get(f"/my/clinic/invoice/{invoice.id}")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("o_payment_form", page.text)
        self.assertNotIn("payment=True", page.text)

    def test_ex_guardian_sees_nothing_of_the_ward(self):
        self.ward.guardian_ids = False
        self._sign_in()
        tree = self._page(self._get("/my/clinic"))
        self.assertEqual(self._shown_visits(tree), {self.visit.id})
        self.assertNotIn(self.ward.name, tree.text_content())

    def test_pages_need_signing_in(self):
        self._sign_out()
        for path in (
            "/my/clinic",
            "/my/clinic/visits",
            "/my/clinic/profile",
            f"/my/clinic/appointment/{self.visit.id}",
            f"/my/clinic/appointment/{self.visit.id}/pay",
            f"/my/clinic/invoice/{self.visit.invoice_id.id}",
        ):
            with self.subTest(path=path):
                response = self._redirect(path)
                self.assertEqual(self._path(response)[0], "/web/login")

    def test_foreign_ids_do_not_exist(self):
        self._sign_in()
        base = f"/my/clinic/appointment/{self.foreign_visit.id}"
        for path in (
            base,
            f"{base}/pay",
            f"{base}/paid",
            f"{base}/cancel",
            "/my/clinic/appointment/999999999",
            f"/my/clinic/invoice/{self.foreign_visit.invoice_id.id}",
        ):
            with self.subTest(path=path):
                self.assertEqual(self._get(path).status_code, 404)
        for action in ("confirm", "cancel", "later", "balance"):
            with self.subTest(action=action):
                self.assertEqual(self._post(f"{base}/{action}", {}).status_code, 404)
        self.assertEqual(self.foreign_visit.state, "booked")

    def test_stray_addresses_are_not_errors(self):
        self._sign_in()
        for path in ("/my/clinic/visits/page/99", "/my/clinic/visits"):
            with self.subTest(path=path):
                self._page(self._get(path))
        for path in ("/my/clinic/appointment/x", "/my/clinic/invoice/-1"):
            with self.subTest(path=path):
                self.assertEqual(self._get(path).status_code, 404)

    def test_without_the_pages_rights_are_no_wider(self):
        visits = self.env["clinic.appointment"].with_user(self.user)
        self.env.invalidate_all()
        self.assertEqual(visits.search([]), self.visit | self.ward_visit)
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            self.foreign_visit.with_user(self.user).read(["start"])
        with self.assertRaises(AccessError):
            self.visit.with_user(self.user).write({"note": "x"})
        with self.assertRaises(AccessError):
            self.visit.with_user(self.user).action_cancel()
        for model in ("clinic.screening", "clinic.portal.attempt", "clinic.encounter"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search([])

    def test_invoice_leads_to_its_own_page(self):
        self._sign_in()
        response = self._get(
            f"/my/clinic/invoice/{self.visit.invoice_id.id}", allow_redirects=False
        )
        self.assertEqual(
            self._path(response)[0], f"/my/invoices/{self.visit.invoice_id.id}"
        )

    def test_portal_tile(self):
        self._sign_in()
        tree = self._page(self._get("/my"))
        self.assertTrue(tree.xpath("//a[@href='/my/clinic']"))

    def test_first_page_does_not_grow_with_history(self):
        for hour in (9, 13, 14):
            self._past(self._book(hour))
        self._sign_in()
        self._get("/my/clinic")
        before = self._count_queries("/my/clinic")
        for day in (1, 2, 3, 4):
            shift_day = self.day + timedelta(days=day)
            self._create_shift(self.specialist, day=shift_day, room_id=self.room.id)
            start = self._at(10, day=shift_day)
            self._past(self._book(start=start))
        self.assertLessEqual(self._count_queries("/my/clinic"), before + 12)

    # -- what is done

    def test_confirming_and_cancelling_a_visit(self):
        self._sign_in()
        base = f"/my/clinic/appointment/{self.visit.id}"
        tree = self._page(self._get(base))
        self.assertTrue(self._found(tree, "o_clinic_visit_confirm"))
        self._page(self._post(f"{base}/confirm", {}))
        self.assertEqual(self.visit.state, "confirmed")
        self._page(self._get(f"{base}/cancel"))
        self.assertEqual(self.visit.state, "confirmed")
        self._page(self._post(f"{base}/cancel", {"reason": "Ill " * 200}))
        self.assertEqual(self.visit.state, "cancelled")
        self.assertTrue(self.visit.cancel_reason.startswith("Ill"))
        self.assertLessEqual(len(self.visit.cancel_reason), 200)

    def test_doing_it_twice_is_a_sentence(self):
        self._sign_in()
        base = f"/my/clinic/appointment/{self.visit.id}"
        for action in ("confirm", "cancel"):
            self._post(f"{base}/{action}", {})
            tree = self._page(self._post(f"{base}/{action}", {}))
            notices = self._found(tree, "o_clinic_notice")
            self.assertTrue(any("alert-warning" in n.get("class") for n in notices))

    def test_guardian_cancels_for_the_ward(self):
        self._sign_in()
        self._post(f"/my/clinic/appointment/{self.ward_visit.id}/cancel", {})
        self.assertEqual(self.ward_visit.state, "cancelled")

    def test_what_was_called_off_before_its_time_is_no_past_visit(self):
        self._sign_in()
        past = "//section[contains(@class, 'o_clinic_past')]"
        self.visit.action_cancel("Asked")
        tree = self._page(self._get("/my/clinic"))
        self.assertNotIn(
            f"/my/clinic/appointment/{self.visit.id}", tree.xpath(f"{past}//a/@href")
        )
        # it is still found where all of them are
        self.assertIn("/my/clinic/visits", tree.xpath(f"{past}//a/@href"))
        self._past(self.visit)
        tree = self._page(self._get("/my/clinic"))
        self.assertIn(
            f"/my/clinic/appointment/{self.visit.id}", tree.xpath(f"{past}//a/@href")
        )

    def test_the_fee_is_written_like_all_sums(self):
        with patch.object(
            type(self.env["clinic.appointment"]), "_cancel_fee", lambda visit: 1200.0
        ):
            self._sign_in()
            page = self._get(f"/my/clinic/appointment/{self.visit.id}/cancel")
        text = self._page(page).text_content()
        # as the price above it: no kopecks where there are none
        self.assertRegex(text, r"1.?200\s")
        self.assertNotRegex(text, r"1.?200[.,]00")

    def test_pages_of_invoices_have_titles_that_can_be_translated(self):
        self._sign_in()
        view = self.env.ref("account.portal_my_invoices")
        page = self._page(self._get("/my/invoices"))
        self.assertNotIn(view.name, page.findtext(".//title"))
        self.assertIn(self.visit.invoice_id.name, page.text_content())
        page = self._page(self._get(f"/my/invoices/{self.visit.invoice_id.id}"))
        self.assertIn(self.visit.invoice_id.name, page.findtext(".//title"))

    def test_nobody_is_late_for_a_past_visit(self):
        self.branch.phone = "+7 343 000-00-00"
        self._sign_in()
        page = f"/my/clinic/appointment/{self.visit.id}"
        ahead = self._page(self._get(page)).xpath(
            "//main//p[a[starts-with(@href, 'tel:')]][last()]"
        )
        self._past(self.visit)
        past = self._page(self._get(page)).xpath(
            "//main//p[a[starts-with(@href, 'tel:')]][last()]"
        )
        self.assertEqual((len(ahead), len(past)), (1, 1))
        self.assertNotEqual(ahead[0].text_content(), past[0].text_content())

    def test_past_visit_cannot_be_cancelled(self):
        self._past(self.visit)
        self._sign_in()
        self._post(f"/my/clinic/appointment/{self.visit.id}/cancel", {})
        self.assertEqual(self.visit.state, "booked")

    def test_paid_visit_cancelled_leaves_the_money_on_the_account(self):
        self._pay(self.visit)
        self._sign_in()
        self._post(f"/my/clinic/appointment/{self.visit.id}/cancel", {})
        self.assertEqual(self._balance(), 2000.0)
        tree = self._page(self._get("/my/clinic"))
        balance = self._found(tree, "o_clinic_balance")[0].text_content()
        self.assertIn("2", balance)
        self.assertTrue(self._found(tree, "o_clinic_money"))

    # -- the profile

    def _profile(self, **values):
        return {
            "name": "Somebody Else",
            "phone": "8 912 200 00 55",
            "birthdate": "1999-09-09",
            "gender": "male",
            **values,
        }

    def test_phone_is_changed_name_and_birth_date_are_not(self):
        self._sign_in()
        self._page(self._get("/my/clinic/profile"))
        self._page(self._post("/my/clinic/profile", self._profile()))
        self.assertRecordValues(
            self.patient,
            [
                {
                    "name": "Test Patient",
                    "phone": "+79122000055",
                    "birthdate_date": fields.Date.to_date("1985-05-17"),
                }
            ],
        )

    def test_wrong_phone_is_said_and_kept(self):
        self._sign_in()
        tree = self._page(self._post("/my/clinic/profile", self._profile(phone="abc")))
        self.assertTrue(tree.xpath("//*[@id='phone_error']"))
        self.assertEqual(self._value(tree, "phone"), "abc")
        self.assertEqual(self.patient.phone, "+79122000001")

    def test_plain_contact_becomes_a_patient(self):
        contact = self.env["res.partner"].create({"name": "Plain Contact"})
        user = self._portal_user("portal_contact", contact)
        self._sign_in(user)
        self._page(self._get("/my/clinic"))
        consent = self.env["clinic.consent.template"]._current("personal_data")
        self._post(
            "/my/clinic/profile",
            self._profile(name="Plain Contact", consent_personal_data=consent.id),
        )
        self.assertTrue(contact.is_patient)
        self.assertTrue(contact._clinic_can_book())
