from odoo import fields, models


class ClinicDocumentAnnul(models.TransientModel):
    """Why a document is annulled; the answer is kept with the document."""

    _name = "clinic.document.annul"
    _description = "Annulling of a Document"

    # no link: the desk annuls contracts, and none of its models leads to medical data
    res_id = fields.Integer("Document", required=True, readonly=True)
    reason = fields.Char(required=True)

    def action_annul(self):
        """Annul the document with the reason and close the dialog."""
        self.ensure_one()
        self.env["clinic.document"].browse(self.res_id)._annul(self.reason)
        return {"type": "ir.actions.act_window_close"}
