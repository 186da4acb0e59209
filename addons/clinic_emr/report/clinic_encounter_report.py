from odoo import api, models


class ReportEncounter(models.AbstractModel):
    _name = "report.clinic_emr.report_encounter"
    _description = "Visit Summary for the Patient"

    @api.model
    def _get_report_values(self, docids, data=None):
        encounters = self.env["clinic.encounter"].browse(docids)
        encounters.check_access("read")
        encounters._log_look("print")
        return {
            "doc_ids": docids,
            "doc_model": encounters._name,
            "docs": encounters,
            "lang": self.env.lang,
            "sections": self._get_sections,
            "address": self._get_address,
        }

    def _get_address(self, branch):
        """Return name, address and phone of the branch in one line."""
        parts = [branch.name, branch.city, branch.street, branch.phone]
        return ", ".join(part for part in parts if part)

    def _get_sections(self, encounter):
        """Return (title, text) of what is written in the visit, in print order."""
        names = [
            "complaint",
            "anamnesis",
            "examination",
            "diagnosis_summary",
            "recommendations",
        ]
        labels = encounter.fields_get(names, ["string"])
        return [
            (labels[name]["string"], encounter[name])
            for name in names
            if encounter[name]
        ]
