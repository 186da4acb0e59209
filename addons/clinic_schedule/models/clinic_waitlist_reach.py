"""How an offer reaches a patient: kinds of notices, quiet hours, one-tap links."""

from odoo import api, fields, models

from ..tools import quiet_hours


class ClinicBranch(models.Model):
    _inherit = "clinic.branch"

    def _quiet_end(self, moment):
        """Return when the quiet hours end that a moment lies in, or None (UTC)."""
        self.ensure_one()
        wall = self._localize(moment).replace(tzinfo=None)
        if not quiet_hours.is_quiet(wall, self.quiet_from, self.quiet_to):
            return None
        return self._to_utc(quiet_hours.morning_after(wall, self.quiet_to))


class ResPartner(models.Model):
    _inherit = "res.partner"

    waitlist_ids = fields.One2many(
        "clinic.waitlist",
        "patient_id",
        groups="clinic_base.group_reception,clinic_base.group_callcenter,"
        "clinic_base.group_admin",
    )
    waitlist_count = fields.Integer(
        compute="_compute_waitlist_count",
        groups="clinic_base.group_reception,clinic_base.group_callcenter,"
        "clinic_base.group_admin",
        string="On the Waiting List",
    )

    def _compute_waitlist_count(self):
        counts = dict(
            self.env["clinic.waitlist"]._read_group(
                [
                    ("patient_id", "in", self.ids),
                    ("state", "in", ("open", "offered")),
                ],
                ["patient_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.waitlist_count = counts.get(partner._origin, 0)

    def action_open_waitlist(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_waitlist"
        )
        action["domain"] = [("patient_id", "=", self.id)]
        action["context"] = {"default_patient_id": self.id}
        return action

    def _can_be_told(self, channel, company):
        """Tell whether an offer would reach the patient by a channel.

        That of the guardian counts for a child, and what they want.
        """
        self.ensure_one()
        recipient = self._notice_recipient(channel)
        if channel == "sms" and not company._clinic_sms_ready():
            return False
        if channel == "email" and not self.env["clinic.notice"]._mail_ready():
            return False
        return bool(recipient._notice_address(channel)) and all(
            person._wants_notices(channel, "notice_offer")
            for person in self | recipient
        )


class ClinicNotice(models.Model):
    _inherit = "clinic.notice"

    offer_time = fields.Char(compute="_compute_offer_words", compute_sudo=True)
    offer_with = fields.Char(compute="_compute_offer_words", compute_sudo=True)
    offer_until = fields.Char(compute="_compute_offer_words", compute_sudo=True)

    @api.model
    def _kinds(self):
        return {
            **super()._kinds(),
            "waitlist_offer": {
                "label": self.env._("Offer of a freed time"),
                "opt_out": "notice_offer",
            },
        }

    def _offer(self):
        """Return the (sudo) offer that the notice is about, or none."""
        self.ensure_one()
        offers_sudo = self.env["clinic.waitlist.offer"].sudo()
        if self.res_model != offers_sudo._name:
            return offers_sudo
        return offers_sudo.browse(self.res_id).exists()

    @api.depends("res_model", "res_id", "lang")
    def _compute_offer_words(self):
        for notice in self:
            offer = notice._offer().with_context(lang=notice.lang)
            branch = offer.branch_id
            notice.offer_time = offer and offer.appointment_id._say_time(
                branch._localize(offer.start), branch
            )
            notice.offer_until = offer.until_words
            notice.offer_with = offer.specialist_id.name

    def _why_pointless(self, now):
        offer = self._offer()
        if offer and offer.state != "pending":
            return self.env._("The offer has been answered or withdrawn.")
        return super()._why_pointless(now)

    def _why_no_channel(self, channel=None):
        if self.kind == "waitlist_offer" and self.channel == "sms":
            if self.branch_id.sudo()._quiet_end(fields.Datetime.now()):
                return self.env._("Offers are not sent by SMS in the quiet hours.")
        return super()._why_no_channel(channel)


class ClinicLink(models.Model):
    _inherit = "clinic.link"

    @api.model
    def _link_handlers(self):
        return {**super()._link_handlers(), "waitlist_offer": "clinic.link.offer"}


class ClinicLinkOffer(models.AbstractModel):
    """The page of an offer behind the link in its message."""

    _name = "clinic.link.offer"
    _inherit = "clinic.link.handler"
    _description = "One-Tap Page of an Offer"

    @api.model
    def _link_lang(self, record):
        return record.patient_id._notice_recipient("sms").lang

    @api.model
    def _link_page(self, record, params):
        return "clinic_schedule.link_offer", {
            "offer": record._page_values(),
            "entry": record.entry_id._portal_values(),
            "clinic": record.company_id.name,
            "branch": record.branch_id,
            "phone": record.branch_id.phone or record.company_id.phone,
            "booking_url": self._booking_url(record),
            "done": params.get("done"),
            "said": params.get("said") or {},
        }

    @api.model
    def _booking_url(self, record):
        """Return where the patient can book another time by himself, or False."""
        return False

    @api.model
    def _link_post(self, record, action, params):
        if action == "accept":
            record._accept("link")
            return {"done": "accepted"}
        if action == "decline":
            record._decline("link")
            return {"done": "declined"}
        if action == "leave":
            if record.state == "accepted":
                return {"done": "accepted"}
            record._decline("link")
            record.entry_id._close("cancelled")
            return {"done": "left"}
        return None
