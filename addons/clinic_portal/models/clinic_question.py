from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_emr.models.clinic_medical_mixin import MEDICAL_GROUPS

LONGEST = 4000


class ClinicQuestion(models.Model):
    """A question of a patient to the clinic, asked in the cabinet, and its answers.

    What is written stands in two tables. Questions to the desk (booking, money,
    papers) are read there; medical ones by those who treat the patient, and looks at
    them are logged like looks at the rest of the record.
    """

    _name = "clinic.question"
    _description = "Question of a Patient"
    _order = "waits desc, last_at desc, id desc"

    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    asker_id = fields.Many2one(
        "res.partner",
        string="Asked By",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="The patient, or who acts for the patient.",
    )
    kind = fields.Selection(
        [("desk", "Booking, Payment, Documents"), ("medical", "Health and Treatment")],
        required=True,
        readonly=True,
        index=True,
    )
    state = fields.Selection(
        [("open", "Waits for an Answer"), ("answered", "Answered")],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    waits = fields.Boolean(compute="_compute_waits", store=True)
    asked_at = fields.Datetime(
        string="Asked On", required=True, readonly=True, default=fields.Datetime.now
    )
    last_at = fields.Datetime(
        string="Last Message", required=True, readonly=True, default=fields.Datetime.now
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    record_id = fields.Many2one(
        "clinic.medical.record",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=MEDICAL_GROUPS,
    )
    message_ids = fields.One2many(
        "clinic.question.message",
        "question_id",
        string="Messages",
        readonly=True,
        # those who may read them: a doctor's form of a question is without them
        groups="clinic_base.group_reception,clinic_base.group_callcenter",
    )
    medical_message_ids = fields.One2many(
        "clinic.medical.question.message",
        "question_id",
        string="Medical Messages",
        readonly=True,
        groups=MEDICAL_GROUPS,
    )

    file_ids = fields.Many2many(
        "ir.attachment", string="Files", compute="_compute_file_ids"
    )

    _record_when_medical = models.Constraint(
        "CHECK((kind = 'medical') = (record_id IS NOT NULL))",
        "A medical question belongs to a medical record, another one does not.",
    )

    @api.depends("state")
    def _compute_waits(self):
        for question in self:
            question.waits = question.state == "open"

    def _compute_file_ids(self):
        """Not in superuser mode: who may not read the messages sees no files."""
        for question in self:
            question.file_ids = question._files()

    @api.depends("asked_at")
    def _compute_display_name(self):
        for question in self:
            day = fields.Datetime.context_timestamp(question, question.asked_at)
            question.display_name = self.env._(
                "Question %(number)s of %(day)s",
                number=question.id or "",
                day=day.strftime("%d.%m.%Y"),
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Questions of patients and their answers are kept."))

    # === ACTIONS === #

    def action_reply(self):
        """Open the answer to be written."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer"),
            "res_model": "clinic.question.reply",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_question_id": self.id},
        }

    def action_close(self):
        """Nothing is to be answered, a word of thanks for instance."""
        self.check_access("read")
        # sudo: the state is nobody's to write; who reads the question may close it
        self.sudo().state = "answered"
        return True

    # === BUSINESS === #

    @api.model
    def _ask(self, patient, asker, kind, body, files=()):
        """Put a question of a patient; the caller has checked who asks for whom."""
        record = self.env["clinic.medical.record"]
        if kind == "medical":
            record = record._of_patients_sudo(patient)
        question = self.create(
            {
                "patient_id": patient.id,
                "asker_id": asker.id,
                "kind": kind,
                "record_id": record.id,
            }
        )
        question._add(body, asker, True, files)
        return question

    def _add(self, body, author, from_patient, files=()):
        """Add a message to the thread (superuser mode, after the callers' checks).

        :param files: :class:`~..tools.uploads.Upload` to be kept with it
        """
        self.ensure_one()
        body = (body or "").strip()
        if not body:
            raise UserError(self.env._("Write the text first."))
        vals = {
            "question_id": self.id,
            "author_id": author.id,
            "from_patient": from_patient,
            "body": body[:LONGEST],
        }
        message = self._messages_model().create(vals)
        # Files of a message are read by who reads the message: Odoo asks its rules.
        self.env["ir.attachment"].create(
            [
                {
                    "name": file.name,
                    "raw": file.content,
                    "mimetype": file.mimetype,
                    "res_model": message._name,
                    "res_id": message.id,
                }
                for file in files
            ]
        )
        self.write(
            {
                "state": "open" if from_patient else "answered",
                "last_at": fields.Datetime.now(),
            }
        )

    def _messages_model(self):
        self.ensure_one()
        medical = self.kind == "medical"
        name = "clinic.medical.question.message" if medical else None
        return self.env[name or "clinic.question.message"]

    def _thread(self):
        """Return the messages, oldest first."""
        self.ensure_one()
        return self._messages_model().search(
            [("question_id", "=", self.id)], order="id"
        )

    def _files(self):
        """Return the files of the thread that the current user may read."""
        self.ensure_one()
        messages = self._messages_model()
        files = self.env["ir.attachment"]
        if not messages.has_access("read"):
            return files
        thread = messages.search([("question_id", "=", self.id)])
        return files.search(
            [("res_model", "=", messages._name), ("res_id", "in", thread.ids)],
            order="id",
        )

    def _answer(self, body):
        """Answer as the current user and let the patient know that there is one."""
        self.ensure_one()
        self.check_access("read")
        self._messages_model().check_access("read")
        # sudo: nobody writes messages but this way; the right to read was checked
        question_sudo = self.sudo()
        question_sudo._add(body, self.env.user.partner_id, from_patient=False)
        question_sudo._tell_asker()

    def _tell_asker(self):
        """Mail that there is an answer; neither what about nor by whom."""
        self.ensure_one()
        if not self.asker_id.email:
            return
        env = self.with_context(lang=self.asker_id.lang).env
        url = f"{self.get_base_url()}/my/clinic/question/{self.id}"
        self.env["mail.mail"].create(
            {
                "subject": env._(
                    "%(clinic)s: you have a message", clinic=self.company_id.name
                ),
                "body_html": env["ir.qweb"]._render(
                    "clinic_portal.mail_answer",
                    {"url": url, "clinic": self.company_id.name},
                ),
                "email_to": self.asker_id.email_formatted,
                "auto_delete": True,
            }
        )
