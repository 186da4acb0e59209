from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# an appointment in one of these states makes its specialist a treating one
TREATING_STATES = ("booked", "confirmed", "arrived", "in_progress", "fulfilled")


class ClinicMedicalRecord(models.Model):
    """The medical record of a patient, one for all branches and specialists.

    Its display name is the patient's number: the ORM shows display names to whoever
    may read a record that points here, so they must not say anything more.
    """

    _name = "clinic.medical.record"
    _description = "Medical Record"
    _inherit = ["clinic.medical.mixin"]
    _order = "last_visit desc nulls last, id desc"
    _rec_names_search = ["patient_id"]

    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="restrict"
    )
    patient_number = fields.Char(related="patient_id.patient_number")
    patient_birthdate = fields.Date(related="patient_id.birthdate_date")
    patient_age = fields.Integer(related="patient_id.age")
    patient_caption = fields.Char(
        string="Sex and Age", compute="_compute_patient_caption"
    )
    allergy_note = fields.Text(
        string="Allergies and Warnings",
        help="Stands on top of every visit: allergies, intolerances, implants.",
    )
    chronic_note = fields.Text(
        string="Chronic Conditions",
        help="Chronic illnesses, operations, medicines taken all the time.",
    )
    encounter_ids = fields.One2many(
        "clinic.encounter", "record_id", string="Visits", readonly=True
    )
    diagnosis_ids = fields.One2many(
        "clinic.diagnosis", "record_id", string="Diagnoses", readonly=True
    )
    encounter_count = fields.Integer(
        string="Number of Visits", compute="_compute_encounter_figures", store=True
    )
    last_visit = fields.Datetime(compute="_compute_encounter_figures", store=True)
    is_treated_by_me = fields.Boolean(
        compute="_compute_is_treated_by_me",
        search="_search_is_treated_by_me",
        help="The current user is or was this patient's specialist.",
    )

    _patient_uniq = models.Constraint(
        "UNIQUE(patient_id)", "This patient has a medical record already."
    )

    @api.depends("patient_id.patient_number")
    def _compute_display_name(self):
        for record in self:
            record.display_name = record.patient_id.patient_number or self.env._(
                "Medical record %s", record.id
            )

    @api.depends("patient_id.gender", "patient_id.birthdate_date")
    @api.depends_context("lang")
    def _compute_patient_caption(self):
        for record in self:
            record.patient_caption = record.patient_id._clinic_caption()

    @api.depends("encounter_ids.start")
    def _compute_encounter_figures(self):
        figures = {
            record.id: (count, last)
            for record, count, last in self.env["clinic.encounter"]
            .sudo()
            ._read_group(
                [("record_id", "in", self.ids)], ["record_id"], ["__count", "start:max"]
            )
        }
        for record in self:
            record.encounter_count, record.last_visit = figures.get(
                record._origin.id, (0, False)
            )

    @api.depends_context("uid")
    def _compute_is_treated_by_me(self):
        # sudo: the rules of this model are made of this very field
        mine = self.sudo().search(
            Domain("id", "in", self.ids) & self._treated_by_me_domain()
        )
        for record in self:
            record.is_treated_by_me = record._origin in mine

    def _search_is_treated_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._treated_by_me_domain()
        if True not in value:
            return ~domain
        return domain if False not in value else Domain.TRUE

    @api.model
    def _treated_by_me_domain(self):
        """Return the domain of records whose patients the current user treats."""
        # sudo: whose appointment it is decides, not who may see appointments
        appointments = self.env["clinic.appointment"].sudo()
        appointments_query = appointments.with_context(active_test=False)._search(
            self._my_appointments_domain()
        )
        encounters_query = (
            self.env["clinic.encounter"]
            .sudo()
            ._search([("specialist_id.user_id", "=", self.env.uid)])
        )
        return Domain(
            "patient_id", "in", appointments_query.subselect("patient_id")
        ) | Domain("id", "in", encounters_query.subselect("record_id"))

    def write(self, vals):
        if "patient_id" in vals and any(
            record.patient_id.id != vals["patient_id"] for record in self
        ):
            raise UserError(
                self.env._("A medical record can't be handed over to another patient.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_merged(self):
        for record in self:
            if record.encounter_ids or record.allergy_note or record.chronic_note:
                raise UserError(
                    self.env._(
                        "The medical record %(number)s is not empty and can't be "
                        "deleted.",
                        number=record.display_name,
                    )
                )

    def action_open(self):
        """Open the record on a page of its own."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Medical Record"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    @api.model
    def _treats(self, patient):
        """Return whether the current user is a specialist of the patient."""
        # sudo: whose appointment it is decides, not who may see appointments
        appointments = self.env["clinic.appointment"].sudo()
        return bool(
            appointments.search_count(
                self._my_appointments_domain() & Domain("patient_id", "=", patient.id),
                limit=1,
            )
        )

    @api.model
    def _my_appointments_domain(self):
        """Return the domain of appointments that make the current user treat."""
        return Domain("specialist_id.user_id", "=", self.env.uid) & Domain(
            "state", "in", TREATING_STATES
        )

    @api.model
    def _of_patients_sudo(self, patients):
        """Return the patients' records in sudo mode, made where there is none yet.

        The caller has checked that the current user treats the patients.
        """
        records_sudo = self.sudo().search([("patient_id", "in", patients.ids)])
        missing = patients - records_sudo.patient_id
        return records_sudo + self.sudo().create(
            [{"patient_id": patient.id} for patient in missing]
        )

    def _medical_records(self):
        return self

    def _absorb(self, other):
        """Take over everything of another record of the same person, then drop it."""
        self.ensure_one()
        for field_name in ("allergy_note", "chronic_note"):
            notes = dict.fromkeys(filter(None, (self + other).mapped(field_name)))
            self[field_name] = "\n".join(notes)
        other.encounter_ids._move_to_record(self)
        self.env["clinic.record.access"].search(
            [("record_id", "in", other.ids)]
        )._move_to_record(self)
        other.write({"allergy_note": False, "chronic_note": False})
        other.unlink()
