from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.prescription import find_conflicts
from .clinic_medication import UNITS, WAYS

TIMINGS = [
    ("any", "At any time"),
    ("before", "Before meals"),
    ("with", "With meals"),
    ("after", "After meals"),
    ("morning", "In the morning"),
    ("night", "At night"),
]
# how a medicine is to be taken
DOSAGE = (
    "dose",
    "dose_unit",
    "way",
    "times_a_day",
    "timing",
    "days",
    "as_needed",
    "note",
)


class ClinicMedicationRequest(models.Model):
    """One medicine of a prescription, checked against allergies and the others."""

    _name = "clinic.medication.request"
    _description = "Prescription"
    _inherit = ["clinic.order.mixin"]
    _order_sequence = "clinic.medication.request"

    medication_id = fields.Many2one(
        "clinic.medication",
        string="Medicine",
        required=True,
        index=True,
        ondelete="restrict",
    )
    dose = fields.Float(required=True, default=1.0, digits=(12, 3))
    dose_unit = fields.Selection(
        UNITS,
        string="Unit",
        required=True,
        compute="_compute_usual",
        store=True,
        readonly=False,
        precompute=True,
    )
    way = fields.Selection(
        WAYS,
        required=True,
        compute="_compute_usual",
        store=True,
        readonly=False,
        precompute=True,
    )
    times_a_day = fields.Integer(required=True, default=1, aggregator=None)
    timing = fields.Selection(TIMINGS, string="When", required=True, default="any")
    days = fields.Integer(
        aggregator=None, default=7, help="0: until it is stopped by a specialist."
    )
    as_needed = fields.Boolean(help="Taken when needed, so often a day at most.")
    note = fields.Char(help="What else the patient must know; printed.")
    date_end = fields.Date(string="Until", compute="_compute_date_end", store=True)
    instruction = fields.Char(compute="_compute_instruction")
    warning = fields.Text(compute="_compute_warning")
    override_reason = fields.Char(
        string="Why in Spite of the Warning",
        help="Kept with the prescription and with your name.",
    )

    _dose_positive = models.Constraint("CHECK(dose > 0)", "A dose is more than zero.")
    _times_range = models.Constraint(
        "CHECK(times_a_day BETWEEN 1 AND 24)", "From 1 to 24 times a day."
    )
    _days_range = models.Constraint(
        "CHECK(days BETWEEN 0 AND 366)", "From 0 to 366 days."
    )

    # === COMPUTE === #

    @api.depends("medication_id")
    def _compute_usual(self):
        for request in self:
            medication = request.medication_id
            request.way = medication.default_way or request.way or "oral"
            request.dose_unit = medication.default_unit or request.dose_unit or "tablet"

    @api.depends("ordered_at", "days")
    def _compute_date_end(self):
        for request in self:
            start = request.ordered_at
            request.date_end = (
                (start + timedelta(days=request.days - 1)).date()
                if start and request.days
                else False
            )

    @api.depends(*DOSAGE)
    @api.depends_context("lang")
    def _compute_instruction(self):
        for request in self:
            request.instruction = request._instruction_words()

    def _instruction_words(self):
        self.ensure_one()
        _ = self.env._

        def label(name):
            pairs = self._fields[name]._description_selection(self.env)
            return dict(pairs).get(self[name]) or ""

        dose = f"{self.dose:g}"
        if self.env.lang == "ru_RU":
            dose = dose.replace(".", ",")
        parts = [f"{dose} {label('dose_unit')}"]
        parts.append(label("way").lower())
        if self.as_needed:
            parts.append(_("when needed, at most %s a day", self._times_words()))
        else:
            parts.append(_("%s a day", self._times_words()))
        if self.timing and self.timing != "any":
            parts.append(label("timing").lower())
        if self.days:
            parts.append(_("%s days", self.days))
        if self.note:
            parts.append(self.note)
        return ", ".join(parts)

    def _times_words(self):
        return self.env._("%s times", self.times_a_day)

    @api.depends(
        "medication_id",
        "record_id",
        "state",
        "record_id.allergy_note",
        "encounter_id.medication_request_ids.medication_id",
    )
    @api.depends_context("lang", "uid")
    def _compute_warning(self):
        """As the current user: a form that is not saved may name any record."""
        others_of = self._others_taken()
        every = self._origin.union(*others_of.values()) | self
        plain = {
            one.id: one for one in every.medication_id.substance_ids._origin._to_plain()
        }
        for request in self:
            request.warning = request in others_of and "\n".join(
                request._conflict_sentences(others_of[request], plain)
            )

    def _others_taken(self):
        """Return the drafts among ``self`` with what their patients take besides."""
        running = self._running_by_record()
        result = {}
        for request in self:
            record = request.record_id._origin
            if not record or not request.medication_id or request.state != "draft":
                continue
            drafts = request.encounter_id.medication_request_ids.filtered(
                lambda other: other.state == "draft"
            )
            others = running.get(record, self.browse()) | drafts._origin
            result[request] = (others - request._origin) | request._unsaved_beside(
                drafts
            )
        return result

    def _unsaved_beside(self, drafts):
        """Return the lines of the form that were typed and not saved, but this one.

        The form hands over a twin of the line that is being typed.
        """
        self.ensure_one()
        unsaved = drafts.filtered(lambda line: not line._origin) - self
        twin = unsaved.filtered(
            lambda line: (
                not self._origin
                and all(line[name] == self[name] for name in ("medication_id", *DOSAGE))
            )
        )[:1]
        return unsaved - twin

    def _running_by_record(self):
        """Return the prescriptions that stand now, by record."""
        today = fields.Date.context_today(self)
        running = self.search(
            [
                ("record_id", "in", self.record_id._origin.ids),
                ("state", "=", "active"),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", today),
            ]
        )
        return running.grouped("record_id")

    def _conflict_sentences(self, others, plain):
        """Return the sentences on what speaks against the medicine.

        :param others: the prescriptions it would be taken with
        :param plain: ``{id: Substance}`` of all substances concerned
        """
        self.ensure_one()
        substances = self.medication_id.substance_ids._origin
        taken = others.medication_id.substance_ids._origin
        allergies = self.record_id._allergy_texts()
        conflicts = find_conflicts(
            [plain[id_] for id_ in substances.ids],
            allergies,
            [plain[id_] for id_ in taken.ids],
            brand=self.medication_id.name or "",
        )
        browse = self.env["clinic.substance"].browse
        lines = []
        for conflict in conflicts:
            if conflict.kind == "allergy":
                lines.append(
                    self.env._("Allergy on record: %(words)s", words=conflict.words)
                )
                continue
            other = others.filtered(
                lambda one, id_=conflict.other_id: (
                    id_ in one.medication_id.substance_ids.ids
                )
            )[:1]
            names = {
                "substance": browse(conflict.substance_id).name,
                "medication": other.medication_id.display_name,
            }
            if conflict.kind == "same":
                lines.append(
                    self.env._(
                        "%(substance)s is taken already: %(medication)s", **names
                    )
                )
            else:
                lines.append(
                    self.env._(
                        "A medicine of the same group is taken already: %(medication)s",
                        **names,
                    )
                )
        if not substances and allergies:
            lines.append(
                self.env._(
                    "The substance of this medicine is not known: check the "
                    "allergies yourself."
                )
            )
        return lines

    # === BUSINESS === #

    def _check_can_activate(self):
        result = super()._check_can_activate()
        unanswered = self.filtered(
            lambda request: (
                request.warning and not (request.override_reason or "").strip()
            )
        )
        if unanswered:
            raise UserError(
                self.env._(
                    "Something speaks against a prescription:\n%(warnings)s\n"
                    "Change it, or write why it is given nevertheless.",
                    warnings="\n".join(
                        f"{one.medication_id.display_name}: {one.warning}"
                        for one in unanswered
                    ),
                )
            )
        return result

    def action_print(self):
        """Print the prescription that the patient takes to the pharmacy."""
        self._activate()
        return self.env.ref("clinic_emr.action_report_prescription").report_action(self)

    def action_complete(self):
        """Note that the patient has taken the course to its end."""
        self._check_own()
        self.filtered(lambda one: one.state == "active")._close("completed")
        return True

    def action_repeat(self):
        """Prescribe the same once more, as a draft, and open it."""
        self.ensure_one()
        self.check_access("read")
        new = self.create(
            {"record_id": self.record_id.id, **self._prepare_again_vals()}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Prescription"),
            "res_model": self._name,
            "res_id": new.id,
            "views": [(False, "form")],
        }

    def _summary_line(self):
        """Return medicine and way of taking it, as a document says it."""
        self.ensure_one()
        return f"{self.medication_id.display_name}: {self.instruction}"

    def _prepare_again_vals(self):
        """Return the values of the same medicine taken in the same way."""
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in ("medication_id", *DOSAGE)
        }
