from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import sheet


class ClinicEncounter(models.Model):
    """The typed fields of the visit, as its template asks for them."""

    _inherit = "clinic.encounter"

    template_version_id = fields.Many2one(
        "clinic.encounter.template.version",
        string="Template",
        index=True,
        ondelete="restrict",
        domain=[("state", "=", "published")],
    )
    observation_ids = fields.One2many(
        "clinic.observation", "encounter_id", string="Values", readonly=True
    )
    sheet = fields.Json(compute="_compute_sheet", inverse="_inverse_sheet")
    allergy_ids = fields.One2many(related="record_id.allergy_ids", related_sudo=False)
    warning = fields.Text(related="record_id.warning", related_sudo=False)
    no_known_allergies = fields.Boolean(
        related="record_id.no_known_allergies", related_sudo=False, readonly=False
    )
    media_ids = fields.One2many(
        "clinic.media", "encounter_id", string="Files and Images", readonly=True
    )

    # === THE SHEET === #

    @api.depends("template_version_id", "observation_ids")
    @api.depends_context("lang")
    def _compute_sheet(self):
        """``{items: [schema…], values: {code: value}}`` for the widget.

        A locked visit shows the values only, as they were called when written.
        """
        for encounter in self:
            values = encounter.observation_ids
            items = encounter.template_version_id.item_ids
            if encounter.state == "finished":
                items = items.browse()
            whose = (encounter.patient_id, encounter._local_day())
            schema = [item._schema(*whose) for item in items]
            known = set(items.mapped("code"))
            schema += [
                encounter._observation_schema(line)
                for line in values.sorted(lambda line: (line.sequence, line.id))
                if line.code not in known
            ]
            encounter.sheet = {
                "items": schema,
                "values": {line.code: line._json_value() for line in values},
                "texts": {line.code: line.value for line in values},
                "verdicts": {
                    line.code: line.interpretation
                    for line in values
                    if line.interpretation
                },
            }

    def _observation_schema(self, line):
        """Return the schema of a value whose field the template has no more."""
        asked = line.item_id or line.measure_id
        schema = {"choices": []}
        if asked:
            schema = asked._schema(self.patient_id, self._local_day())
        return {
            **schema,
            "code": line.code,
            "name": line.name,
            "part": line.part or "vitals",
            "kind": line.kind,
            "unit": line.unit_id.name or "",
            "required": False,
        }

    def _local_day(self):
        """Return the day of the visit in its branch."""
        self.ensure_one()
        return self.start and self.branch_id._localize(self.start).date()

    def _inverse_sheet(self):
        for encounter in self:
            values = (encounter.sheet or {}).get("values")
            if not isinstance(values, dict):
                raise ValidationError(
                    self.env._("The values of the visit are unreadable.")
                )
            encounter._set_values(values)

    def _set_values(self, values):
        """Write the values of the visit's fields by their codes.

        Codes not named stay; None or an empty value removes. An unknown code is
        ignored: the template was changed meanwhile in another window.
        """
        self.ensure_one()
        self._check_not_locked()
        # the cache holds the sheet that is being written, not the one that was
        lines = self.env["clinic.observation"].search([("encounter_id", "=", self.id)])
        by_code = {line.code: line for line in lines}
        # what a nurse measured past the template is no field of it
        items = {measure.code: measure for measure in lines.measure_id}
        items.update({item.code: item for item in lines.item_id})
        items.update({item.code: item for item in self.template_version_id.item_ids})
        gone = lines.browse()
        new_vals = []
        for code, raw in values.items():
            item, line = items.get(code), by_code.get(code)
            if not item or (line and line._json_value() == raw):
                continue
            value = self._read_value(item, raw)
            if value is None:
                gone += line or gone.browse()
                continue
            vals = self._prepare_observation_vals(item, value)
            if line:
                line.write(vals)
            else:
                new_vals.append({"encounter_id": self.id, **vals})
        gone.unlink()
        lines.create(new_vals)
        self.invalidate_recordset(["sheet", "observation_ids"])

    def _read_value(self, item, raw):
        try:
            return sheet.read_value(item._sheet_item(), raw)
        except sheet.SheetError as error:
            sentences = {
                "number": self.env._("a number is expected"),
                "minimum": self.env._("the number is too small to be true"),
                "maximum": self.env._("the number is too great to be true"),
                "choice": self.env._("the value is not in the list"),
                "tooth": self.env._(
                    "teeth are written by two figures: 16, 21; milk teeth 55, 61"
                ),
                "date": self.env._("a date is expected"),
            }
            raise ValidationError(
                self.env._(
                    "%(field)s: %(problem)s.",
                    field=item.name,
                    problem=sentences.get(
                        error.code, self.env._("the value is unreadable")
                    ),
                )
            ) from error

    def _prepare_observation_vals(self, item, value):
        """Return what is kept of a value together with its label and verdict."""
        day = self._local_day()
        if item._name == "clinic.measure":
            return {
                **item._prepare_observation_vals(
                    value.number, self.patient_id, fields.Datetime.now()
                ),
                "performer_id": self.env.uid,
            }
        verdict = {"interpretation": False, "reference": False}
        if value.number is not None:
            verdict = item._judge(value.number, self.patient_id, day)
        return {
            "item_id": item.id,
            "sequence": item.sequence,
            "part": item.part,
            "code": item.code,
            "name": item.name,
            "kind": item.kind,
            "unit_id": item.unit_id.id,
            "value_text": value.text or False,
            "value_number": value.number or 0.0,
            "value_date": value.date,
            "value_boolean": value.boolean,
            **verdict,
            "effective": fields.Datetime.now(),
            "performer_id": self.env.uid,
        }

    # === THE TEMPLATE === #

    @api.model
    def _prepare_encounter_vals(self, appointment, record, when=None):
        vals = super()._prepare_encounter_vals(appointment, record, when)
        # sudo: whichever template fits, whoever opens the visit
        template = (
            self.env["clinic.encounter.template"]
            .sudo()
            ._for_visits(
                appointment.service_id, appointment.specialist_id.specialty_ids
            )[:1]
        )
        vals["template_version_id"] = template.current_version_id.id
        return vals

    @api.model
    def _open(self, appointments, when=None):
        encounters = super()._open(appointments, when=when)
        encounters._fill_usual_values()
        return encounters

    def _fill_usual_values(self):
        """Put the usual values of the template where nothing is written yet."""
        for encounter in self:
            usual = {
                item.code: item._usual_value()
                for item in encounter.template_version_id.item_ids
                if item.default_value
            }
            if usual:
                encounter._set_values(usual)

    def _check_can_finish(self):
        super()._check_can_finish()
        for encounter in self:
            written = set(encounter.observation_ids.mapped("code"))
            missing = encounter.template_version_id.item_ids.filtered(
                lambda item, written=written: (
                    item.required
                    and item.code not in written
                    and item.kind != "heading"
                )
            )
            if missing:
                raise UserError(
                    self.env._(
                        "Fill in before finishing: %(fields)s.",
                        fields=", ".join(missing.mapped("name")),
                    )
                )

    def _has_content(self):
        usual = {
            item.code: item._usual_value()
            for item in self.template_version_id.item_ids
            if item.default_value
        }
        return super()._has_content() or any(
            line._json_value() != usual.get(line.code) for line in self.observation_ids
        )

    # === BUTTONS === #

    def action_add_allergy(self):
        """Open an empty allergy of this patient."""
        return self.record_id._action_add(
            "clinic.allergy", self.env._("Allergy"), encounter=self
        )

    def action_add_media(self):
        """Open an empty file kept with this visit."""
        return self.record_id._action_add(
            "clinic.media", self.env._("File or Image"), encounter=self
        )

    def action_add_immunization(self):
        """Open an empty vaccination given in this visit."""
        return self.record_id._action_add(
            "clinic.immunization", self.env._("Vaccination"), encounter=self
        )
