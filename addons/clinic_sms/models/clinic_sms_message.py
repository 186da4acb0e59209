import hmac as hmac_lib
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

from ..tools import gateways

_logger = logging.getLogger(__name__)

RETRY = timedelta(minutes=2)
GIVE_UP = timedelta(hours=1)  # then somebody has to look
# How long after sending the gateway is asked what became of it.
POLLS = [timedelta(minutes=m) for m in (1, 3, 10, 30, 120, 360, 1440, 2880)]
KEEP_DAYS = 30


class ClinicSmsMessage(models.Model):
    """Journal of what was handed to a gateway, by the uuid of Odoo's SMS.

    A row is committed in a transaction of its own before the gateway is asked. It is
    the memory that outlives a crash or a rollback of the job that sends: a message
    that may have been taken is looked up at the gateway before it is sent again.
    """

    _name = "clinic.sms.message"
    _description = "SMS Handed to a Gateway"
    _order = "id desc"
    _rec_name = "uuid"

    uuid = fields.Char(required=True)
    own_id = fields.Integer(required=True)
    provider_id = fields.Char(index="btree_not_null")
    company_id = fields.Many2one("res.company", ondelete="cascade", index=True)
    gateway = fields.Char(required=True)
    phone = fields.Char()
    state = fields.Selection(
        [
            ("trying", "Being handed over"),
            ("sent", "Taken by the gateway"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("unknown", "No report"),
        ],
        required=True,
        default="trying",
    )
    first_tried = fields.Datetime(required=True)
    last_tried = fields.Datetime(required=True)
    polls = fields.Integer()
    next_poll = fields.Datetime()

    _uuid_uniq = models.UniqueIndex("(uuid)")
    _own_id_idx = models.Index("(own_id)")
    # Serves _cron_poll.
    _next_poll_idx = models.Index("(next_poll) WHERE state = 'sent'")

    # Sending ------------------------------------------------------------------

    @api.model
    def _send(self, account, uuid, phone, text):
        """Send one SMS, at most once; return ``(state, words of the gateway)``.

        The state is "sent", a code of why not, or None: nobody knows yet, try later.
        """
        if not account._is_ready() or account.gateway == "odoo":
            return "no_gateway", ""
        row, is_new = self._begin(account, uuid, phone)
        if row["state"] in ("sent", "delivered", "unknown"):
            return "sent", ""  # by a job that died before it could say so
        if not is_new and fields.Datetime.now() - row["last_tried"] < RETRY / 2:
            return self._wait()
        message = gateways.Message(
            own_id=row["own_id"],
            phone=phone,
            text=text,
            callback_url=self._callback_url(account, uuid),
            first_tried=row["first_tried"],
        )
        gateway = account._gateway()
        if not is_new:
            self._note(uuid, last_tried=fields.Datetime.now())
        try:
            provider_id = None if is_new else gateway.find(message)
            provider_id = provider_id or gateway.send(message)
        except gateways.Refused as error:
            self._forget(uuid)
            return error.code, error.detail
        except gateways.GatewayError as error:
            return self._try_later(uuid, row, error)
        self._note(
            uuid,
            state="sent",
            provider_id=provider_id,
            next_poll=fields.Datetime.now() + POLLS[0],
        )
        return "sent", ""

    def _try_later(self, uuid, row, error):
        _logger.warning("SMS gateway: %s (%s)", error.code, error.detail)
        if isinstance(error, gateways.Busy):
            self._forget(uuid)
            return "blocked", error.detail
        if fields.Datetime.now() - row["first_tried"] > GIVE_UP:
            self._note(uuid, state="failed")
            return "no_answer", error.detail
        return self._wait()

    @api.model
    def _wait(self):
        """Have the queue looked at again soon; return that nothing is known yet."""
        later = fields.Datetime.now() + RETRY
        self.env.ref("sms.ir_cron_sms_scheduler_action")._trigger(at=later)
        return None, ""

    @api.model
    def _begin(self, account, uuid, phone):
        """Write down that a message is about to be handed over; commit it.

        :return: the row, and whether it is the first attempt.
        """
        now = fields.Datetime.now()
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """INSERT INTO clinic_sms_message
                           (uuid, own_id, company_id, gateway, phone, state,
                            first_tried, last_tried, polls)
                       VALUES (%s, %s, %s, %s, %s, 'trying', %s, %s, 0)
                       ON CONFLICT (uuid) DO NOTHING RETURNING id""",
                    uuid,
                    account._new_own_id(),
                    account.company_id.id,
                    account.gateway,
                    phone,
                    now,
                    now,
                )
            )
            is_new = bool(cr.fetchone())
            cr.execute(
                SQL(
                    """SELECT own_id, state, first_tried, last_tried
                         FROM clinic_sms_message WHERE uuid = %s""",
                    uuid,
                )
            )
            return cr.dictfetchone(), is_new

    @api.model
    def _note(self, uuid, **values):
        """Write down what became of a message; commit it."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    "UPDATE clinic_sms_message SET %s WHERE uuid = %s",
                    SQL(", ").join(
                        SQL("%s = %s", SQL.identifier(name), value)
                        for name, value in values.items()
                    ),
                    uuid,
                )
            )
        self.invalidate_model(flush=False)

    @api.model
    def _forget(self, uuid):
        """The gateway has not taken it: another attempt is a first one."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """DELETE FROM clinic_sms_message
                        WHERE uuid = %s AND state = 'trying'""",
                    uuid,
                )
            )
        self.invalidate_model(flush=False)

    # What became of it --------------------------------------------------------

    @api.model
    def _cron_poll(self):
        """Ask the gateways what became of the messages they have taken."""
        due = self.search(
            [("state", "=", "sent"), ("next_poll", "<=", fields.Datetime.now())],
            order="next_poll",
            limit=200,
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for (company, code), rows in due.grouped(
            lambda row: (row.company_id, row.gateway)
        ).items():
            rows.try_lock_for_update()._poll(company._clinic_sms_account(), code)
            if not cron._commit_progress(len(rows)):
                break

    def _poll(self, account, code):
        """Ask about these rows; whoever has no answer is asked again later."""
        now = fields.Datetime.now()
        for row in self:
            row.polls += 1
            if row.polls < len(POLLS):
                row.next_poll = row.first_tried + max(
                    POLLS[row.polls], now - row.first_tried + POLLS[0]
                )
            else:
                row.write({"state": "unknown", "next_poll": False, "phone": False})
        if account.gateway != code or not account._is_ready():
            return
        messages = [
            gateways.Message(
                own_id=row.own_id, phone=row.phone, provider_id=row.provider_id
            )
            for row in self
            if row.phone
        ]
        try:
            statuses = account._gateway().statuses(messages)
        except gateways.GatewayError as error:
            _logger.warning("SMS gateway: %s (%s)", error.code, error.detail)
            return
        for row in self:
            if row.own_id in statuses:
                row._report(statuses[row.own_id])

    def _report(self, status):
        """Carry a report of the gateway to Odoo's SMS and whatever it was sent for."""
        self.ensure_one()
        if status.state == gateways.PENDING or self.state == "delivered":
            return
        self.write(
            {
                "state": status.state,
                "next_poll": False,
                # Not needed any more, and it is somebody's.
                "phone": False,
            }
        )
        # sudo: technical records of administrators
        tracker_sudo = (
            self.env["sms.tracker"].sudo().search([("sms_uuid", "=", self.uuid)])
        )
        sms_sudo = self.env["sms.sms"].sudo().search([("uuid", "=", self.uuid)])
        if status.state == gateways.DELIVERED:
            tracker_sudo._action_update_from_sms_state("sent")
            sms_sudo.write({"state": "sent", "to_delete": True})
        else:
            tracker_sudo._action_update_from_provider_error(status.failure)
            sms_sudo.write({"to_delete": True})

    # Reports of the gateways --------------------------------------------------

    @api.model
    def _token(self, uuid):
        return hmac(self.env(su=True), "clinic.sms.callback", uuid)[:32]

    @api.model
    def _token_is_genuine(self, uuid, token):
        return hmac_lib.compare_digest(
            (token or "").encode(), self._token(uuid).encode()
        )

    @api.model
    def _callback_url(self, account, uuid):
        base = account.get_base_url()
        if account.gateway != "smsaero" or not base.startswith("https://"):
            return ""  # the gateway could not reach it
        return f"{base}/clinic_sms/smsaero/{uuid}/{self._token(uuid)}"

    @api.autovacuum
    def _gc_messages(self):
        old = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("first_tried", "<", old)], limit=10000).unlink()
