import ast
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..tools import offers, ranking, screening, windows
from ..tools.windows import Busy, Lane, Need, Places, Shift, Taken


@tagged("post_install", "-at_install")
class TestTools(BaseCase):
    def test_tools_know_nothing_of_odoo(self):
        for path in Path(windows.__file__).parent.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom):
                    self.assertFalse((node.module or "").startswith("odoo"), path)
                elif isinstance(node, ast.Import):
                    for alias in node.names:
                        self.assertFalse(alias.name.startswith("odoo"), path)

    def test_subtract(self):
        cases = [
            ((0, 10), [], [(0, 10)]),
            ((0, 10), [(0, 10)], []),
            ((0, 10), [(3, 5)], [(0, 3), (5, 10)]),
            ((0, 10), [(-5, 3), (8, 20)], [(3, 8)]),
            ((5, 5), [], []),
        ]
        for span, busy, expected in cases:
            with self.subTest(span=span, busy=busy):
                self.assertEqual(windows.subtract(span, busy), expected)

    def test_visit_does_not_change_rooms_half_way(self):
        """Room A is free early, room B late; together they are no hour."""
        shift = Shift(1, 1, 0, 60, Places((Lane(1), Lane(2))))
        taken = {Lane(1): Taken.of([(30, 60)]), Lane(2): Taken.of([(0, 30)])}
        busy = Busy(lanes=taken)
        self.assertEqual(windows.find_slots([shift], busy, {1: Need(60)}, (0, 60)), [])
        starts = [
            (slot.start, slot.room_id)
            for slot in windows.find_slots([shift], busy, {1: Need(30)}, (0, 60))
        ]
        self.assertEqual(starts, [(0, 1), (30, 2)])

    def test_ranges_include_both_ends(self):
        self.assertEqual(windows.starts_in(7, 18), [7, 10, 15, 18])
        self.assertEqual(windows.starts_in(7, 7), [7])
        self.assertEqual(windows.starts_in(11, 13), [11, 13])

    def test_habits_need_two_visits_of_a_weekday(self):
        visit = ranking.Visit(1, 1, 2, 600)
        self.assertIsNone(ranking.habits([visit]).weekday)
        usual = ranking.habits([visit, visit])
        self.assertEqual((usual.weekday, usual.minute), (2, 600))

    def test_weekday_of_the_epoch(self):
        slot = windows.Slot(1, 1, None, 0, 30, (0, 60))
        self.assertEqual(ranking.local_weekday(slot), windows.EPOCH.weekday())

    def test_offers_keep_the_agenda_tight(self):
        shift = Shift(1, 1, 0, 120)
        slots = windows.find_slots([shift], Busy(), {1: Need(30)}, (0, 120))
        starts = [slot.start for slot in offers.pick_offers(slots)]
        self.assertEqual(starts, [0, 30, 60, 90])

    def test_matching(self):
        therapist = screening.Candidate(
            1,
            specialty_ids=frozenset({1}),
            problem_ids=frozenset({10, 11}),
            age_min=18,
            service_id=5,
        )
        answers = screening.Answers(problem_ids=frozenset({10}), age=30, gender="male")
        cases = [
            ({}, {}, ()),
            ({}, {"age": 17}, (screening.AGE_BELOW,)),
            ({"age_max": 25}, {}, (screening.AGE_ABOVE,)),
            ({"patient_gender": "female"}, {}, (screening.GENDER,)),
            ({"patient_gender": "female"}, {"gender": None}, ()),
            ({"accepts_new": False}, {}, (screening.NO_NEW_PATIENTS,)),
            (
                {"accepts_new": False},
                {"known_specialist_ids": frozenset({1})},
                (),
            ),
            ({"paused_ids": frozenset({10})}, {}, (screening.PAUSED,)),
            ({}, {"problem_ids": frozenset({12})}, (screening.PROBLEM,)),
            ({"service_id": None}, {}, (screening.SERVICE,)),
            (
                {"branch_ids": frozenset({1})},
                {"branch_ids": frozenset({2})},
                (screening.BRANCH,),
            ),
            (
                {"problem_ids": frozenset()},
                {"specialties": {10: frozenset({1})}},
                (),
            ),
            (
                {"problem_ids": frozenset()},
                {"specialties": {10: frozenset({2})}},
                (screening.PROBLEM,),
            ),
        ]
        for candidate, change, refusal in cases:
            with self.subTest(candidate=candidate, change=change):
                verdict = screening.match(
                    _replace(therapist, candidate), _replace(answers, change)
                )
                if refusal:
                    self.assertEqual(verdict.reasons, refusal)
                self.assertEqual(verdict.matches, not refusal)

    def test_more_of_the_problems_scores_higher(self):
        answers = screening.Answers(problem_ids=frozenset({10, 11}))
        both = screening.Candidate(1, problem_ids=frozenset({10, 11}), service_id=5)
        one = screening.Candidate(2, problem_ids=frozenset({10}), service_id=5)
        self.assertGreater(
            screening.match(both, answers).score, screening.match(one, answers).score
        )


def _replace(instance, change):
    return type(instance)(**{**vars(instance), **change})
