import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import signature as drawings


class ClinicDocumentTemplate(models.Model):
    _inherit = "clinic.document.template"

    web_signing = fields.Selection(
        [
            ("no", "At the Clinic Only"),
            ("tick", "With a Tick"),
            ("signature", "With a Signature on the Screen"),
        ],
        string="In the Cabinet",
        required=True,
        default="signature",
        help="How patients sign it in their cabinet.",
    )


class ClinicDocument(models.Model):
    """A document that the patient reads and signs in the cabinet."""

    _inherit = "clinic.document"

    web_signing = fields.Selection(related="template_id.web_signing")
    web_offered_at = fields.Datetime(
        string="Sent to the Cabinet", readonly=True, copy=False
    )
    web_signed_at = fields.Datetime(
        string="Signed in the Cabinet", readonly=True, copy=False
    )

    @api.model
    def _system_fields(self):
        return super()._system_fields() | {"web_offered_at", "web_signed_at"}

    def _is_signed(self):
        return super()._is_signed() or bool(self.web_signed_at)

    def action_offer_on_web(self):
        """Let the patient read and sign the draft in the cabinet."""
        self.check_access("write")
        self._check_is_draft()
        for document in self:
            if not document.needs_signature or document.web_signing == "no":
                raise UserError(
                    self.env._(
                        "“%(title)s” is not signed in the cabinet.",
                        title=document.title,
                    )
                )
            # sudo: whether somebody has an account is asked, nothing else of it
            if not document.sudo().possible_signer_ids.user_ids:
                raise UserError(
                    self.env._(
                        "%(patient)s has no cabinet yet. Grant the access first, or "
                        "let the document be signed here.",
                        patient=document.patient_id.name,
                    )
                )
        # sudo: the time is nobody's to write; the right to change was checked
        self.sudo().web_offered_at = fields.Datetime.now()
        return True

    def _web_digest(self):
        """Return what tells the text that was read from another one."""
        self.ensure_one()
        text = f"{self.title}\n{self.body}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _sign_on_web(self, signer, seen, signature=None):
        """Sign and issue what the patient has read (superuser mode).

        :param signer: who signs; the caller has checked that it is he
        :param seen: the digest of the text that was on the screen
        :param signature: the drawing as a data address, where one is asked for
        """
        self.ensure_one()
        self.lock_for_update()
        self._check_is_draft()
        if seen != self._web_digest():
            raise UserError(
                self.env._("The text has changed meanwhile. Please read it once more.")
            )
        if signer not in self.possible_signer_ids:
            raise UserError(
                self.env._("This is signed by the patient or a guardian only.")
            )
        vals = {"signed_by_id": signer.id, "web_signed_at": fields.Datetime.now()}
        if self.web_signing == "signature":
            drawing = drawings.read(signature)
            if not drawing:
                raise UserError(self.env._("Please draw your signature."))
            vals["signature"] = base64.b64encode(drawing)
        self.write(vals)
        self._issue()
