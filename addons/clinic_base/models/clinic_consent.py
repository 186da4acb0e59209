from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

FROZEN_FIELDS = {
    "patient_id",
    "template_id",
    "given_at",
    "given_by_id",
    "registered_by_id",
    "channel",
}


class ClinicConsent(models.Model):
    _name = "clinic.consent"
    _description = "Patient Consent"
    _order = "given_at desc, id desc"

    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_patient", "=", True)],
    )
    template_id = fields.Many2one(
        "clinic.consent.template",
        string="Text",
        required=True,
        index=True,
        ondelete="restrict",
    )
    kind = fields.Selection(related="template_id.kind", store=True)
    state = fields.Selection(
        [("given", "Given"), ("withdrawn", "Withdrawn")],
        required=True,
        readonly=True,
        default="given",
        copy=False,
    )
    given_at = fields.Datetime(
        string="Given On", required=True, default=fields.Datetime.now
    )
    given_by_id = fields.Many2one(
        "res.partner",
        required=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The patient, or a guardian on behalf of the patient.",
    )
    registered_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    channel = fields.Selection(
        [("desk", "At the desk"), ("portal", "Personal account"), ("web", "Web site")],
        required=True,
        default="desk",
    )
    withdrawn_at = fields.Datetime(string="Withdrawn On", readonly=True, copy=False)
    withdrawn_reason = fields.Char(string="Reason of Withdrawal", readonly=True)

    body = fields.Html(string="Full Text", related="template_id.body")
    possible_giver_ids = fields.Many2many(
        "res.partner", compute="_compute_possible_giver_ids"
    )

    _withdrawal_complete = models.Constraint(
        "CHECK((state = 'withdrawn') = (withdrawn_at IS NOT NULL))",
        "A withdrawn consent has the time of withdrawal.",
    )

    @api.depends("patient_id", "template_id")
    def _compute_display_name(self):
        for consent in self:
            consent.display_name = f"{consent.template_id.display_name or ''}"

    @api.depends("patient_id")
    def _compute_possible_giver_ids(self):
        for consent in self:
            patient = consent.patient_id
            consent.possible_giver_ids = patient | patient.guardian_ids

    @api.constrains("patient_id", "given_by_id", "given_at")
    def _check_given_by(self):
        for consent in self:
            patient = consent.patient_id
            if consent.given_by_id not in patient | patient.guardian_ids:
                raise ValidationError(
                    self.env._(
                        "A consent for %(patient)s is given by the patient or by a "
                        "guardian. Add %(person)s to the guardians first.",
                        patient=patient.name,
                        person=consent.given_by_id.name,
                    )
                )
            if consent.given_at > fields.Datetime.now():
                raise ValidationError(
                    self.env._("A consent cannot be given in the future.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["given_by_id"] = vals.get("given_by_id") or vals.get("patient_id")
        return super().create(vals_list)

    def write(self, vals):
        withdrawn = any(consent.state == "withdrawn" for consent in self)
        if (withdrawn and vals) or FROZEN_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "A consent is a document and is not changed. "
                    "Withdraw it and register a new one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A consent is a document and is kept. It can be withdrawn.")
        )

    def action_print(self):
        """Print the text with the patient's data, to be signed."""
        return self.env.ref("clinic_base.action_report_consent").report_action(self)

    def action_withdraw(self, reason=None):
        """Withdraw given consents now; those withdrawn before keep their date."""
        given = self.filtered(lambda consent: consent.state == "given")
        given.write(
            {
                "state": "withdrawn",
                "withdrawn_at": fields.Datetime.now(),
                "withdrawn_reason": reason or False,
            }
        )

    @api.model
    def _give(self, patient, kind, given_by=None, channel="desk"):
        """Register the agreement to the text in force, once.

        :return: the consent, the earlier one if that very text was agreed to
        """
        template = self.env["clinic.consent.template"]._current(kind)
        if not template:
            raise UserError(
                self.env._(
                    "There is no consent text in force. Ask the administrator to add "
                    "one under Configuration, Consent Texts."
                )
            )
        earlier = self.search(
            [
                ("patient_id", "=", patient.id),
                ("template_id", "=", template.id),
                ("state", "=", "given"),
            ],
            limit=1,
        )
        return earlier or self.create(
            {
                "patient_id": patient.id,
                "template_id": template.id,
                "given_by_id": (given_by or patient).id,
                "channel": channel,
            }
        )
