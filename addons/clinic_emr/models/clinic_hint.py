from datetime import date

from odoo import api, fields, models
from odoo.tools import format_date

from ..tools import hints


class ClinicHint(models.AbstractModel):
    """Hints and reminders of the card, worked out for many records at once.

    Other addons add facts by overriding one of the ``_get_*`` methods; each returns
    ``{record id: [fact…]}`` with a number of queries that does not grow.
    """

    _name = "clinic.hint"
    _description = "Hints of the Medical Record"

    @api.model
    def _of_records(self, records):
        """Return ``{record id: [words…]}``, as the current user may read them."""
        today = fields.Date.context_today(self)
        current = records._current_diagnoses()
        checks = self._get_checks(records, current)
        values = self._get_values(records)
        consents = self._get_consents(records)
        return {
            record.id: [
                self._words(hint)
                for hint in hints.compute(
                    today,
                    checks=checks.get(record.id, ()),
                    values=values.get(record.id, ()),
                    consents=consents.get(record.id, ()),
                    observed=[
                        hints.Observed(line.icd10_id.display_name, line.date)
                        for line in current.get(record.id, ())
                        if line.course == "chronic"
                    ],
                )
            ]
            for record in records
        }

    @api.model
    def _get_checks(self, records, current):
        """Return what standards want repeated for the current illnesses."""
        items = self.env["clinic.care.item"].search(
            [("record_id", "in", records.ids), ("line_id.interval_days", ">", 0)],
            order="date",
        )
        found = {}
        for item in items:
            known = {line.icd10_id.id for line in current.get(item.record_id.id, ())}
            wanted = item.standard_id.icd10_ids
            paths = self.env["clinic.icd10"].browse(known).mapped("parent_path")
            if wanted and not any(
                path.startswith(above.parent_path) for path in paths for above in wanted
            ):
                continue
            key = (item.record_id.id, item.line_id)
            since, last = found.get(key, (item.date.date(), None))
            if item.state == "done":
                last = item.date.date()
            found[key] = (since, last)
        by_record = {}
        for (record_id, line), (since, last) in found.items():
            by_record.setdefault(record_id, []).append(
                hints.Check(line.name, line.interval_days, last, since)
            )
        return by_record

    @api.model
    def _get_values(self, records):
        """Return the latest value of each kind when it is an alarming one."""
        if "clinic.observation" not in self.env:
            return {}
        lines = self.env["clinic.observation"].search(
            [
                ("record_id", "in", records.ids),
                ("interpretation", "!=", False),
            ],
            order="effective",
        )
        latest = {(line.record_id.id, line.code): line for line in lines}
        by_record = {}
        for (record_id, _code), line in latest.items():
            if line.interpretation == "critical":
                by_record.setdefault(record_id, []).append(
                    hints.Value(
                        line.name, line.value, "critical", line.effective.date()
                    )
                )
        return by_record

    @api.model
    def _get_consents(self, records):
        """Return consents that end and were not given anew, of either kind."""
        by_record = {}
        for found in (self._get_signed_consents, self._get_general_consents):
            for record_id, facts in found(records).items():
                by_record.setdefault(record_id, []).extend(facts)
        return by_record

    @api.model
    def _get_signed_consents(self, records):
        """Return the signed consents to treatments, the longest of each text."""
        # as the current user: what he may not read is nothing to remind him of
        documents = self.env["clinic.document"].search(
            [
                ("record_id", "in", records.ids),
                ("kind", "=", "consent"),
                ("state", "=", "issued"),
            ]
        )
        latest = {
            (one.record_id.id, one.template_id): one
            for one in documents.sorted(lambda one: one.valid_until or date.max)
        }
        by_record = {}
        for (record_id, _template), document in latest.items():
            if document.valid_until:
                by_record.setdefault(record_id, []).append(
                    hints.Consent(document.title, document.valid_until)
                )
        return by_record

    @api.model
    def _get_general_consents(self, records):
        """Return consents to the clinic's general texts that end."""
        return {
            record.id: [
                hints.Consent(consent.template_id.name, consent.valid_until)
                for consent in record.patient_id._clinic_ending_consents()
            ]
            for record in records
        }

    @api.model
    def _words(self, hint):
        """Return the hint as one sentence."""
        day = format_date(self.env, hint.day) if hint.day else ""
        if hint.kind == "abnormal":
            return self.env._(
                "Critical value: %(name)s %(value)s (%(day)s)",
                name=hint.name,
                value=hint.detail,
                day=day,
            )
        if hint.kind == "overdue" and day:
            return self.env._(
                "Overdue: %(name)s, last done %(day)s", name=hint.name, day=day
            )
        if hint.kind == "overdue":
            return self.env._("Overdue: %(name)s, not done yet", name=hint.name)
        if hint.kind == "observation":
            return self.env._(
                "Under observation, not seen since %(day)s: %(name)s",
                name=hint.name,
                day=day,
            )
        if hint.day < fields.Date.context_today(self):
            return self.env._(
                "Consent ended %(day)s: %(name)s", day=day, name=hint.name
            )
        return self.env._("Consent ends %(day)s: %(name)s", name=hint.name, day=day)
