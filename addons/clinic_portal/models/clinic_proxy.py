from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.mail import email_normalize, formataddr

from ..tools import codes

INVITATION_DAYS = 7


class ClinicProxy(models.Model):
    """Leave one adult gives another to act for them in the personal account.

    An invitation by e-mail becomes a right when whoever has the letter signs in and
    takes it. Rows are never deleted nor given to somebody else: they are the log of
    who could act for whom, from when to when.
    """

    _name = "clinic.proxy"
    _description = "Leave to Act for a Patient"
    _order = "id desc"

    patient_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict"
    )
    proxy_id = fields.Many2one(
        "res.partner",
        string="Who May Act",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    scope = fields.Selection(
        [
            ("visits", "Visits and payments"),
            ("all", "Visits, payments and the medical part"),
        ],
        string="What For",
        required=True,
        default="visits",
    )
    state = fields.Selection(
        [("invited", "Invited"), ("active", "In force"), ("ended", "Ended")],
        required=True,
        readonly=True,
        default="invited",
    )
    email = fields.Char(string="Invited By E-mail", required=True)
    token_digest = fields.Char(groups=fields.NO_ACCESS, index="btree_not_null")
    date_to = fields.Date(string="Until", help="Inclusive; empty: until taken back.")
    invited_at = fields.Datetime(
        string="Invited On", required=True, default=fields.Datetime.now, readonly=True
    )
    accepted_at = fields.Datetime(string="Taken On", readonly=True)
    ended_at = fields.Datetime(string="Ended On", readonly=True)
    ended_by_id = fields.Many2one("res.users", readonly=True)

    _not_oneself = models.Constraint(
        "CHECK(proxy_id IS NULL OR proxy_id <> patient_id)",
        "Nobody needs leave to act for themselves.",
    )
    _active_complete = models.Constraint(
        "CHECK(state <> 'active' OR num_nulls(proxy_id, accepted_at) = 0)",
        "Leave in force has the person who took it.",
    )
    _ended_complete = models.Constraint(
        "CHECK((state = 'ended') = (ended_at IS NOT NULL))",
        "What has ended has the time it ended.",
    )
    _once_active = models.UniqueIndex(
        "(patient_id, proxy_id) WHERE state = 'active'",
        "This person may act for the patient already.",
    )

    @api.depends("invited_at")
    def _compute_display_name(self):
        for proxy in self:
            day = fields.Datetime.context_timestamp(proxy, proxy.invited_at).date()
            proxy.display_name = self.env._(
                "Leave of %(date)s", date=day.strftime("%d.%m.%Y")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Who could act for a patient is kept. The leave can be ended.")
        )

    def action_end(self):
        """End the leave at the patient's word, at the desk."""
        if not self.env.user.has_group("clinic_base.group_reception"):
            raise AccessError(
                self.env._("Only the reception desk ends a leave for a patient.")
            )
        self.sudo()._end()

    # -- the way of a leave

    @api.model
    def _invite(self, patient, email, scope, date_to=None):
        """Write to an address that its holder may act for the patient.

        :return: the token of the letter
        """
        email = email_normalize(email)
        if not email:
            raise UserError(
                self.env._(
                    "This is not an e-mail address. Write it like name@example.com."
                )
            )
        if not patient._clinic_decides_alone():
            raise UserError(
                self.env._("Only a patient old enough to decide may give this leave.")
            )
        if date_to and date_to < fields.Date.context_today(self):
            raise UserError(self.env._("The last day has passed already."))
        token = codes.new_token()
        self.search(
            [
                ("patient_id", "=", patient.id),
                ("email", "=", email),
                ("state", "=", "invited"),
            ]
        )._end()
        proxy = self.create(
            {
                "patient_id": patient.id,
                "email": email,
                "scope": scope,
                "date_to": date_to,
                "token_digest": codes.digest(token),
            }
        )
        proxy._send_invitation(token)
        return token

    @api.model
    def _of_token(self, token):
        """Return the invitation whoever has the letter may take, or none."""
        if not isinstance(token, str) or not token:
            return self.browse()
        since = fields.Datetime.now() - timedelta(days=INVITATION_DAYS)
        return self.search(
            [
                ("token_digest", "=", codes.digest(token)),
                ("state", "=", "invited"),
                ("invited_at", ">", since),
            ],
            limit=1,
        )

    def _accept(self, partner):
        """Let the partner who has the letter act; the letter is spent."""
        self.ensure_one()
        if self.state != "invited":
            raise UserError(self.env._("This invitation has been used already."))
        if partner == self.patient_id:
            raise UserError(
                self.env._(
                    "This invitation is from yourself. Send it to who is to act for "
                    "you."
                )
            )
        if not partner._clinic_may_act():
            raise UserError(
                self.env._(
                    "Only an adult may act for a patient. If you are one, write your "
                    "birth date in “My details” first."
                )
            )
        self.search(
            [
                ("patient_id", "=", self.patient_id.id),
                ("proxy_id", "=", partner.id),
                ("state", "=", "active"),
            ]
        )._end()
        self.write(
            {
                "state": "active",
                "proxy_id": partner.id,
                "accepted_at": fields.Datetime.now(),
                "token_digest": False,
            }
        )

    def _end(self):
        """End the leave now; what ended before keeps its date."""
        self.filtered(lambda proxy: proxy.state != "ended").write(
            {
                "state": "ended",
                "ended_at": fields.Datetime.now(),
                "ended_by_id": self.env.uid,
                "token_digest": False,
            }
        )

    @api.model
    def _in_force_domain(self, partners):
        """Return the domain of what lets the partners act today."""
        today = fields.Date.context_today(self)
        return Domain("proxy_id", "in", partners.ids) & (
            Domain("state", "=", "active")
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
        )

    def _send_invitation(self, token):
        self.ensure_one()
        company = self.env.company.sudo()
        url = f"{self.get_base_url()}/my/clinic/family/accept/{token}"
        body = self.env["ir.qweb"]._render(
            "clinic_portal.mail_proxy",
            {
                "name": self.patient_id.name,
                "company": company,
                "url": url,
                "days": INVITATION_DAYS,
            },
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._(
                    "You are trusted to act for somebody at %(clinic)s",
                    clinic=company.name,
                ),
                "body_html": body,
                "email_to": self.email,
                "email_from": company.email
                and formataddr((company.name, company.email)),
                "author_id": company.partner_id.id,
                "auto_delete": True,
                "is_notification": False,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
