from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

# what is decided when the visit begins, or by finishing it
SYSTEM_FIELDS = {
    "appointment_id",
    "record_id",
    "specialist_id",
    "branch_id",
    "service_id",
    "start",
    "stop",
    "state",
    "signed_by_id",
    "signed_warning",
    "signature",
}
# visits that stand beside the new one
PREVIOUS = 20
CONTENT_FIELDS = ("complaint", "anamnesis", "examination", "recommendations")


class ClinicEncounter(models.Model):
    """A visit as the specialist writes it down.

    It begins from an arrived appointment (``clinic.appointment.action_open_encounter``)
    and is locked when finished; what comes later is an addendum. No chatter on purpose:
    followers would get the text by e-mail without any check of rights.
    """

    _name = "clinic.encounter"
    _description = "Clinic Visit"
    _inherit = ["clinic.medical.mixin"]
    _order = "start desc, id desc"
    _rec_names_search = ["patient_id"]

    appointment_id = fields.Many2one(
        "clinic.appointment",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    record_id = fields.Many2one(
        "clinic.medical.record",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    patient_id = fields.Many2one(
        related="record_id.patient_id", store=True, precompute=True, index=True
    )
    patient_number = fields.Char(related="patient_id.patient_number")
    patient_birthdate = fields.Date(related="patient_id.birthdate_date")
    patient_caption = fields.Char(
        string="Sex and Age", compute="_compute_patient_caption"
    )
    specialist_id = fields.Many2one(
        "clinic.specialist",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    branch_id = fields.Many2one(
        "clinic.branch", required=True, readonly=True, ondelete="restrict"
    )
    service_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="restrict"
    )
    start = fields.Datetime(required=True, readonly=True, index=True)
    stop = fields.Datetime(readonly=True)
    local_time = fields.Char(
        string="Time", compute="_compute_local_time", help="The branch's wall time."
    )
    state = fields.Selection(
        [("in_progress", "In Progress"), ("finished", "Finished")],
        required=True,
        readonly=True,
        default="in_progress",
        index=True,
    )
    complaint = fields.Text(string="Complaints")
    anamnesis = fields.Text(string="History of the Illness")
    examination = fields.Text()
    recommendations = fields.Text()
    diagnosis_ids = fields.One2many(
        "clinic.diagnosis", "encounter_id", string="Diagnoses"
    )
    addendum_ids = fields.One2many(
        "clinic.encounter.addendum", "encounter_id", string="Addenda", readonly=True
    )
    nurse_ids = fields.Many2many(
        "res.users",
        "clinic_encounter_nurse_rel",
        "encounter_id",
        "user_id",
        string="Nurses",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("clinic_base.group_nurse").ids)
        ],
        help="Nurses who carry out the treatment; they may read this visit.",
    )
    diagnosis_summary = fields.Text(
        compute="_compute_diagnosis_summary", string="Diagnosis"
    )
    # Not in sudo mode: the web client may ask for them on an unsaved visit that names
    # any record it likes.
    allergy_note = fields.Text(
        related="record_id.allergy_note", related_sudo=False, readonly=False
    )
    chronic_note = fields.Text(
        related="record_id.chronic_note", related_sudo=False, readonly=False
    )
    previous_ids = fields.Many2many(
        "clinic.encounter", string="Previous Visits", compute="_compute_previous_ids"
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    can_edit = fields.Boolean(compute="_compute_is_mine")

    _appointment_uniq = models.Constraint(
        "UNIQUE(appointment_id)", "This appointment has its visit already."
    )
    _stop_after_start = models.Constraint(
        "CHECK(stop IS NULL OR stop >= start)", "A visit can't end before it begins."
    )

    def _wall_branch(self):
        return self.branch_id

    # === COMPUTE === #

    @api.depends("patient_id.patient_number", "start", "branch_id")
    def _compute_display_name(self):
        """Number and date only: the ORM shows this where the visit itself is closed."""
        for encounter in self:
            parts = [encounter.patient_id.patient_number]
            if encounter.start:
                day = encounter.branch_id._localize(encounter.start)
                parts.append(day.strftime("%d.%m.%Y"))
            encounter.display_name = " · ".join(filter(None, parts))

    @api.depends("patient_id.gender", "patient_id.birthdate_date")
    @api.depends_context("lang")
    def _compute_patient_caption(self):
        for encounter in self:
            encounter.patient_caption = encounter.patient_id._clinic_caption()

    @api.depends("start", "branch_id.tz")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for encounter in self:
            encounter.local_time = encounter.branch_id._format_local(encounter.start)

    @api.depends("diagnosis_ids.icd10_id", "diagnosis_ids.kind", "diagnosis_ids.status")
    @api.depends_context("lang")
    def _compute_diagnosis_summary(self):
        for encounter in self:
            encounter.diagnosis_summary = "\n".join(
                encounter.diagnosis_ids.sorted(
                    lambda line: (line._kind_rank(), line.sequence)
                ).mapped("summary")
            )

    @api.depends("record_id", "start")
    def _compute_previous_ids(self):
        """As the current user: the search leaves out what they may not read."""
        for encounter in self:
            start, record = encounter.start, encounter.record_id._origin
            # one visit is on the screen at a time; the whole history is the time line
            encounter.previous_ids = start and self.search(
                [
                    ("record_id", "=", record.id),
                    "|",
                    ("start", "<", start),
                    "&",
                    ("start", "=", start),
                    ("id", "<", encounter._origin.id),
                ],
                limit=PREVIOUS,
            )

    @api.depends("specialist_id.user_id", "state")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for encounter in self:
            encounter.is_mine = encounter.specialist_id.user_id == self.env.user
            encounter.can_edit = encounter.is_mine and encounter.state == "in_progress"

    # === CONSTRAINTS === #

    # not on record_id: in a merge of patients the record comes before the appointment
    @api.constrains("appointment_id")
    def _check_same_patient(self):
        for encounter in self:
            if encounter.appointment_id.patient_id != encounter.record_id.patient_id:
                raise ValidationError(
                    self.env._(
                        "The visit and the appointment %(appointment)s belong to "
                        "different patients.",
                        appointment=encounter.appointment_id.display_name,
                    )
                )

    @api.constrains("diagnosis_ids")
    def _check_diagnosis_ids(self):
        self.diagnosis_ids._check_one_main()

    # === CRUD === #

    def write(self, vals):
        self._check_not_locked()
        if SYSTEM_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "Patient, specialist, time and state of a visit can't be edited: "
                    "they follow from the appointment and from “Finish visit”."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_empty(self):
        for encounter in self:
            if encounter.state == "finished" or encounter._has_content():
                raise UserError(
                    self.env._(
                        "The visit %(visit)s is a part of the medical record and can't "
                        "be deleted.",
                        visit=encounter.display_name,
                    )
                )

    # === ACTIONS === #

    def action_open(self):
        """Open the visit on a page of its own."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Visit"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_finish(self):
        """Lock the visit and fulfil its appointment."""
        self._finish()
        return True

    def action_add_addendum(self):
        """Open an empty addendum to a finished visit."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Addendum"),
            "res_model": "clinic.encounter.addendum",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_encounter_id": self.id},
        }

    def action_open_record(self):
        """Open the patient's whole medical record."""
        self.ensure_one()
        return self.record_id.action_open()

    def action_print(self):
        """Print the summary that the patient takes home."""
        self.ensure_one()
        return self.env.ref("clinic_emr.action_report_encounter").report_action(self)

    # === BUSINESS === #

    @api.model
    def _open(self, appointments, when=None):
        """Begin the visits of appointments and return them.

        The caller has checked that the appointments are the current user's own.

        :param when: the moment they began, naive UTC; by default when the appointment
            was started
        """
        records_sudo = self.env["clinic.medical.record"]._of_patients_sudo(
            appointments.patient_id
        )
        by_patient = {record.patient_id.id: record for record in records_sudo}
        # sudo: nobody has the right to create visits except by this way
        encounters_sudo = self.sudo().create(
            [
                self._prepare_encounter_vals(
                    appointment, by_patient[appointment.patient_id.id], when
                )
                for appointment in appointments
            ]
        )
        return encounters_sudo.with_env(self.env)

    @api.model
    def _prepare_encounter_vals(self, appointment, record, when=None):
        """Return the values of a new visit; overriders add their own fields."""
        return {
            "appointment_id": appointment.id,
            "record_id": record.id,
            "specialist_id": appointment.specialist_id.id,
            "branch_id": appointment.branch_id.id,
            "service_id": appointment.service_id.id,
            "start": when
            or appointment.started_at
            or appointment.fulfilled_at
            or fields.Datetime.now(),
        }

    def _finish(self, when=None):
        """Check, lock, and fulfil the appointments.

        :param when: the moment it ended, naive UTC; by default when the appointment
            was fulfilled, or now
        """
        self._check_not_locked()
        self._check_own()
        self._check_can_finish()
        for encounter in self:
            ended = encounter.appointment_id.fulfilled_at or fields.Datetime.now()
            encounter._lock(when or max(ended, encounter.start))
        self.appointment_id.filtered(
            lambda appointment: appointment.state == "in_progress"
        ).action_fulfil()

    def _lock(self, when):
        """Set the end and the final state; the rules of access apply as always."""
        # past write() of this class, which never lets the state be set
        super().write(self._prepare_lock_vals(when))

    def _prepare_lock_vals(self, when):
        """Return what finishing sets; overriders add what belongs to the signature."""
        return {"state": "finished", "stop": when}

    def _check_own(self):
        if not self.env.su and not all(self.mapped("is_mine")):
            raise AccessError(
                self.env._("Only the specialist who receives the patient may do this.")
            )

    def _check_can_finish(self):
        """Refuse to finish what has nothing in it; overriders ask for more."""
        if empty := self.filtered(lambda encounter: not encounter._has_content()):
            raise UserError(
                self.env._(
                    "Nothing is written in the visit of %(patients)s yet. Write at "
                    "least the complaints, the examination or a diagnosis.",
                    patients=", ".join(empty.patient_id.mapped("name")),
                )
            )

    def _check_not_locked(self):
        if locked := self.filtered(lambda encounter: encounter.state == "finished"):
            raise UserError(
                self.env._(
                    "The visit %(visits)s is finished and locked. Write an addendum "
                    "instead.",
                    visits=", ".join(locked.mapped("display_name")),
                )
            )

    def _has_content(self):
        """Return whether anything medical is written in the visit."""
        self.ensure_one()
        return bool(self.diagnosis_ids) or any(
            (self[name] or "").strip() for name in CONTENT_FIELDS
        )

    def _move_to_record(self, record):
        """Move visits, finished ones too, to the record their own was merged into."""
        # past write() of this class: a merge changes whose card it is, not the visit
        super().write({"record_id": record.id})

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.env._("Visit summary %s", self.display_name)
