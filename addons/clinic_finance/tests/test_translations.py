import re
from pathlib import Path

import polib

from odoo.tests import BaseCase, tagged

FOLDER = Path(__file__).parent.parent / "i18n"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s")


@tagged("post_install", "-at_install")
class TestTranslations(BaseCase):
    def test_russian_is_complete(self):
        russian = polib.pofile(str(FOLDER / "ru.po"))
        template = polib.pofile(str(FOLDER / "clinic_finance.pot"))
        self.assertEqual(
            {entry.msgid for entry in russian if not entry.obsolete},
            {entry.msgid for entry in template},
        )
        for entry in russian:
            with self.subTest(entry=entry.msgid):
                self.assertTrue(entry.msgstr)
                self.assertFalse(entry.fuzzy)
                self.assertEqual(
                    sorted(PLACEHOLDER.findall(entry.msgid)),
                    sorted(PLACEHOLDER.findall(entry.msgstr)),
                )
