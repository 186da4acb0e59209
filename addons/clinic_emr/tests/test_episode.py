from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, tagged

from ..tools.episodes import Episode, choose, kind_of
from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestEpisodeRules(BaseCase):
    DAY = date(2026, 3, 1)

    def test_kind_follows_from_the_code(self):
        for code, chronic, kind in [
            ("J06.9", False, "illness"),
            ("I10", True, "dispensary"),
            ("Z00.0", False, "prophylactic"),
            ("Z34.9", True, "prophylactic"),
            ("Z96.1", False, "illness"),
        ]:
            with self.subTest(code=code):
                self.assertEqual(kind_of(code, chronic), kind)

    def test_goes_on_with_the_same_illness_until_a_long_pause(self):
        open_ones = [
            Episode(1, "illness", "J06", self.DAY - timedelta(days=61)),
            Episode(2, "illness", "J06", self.DAY - timedelta(days=60)),
            Episode(3, "illness", "H66", self.DAY),
            Episode(4, "dispensary", "I10", self.DAY - timedelta(days=800)),
        ]
        for kind, category, expected in [
            ("illness", "J06", 2),
            ("illness", "H66", 3),
            ("illness", "K29", None),
            ("dispensary", "I10", 4),
            ("illness", "I10", None),
        ]:
            with self.subTest(kind=kind, category=category):
                found = choose(kind, category, self.DAY, open_ones)
                self.assertEqual(found and found.id, expected)


@tagged("post_install", "-at_install")
class TestEpisode(EmrCommon):
    def _visit(self, code=None, course="active", days_ago=0):
        encounter = self._create_encounter()
        if days_ago:
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE clinic_encounter SET start = start - %s WHERE id = %s",
                [timedelta(days=days_ago), encounter.id],
            )
            self.env.invalidate_all()
        if code:
            encounter.diagnosis_ids.icd10_id = self.env["clinic.icd10"].search(
                [("code", "=", code)]
            )
        encounter.diagnosis_ids.course = course
        encounter.action_finish()
        return encounter

    def test_visits_of_one_illness_make_one_episode(self):
        first = self._visit("J06.9", days_ago=5)
        second = self._visit("J06.9")
        other = self._visit("H66.0")
        self.assertEqual(first.episode_id, second.episode_id)
        self.assertNotEqual(first.episode_id, other.episode_id)
        self.assertRecordValues(
            first.episode_id,
            [{"kind": "illness", "visit_count": 2, "state": "open"}],
        )

    def test_resolved_closes_and_the_next_is_a_new_case(self):
        first = self._visit("J06.9", days_ago=9)
        self._visit("J06.9", course="resolved", days_ago=2)
        episode = first.episode_id
        self.assertRecordValues(episode, [{"state": "closed", "outcome": "recovered"}])
        self.assertEqual(episode.date_end, episode.last_visit)
        self.assertNotEqual(self._visit("J06.9").episode_id, episode)

    def test_observation_lasts_for_years(self):
        first = self._visit("I10", course="chronic", days_ago=700)
        self.assertEqual(
            self._visit("I10", course="chronic").episode_id, first.episode_id
        )
        self.assertEqual(first.episode_kind, "dispensary")

    def test_forgotten_illness_lapses(self):
        first = self._visit("J06.9", days_ago=200)
        second = self._visit("J06.9")
        self.assertNotEqual(second.episode_id, first.episode_id)
        self.assertEqual(first.episode_id.outcome, "lapsed")

    def test_specialist_finishes_without_more_rights(self):
        encounter = self._create_encounter().with_user(self.doctor)
        encounter.action_finish()
        self.assertTrue(encounter.episode_id)

    def test_foreign_episode_is_refused(self):
        foreign = self._create_encounter(
            finished=True, patient_id=self.patient2.id, specialist=self.specialist2
        )
        encounter = self._create_encounter()
        with self.assertRaises(ValidationError):
            encounter.episode_id = foreign.episode_id

    def test_display_name_says_nothing(self):
        episode = self._visit("J06.9").episode_id
        self.assertNotIn("J06", episode.display_name)
        self.assertIn(self.patient.patient_number, episode.display_name)

    def test_closed_to_all_who_do_not_treat(self):
        episode = self._visit("J06.9").episode_id
        for role in ("reception", "cashier", "director", "finance", "lab", "admin"):
            self.env.invalidate_all()
            with self.subTest(role=role), self.assertRaises(AccessError):
                episode.with_user(self._user(role)).read(["kind"])
        self.env.invalidate_all()
        self.assertFalse(
            self.env["clinic.episode"].with_user(self.other_doctor).search([])
        )
        self.assertTrue(
            self.env["clinic.episode"]
            .with_user(self._user("chief_physician"))
            .search([])
        )

    def test_episode_with_visits_stays(self):
        with self.assertRaises(UserError):
            self._visit("J06.9").episode_id.unlink()


@tagged("post_install", "-at_install")
class TestDiagnosisCourse(EmrCommon):
    def test_known_illnesses_are_carried_over(self):
        old = self._create_encounter(finished=True)
        encounter = self._create_encounter()
        encounter.diagnosis_ids.icd10_id = self.icd_cold
        self.assertEqual(encounter.current_diagnosis_ids, old.diagnosis_ids)
        old.diagnosis_ids.with_user(self.doctor).with_context(
            clinic_encounter_id=encounter.id
        ).action_carry_over()
        carried = encounter.diagnosis_ids.filtered("previous_id")
        self.assertRecordValues(
            carried,
            [
                {
                    "icd10_id": self.icd_otitis.id,
                    "kind": "accompanying",
                    "note": old.diagnosis_ids.note,
                    "onset_date": old.diagnosis_ids.date,
                    "is_first": False,
                }
            ],
        )
        self.assertFalse(encounter.current_diagnosis_ids)

    def test_resolved_is_not_offered_again(self):
        old = self._create_encounter()
        old.diagnosis_ids.course = "resolved"
        self.assertEqual(old.diagnosis_ids.resolved_date, old.diagnosis_ids.date)
        old.action_finish()
        self.assertFalse(old.record_id.current_diagnosis_ids)
        encounter = self._create_encounter()
        encounter.diagnosis_ids.icd10_id = self.icd_cold
        self.assertFalse(encounter.current_diagnosis_ids)

    def test_first_in_life_counts_once(self):
        first = self._create_encounter(finished=True)
        second = self._create_encounter()
        self.assertTrue(first.diagnosis_ids.is_first)
        self.assertFalse(second.diagnosis_ids.is_first)

    def test_not_into_another_patients_visit(self):
        old = self._create_encounter(finished=True)
        foreign = self._create_encounter(
            patient_id=self.patient2.id, specialist=self.specialist2
        )
        with self.assertRaises(UserError):
            old.diagnosis_ids.with_context(
                clinic_encounter_id=foreign.id
            ).action_carry_over()
