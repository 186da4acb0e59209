from odoo import api, fields, models

from ..tools import completeness

# written by the system as the visit is finished; no standard follows from them
FINAL_FIELDS = {"episode_id", "completeness"}


class ClinicEncounter(models.Model):
    """What standards call for in the visit, and how complete its record is."""

    _inherit = "clinic.encounter"

    care_item_ids = fields.One2many(
        "clinic.care.item", "encounter_id", string="By the Standard"
    )
    remark_ids = fields.One2many(
        "clinic.encounter.remark", "encounter_id", readonly=True
    )
    remark_text = fields.Text(
        string="Still Missing",
        compute="_compute_remark_text",
        help="What the report on completeness will note if the visit is finished now.",
    )
    completeness = fields.Float(
        string="Completeness, %",
        readonly=True,
        aggregator="avg",
        help="The share of passed checks; set when the visit is finished.",
    )
    hint_text = fields.Text(related="record_id.hint_text", related_sudo=False)

    @api.depends(
        "complaint",
        "anamnesis",
        "examination",
        "recommendations",
        "diagnosis_ids.icd10_id",
        "diagnosis_ids.kind",
        "diagnosis_ids.status",
        "care_item_ids.state",
        "state",
    )
    @api.depends_context("lang")
    def _compute_remark_text(self):
        words = dict(
            self.env["clinic.encounter.remark"]
            ._fields["code"]
            ._description_selection(self.env)
        )
        for encounter in self:
            found = () if encounter.state == "finished" else encounter._judge().remarks
            encounter.remark_text = "\n".join(
                words[code] for code in dict.fromkeys(code for code, _item in found)
            )

    @api.model
    def _open(self, appointments, when=None):
        encounters = super()._open(appointments, when=when)
        encounters._sync_care_items()
        return encounters

    def write(self, vals):
        result = super().write(vals)
        if set(vals) - FINAL_FIELDS:
            self._sync_care_items()
        return result

    def _finish(self, when=None):
        self._check_not_locked()
        self._check_own()
        self._sync_care_items()
        self._keep_remarks(when)
        return super()._finish(when=when)

    # === STANDARDS === #

    def _sync_care_items(self):
        """Propose what the standards call for now, and tick what is there already.

        What the specialist has ticked or explained stays, even if it applies no more.
        """
        visits = self.filtered(lambda one: one.state == "in_progress")
        standards = self.env["clinic.care.standard"]._of_encounters(visits)
        if not standards:
            return
        # sudo: the items follow from the visit, nobody writes them by hand
        visits_sudo = visits.sudo()
        vals_list = []
        for visit in visits_sudo:
            wanted = standards[visit].line_ids
            items = visit.care_item_ids
            items.filtered(
                lambda item, wanted=wanted: (
                    item.line_id not in wanted
                    and not item.is_ticked
                    and not item.waiver
                )
            ).unlink()
            present = visit.care_item_ids.line_id
            vals_list += [
                visit._prepare_care_item_vals(line) for line in wanted - present
            ]
        self.env["clinic.care.item"].sudo().create(vals_list)
        visits_sudo.invalidate_recordset(["care_item_ids"])
        visits_sudo._tick_care_items()

    def _prepare_care_item_vals(self, line):
        return {
            "encounter_id": self.id,
            "standard_id": line.standard_id.id,
            "line_id": line.id,
            "sequence": line.sequence,
            "kind": line.kind,
            "name": line.name,
            "required": line.required,
        }

    def _tick_care_items(self):
        ordered = self._ordered_services()
        substances = self._prescribed_substances()
        codes = self._observed_codes()
        changed = {True: [], False: []}
        # what the standard has dropped since stays as it was found
        for item in self.care_item_ids.filtered("line_id"):
            visit, line = item.encounter_id, item.line_id
            found = bool(
                (line.service_id and line.service_id in ordered[visit])
                or line._substances() & substances[visit]
                or (line.section and (visit[line.section] or "").strip())
                or (line.observation_code and line.observation_code in codes[visit])
            )
            if found != item.is_found:
                changed[found].append(item.id)
        for found, ids in changed.items():
            self.env["clinic.care.item"].sudo().browse(ids).write({"is_found": found})

    def _ordered_services(self):
        """Return ``{visit: services}`` ordered in it, its own included.

        Overriders add what else counts as ordered.
        """
        services = {visit: visit.service_id for visit in self}
        if "clinic.service.request" in self.env:
            requests = self.env["clinic.service.request"].sudo()
            for request in requests.search(
                [("encounter_id", "in", self.ids), ("state", "!=", "revoked")]
            ):
                services[request.encounter_id] |= request.service_id
        return services

    def _prescribed_substances(self):
        """Return ``{visit: substances prescribed in it}``, in small letters."""
        substances = {visit: set() for visit in self}
        if "clinic.medication.request" in self.env:
            requests = self.env["clinic.medication.request"].sudo()
            for request in requests.search(
                [("encounter_id", "in", self.ids), ("state", "!=", "revoked")]
            ):
                names = request.medication_id.substance_ids.mapped("name")
                substances[request.encounter_id].update(map(str.lower, names))
        return substances

    def _observed_codes(self):
        """Return ``{visit: codes of the values measured in it}``."""
        codes = {visit: set() for visit in self}
        if "clinic.observation" in self.env:
            observations = self.env["clinic.observation"].sudo()
            for line in observations.search([("encounter_id", "in", self.ids)]):
                codes[line.encounter_id].add(line.code)
        return codes

    # === COMPLETENESS === #

    def _judge(self, when=None):
        """Return what is missing or wrong in the record of the visit."""
        self.ensure_one()
        ended = when or fields.Datetime.now()
        return completeness.judge(
            completeness.Visit(
                sections={
                    name: bool((self[name] or "").strip())
                    for name in ("complaint", "anamnesis", "examination")
                },
                recommendations=bool((self.recommendations or "").strip()),
                hours=(ended - self.start).total_seconds() / 3600 if self.start else 0,
                gender=self.patient_id.gender or "",
                diagnoses=tuple(
                    completeness.Diagnosis(
                        code=line.icd10_id.code or "",
                        is_main=line.kind == "main",
                        is_final=line.status == "final",
                        is_closed=not line.icd10_id.active,
                        is_leaf=not line.icd10_id.child_ids,
                        is_asterisk=line.icd10_id.mark == "asterisk",
                    )
                    for line in self.diagnosis_ids
                ),
                items=tuple(
                    completeness.Item(item.id or 0, item.state == "missing")
                    for item in self.care_item_ids
                    if item.required
                ),
            )
        )

    def _keep_remarks(self, when=None):
        """Write down, for the chief's report, what is missing as the visit ends."""
        vals_list = []
        for encounter in self:
            verdict = encounter._judge(when or encounter.appointment_id.fulfilled_at)
            encounter.completeness = verdict.percent
            items = {item.id: item for item in encounter.care_item_ids}
            vals_list += [
                {
                    "encounter_id": encounter.id,
                    "code": code,
                    "standard_id": items[item].standard_id.id if item else False,
                    "item_name": items[item].name if item else False,
                }
                for code, item in verdict.remarks
            ]
        # sudo: the report is the system's, nobody writes it by hand
        self.env["clinic.encounter.remark"].sudo().create(vals_list)
