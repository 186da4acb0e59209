from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .clinic_medical_record_readers import PRESENT_STATES

NAMES = {"name", "part", "sequence"}


class ClinicMedicalRecord(models.Model):
    """What is measured outside the form of a visit: by a nurse, by the patient."""

    _inherit = "clinic.medical.record"

    is_here = fields.Boolean(
        compute="_compute_is_here",
        search="_search_is_here",
        help="The patient is in the clinic at this moment.",
    )

    @api.depends("patient_id")
    def _compute_is_here(self):
        # sudo: who is in the clinic is known to everybody who works there
        here = self.sudo().search(Domain("id", "in", self.ids) & self._here_domain())
        for record in self:
            record.is_here = record._origin in here

    def _search_is_here(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._here_domain()
        if True not in value:
            return ~domain
        return domain if False not in value else Domain.TRUE

    @api.model
    def _here_domain(self):
        present = (
            self.env["clinic.appointment"]
            .sudo()
            ._search([("state", "in", PRESENT_STATES)])
        )
        return Domain("patient_id", "in", present.subselect("patient_id"))

    def _add_measures(self, values, source="clinic", when=None, encounter=None):
        """Keep what was measured and return the observations.

        The caller has checked that the current user may do that. A clinic's value goes
        into the visit that is being written, where it has none of this kind yet; one
        that its author enters anew on the same day is written over.

        :param values: ``{code of a measurement: number}``; nothing is kept of None
        :param when: the moment, naive UTC; by default now
        :raise ValidationError: a number that can't be true
        """
        self.ensure_one()
        when = when or fields.Datetime.now()
        # sudo: neither patients nor nurses write observations but by this way
        record_sudo = self.sudo()
        measures = record_sudo.env["clinic.measure"].search(
            [("code", "in", list(values))]
        )
        earlier = record_sudo._measures_of_the_day(source, when, encounter)
        encounter_sudo = (encounter or self.env["clinic.encounter"]).sudo()
        taken = set(encounter_sudo.observation_ids.mapped("code"))
        lines = earlier.browse()
        new_vals = []
        for measure in measures:
            value = self.env["clinic.encounter"]._read_value(
                measure, values[measure.code]
            )
            if value is None:
                continue
            vals = {
                **measure._prepare_observation_vals(
                    value.number, record_sudo.patient_id, when
                ),
                "source": source,
                "performer_id": self.env.uid,
            }
            line = earlier.filtered(lambda one, code=measure.code: one.code == code)[:1]
            lines += line
            if not line:
                inside = encounter_sudo and measure.code not in taken
                vals["record_id"] = self.id
                vals["encounter_id"] = encounter_sudo.id if inside else False
                new_vals.append(vals)
            elif line.value_number != value.number:
                # in a visit it stays called as its template calls it
                named = NAMES if line.item_id else set()
                line.write({k: v for k, v in vals.items() if k not in named})
        lines += lines.create(new_vals)
        lines.encounter_id._name_measures()
        return lines.with_env(self.env)

    def _measures_of_the_day(self, source, when, encounter=None):
        """Return what the current user measured today and may still correct."""
        if source != "clinic":
            return self.env["clinic.observation"]
        lines = self.env["clinic.observation"].search(
            [
                ("record_id", "=", self.id),
                ("source", "=", source),
                ("performer_id", "=", self.env.uid),
                ("measure_id", "!=", False),
                ("effective", ">", when - timedelta(hours=12)),
                ("effective", "<=", when),
            ]
        )
        return lines.filtered(
            lambda one: (
                not one.encounter_id
                or one.encounter_id == encounter
                and encounter.sudo().state == "in_progress"
            )
        )

    def action_measure(self):
        """Open the dialog of measurements."""
        self.ensure_one()
        return self.env["clinic.measurement"]._action_open(default_record_id=self.id)

    def action_open_measures(self):
        """Open all measured values of the patient, with their course over time."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_emr.action_clinic_observation_course"
        )
        action["domain"] = [("record_id", "=", self.id)]
        return action
