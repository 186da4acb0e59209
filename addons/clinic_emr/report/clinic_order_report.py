from odoo import api, models


class ReportServiceRequest(models.AbstractModel):
    _name = "report.clinic_emr.report_service_request"
    _description = "Printed Referral"

    @api.model
    def _get_report_values(self, docids, data=None):
        orders = self.env["clinic.service.request"].browse(docids)
        orders.check_access("read")
        orders._log_look("print")
        return {"doc_ids": docids, "doc_model": orders._name, "docs": orders}


class ReportPrescription(models.AbstractModel):
    _name = "report.clinic_emr.report_prescription"
    _description = "Printed Prescription"

    @api.model
    def _get_report_values(self, docids, data=None):
        orders = self.env["clinic.medication.request"].browse(docids)
        orders.check_access("read")
        orders._log_look("print")
        return {
            "doc_ids": docids,
            "doc_model": orders._name,
            "docs": orders,
            "sheets": self._sheets,
            "latin": self._latin,
        }

    def _sheets(self, orders):
        """Return the orders by sheet: of one patient, specialist and visit."""
        return list(
            orders.grouped(
                lambda one: (one.record_id, one.specialist_id, one.encounter_id)
            ).values()
        )

    def _latin(self, order):
        """Return the Latin names of the substances, "" for none."""
        names = order.medication_id.substance_ids.mapped("latin_name")
        return " + ".join(filter(None, names))
