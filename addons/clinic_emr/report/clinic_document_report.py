from odoo import api, models


class ReportDocument(models.AbstractModel):
    _name = "report.clinic_emr.report_document"
    _description = "Printed Document"

    @api.model
    def _get_report_values(self, docids, data=None):
        documents = self.env["clinic.document"].browse(docids)
        documents.check_access("read")
        documents._log_look("print")
        return {"doc_ids": docids, "doc_model": documents._name, "docs": documents}
