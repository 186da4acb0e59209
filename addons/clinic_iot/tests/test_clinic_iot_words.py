import re
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import file_path

from .common import IotCommon


@tagged("post_install", "-at_install")
class TestWords(IotCommon):
    def test_whatever_the_box_says_has_words(self):
        said = re.compile(r'(?:Refused|NotReady|InDoubt|Unclear)\(\s*"(\w+)"')
        folder = Path(file_path("clinic_iot/iot_handlers/clinic_devices"))
        codes = {
            code
            for path in folder.glob("*.py")
            for code in said.findall(path.read_text())
        }
        codes |= {"starting", "not_usable"}
        # What the server says itself.
        said = re.compile(r'{"code": "(\w+)"')
        for path in Path(file_path("clinic_iot/models")).glob("*.py"):
            codes.update(said.findall(path.read_text()))
        self.assertIn("memory_lost", codes)
        words = self.env["clinic.iot.device"]._words_of_troubles()
        self.assertFalse(codes - set(words))
