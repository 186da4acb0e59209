from odoo import models

# what of an attachment is the file itself
CONTENT = {"raw", "datas", "db_datas", "index_content"}


class IrAttachment(models.Model):
    """Files of medical records: looks at them are noted, whichever way they leave."""

    _inherit = "ir.attachment"

    def _log_medical_files(self):
        """Note the look at what of ``self`` belongs to medical records."""
        if self.env.su:
            return
        # sudo: whose files they are, for the log
        for name, files_sudo in self.sudo().grouped("res_model").items():
            model = self.env.get(name or "")
            if model is not None and hasattr(model, "_log_look"):
                model.browse(files_sudo.mapped("res_id"))._log_look("file")

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load=load)
        if CONTENT & set(fnames):
            self._log_medical_files()
        return result
