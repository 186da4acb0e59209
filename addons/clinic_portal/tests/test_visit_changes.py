from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..tools import forms
from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestVisitChanges(PortalCommon):
    """Moving a visit, the waiting list, the calendar."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._book(10)
        cls.ward_visit = cls._book(11, patient_id=cls.ward.id)
        cls.foreign_visit = cls._book(12, patient_id=cls.stranger.id)

    def setUp(self):
        super().setUp()
        self._sign_in()

    def _move(self, visit, start, seen=None):
        return self._post(
            f"/my/clinic/appointment/{visit.id}/move",
            {
                "start": forms.write_start(start),
                "seen": forms.write_start(seen or visit.start),
            },
        )

    # -- moving

    def test_visit_moves_to_an_offered_time(self):
        base = f"/my/clinic/appointment/{self.visit.id}"
        tree = self._page(self._get(f"{base}/move"))
        offered = [
            button.get("value") for button in tree.xpath("//button[@name='start']")
        ]
        self.assertTrue(offered)
        self.assertNotIn(forms.write_start(self.visit.start), offered)
        target = self._at(13)
        self.assertIn(forms.write_start(target), offered)
        self._move(self.visit, target)
        self.assertEqual(self.visit.start, target)
        self.assertEqual(self.visit.state, "booked")

    def test_taken_past_or_invented_times_leave_the_visit_where_it_is(self):
        before = self.visit.start
        for start in (
            self.foreign_visit.start,
            self.ward_visit.start,
            self._at(3),
            fields.Datetime.now() - timedelta(days=1),
        ):
            with self.subTest(start=start):
                tree = self._page(self._move(self.visit, start))
                self.assertTrue(self._found(tree, "alert-warning"))
                self.assertEqual(self.visit.start, before)
        self._page(self._post(f"/my/clinic/appointment/{self.visit.id}/move", {}))
        self.assertEqual(self.visit.start, before)

    def test_old_time_is_kept_when_the_new_one_fails(self):
        before = self.visit.start
        model = type(self.visit)

        def refuse(*args, **kwargs):
            raise UserError(model._description)

        with patch.object(model, "_reschedule", refuse):
            self._move(self.visit, self._at(13))
        self.assertRecordValues(self.visit, [{"start": before, "state": "booked"}])

    def test_who_saw_an_older_time_is_told(self):
        seen = self.visit.start
        self._move(self.visit, self._at(13))
        tree = self._page(self._move(self.visit, self._at(14), seen=seen))
        self.assertTrue(self._found(tree, "alert-warning"))
        self.assertEqual(self.visit.start, self._at(13))

    def test_what_costs_a_fee_to_cancel_is_not_moved_here(self):
        with patch.object(type(self.visit), "_cancel_fee", lambda *a, **k: 500.0):
            tree = self._page(self._get(f"/my/clinic/appointment/{self.visit.id}/move"))
            self.assertTrue(self._found(tree, "alert-warning"))
            self._move(self.visit, self._at(13))
        self.assertEqual(self.visit.start, self._at(10))

    # -- the waiting list

    def _wish(self, **values):
        return {
            "patient": self.patient.id,
            "service": self.service.id,
            "mon": "1",
            "wed": "1",
            **values,
        }

    def _wishes(self, patient=None):
        return self.env["clinic.waitlist"].search(
            [("patient_id", "=", (patient or self.patient).id)]
        )

    def test_wish_is_written_down_and_left(self):
        self._page(self._get(f"/my/clinic/waiting/new?service={self.service.id}"))
        self._page(
            self._post(
                "/my/clinic/waiting/new",
                self._wish(specialist=self.specialist.id, hour_from="9", hour_to="12"),
            )
        )
        self.assertRecordValues(
            self._wishes(),
            [
                {
                    "state": "open",
                    "specialist_ids": self.specialist.ids,
                    "mon": True,
                    "tue": False,
                    "hour_from": 9.0,
                    "hour_to": 12.0,
                }
            ],
        )
        tree = self._page(self._get("/my/clinic/waiting"))
        self.assertEqual(len(self._found(tree, "o_clinic_wish")), 1)
        self._post(f"/my/clinic/waiting/{self._wishes().id}/leave", {})
        self.assertEqual(self._wishes().state, "cancelled")

    def test_wrong_wishes_are_refused_by_a_sentence(self):
        for wrong, field in (
            ({"patient": self.stranger.id}, "patient"),
            ({"hour_from": "14", "hour_to": "9"}, "hour_to"),
            ({"date_from": "2030-01-10", "date_to": "2030-01-01"}, "date_to"),
            ({"specialist": 999999999}, "specialist"),
            ({"mon": "", "wed": ""}, "days"),
        ):
            with self.subTest(field=field):
                tree = self._page(
                    self._post("/my/clinic/waiting/new", self._wish(**wrong))
                )
                self.assertTrue(tree.xpath(f"//*[@id='{field}_error']"))
        self.assertFalse(self._wishes() | self._wishes(self.stranger))

    def test_wishes_are_limited(self):
        for _number in range(6):
            self._post("/my/clinic/waiting/new", self._wish())
        self.assertEqual(len(self._wishes()), 5)

    def _offer(self, patient):
        entry = self.env["clinic.waitlist"].create(
            {"patient_id": patient.id, "service_id": self.service.id}
        )
        hold = self._book(13, patient_id=patient.id, hold_minutes=60, origin="waitlist")
        offer = self.env["clinic.waitlist.offer"].create(
            {
                "entry_id": entry.id,
                "specialist_id": self.specialist.id,
                "branch_id": self.branch.id,
                "start": hold.start,
                "stop": hold.stop,
                "appointment_id": hold.id,
                "valid_until": fields.Datetime.now() + timedelta(hours=1),
                "state": "pending",
                "channel": "email",
            }
        )
        entry._set_state("offered")
        return offer

    def test_offer_is_shown_and_taken(self):
        offer = self._offer(self.ward)
        held = f"/my/clinic/appointment/{offer.appointment_id.id}"
        for page in ("", "/visits"):
            tree = self._page(self._get(f"/my/clinic{page}"))
            self.assertFalse(
                [a for a in tree.xpath("//a/@href") if a.startswith(held)],
                "a time that is offered is no visit yet",
            )
        tree = self._page(self._get("/my/clinic"))
        [card] = self._found(tree, "o_clinic_offer")
        self.assertIn("UTC+5", card.text_content())
        tree = self._page(self._get("/my/clinic/waiting"))
        self.assertIn("UTC+5", self._found(tree, "o_clinic_offer")[0].text_content())
        self._post(
            f"/my/clinic/waiting/{offer.entry_id.id}/accept", {"offer": offer.id}
        )
        self.assertRecordValues(
            offer, [{"state": "accepted", "answered_how": "account"}]
        )
        self.assertEqual(offer.appointment_id.state, "booked")

    def test_offer_that_cannot_be_sent_is_shown(self):
        self.startPatcher(
            patch.object(
                type(self.env["clinic.waitlist"]), "_channel", lambda *a, **k: None
            )
        )
        # whatever the hour of the run
        self.startPatcher(
            patch.object(type(self.env["clinic.branch"]), "_quiet_end", lambda *a: None)
        )
        windows = self.env["clinic.freed.window"]
        windows.search([]).state = "nobody"
        self.env["clinic.waitlist"].search([]).state = "cancelled"
        freed = self._book(13, patient_id=self.stranger.id)
        wish = self.env["clinic.waitlist"].create(
            {
                "patient_id": self.ward.id,
                "service_id": self.service.id,
                "date_to": freed.day,
            }
        )
        freed.action_cancel("Asked")
        windows.search([("state", "=", "queued")])._work_safely()
        self.assertEqual(wish.pending_offer_id.channel, "account")
        tree = self._page(self._get("/my/clinic"))
        self.assertEqual(len(self._found(tree, "o_clinic_offer")), 1)

    def test_offers_are_seen_by_who_acts_for_the_patient(self):
        lonely = self._create_patient(name="Test Lonely")
        seen = {
            person: self.env["clinic.waitlist"]
            .create({"patient_id": person.id, "service_id": self.service.id})
            ._sees_offers()
            for person in (self.patient, self.ward, lonely)
        }
        self.assertEqual(list(seen.values()), [True, True, False])
        self.user.active = False
        entry = self.env["clinic.waitlist"].search([("patient_id", "=", self.ward.id)])
        self.assertFalse(entry._sees_offers())

    def test_foreign_offer_does_not_exist(self):
        offer = self._offer(self.stranger)
        for entry in (offer.entry_id.id, 999999999):
            for action in ("accept", "decline", "leave"):
                with self.subTest(entry=entry, action=action):
                    response = self._post(
                        f"/my/clinic/waiting/{entry}/{action}", {"offer": offer.id}
                    )
                    self.assertEqual(response.status_code, 404)
        self.assertEqual(offer.state, "pending")

    # -- the calendar

    def _feed(self):
        return self.env["clinic.calendar.feed"]._of(self.patient)

    def _address(self):
        return f"/clinic/calendar/{self._feed().token}.ics"

    def test_file_of_one_visit(self):
        response = self._get(f"/my/clinic/appointment/{self.visit.id}/visit.ics")
        self.assertIn("text/calendar", response.headers["Content-Type"])
        self.assertIn(f"DTSTART:{self.visit.start:%Y%m%dT%H%M%SZ}", response.text)
        self.assertNotIn(self.service.name, response.text)
        foreign = f"/my/clinic/appointment/{self.foreign_visit.id}/visit.ics"
        self.assertEqual(self._get(foreign).status_code, 404)

    def test_subscription_shows_the_family_and_nothing_of_health(self):
        self._post("/my/clinic/calendar", {"switch": "on"})
        tree = self._page(self._get("/my/clinic/calendar"))
        self.assertIn(self._address(), tree.text_content())
        self._sign_out()
        text = self._get(self._address()).text
        self.assertEqual(text.count("BEGIN:VEVENT"), 2)
        self.assertIn(f"clinic-visit-{self.ward_visit.id}@", text)
        self.assertNotIn(f"clinic-visit-{self.foreign_visit.id}@", text)
        for secret in (self.service.name, self.specialist.name, self.patient.name):
            self.assertNotIn(secret, text)

    def test_subscription_ends_with_the_family_the_address_and_the_account(self):
        self._post("/my/clinic/calendar", {"switch": "on"})
        old = self._address()
        self.ward.guardian_ids = False
        self.assertEqual(self._get(old).text.count("BEGIN:VEVENT"), 1)
        self._post("/my/clinic/calendar", {"switch": "new"})
        self.assertEqual(self._get(old).status_code, 404)
        new = self._address()
        self.assertEqual(self._get(new).status_code, 200)
        self.user.active = False
        self._sign_out()
        self.assertEqual(self._get(new).status_code, 404)
        self.assertEqual(self._get("/clinic/calendar/.ics").status_code, 404)
