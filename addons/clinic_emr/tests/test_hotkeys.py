from collections import Counter

from lxml import etree

from odoo.tests import TransactionCase, tagged

# New, save, discard, the pager, the cog: they stand before the buttons of a form
TAKEN = {"c", "s", "j", "p", "n", "u", "h"}


@tagged("post_install", "-at_install")
class TestHotkeys(TransactionCase):
    """The first element that is seen gets the key: one that is taken does nothing."""

    def _keys(self, view):
        arch = etree.fromstring(self.env[view.model].get_view(view.id, "form")["arch"])
        return [
            (button.get("data-hotkey"), button.get("name"))
            for button in arch.xpath("//header//button[@data-hotkey]")
        ]

    def test_buttons_of_a_form_keep_off_the_keys_of_odoo(self):
        views = self.env["ir.ui.view"].search(
            [
                ("type", "=", "form"),
                ("inherit_id", "=", False),
                ("model_data_id.module", "=", "clinic_emr"),
            ]
        )
        self.assertTrue(any(self._keys(view) for view in views))
        for view in views:
            keys = self._keys(view)
            with self.subTest(view=view.name):
                self.assertFalse([one for one in keys if one[0] in TAKEN])
                twice = Counter(key for key, _name in keys)
                self.assertFalse([key for key, count in twice.items() if count > 1])
