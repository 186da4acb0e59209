from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicAppointment(models.Model):
    """A visit that needs a consent says so; which one is the medical staff's affair."""

    _inherit = "clinic.appointment"

    consent_needed = fields.Boolean(
        compute="_compute_consent_needed",
        compute_sudo=True,
        help="The patient has to sign a consent before the treatment.",
    )

    @api.depends("patient_id", "service_id", "state")
    def _compute_consent_needed(self):
        missing = self._missing_consents()
        for visit in self:
            visit.consent_needed = bool(missing.get(visit.id))

    def _missing_consents(self):
        """Return ``{visit id: templates}`` of consents still to be signed."""
        # sudo: that something is to be signed is no secret, the documents stay closed
        visits_sudo = self.sudo().filtered(
            lambda visit: (
                visit.state not in ("cancelled", "noshow", "fulfilled")
                and visit.service_id.consent_template_ids
            )
        )
        if not visits_sudo:
            return {}
        templates = visits_sudo.service_id.consent_template_ids
        signed = {
            (patient, template)
            for patient, template in self.env["clinic.document"]
            .sudo()
            ._read_group(
                [
                    ("patient_id", "in", visits_sudo.patient_id.ids),
                    ("template_id", "in", templates.ids),
                    ("state", "=", "issued"),
                    "|",
                    ("valid_until", "=", False),
                    ("valid_until", ">=", fields.Date.context_today(self)),
                ],
                ["patient_id", "template_id"],
            )
        }
        return {
            visit.id: visit.service_id.consent_template_ids.filtered(
                lambda template, visit=visit: (visit.patient_id, template) not in signed
            )
            for visit in visits_sudo
        }

    def _check_can_start_encounter(self):
        result = super()._check_can_start_encounter()
        for visit_id, templates in self._missing_consents().items():
            visit = self.browse(visit_id)
            if blocking := templates.filtered("is_blocking"):
                raise UserError(
                    self.env._(
                        "Before the visit of %(patient)s begins, a consent has to be "
                        "signed: %(consents)s. Press “Sign consent”.",
                        patient=visit.patient_id.name,
                        consents=", ".join(blocking.mapped("name")),
                    )
                )
        return result

    def action_sign_consent(self):
        """Open the next consent of the visit, filled in, to be signed."""
        self.ensure_one()
        self.check_access("read")
        documents = self.env["clinic.document"]
        documents.check_access("create")
        template = self._missing_consents().get(self.id, ())[:1]
        if not template:
            raise UserError(self.env._("Everything this visit needs is signed."))
        template = template.with_env(self.env)
        draft = documents.search(
            [
                ("patient_id", "=", self.patient_id.id),
                ("template_id", "=", template.id),
                ("state", "=", "draft"),
                ("author_id", "=", self.env.uid),
            ],
            limit=1,
        )
        draft = draft or documents.create(
            {
                "patient_id": self.patient_id.id,
                "template_id": template.id,
                "appointment_id": self.id,
            }
        )
        return draft.action_open()


class ClinicBoard(models.AbstractModel):
    _inherit = "clinic.board"

    @api.model
    def _visit_facts(self, visit):
        facts = super()._visit_facts(visit)
        if visit.consent_needed:
            facts = [
                *facts,
                {
                    "icon": "fa-pencil-square-o",
                    "text": self.env._("A consent is to be signed"),
                    "tone": "warning",
                },
            ]
        return facts
