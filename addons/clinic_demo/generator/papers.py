import base64

from odoo.fields import Command
from odoo.tools import html2plaintext

from ..tools import paper, record

PEOPLE_WITH_LOGINS = ("patient", "parent", "ward")


class Papers:
    """Care plans the patients have agreed to, and documents.

    ``sheets`` are triples of the planned visit, its encounter and the note.
    """

    def __init__(self, env, network, sheets):
        self.env = env
        self.network = network
        self.sheets = sheets
        self.rows = record.load()
        self.taken = env["clinic.medical.record"]

    def make(self):
        for row in self.rows["plans"]:
            if encounter := self._find(row):
                self._make_plan(row, encounter)
        for row in self.rows["documents"]:
            if encounter := self._find(row):
                self._make_document(row, encounter)

    def _find(self, row):
        """Return the latest visit that fits; without a name, of a new person."""
        specialist = self.network.specialists[row["specialist"]]
        for visit, encounter, _note in reversed(self.sheets):
            if encounter.specialist_id != specialist:
                continue
            if "patient" in row:
                if visit.patient == row["patient"]:
                    return encounter
            elif encounter.record_id not in self.taken and not visit.patient.startswith(
                PEOPLE_WITH_LOGINS
            ):
                self.taken |= encounter.record_id
                return encounter
        return None

    def _make_plan(self, row, encounter):
        plan = self.env["clinic.care.plan"].create(
            {
                "record_id": encounter.record_id.id,
                "specialist_id": encounter.specialist_id.id,
                "title": row["title"],
                "goal": row["goal"],
                "line_ids": [
                    Command.create(
                        {
                            "stage": stage,
                            "service_id": self.network.services[key].id,
                            "quantity": quantity,
                            "note": note,
                        }
                    )
                    for stage, key, quantity, note in row["lines"]
                ],
            }
        )
        if row["state"] == "draft":
            return
        consent = self._fill("document_template_plan", encounter, care_plan_id=plan.id)
        self._issue(consent, encounter)
        plan._activate()
        plan.action_order_stage()
        orders = plan.line_ids.request_ids
        single = orders.filtered(lambda one: one.quantity == 1)
        (orders if row["state"] == "completed" else single[:1]).action_complete()
        orders.ordered_at = plan.ordered_at = encounter.start

    def _make_document(self, row, encounter):
        document = self._fill(row["template"], encounter, encounter_id=encounter.id)
        if row["state"] == "issued":
            self._issue(document, encounter)

    def _fill(self, template, encounter, **vals):
        author = encounter.specialist_id.user_id or self.env.user
        return self.env["clinic.document"].create(
            {
                "template_id": self.env.ref(f"clinic_emr.{template}").id,
                "patient_id": encounter.patient_id.id,
                "author_id": author.id,
                **vals,
            }
        )

    def _issue(self, document, encounter):
        """Number and freeze it with a plain PDF: the print of Odoo can't run yet."""
        signed = document.needs_signature and paper.signature()
        version = document.template_id._current_version()
        version.is_used = True
        name = self.env["ir.sequence"].next_by_code("clinic.document")
        sheet = paper.sheet(
            encounter.branch_id.company_id.name,
            document.title,
            name,
            html2plaintext(document.body),
            signed or None,
        )
        document.write({"signature": signed and base64.b64encode(signed)})
        document.write(
            {
                "name": name,
                "state": "issued",
                "issued_at": encounter.stop or encounter.start,
                "signed_at": signed and (encounter.stop or encounter.start),
                "version_id": version.id,
                "pdf": base64.b64encode(sheet),
                "pdf_name": f"{name}.pdf",
            }
        )
