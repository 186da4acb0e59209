from odoo import fields, models
from odoo.tools.mail import email_normalize

ADULT = 18


class ResPartner(models.Model):
    _inherit = "res.partner"

    notice_channel = fields.Selection(
        [
            ("any", "SMS and e-mail"),
            ("sms", "SMS only"),
            ("email", "E-mail only"),
            ("none", "No notices"),
        ],
        string="Notices",
        default="any",
        required=True,
        help="How the patient wants to be told of visits.",
    )
    notice_booking = fields.Boolean(
        string="Bookings, Moves, Cancellations", default=True
    )
    notice_reminder = fields.Boolean(string="Reminders", default=True)
    notice_offer = fields.Boolean(string="Offers of Freed Time", default=True)
    notice_recipient_id = fields.Many2one(
        "res.partner",
        string="Notices Go To",
        compute="_compute_notice_recipient_id",
        compute_sudo=True,
        groups="clinic_base.group_staff",
    )

    def _compute_notice_recipient_id(self):
        for partner in self:
            partner.notice_recipient_id = (
                partner._notice_recipient("sms") if partner.is_patient else False
            )

    def _notice_recipient(self, channel):
        """Return who is told about this patient: a ward's guardian, else the patient.

        A child has a guardian's phone; a grown-up ward is told in person if possible.
        The payer is never told.
        """
        if len(self) != 1 or not self.guardian_ids:
            return self
        grown_up = self.birthdate_date and self.age >= ADULT
        if grown_up and self._notice_address(channel):
            return self
        reachable = self.guardian_ids.filtered(lambda g: g._notice_address(channel))
        return (reachable or self.guardian_ids)[:1]

    def _notice_address(self, channel):
        """Return the number or address for a channel, False if none is valid."""
        if len(self) != 1:
            return False
        if channel == "sms":
            return self.phone_sanitized or False
        return email_normalize(self.email) or False

    def _wants_notices(self, channel, opt_out=None, instead=False):
        """Tell whether the person wants notices of a kind by a channel.

        :param instead: by this one because the one chosen cannot be used.
        """
        self.ensure_one()
        chosen = self.notice_channel
        if chosen == "none" or (not instead and chosen not in ("any", channel)):
            return False
        if channel == "sms" and self.phone_sanitized_blacklisted:
            return False
        if channel == "email" and self.is_blacklisted:
            return False
        return not opt_out or self[opt_out]
