import re
from pathlib import Path

import polib

from odoo.tests import BaseCase, tagged

I18N = Path(__file__).parent.parent / "i18n"
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s|\{\{.*?\}\}")


@tagged("post_install", "-at_install")
class TestTranslation(BaseCase):
    """Russian is complete and says everything the source says."""

    def test_russian_is_complete(self):
        source = polib.pofile(str(I18N / "clinic_portal.pot"))
        russian = polib.pofile(str(I18N / "ru.po"))
        self.assertEqual(
            {entry.msgid for entry in source},
            {entry.msgid for entry in russian if not entry.obsolete},
        )
        for entry in russian:
            with self.subTest(entry.msgid):
                self.assertTrue(entry.msgstr)
                self.assertFalse(entry.fuzzy)
                self.assertEqual(
                    sorted(PLACEHOLDER.findall(entry.msgid)),
                    sorted(PLACEHOLDER.findall(entry.msgstr)),
                )
