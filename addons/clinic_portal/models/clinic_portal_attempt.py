from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import hmac

LIFETIME_HOURS = 24
WINDOW_MINUTES = 60
# How often within an hour from one network address, behind which a whole town may be
# (mobile operators). The system parameter ``clinic_portal.limit_<kind>`` overrides it,
# 0 switches it off.
LIMITS = {
    "register": 60,
    "book": 120,
    "screening": 300,
    "question": 30,
    "search": 1200,
    # codes: asked for and typed from one address, and sent to one phone or e-mail
    "code": 60,
    "code_check": 120,
    "code_contact": 5,
    # children added and leaves given by one person
    "family": 20,
    # not within an hour but at once, of one patient: visits ahead, and with one
    # specialist on one day, so that nobody takes a day off the schedule for others
    "ahead": 20,
    "same_day": 2,
}


class ClinicPortalAttempt(models.Model):
    """What was tried from the web, counted so that nobody guesses without end.

    In the database, because the processes and nodes that serve the site share
    nothing else. Whoever tried is kept as a keyed digest only.
    """

    _name = "clinic.portal.attempt"
    _description = "Attempt on the Website"
    _order = "id desc"

    kind = fields.Char(required=True)
    digest = fields.Char(required=True)

    # for _allow
    _kind_digest_idx = models.Index("(kind, digest, create_date)")

    @api.model
    def _allow(self, kind, who):
        """Count one more attempt; tell whether it is within the limit.

        :param str kind: a key of ``LIMITS``
        :param str who: what tells visitors apart: the network address, a contact, a
            person
        """
        limit = self._get_limit(kind)
        if not limit:
            return True
        digest = hmac(self.env(su=True), f"clinic-portal-{kind}", who or "")
        since = fields.Datetime.now() - timedelta(minutes=WINDOW_MINUTES)
        attempts_sudo = self.sudo()  # visitors may neither see nor forget them
        count = attempts_sudo.search_count(
            [
                ("kind", "=", kind),
                ("digest", "=", digest),
                ("create_date", ">=", since),
            ],
            limit=limit,
        )
        if count >= limit:
            return False
        attempts_sudo.create({"kind": kind, "digest": digest})
        return True

    @api.model
    def _get_limit(self, kind):
        param = self.env["ir.config_parameter"].sudo()
        value = param.get_param(f"clinic_portal.limit_{kind}") or ""
        return int(value) if value.isdecimal() else LIMITS[kind]

    @api.autovacuum
    def _gc_attempts(self):
        old = fields.Datetime.now() - timedelta(hours=LIFETIME_HOURS)
        self.sudo().search([("create_date", "<", old)]).unlink()
