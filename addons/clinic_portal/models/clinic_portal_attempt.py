from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import hmac

LIFETIME_HOURS = 24


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
    def _allow(self, kind, who, limit, minutes=60):
        """Count one more attempt; tell whether it is within the limit.

        :param str who: what tells visitors apart: an address, a phone
        """
        digest = hmac(self.env(su=True), f"clinic-portal-{kind}", who or "")
        since = fields.Datetime.now() - timedelta(minutes=minutes)
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

    @api.autovacuum
    def _gc_attempts(self):
        old = fields.Datetime.now() - timedelta(hours=LIFETIME_HOURS)
        self.sudo().search([("create_date", "<", old)]).unlink()
