from odoo.http import request

from ..tools import forms
from ..tools.measures import KINDS
from .my_pages import ClinicMyPages

READINGS_SHOWN = 90


class ClinicHealthPages(ClinicMyPages):
    """What the pages on health share: whose record it is, and its measurements.

    Whose record it is stands in no address: it is kept in the visitor's session.
    """

    def _chosen_record_sudo(self, person=None):
        """Return the record the visitor looks at, and all he may choose among."""
        records_sudo = self._my_records_sudo()
        mine = records_sudo.filtered(lambda r: r.patient_id == self._me_sudo())
        wanted = forms.read_id(person) or request.session.get("clinic_person")
        chosen = records_sudo.filtered(lambda r: r.patient_id.id == wanted)
        chosen = chosen[:1] or mine or records_sudo[:1]
        if person and chosen:
            request.session["clinic_person"] = chosen.patient_id.id
        return chosen, records_sudo

    def _health_page(self, template, values, record, records):
        return self._my_page(
            template,
            {
                "persons": [
                    {
                        "name": r.patient_id.name,
                        "url": f"/my/clinic/health?person={r.patient_id.id}",
                        "current": r == record,
                    }
                    for r in records
                ],
                "person_name": record.patient_id.name if len(records) > 1 else "",
                **values,
            },
        )

    def _observations_sudo(self, record, codes, limit):
        # sudo: patients have no rights on medical models; the record was checked
        return (
            request.env["clinic.observation"]
            .sudo()
            .search(
                [
                    ("record_id", "=", record.id),
                    ("code", "in", codes),
                    ("kind", "=", "number"),
                    "|",
                    ("encounter_id", "=", False),
                    ("encounter_id.state", "=", "finished"),
                ],
                order="effective desc, id desc",
                limit=limit,
            )
        )

    def _kind_labels(self):
        env = request.env
        return {
            "pressure": env._("Blood pressure"),
            "pulse": env._("Pulse"),
            "glucose": env._("Blood glucose"),
            "weight": env._("Body weight"),
            "temperature": env._("Temperature"),
        }

    def _latest(self, record):
        """Return the latest value of each kind, for the tiles."""
        codes = [value.code for values in KINDS.values() for value in values]
        found = {}
        # the newest rows hold the latest of each kind for who measures regularly
        for line in self._observations_sudo(record, codes, READINGS_SHOWN):
            found.setdefault(line.code, line)
        tiles = []
        for kind, label in self._kind_labels().items():
            lines = [found.get(value.code) for value in KINDS[kind]]
            known = all(lines)
            tiles.append(
                {
                    "label": label,
                    "url": f"/my/clinic/measurements/{kind}",
                    "value": self._value_words(lines) if known else "",
                    "when": self._measured_at(lines[0]) if known else "",
                }
            )
        return tiles

    def _value_words(self, lines):
        numbers = self._comma("/".join(f"{line.value_number:g}" for line in lines))
        unit = lines[0].unit_id.name or ""
        return f"{numbers} {unit}".strip()

    def _comma(self, numbers):
        """Return numbers as the visitor's language writes them."""
        return numbers.replace(".", ",") if self._locale().language == "ru" else numbers

    def _measured_at(self, line):
        """Return when it was measured, by the clock of the branch it was done in."""
        return self._moment(line.effective, line.encounter_id.branch_id)
