import base64

from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools import files


class ClinicFileRules(models.AbstractModel):
    """Refuses files nobody should keep with patients and bills."""

    _name = "clinic.file.rules"
    _description = "Rules for Files"

    @api.model
    def _check_file(self, name, content):
        """Raise ValidationError if it is a program, a web page or too large."""
        name = name or self.env._("File")
        code = files.refusal(name, content)
        if code:
            raise ValidationError(self._file_refusals(name)[code])

    def _file_refusals(self, name):
        return {
            "large": self.env._(
                "“%(name)s” is larger than %(largest)s MB. Keep a smaller copy here.",
                name=name,
                largest=files.LARGEST // files.MEGABYTE,
            ),
            "program": self.env._(
                "“%(name)s” is a program, whatever its name says. Keep pictures, PDF "
                "and other papers here.",
                name=name,
            ),
            "page": self.env._(
                "“%(name)s” is a web page that could run something. Print it to PDF "
                "and keep that.",
                name=name,
            ),
        }

    def _check_binary(self, records, field, name_field):
        """Check the files in a binary field of the records."""
        # sudo: to look at what is being written is no look at the record
        for record in records.sudo().with_context(bin_size=False):
            if record[field]:
                self._check_file(record[name_field], base64.b64decode(record[field]))
