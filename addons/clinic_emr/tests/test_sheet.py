from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.sheet import Item, SheetError, Value, bounds, interpret, read_value


@tagged("post_install", "-at_install")
class TestSheet(BaseCase):
    def test_values(self):
        choice = Item("choice", ("pale", "pink"))
        multi = Item("multi", ("face", "hands", "legs"))
        for item, raw, expected in [
            (Item("text"), "  quiet ", Value(text="quiet")),
            (Item("text"), "   ", None),
            (choice, "pink", Value(text="pink")),
            (multi, ["legs", "face"], Value(text="face\nlegs")),
            (multi, [], None),
            (Item("number"), "36,6", Value(number=36.6)),
            (Item("number"), 0, Value(number=0.0)),
            (Item("scale", (), 0, 10), 10, Value(number=10.0)),
            (Item("eye"), "OD", Value(text="OD")),
            (Item("tooth"), "16, 16;55", Value(text="16, 55")),
            (Item("date"), "2026-02-28", Value(date=date(2026, 2, 28))),
            (Item("boolean"), False, Value(boolean=False)),
            (Item("heading"), "anything", None),
        ]:
            with self.subTest(kind=item.kind, raw=raw):
                self.assertEqual(read_value(item, raw), expected)

    def test_refusals(self):
        for item, raw, code in [
            (Item("text"), 5, "text"),
            (Item("choice", ("pale",)), "blue", "choice"),
            (Item("choice", ("pale",)), ["pale"], "choice"),
            (Item("multi", ("face",)), "face", "choice"),
            (Item("number"), "many", "number"),
            (Item("number"), True, "number"),
            (Item("number"), "nan", "number"),
            (Item("number"), "inf", "number"),
            (Item("number", (), 30, 45), 29.9, "minimum"),
            (Item("number", (), 30, 45), 366, "maximum"),
            (Item("side"), "OD", "choice"),
            (Item("tooth"), "19", "tooth"),
            (Item("tooth"), "56", "tooth"),
            (Item("date"), "30.02.2026", "date"),
            (Item("boolean"), "yes", "boolean"),
        ]:
            with self.subTest(kind=item.kind, raw=raw):
                with self.assertRaises(SheetError) as caught:
                    read_value(item, raw)
                self.assertEqual(caught.exception.code, code)

    def test_norms(self):
        norms = {"low": 36, "high": 37.2, "critical_low": 35, "critical_high": 40}
        for number, verdict in [
            (34.9, "critical"),
            (35, "low"),
            (36, "normal"),
            (37.2, "normal"),
            (37.3, "high"),
            (40, "high"),
            (40.1, "critical"),
        ]:
            with self.subTest(number=number):
                self.assertEqual(interpret(number, **norms), verdict)
        self.assertIsNone(interpret(5))
        self.assertEqual(interpret(0, *bounds(0, 5)), "normal")
        self.assertEqual(interpret(95, *bounds(95, 0)), "normal")
        self.assertEqual(interpret(94, *bounds(95, 0)), "low")
