from odoo import models


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _find_record(self, *args, **kwargs):
        """Note the look at a file given away by ``/web/content`` or ``/web/image``.

        In superuser mode it is given by our own code, which notes it, or by a token.
        """
        record = super()._find_record(*args, **kwargs)
        if record._name == "ir.attachment":
            record._log_medical_files()
        elif hasattr(record, "_log_look"):
            record._log_look("file")
        return record
