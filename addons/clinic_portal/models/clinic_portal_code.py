from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.mail import formataddr

from ..tools import codes

LIFETIME_MINUTES = 10
# Time to fill in the form of registration after the code was right.
PROVEN_MINUTES = 30
TRIES = 5


class ClinicPortalCode(models.Model):
    """A one-time code sent to a phone or an e-mail, to prove that it is one's own.

    Kept as a digest together with a token that only the visitor's session holds: the
    code alone, read in a queue or over a shoulder, opens nothing. Whether anybody has
    the contact is looked up only after the proof, so that asking tells nothing.
    """

    _name = "clinic.portal.code"
    _description = "One-time Code of the Website"
    _order = "id desc"

    kind = fields.Selection([("phone", "Phone"), ("email", "E-mail")], required=True)
    contact = fields.Char(required=True, help="Normalised: E.164, or in small letters.")
    digest = fields.Char(required=True, groups=fields.NO_ACCESS)
    token_digest = fields.Char(required=True, groups=fields.NO_ACCESS, index=True)
    expires = fields.Datetime(required=True, index=True)
    tries = fields.Integer()
    state = fields.Selection(
        [("sent", "Sent"), ("proven", "Proven"), ("used", "Used"), ("dead", "Dead")],
        required=True,
        default="sent",
    )

    @api.model
    def _kinds(self):
        """Return by what a code can be sent now, the best first."""
        sms_ready = self.env.company.sudo()._clinic_sms_ready()
        return ["phone", "email"] if sms_ready else ["email"]

    @api.model
    def _issue(self, kind, contact):
        """Send a new code; return the token for the visitor's session.

        Codes sent to the contact before die: the last message is the one that counts.
        """
        code, token = codes.new_code(), codes.new_token()
        # the visitor may neither read nor write codes
        codes_sudo = self.sudo()
        codes_sudo.search(
            [
                ("kind", "=", kind),
                ("contact", "=", contact),
                ("state", "=", "sent"),
            ]
        ).state = "dead"
        codes_sudo.create(
            {
                "kind": kind,
                "contact": contact,
                "digest": codes.digest(token, code),
                "token_digest": codes.digest(token),
                "expires": fields.Datetime.now() + timedelta(minutes=LIFETIME_MINUTES),
            }
        )
        if kind == "phone":
            self._send_sms(contact, code)
        else:
            self._send_email(contact, code)
        return token

    @api.model
    def _pending(self, token):
        """Return the (sudo) code that waits to be typed, or none."""
        return self._of_token(token, "sent")

    @api.model
    def _proven(self, token):
        """Return the (sudo) code that was typed right and is not used up, or none."""
        return self._of_token(token, "proven")

    @api.model
    def _of_token(self, token, state):
        codes_sudo = self.sudo()
        if not isinstance(token, str) or not token:
            return codes_sudo
        return codes_sudo.search(
            [
                ("token_digest", "=", codes.digest(token)),
                ("state", "=", state),
                ("expires", ">", fields.Datetime.now()),
            ],
            limit=1,
        )

    def _prove(self, token, typed):
        """Tell whether the code typed is right; after a few wrong ones it dies."""
        self.ensure_one()
        if self.state != "sent":
            return False
        # Of two requests at once one fails to write this and is tried again by Odoo:
        # no try goes uncounted.
        self.tries += 1
        code = codes.read_code(typed)
        if code and codes.same(self.digest, codes.digest(token, code)):
            self.write(
                {
                    "state": "proven",
                    "expires": fields.Datetime.now()
                    + timedelta(minutes=PROVEN_MINUTES),
                }
            )
            return True
        if self.tries >= TRIES:
            self.state = "dead"
        return False

    def _tries_left(self):
        self.ensure_one()
        return max(TRIES - self.tries, 0) if self.state == "sent" else 0

    # -- sending

    @api.model
    def _send_sms(self, phone, code):
        self.env["sms.sms"].sudo().create(
            {
                "number": phone,
                "body": self.env._(
                    "%(code)s is your code for %(clinic)s. Do not tell it to anybody.",
                    code=code,
                    clinic=self.env.company.sudo().name,
                ),
            }
        )
        self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()

    @api.model
    def _send_email(self, address, code):
        company = self.env.company.sudo()
        body = self.env["ir.qweb"]._render(
            "clinic_portal.mail_code",
            {"code": code, "company": company, "minutes": LIFETIME_MINUTES},
        )
        self.env["mail.mail"].sudo().create(
            {
                # no code in the subject: it is shown on locked screens
                "subject": self.env._("Your code for %(clinic)s", clinic=company.name),
                "body_html": body,
                "email_to": address,
                "email_from": company.email
                and formataddr((company.name, company.email)),
                "author_id": company.partner_id.id,
                "auto_delete": True,
                "is_notification": False,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    @api.autovacuum
    def _gc_codes(self):
        old = fields.Datetime.now() - timedelta(days=1)
        self.sudo().search([("create_date", "<", old)]).unlink()
