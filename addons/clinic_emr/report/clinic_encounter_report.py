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
            "vitals",
            "examination",
            "diagnosis_summary",
            "medication_request_ids",
            "service_request_ids",
            "recommendations",
        ]
        labels = encounter.fields_get(names, ["string"])
        parts = dict(
            self.env["clinic.observation"]
            ._fields["part"]
            ._description_selection(self.env)
        )
        sections = []
        for name in names:
            title = labels[name]["string"] if name in labels else parts[name]
            if name in ("medication_request_ids", "service_request_ids"):
                lines = self._get_orders(encounter, name)
            else:
                lines = [encounter[name]] if name in labels and encounter[name] else []
                lines += self._get_values(encounter, name)
            if lines:
                sections.append((title, "\n".join(lines)))
        return sections

    def _get_orders(self, encounter, name):
        """Return a line for each prescription or order of the visit that stands.

        Of a referral with the times the patient is booked for.
        """
        if not self.env[encounter._fields[name].comodel_name].has_access("read"):
            return []
        lines = []
        for one in encounter[name]:
            if one.state in ("active", "completed"):
                lines.append(one._summary_line())
                if name == "service_request_ids":
                    lines += [
                        self.env._("    booked for %s", when)
                        for when in one._booked_for()
                    ]
        return lines

    def _get_values(self, encounter, part):
        """Return the lines of a part's typed fields; measurements stand in one line."""
        values = encounter.observation_ids.filtered(lambda line: line.part == part)
        lines = [
            " ".join(filter(None, [f"{line.name}: {line.value}", self._verdict(line)]))
            for line in values.sorted(lambda line: (line.sequence, line.id))
        ]
        return ["; ".join(lines)] if lines and part == "vitals" else lines

    def _verdict(self, line):
        """Return how a value outside the norm is marked, with the norm."""
        if line.interpretation in (False, "normal"):
            return ""
        sign = {"low": "↓", "high": "↑"}.get(line.interpretation, "!")
        if not line.reference:
            return sign
        return self.env._("%(sign)s (norm %(norm)s)", sign=sign, norm=line.reference)
