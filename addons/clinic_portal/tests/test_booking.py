from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestBooking(PortalCommon):
    def _book_post(self, **values):
        data = {"patient": self.patient.id, "pay": "later", **self._window(), **values}
        return self._post("/clinic/book", data, allow_redirects=False)

    def _refused(self, response):
        """Assert that the page says why not, offers times, and nothing was booked."""
        tree = self._page(response)
        self.assertTrue(self._found(tree, "o_clinic_notice"))
        return tree

    def test_who_owes_is_led_to_the_payment(self):
        """Blocked by the accountant: no word of it, only the payment in advance."""
        self._sign_in()
        self.patient._set_financial_block("Owes for two visits")
        response = self._book_post()
        visit = self.patient.appointment_ids
        self.assertEqual(visit.state, "hold")
        self.assertTrue(
            response.headers["Location"].endswith(f"/appointment/{visit.id}/pay")
        )
        self.assertFalse(visit._clinic_can_pay_later())
        page = self._get(f"/my/clinic/appointment/{visit.id}/pay")
        self.assertNotIn("Owes for two visits", page.text)

    # -- looking

    def test_windows_are_shown_to_everybody(self):
        self._sign_out()
        tree = self._page(
            self._get(f"/clinic/book?service={self.service.id}&day={self.day}")
        )
        offers = self._found(tree, "o_clinic_offer")
        self.assertEqual(len(offers), 1)
        windows = self._found(offers[0], "o_clinic_window")
        self.assertEqual(windows[0].text, "09:00")
        self.assertIn("UTC+5", offers[0].text_content())

    def test_every_window_shown_can_be_confirmed(self):
        self._sign_out()
        tree = self._page(
            self._get(f"/clinic/book?service={self.service.id}&day={self.day}")
        )
        for window in self._found(tree, "o_clinic_window"):
            with self.subTest(window=window.text):
                page = self._page(self._get(window.get("href")))
                self.assertTrue(self._found(page, "o_clinic_to_register"))

    def test_pages_live_with_any_parameters(self):
        self._sign_out()
        for query in (
            "",
            "service=x",
            "service=999999",
            f"service={self.service.id}&specialist={self.specialist2.id}",
            f"service={self.service.id}&branch=999999&day=x&since=1900-01-01",
            f"service={self.service.id}&day=2999-01-01",
            f"service={self.service.id}&screening=x",
        ):
            with self.subTest(query=query):
                self._page(self._get(f"/clinic/book?{query}"))

    def test_hidden_service_is_not_offered(self):
        self._sign_out()
        self.service.sale_ok = False
        self._refused(self._get("/clinic/book/confirm", params=self._window()))

    # -- confirming

    def test_visitor_is_asked_to_sign_in_and_the_window_is_kept(self):
        self._sign_out()
        tree = self._page(self._get("/clinic/book/confirm", params=self._window()))
        self.assertFalse(self._found(tree, "o_clinic_confirm"))
        link = self._found(tree, "o_clinic_to_login")[0].get("href")
        self.assertIn("/web/login?redirect=%2Fclinic%2Fbook%2Fconfirm%3F", link)
        self.assertIn(self._window()["start"].replace(":", "%253A"), link)

    def test_posting_without_signing_in_books_nothing(self):
        self._sign_out()
        response = self._book_post()
        self.assertEqual(self._path(response)[0], "/clinic/book/confirm")
        self.assertFalse(self._visits())

    def test_who_lacks_details_is_asked_for_them(self):
        self.patient.gender = False
        self._sign_in()
        response = self._get(
            "/clinic/book/confirm", params=self._window(), allow_redirects=False
        )
        path, params = self._path(response)
        self.assertEqual(path, "/my/clinic/profile")
        self.assertTrue(params["redirect"].startswith("/clinic/book/confirm?"))

    # -- booking

    def test_pay_at_the_clinic_books_at_once(self):
        self._sign_in()
        response = self._book_post()
        visit = self._visits()
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "booked",
                    "origin": "web",
                    "specialist_id": self.specialist.id,
                    "service_id": self.service.id,
                    "start": self._at(10),
                    "amount_total": 2000.0,
                }
            ],
        )
        self.assertEqual(self._path(response)[0], f"/my/clinic/appointment/{visit.id}")
        self.assertEqual(visit.invoice_id.state, "posted")

    def test_pay_now_holds_for_15_minutes(self):
        self._sign_in()
        response = self._book_post(pay="now")
        visit = self._visits()
        self.assertEqual(visit.state, "hold")
        minutes = (visit.hold_until - fields.Datetime.now()).total_seconds() / 60
        self.assertTrue(13 < minutes <= 15)
        self.assertEqual(
            self._path(response)[0], f"/my/clinic/appointment/{visit.id}/pay"
        )

    def test_nobody_takes_a_day_off_the_schedule(self):
        """Neither by bookings nor by holds: of one specialist's day only a share."""
        self._sign_in()
        for hour, pay in ((9, "later"), (10, "now")):
            self._book_post(**self._window(hour=hour), pay=pay)
        self.assertEqual(len(self._visits()), 2)
        for pay in ("later", "now"):
            self._refused(self._book_post(**self._window(hour=11), pay=pay))
        self.assertEqual(len(self._visits()), 2)
        # a hold that has run out takes nothing
        hold = self._visits().filtered(lambda visit: visit.state == "hold")
        hold.hold_until = fields.Datetime.now()
        self._book_post(**self._window(hour=11))
        self.assertEqual(len(self._visits()), 3)

    def test_visits_ahead_have_a_limit(self):
        self.env["ir.config_parameter"].set_param("clinic_portal.limit_ahead", "1")
        self._sign_in()
        self._book_post()
        self._refused(self._book_post(**self._window(hour=11)))
        self.assertEqual(len(self._visits()), 1)

    def test_prepaid_service_is_held_whatever_is_posted(self):
        self._sign_in()
        self._book_post(**self._window(service=self.service_prepaid), pay="later")
        self.assertEqual(self._visits().state, "hold")

    def test_price_duration_and_room_are_the_servers(self):
        self._sign_in()
        self._book_post(
            price=1,
            amount=1,
            price_unit=1,
            duration=5,
            stop="2099-01-01",
            room_id=self.room2.id,
            state="fulfilled",
            origin="desk",
            hold_minutes=9999,
        )
        self.assertRecordValues(
            self._visits(),
            [
                {
                    "amount_total": 2000.0,
                    "duration": 30,
                    "room_id": self.room.id,
                    "state": "booked",
                    "origin": "web",
                }
            ],
        )

    def test_guardian_books_for_a_ward(self):
        self._sign_in()
        tree = self._page(self._get("/clinic/book/confirm", params=self._window()))
        choices = tree.xpath("//input[@name='patient']/@value")
        self.assertEqual(set(choices), {str(self.patient.id), str(self.ward.id)})
        self._book_post(patient=self.ward.id)
        self.assertEqual(self._visits(self.ward).state, "booked")

    def test_nobody_books_for_a_stranger(self):
        self._sign_in()
        for patient in (self.stranger.id, self.env.company.partner_id.id, "x", ""):
            with self.subTest(patient=patient):
                self._refused(self._book_post(patient=patient))
        self.assertFalse(self._visits(self.stranger))

    def test_ward_without_consent_is_not_booked(self):
        self.ward.clinic_consent_ids.action_withdraw()
        self._sign_in()
        self._refused(self._book_post(patient=self.ward.id))
        self.assertFalse(self._visits(self.ward))

    def test_tampered_windows_are_refused_with_a_sentence(self):
        self._sign_in()
        past = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        for values in (
            {"start": past.strftime("%Y-%m-%dT%H:%M")},
            {"start": "2026-99-99T10:00"},
            {"start": ""},
            # not worked, before and after the shift, and not a mark of the clock
            {"start": self._window(3)["start"]},
            {"start": self._window(14, 45)["start"]},
            {"start": self._window(10, 3)["start"]},
            {"service": 999999},
            {"service": self.env["product.product"].create({"name": "Bolt"}).id},
            # a specialist who does not do the service
            {"specialist": self.specialist2.id},
            {"specialist": "' OR 1=1"},
            # the specialist does not receive there
            {"branch": self.branch_msk.id},
            {"branch": "x"},
        ):
            with self.subTest(values=values):
                self._refused(self._book_post(**values))
        self.assertFalse(self._visits())

    def test_taken_window_is_refused_and_others_offered(self):
        self._book(10, patient_id=self.stranger.id)
        self._sign_in()
        tree = self._refused(self._book_post())
        self.assertTrue(self._found(tree, "o_clinic_window"))
        self.assertFalse(self._visits())

    def test_window_held_by_another_is_not_offered(self):
        self._hold(10, patient_id=self.stranger.id)
        self._sign_out()
        tree = self._page(
            self._get(f"/clinic/book?service={self.service.id}&day={self.day}")
        )
        times = [window.text for window in self._found(tree, "o_clinic_window")]
        self.assertNotIn("10:00", times)
        self.assertIn("09:00", times)

    def test_pressing_twice_books_once(self):
        self._sign_in()
        self._book_post()
        self._refused(self._book_post())
        self.assertEqual(len(self._visits()), 1)

    def test_form_without_token_is_refused(self):
        self._sign_in()
        with mute_logger("odoo.http"):
            response = self.url_open("/clinic/book", data=self._window())
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self._visits())

    def test_screening_is_tied_to_the_visit(self):
        screening = self.env["clinic.screening"].create({"gender": "male"})
        self._sign_in()
        self._book_post(screening=screening.token)
        visit = self._visits()
        self.assertEqual(visit.screening_id, screening)
        self.assertEqual(screening.partner_id, self.patient)

    def test_anothers_screening_stays_anothers(self):
        screening = self.env["clinic.screening"].create({"gender": "male"})
        screening.appointment_id = self._book(11, patient_id=self.stranger.id)
        self._sign_in()
        self._book_post(screening=screening.token)
        self.assertFalse(self._visits().screening_id)

    # -- what it costs

    def test_queries_do_not_grow_with_the_clinic(self):
        self._sign_out()
        screening = self.env["clinic.screening"].create(
            {"gender": "male", "birthdate": "1990-05-31"}
        )
        paths = (
            "/clinic/screening",
            f"/clinic/screening/{screening.token}",
            "/clinic/book",
            f"/clinic/book?service={self.service.id}&day={self.day}",
        )
        before = [self._count_queries(path) for path in paths]
        for number in range(6):
            specialist = self._create_specialist(
                f"Test Therapist {number}",
                self.specialty,
                branch_ids=self.branch.ids,
                experience_since=2010,
            )
            self._create_shift(specialist)
            self._create_service(name=f"Test service {number}", is_first_visit=True)
        after = [self._count_queries(path) for path in paths]
        for path, few, many in zip(paths, before, after, strict=True):
            with self.subTest(path=path, few=few, many=many):
                self.assertLessEqual(many, few + 3)
