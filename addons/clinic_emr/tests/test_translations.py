import re

import polib

from odoo.tests import BaseCase, tagged
from odoo.tools.misc import file_path

PLACEHOLDER_RE = re.compile(r"%\(\w+\)[sd]|%[sd]")


@tagged("post_install", "-at_install")
class TestTranslations(BaseCase):
    def test_russian_is_complete(self):
        template = polib.pofile(file_path("clinic_emr/i18n/clinic_emr.pot"))
        russian = polib.pofile(file_path("clinic_emr/i18n/ru.po"))
        entries = {entry.msgid: entry for entry in russian}
        self.assertFalse({entry.msgid for entry in template} - set(entries))
        for source, entry in entries.items():
            with self.subTest(source=source):
                self.assertTrue(entry.msgstr)
                self.assertFalse(entry.fuzzy)
                self.assertCountEqual(
                    PLACEHOLDER_RE.findall(source), PLACEHOLDER_RE.findall(entry.msgstr)
                )
