from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

FROZEN_FIELDS = {
    "patient_id",
    "template_id",
    "given_at",
    "given_by_id",
    "registered_by_id",
    "channel",
    "valid_until",
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

    valid_until = fields.Date(
        compute="_compute_valid_until",
        store=True,
        readonly=False,
        precompute=True,
        help="The last day of the consent. Empty: until it is withdrawn.",
    )
    is_expired = fields.Boolean(
        compute="_compute_is_expired", search="_search_is_expired"
    )

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

    # not on the text's term: what was given keeps the term it was given for
    @api.depends("template_id", "given_at")
    def _compute_valid_until(self):
        for consent in self:
            days = consent.template_id.validity_days
            if not days or not consent.given_at:
                consent.valid_until = False
                continue
            day = fields.Datetime.context_timestamp(consent, consent.given_at).date()
            consent.valid_until = day + timedelta(days=days)

    @api.depends("valid_until")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for consent in self:
            consent.is_expired = consent.valid_until and consent.valid_until < today

    def _search_is_expired(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("valid_until", "<", fields.Date.context_today(self))
        if True not in value:
            return ~domain
        return domain if False not in value else Domain.TRUE

    @api.model
    def _in_force_domain(self):
        """Return the domain of consents that count today."""
        return Domain("state", "=", "given") & (
            Domain("valid_until", "=", False)
            | Domain("valid_until", ">=", fields.Date.context_today(self))
        )

    def _is_in_force(self):
        """Return those of ``self`` that count today."""
        return self.filtered(lambda one: one.state == "given" and not one.is_expired)

    @api.depends("patient_id")
    def _compute_possible_giver_ids(self):
        for consent in self:
            patient = consent.patient_id
            consent.possible_giver_ids = patient._clinic_signers()

    @api.constrains("given_at", "valid_until")
    def _check_valid_until(self):
        for consent in self:
            if consent.valid_until and consent.valid_until < consent.given_at.date():
                raise ValidationError(
                    self.env._("A consent cannot end before it is given.")
                )

    @api.constrains("patient_id", "given_by_id", "given_at")
    def _check_given_by(self):
        for consent in self:
            patient = consent.patient_id
            if consent.given_by_id not in patient._clinic_signers():
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

    def _notice(self):
        """Return one sentence that says when the consent ends."""
        self.ensure_one()
        day = format_date(self.env, self.valid_until)
        name = self.template_id.name
        if self.is_expired:
            return self.env._("Consent ended %(day)s: %(name)s", day=day, name=name)
        return self.env._("Consent ends %(day)s: %(name)s", day=day, name=name)

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
            self._in_force_domain()
            & Domain("patient_id", "=", patient.id)
            & Domain("template_id", "=", template.id),
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
