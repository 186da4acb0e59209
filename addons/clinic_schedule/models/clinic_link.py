from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

from ..tools import link_code

MISSES = 30  # wrong codes from one address …
MISSES_MINUTES = 10  # … within this time, then it has to wait
KEEP_DAYS = 60


class LinkError(Exception):
    """A code leads nowhere. ``reason`` is "unknown", "expired" or "gone".

    ``link`` is the (sudo) link if the signature was right, so that the answer may be
    helpful; an unknown code must not tell anything.
    """

    def __init__(self, reason, link=None):
        super().__init__(reason)
        self.reason = reason
        self.link = link


class ClinicLink(models.Model):
    """A signed link to one action on one record, for people who are not logged in.

    The code in the address is the number of the row and a signature made with the
    secret of the database: whoever reads this table cannot make a link from it.
    """

    _name = "clinic.link"
    _description = "One-Tap Link"

    purpose = fields.Char(required=True)
    res_model = fields.Char(required=True)
    res_id = fields.Many2oneReference(model_field="res_model", required=True)
    valid_until = fields.Datetime(required=True)
    used_at = fields.Datetime(help="When somebody last acted through the link.")

    _one_each = models.UniqueIndex("(purpose, res_model, res_id)")
    _valid_until_idx = models.Index("(valid_until)")

    # Making and reading -------------------------------------------------------

    @api.model
    def _make(self, purpose, record, valid_until):
        """Return the absolute address of a link, the same one for the same record.

        :param purpose: a key of :meth:`_link_handlers`.
        :param valid_until: naive UTC; asking again sets it anew.
        """
        record.ensure_one()
        now = fields.Datetime.now()
        # One statement, so that two jobs that ask at once get the same row.
        [(link_id,)] = self.env.execute_query(
            SQL(
                """INSERT INTO clinic_link
                       (purpose, res_model, res_id, valid_until,
                        create_uid, create_date, write_uid, write_date)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
                   ON CONFLICT (purpose, res_model, res_id)
                   DO UPDATE SET valid_until = EXCLUDED.valid_until
                   RETURNING id""",
                purpose,
                record._name,
                record.id,
                valid_until,
                self.env.uid,
                now,
                self.env.uid,
                now,
            )
        )
        self.browse(link_id).invalidate_recordset(flush=False)
        return f"{self.get_base_url()}/c/{self._code(link_id)}"

    @api.model
    def _code(self, link_id):
        return link_code.make_code(link_id, self._digest(link_id))

    @api.model
    def _digest(self, link_id):
        # sudo: the key of all signatures is a parameter nobody else may read
        return hmac(self.env(su=True), "clinic.link", str(link_id))

    @api.model
    def _resolve(self, code):
        """Return ``(purpose, record)`` of a code; the record in sudo mode.

        :raise LinkError: it is not ours, too old, or what it was about is gone.
        """
        link_sudo = self._resolve_link(code)
        return link_sudo.purpose, link_sudo._record()

    @api.model
    def _resolve_link(self, code):
        """Return the (sudo) link of a code, or raise LinkError."""
        parts = link_code.split_code(code)
        if not parts or not link_code.same(parts[1], self._digest(parts[0])):
            raise LinkError("unknown")
        # sudo: the signature is what gives the right
        link_sudo = self.sudo().browse(parts[0]).exists()
        if not link_sudo or not link_sudo._record():
            raise LinkError("gone")
        if link_sudo.valid_until <= fields.Datetime.now():
            raise LinkError("expired", link_sudo)
        return link_sudo

    def _record(self):
        """Return what the link is about (sudo), or nothing."""
        self.ensure_one()
        if self.res_model not in self.env:
            return None
        return self.env[self.res_model].sudo().browse(self.res_id).exists()

    # Pages --------------------------------------------------------------------

    @api.model
    def _link_handlers(self):
        """Return ``{purpose: handler}``; extend it to add a purpose of your own.

        A handler is the name of a model that implements the two methods of
        ``clinic.link.handler``, which see.
        """
        return {"visit": "clinic.link.visit"}

    def _handler(self):
        """Return the (sudo) handler model of the link; KeyError for a stranger."""
        self.ensure_one()
        return self.env[self._link_handlers()[self.purpose]].sudo()

    # Guessing -----------------------------------------------------------------

    @api.model
    def _is_guessing(self, address):
        """Tell whether too many wrong codes came from an address of late."""
        since = fields.Datetime.now() - timedelta(minutes=MISSES_MINUTES)
        # sudo: a technical journal nobody may read
        misses = self.env["clinic.link.miss"].sudo()
        domain = [("address", "=", self._blind(address)), ("moment", ">=", since)]
        return misses.search_count(domain, limit=MISSES) >= MISSES

    @api.model
    def _note_miss(self, address):
        self.env["clinic.link.miss"].sudo().create({"address": self._blind(address)})

    @api.model
    def _blind(self, address):
        """Return a fingerprint: addresses of visitors are not kept."""
        return hmac(self.env(su=True), "clinic.link.miss", address or "")[:32]

    @api.autovacuum
    def _gc_links(self):
        old = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("valid_until", "<", old)], limit=10000).unlink()
        self.env["clinic.link.miss"].search(
            [("moment", "<", fields.Datetime.now() - timedelta(days=1))], limit=10000
        ).unlink()


class ClinicLinkMiss(models.Model):
    _name = "clinic.link.miss"
    _description = "Wrong Code of a One-Tap Link"

    address = fields.Char(required=True)
    moment = fields.Datetime(required=True, default=fields.Datetime.now)

    _address_idx = models.Index("(address, moment)")


class ClinicLinkHandler(models.AbstractModel):
    """What a purpose of links does. Called in sudo mode, in the reader's language."""

    _name = "clinic.link.handler"
    _description = "Handler of One-Tap Links"

    @api.model
    def _link_lang(self, record):
        """Return the code of the language of the person the link was sent to."""
        return self.env.lang

    @api.model
    def _link_page(self, record, params):
        """Return ``(template, values)`` of the page. It must not change anything:
        previews of links and scanners of mail open it too.

        :param params: what stands behind ``?`` in the address.
        """
        raise NotImplementedError()

    @api.model
    def _link_post(self, record, action, params):
        """Do ``action``; tell what to say.

        :raise UserError: its sentence is shown on the page instead, nothing is done.
        :return: ``{"done": code}``: the page is opened anew with ``done`` among its
            params; or ``{"problem": sentence}``; or None.
        """
        raise NotImplementedError()
