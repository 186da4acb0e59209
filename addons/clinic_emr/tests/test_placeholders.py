from markupsafe import Markup

from odoo.tests import BaseCase, tagged

from ..tools.placeholders import blanks_in, fill, unknown_blanks


@tagged("post_install", "-at_install")
class TestPlaceholders(BaseCase):
    def test_blanks_are_found_once_in_their_order(self):
        self.assertEqual(blanks_in("{{b}} {{ a }} {{b}}"), ["b", "a"])
        self.assertEqual(unknown_blanks("{{a}} {{x.y}}", ["a"]), ["x.y"])

    def test_values_are_text_and_nothing_is_evaluated(self):
        for text, values, expected in [
            ("<p>{{a}}</p>", {"a": "<script>"}, "<p>&lt;script&gt;</p>"),
            ("{{a}}", {"a": "one\ntwo"}, "one<br/>two"),
            ("{{a}}", {"a": "{{b}}", "b": "secret"}, "{{b}}"),
            ("{{a}}", {"a": Markup("<b>x</b>")}, "<b>x</b>"),
            ("{{a}}", {"a": 0}, "0"),
            ("{{a}}{{c}}", {"a": ""}, "____" + "____"),
            ("{{1+1}}", {}, "____"),
            ("plain", {}, "plain"),
            ("", {}, ""),
        ]:
            with self.subTest(text=text, values=values):
                self.assertEqual(fill(text, values, empty="____"), expected)
