from odoo.tests import BaseCase, tagged

from ..tools.prescription import Substance, find_conflicts, named_in, same_word

PENICILLINS = Substance(1, ("Пенициллины", "Penicillina"))
AMOXICILLIN = Substance(2, ("Амоксициллин", "Amoxicillinum"), (PENICILLINS,))
AMPICILLIN = Substance(3, ("Ампициллин",), (PENICILLINS,))
NSAIDS = Substance(4, ("Нестероидные противовоспалительные средства", "НПВС"))
ASPIRIN = Substance(5, ("Ацетилсалициловая кислота", "Аспирин"), (NSAIDS,))
PARACETAMOL = Substance(6, ("Парацетамол",))


@tagged("post_install", "-at_install")
class TestPrescriptionChecks(BaseCase):
    def test_words_differ_in_endings_only(self):
        for one, other, same in [
            ("пенициллин", "пенициллины", True),
            ("пенициллин", "пенициллинов", True),
            ("новокаин", "новокаина", True),
            ("цефазолин", "цефтриаксон", False),
            ("лидокаин", "новокаин", False),
            ("йод", "йогурт", False),
        ]:
            with self.subTest(one=one, other=other):
                self.assertEqual(same_word(one, other), same)
                self.assertEqual(same_word(other, one), same)

    def test_named_in_a_sentence(self):
        text = "Отёк Квинке на аспирин в 2019 году"
        self.assertTrue(named_in(["Аспирин"], text))
        self.assertFalse(named_in(["Ацетилсалициловая кислота"], text))
        self.assertFalse(named_in(["Парацетамол"], text))
        self.assertFalse(named_in([""], text))

    def test_conflicts(self):
        for substances, allergies, current, kinds in [
            ([AMOXICILLIN], ["пенициллины"], [], ["allergy"]),
            ([AMOXICILLIN], ["Амоксициллин: сыпь"], [], ["allergy"]),
            ([PARACETAMOL], ["пенициллин"], [], []),
            ([ASPIRIN], ["аспирин", "пыльца"], [], ["allergy"]),
            ([AMOXICILLIN], [], [AMOXICILLIN], ["same"]),
            ([AMOXICILLIN], [], [AMPICILLIN], ["group"]),
            ([PARACETAMOL], [], [AMOXICILLIN], []),
            ([AMOXICILLIN], ["пенициллин"], [AMPICILLIN], ["allergy", "group"]),
        ]:
            with self.subTest(substances=substances, allergies=allergies):
                found = find_conflicts(substances, allergies, current)
                self.assertEqual([one.kind for one in found], kinds)

    def test_the_trade_name_alone_is_enough(self):
        found = find_conflicts([], ["Панадол"], [], brand="Панадол")
        self.assertEqual([one.kind for one in found], ["allergy"])
