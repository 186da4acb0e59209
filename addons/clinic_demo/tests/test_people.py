from datetime import date
from random import Random

from odoo.tests import BaseCase, tagged

from ..tools import names, people, story
from ..tools.names import FEMALE, MALE

TODAY = date(2026, 11, 22)


@tagged("post_install", "-at_install")
class TestPeople(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        population = people.Population(Random(19), TODAY)
        population.people.extend(story.people_with_logins(TODAY))
        cls.people = population.draw(150)
        cls.by_key = {person.key: person for person in cls.people}

    def test_surnames_agree_with_the_gender(self):
        for masculine, feminine in (
            ("Кузнецов", "Кузнецова"),
            ("Соловьёв", "Соловьёва"),
            ("Калинин", "Калинина"),
            ("Дубровский", "Дубровская"),
            ("Толстой", "Толстая"),
            ("Шевченко", "Шевченко"),
            ("Мельник", "Мельник"),
        ):
            with self.subTest(masculine):
                self.assertEqual(names.surname_for(masculine, FEMALE), feminine)
                self.assertEqual(names.surname_for(masculine, MALE), masculine)

    def test_check_digits_of_the_insurance_number(self):
        for number, expected in (
            (112_233_445, "112-233-445 95"),
            (87_654_303, "087-654-303 00"),
        ):
            with self.subTest(number):
                self.assertEqual(people.snils(number), expected)
                self.assertTrue(people.snils_is_right(expected))
        self.assertFalse(people.snils_is_right("112-233-445 96"))

    def test_as_many_as_asked_and_all_different(self):
        self.assertEqual(len(self.people), 150)
        for of in (lambda p: str(p.name), lambda p: p.snils, lambda p: p.key):
            self.assertEqual(len(set(map(of, self.people))), 150)
        phones = [person.phone for person in self.people if person.phone]
        self.assertEqual(len(set(phones)), len(phones))

    def test_children_have_guardians_of_an_age(self):
        children = [p for p in self.people if p.age_on(TODAY) < 18 and p.guardians]
        self.assertGreater(len(children), 20)
        for child in children:
            with self.subTest(child.key):
                self.assertIn(child.payer, child.guardians)
                for key in child.guardians:
                    gap = child.birthdate - self.by_key[key].birthdate
                    self.assertGreater(gap.days, 18 * 365)

    def test_patronymic_and_surname_come_from_the_father(self):
        for child in self.people:
            fathers = [
                self.by_key[key]
                for key in child.guardians
                if self.by_key[key].gender == MALE
            ]
            for father in fathers:
                with self.subTest(child.key):
                    self.assertEqual(
                        child.name.patronymic,
                        names.patronymic_for(father.name.first, child.gender),
                    )
                    self.assertEqual(
                        child.name.surname,
                        names.surname_for(father.name.surname, child.gender),
                    )

    def test_all_ages_are_there(self):
        decades = {person.age_on(TODAY) // 10 for person in self.people}
        self.assertLessEqual(set(range(8)), decades)

    def test_the_same_day_gives_the_same_people(self):
        population = people.Population(Random(19), TODAY)
        population.people.extend(story.people_with_logins(TODAY))
        self.assertEqual(population.draw(150), self.people)
