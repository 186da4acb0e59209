from datetime import date, datetime, time, timedelta
from random import Random

from odoo.tests import BaseCase, tagged

from ..tools import agenda, cases, catalog, people, roster, story

CITIES = {branch.key: branch.city for branch in catalog.BRANCHES}
# Hours are local in the templates; a fixed difference will do for a plan.
UTC_OFFSET = timedelta(hours=5)
MOMENTS = {
    "Sunday noon": datetime(2026, 11, 22, 7, 0),
    "Monday night": datetime(2026, 11, 22, 22, 0),
    "Wednesday morning": datetime(2026, 11, 25, 4, 30),
    "Friday evening": datetime(2026, 11, 27, 18, 0),
    "New year": datetime(2027, 1, 1, 8, 0),
}


def local_day(moment: datetime) -> date:
    return (moment + UTC_OFFSET).date()


def shifts_of(specialists, now):
    today = local_day(now)
    away = roster.absences(today)
    duties = roster.duties(specialists, today)
    for offset in range(-28, 22):
        day = today + timedelta(days=offset)
        for one in specialists:
            if any(
                absence.specialist == one.key and absence.first <= day <= absence.last
                for absence in away
            ):
                continue
            weeks = [week for week in one.weeks if roster.works(week, day)]
            if not offset:
                weeks += [duty.week for duty in duties if duty.specialist == one.key]
            for week in weeks:
                for first, last in week.hours:
                    midnight = datetime.combine(day, time()) - UTC_OFFSET
                    yield agenda.Shift(
                        one.key,
                        midnight + timedelta(hours=first),
                        midnight + timedelta(hours=last),
                        offset,
                    )


def plan_at(now):
    rng = Random(19)
    population = people.Population(rng, local_day(now))
    population.people.extend(story.people_with_logins(local_day(now)))
    persons = population.draw(150)
    specialists = catalog.specialists()
    plan = agenda.Agenda(
        rng,
        now,
        shifts_of(specialists, now),
        specialists,
        catalog.services(),
        persons,
        CITIES.get,
    )
    regulars = [person.key for person in plan.public["frolova"] if person.phone]
    visits = plan.plan((*story.WISHES, *story.holds(plan.public)), regulars[-4:])
    return persons, visits


@tagged("post_install", "-at_install")
class TestAgenda(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plans = {title: plan_at(now) for title, now in MOMENTS.items()}

    def each(self):
        for title, (persons, visits) in self.plans.items():
            with self.subTest(title):
                yield MOMENTS[title], persons, visits

    def test_nobody_is_in_two_places(self):
        for _now, _persons, visits in self.each():
            for of in (lambda v: v.specialist, lambda v: v.patient):
                mine = sorted(visits, key=lambda v: (of(v), v.start))
                for before, after in zip(mine, mine[1:], strict=False):
                    if of(before) == of(after):
                        self.assertLessEqual(before.stop, after.start)

    def test_services_suit_the_specialist_and_the_patient(self):
        specialists = {one.key: one for one in catalog.specialists()}
        for now, persons, visits in self.each():
            by_key = {person.key: person for person in persons}
            for visit in visits:
                one, person = specialists[visit.specialist], by_key[visit.patient]
                self.assertTrue(set(visit.service.specialties) & set(one.specialties))
                age = person.age_on(now.date())
                self.assertGreaterEqual(age, one.age_min)
                self.assertLessEqual(age, one.age_max or 200)
                self.assertIn(one.patient_gender, ("any", person.gender))

    def test_every_state_is_there_at_any_hour(self):
        for _now, _persons, visits in self.each():
            states = {visit.state for visit in visits}
            self.assertEqual(
                states,
                {
                    "hold",
                    "booked",
                    "confirmed",
                    "arrived",
                    "in_progress",
                    "fulfilled",
                    "cancelled",
                    "noshow",
                },
            )

    def test_the_past_is_over_and_the_future_open(self):
        over = {"fulfilled", "cancelled", "noshow"}
        to_come = {"hold", "booked", "confirmed", "cancelled"}
        for now, _persons, visits in self.each():
            for visit in visits:
                if visit.offset < 0:
                    self.assertIn(visit.state, over)
                elif visit.offset > 0:
                    self.assertIn(visit.state, to_come)
                elif visit.state in ("fulfilled", "noshow"):
                    self.assertLessEqual(visit.stop, now)

    def test_specialists_with_a_log_in_have_somebody_waiting_today(self):
        for _now, _persons, visits in self.each():
            for specialist in catalog.SPECIALIST_LOGINS:
                today = [
                    visit
                    for visit in visits
                    if visit.specialist == specialist and visit.offset == 0
                ]
                self.assertGreaterEqual(len(today), 5)
                self.assertIn("arrived", {visit.state for visit in today})

    def test_everybody_with_a_log_in_has_a_history(self):
        wanted = {(wish.patient, wish.service, wish.state) for wish in story.WISHES}
        for _now, _persons, visits in self.each():
            got = {(v.patient, v.service.key, v.state) for v in visits}
            self.assertLessEqual(wanted, got)

    def test_all_ways_of_paying_are_there(self):
        for _now, _persons, visits in self.each():
            paid = {(v.service.price, p.amount) for v in visits for p in v.payments}
            self.assertTrue(any(amount < price for price, amount in paid))
            self.assertTrue(any(amount > price for price, amount in paid))
            methods = {p.method for v in visits for p in v.payments}
            self.assertEqual(methods, {"cash", "card", "online"})
            self.assertTrue(any(p.days_before for v in visits for p in v.payments))

    def test_the_same_moment_gives_the_same_plan(self):
        title, now = next(iter(MOMENTS.items()))
        self.assertEqual(plan_at(now), self.plans[title])

    def test_every_patient_has_a_case_with_every_specialist(self):
        book = cases.load()
        for one in catalog.specialists():
            for specialty in one.specialties:
                for age in range(one.age_min, (one.age_max or 90) + 1):
                    for gender in ("male", "female"):
                        if one.patient_gender not in ("any", gender):
                            continue
                        with self.subTest(one.key, age=age, gender=gender):
                            self.assertTrue(
                                any(
                                    case.specialty == specialty
                                    and case.gender in ("any", gender)
                                    and case.ages[0] <= age <= case.ages[1]
                                    for case in book
                                )
                            )
