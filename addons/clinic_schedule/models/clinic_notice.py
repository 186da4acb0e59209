import json
import logging
from datetime import timedelta

from markupsafe import Markup
from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL, config
from odoo.tools.mail import email_normalize, formataddr

from ..tools import quiet_hours

_logger = logging.getLogger(__name__)

CHANNELS = [("sms", "SMS"), ("email", "E-mail")]
STATES = [
    ("waiting", "Waiting"),
    ("sending", "Being sent"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("failed", "Failed"),
    ("skipped", "Not sent"),
]
# Time for whoever booked to undo it before the patient is told.
GRACE_SECONDS = 60
BATCH = 200
KEEP_DAYS = 365


class ClinicNotice(models.Model):
    """A message to a patient: an outbox row, then the record of what became of it.

    Rows are written in the transaction of what they tell about, and sent by a job
    after it is committed: no message without a booking, no booking without a message.
    A unique index keeps each from being written twice; a row leaves the state
    "waiting" in the same transaction that puts the SMS or mail into Odoo's own queue.
    """

    _name = "clinic.notice"
    _description = "Notice to a Patient"
    _order = "id desc"

    kind = fields.Selection(
        lambda self: self._kind_selection(), required=True, readonly=True
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    state = fields.Selection(
        STATES, required=True, default="waiting", readonly=True, index=True
    )
    # A code of _reasons(), or the words of a gateway: readers differ in language.
    reason = fields.Char(readonly=True)
    reason_words = fields.Char(
        string="Why",
        compute="_compute_reason_words",
        help="Why it was not sent or not delivered.",
    )
    rule_id = fields.Many2one(
        "clinic.notice.rule", ondelete="set null", readonly=True, index=True
    )
    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        model_field="res_model", required=True, readonly=True
    )
    occurrence = fields.Char(
        required=True,
        default="",
        readonly=True,
        help="Tells two notices of one kind about one record apart.",
    )
    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
    )
    visit_start = fields.Datetime(readonly=True)
    was_start = fields.Datetime(readonly=True)
    patient_id = fields.Many2one(
        "res.partner", ondelete="cascade", index="btree_not_null", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Sent to",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        help="The patient, or the guardian of a child.",
    )
    address = fields.Char(
        string="Phone or Mail", readonly=True, groups="clinic_base.group_staff"
    )
    branch_id = fields.Many2one(
        "clinic.branch", ondelete="cascade", index="btree_not_null", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    send_after = fields.Datetime(string="To Be Sent", required=True, readonly=True)
    local_send_after = fields.Char(
        compute="_compute_local_send_after", string="To Be Sent (Branch Time)"
    )
    expires = fields.Datetime(
        readonly=True, help="Not sent later than that: it would be of no use."
    )
    sent_at = fields.Datetime(string="Sent", readonly=True)
    # Addresses of one-tap links are among them: not for the staff to read.
    body_values = fields.Json(readonly=True, groups="base.group_system")
    # What the texts of the messages are made of.
    lang = fields.Char(compute="_compute_words", compute_sudo=True)
    visit_time = fields.Char(compute="_compute_words", compute_sudo=True)
    visit_name = fields.Char(compute="_compute_words", compute_sudo=True)
    clinic_name = fields.Char(compute="_compute_words", compute_sudo=True)
    clinic_address = fields.Char(compute="_compute_words", compute_sudo=True)
    clinic_phone = fields.Char(compute="_compute_words", compute_sudo=True)
    specialist_name = fields.Char(compute="_compute_words", compute_sudo=True)

    _each_once = models.UniqueIndex(
        "(res_model, res_id, kind, occurrence, channel)",
        "This notice exists already.",
    )
    # Serves _cron_send.
    _waiting_idx = models.Index("(send_after) WHERE state = 'waiting'")

    # Kinds --------------------------------------------------------------------

    @api.model
    def _kinds(self):
        """Return ``{code: {"label", "opt_out", "urgent"}}``; extend it to add a kind.

        ``opt_out`` is the field of the patient that must be true; an ``urgent``
        notice takes no notice of the quiet hours.
        """
        _ = self.env._
        return {
            "booked": {"label": _("Booking"), "opt_out": "notice_booking"},
            "moved": {"label": _("Move of a visit"), "opt_out": "notice_booking"},
            "cancelled": {"label": _("Cancellation"), "opt_out": "notice_booking"},
            "reminder": {"label": _("Reminder"), "opt_out": "notice_reminder"},
        }

    @api.model
    def _kind_selection(self):
        return [(code, kind["label"]) for code, kind in self._kinds().items()]

    # Writing into the outbox --------------------------------------------------

    @api.model
    def _notify(
        self,
        kind,
        records,
        partner=None,
        body_values=None,
        at=None,
        occurrence="",
        expires=None,
    ):
        """Leave a notice about each of the records, to be sent after the commit.

        Each is written once, whatever happens: the same kind, record and occurrence
        again changes nothing. One query for any number of records.

        :param kind: a key of :meth:`_kinds`; its rules give channels and texts.
        :param partner: the patient it concerns (``record.patient_id`` if not given);
            a child's guardian gets it.
        :param body_values: plain values for the text: ``object.body_values['x']``.
        :param at: not before this moment (naive UTC); at once if not given.
        :param occurrence: text that tells a repeated event apart.
        :param expires: not after this moment (naive UTC).
        """
        if not self.env.registry.ready:
            # Data of a module being installed (a demo clinic, an import) is no news.
            return
        now = fields.Datetime.now()
        rows = []
        for record_sudo in records.sudo():
            vals = self._outbox_vals(record_sudo, partner)
            vals.update(kind=kind, occurrence=occurrence, send_after=at or now)
            vals["expires"] = expires or vals.get("expires")
            vals["body_values"] = body_values and json.dumps(body_values)
            channels = self.env["clinic.notice.rule"]._channels(
                kind, vals["branch_id"] or False, vals["company_id"]
            )
            rows += [
                {**vals, "rule_id": rule_id, "channel": channel}
                for rule_id, channel in channels
            ]
        self._insert_once(rows)

    @api.model
    def _outbox_vals(self, record_sudo, partner=None):
        """Return what a notice keeps of the record it is about."""

        def linked(name):
            return record_sudo[name] if name in record_sudo._fields else None

        patient = partner or linked("patient_id")
        vals = {
            "res_model": record_sudo._name,
            "res_id": record_sudo.id,
            "patient_id": patient.id if patient else None,
            "branch_id": (linked("branch_id") or self.env["clinic.branch"]).id or None,
            "company_id": (linked("company_id") or self.env.company).id,
            "appointment_id": None,
            "visit_start": None,
            "was_start": None,
        }
        if record_sudo._name == "clinic.appointment":
            vals.update(
                appointment_id=record_sudo.id,
                visit_start=record_sudo.start,
                expires=record_sudo.start,
            )
        return vals

    @api.model
    def _insert_once(self, rows):
        """Write rows into the outbox; those that exist already are left alone."""
        if not rows:
            return
        now = fields.Datetime.now()
        stamps = {
            "state": "waiting",
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": now,
            "write_date": now,
        }
        columns = [*rows[0], *stamps]
        values = SQL(", ").join(
            SQL(
                "(%s)", SQL(", ").join(SQL("%s", {**row, **stamps}[c]) for c in columns)
            )
            for row in rows
        )
        # Not by create(): a booking must not fail or wait for a notice that exists.
        self.env.cr.execute(
            SQL(
                "INSERT INTO clinic_notice (%s) VALUES %s ON CONFLICT DO NOTHING",
                SQL(", ").join(SQL.identifier(column) for column in columns),
                values,
            )
        )
        self.env["clinic.appointment"].invalidate_model(["notice_ids"], flush=False)

    # Sending ------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Remind of visits, then send what is due, each in a transaction of its own."""
        self.env["clinic.appointment"]._remind()
        due = self.search(
            [("state", "=", "waiting"), ("send_after", "<=", fields.Datetime.now())],
            order="send_after, id",
            limit=BATCH,
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for notice in due:
            # A locked row is being sent, or dropped, by somebody else.
            notice.try_lock_for_update()._send()
            if not cron._commit_progress(1):
                break

    def _send(self):
        """Send the waiting ones among these; what goes wrong is said on the notice."""
        for notice in self.filtered(lambda n: n.state == "waiting"):
            try:
                with self.env.cr.savepoint():
                    notice._send_one()
            except Exception as error:
                # A text edited badly must not stop the notices behind it.
                _logger.exception("Notice %s could not be sent", notice.id)
                notice._fail(
                    self.env._(
                        "The text could not be made: %(error)s",
                        error=str(error).partition("\n")[0][:200],
                    )
                )

    def _send_one(self):
        self.ensure_one()
        now = fields.Datetime.now()
        problem = self._why_pointless(now)
        if problem:
            return self._skip(problem)
        closed = self._why_no_channel()
        if closed and self._why_no_channel(self._other_channel()):
            # The clinic tells nobody by any way.
            return self._skip(closed)
        partner, state, problem = self._find_recipient()
        if problem:
            return self._fail(problem) if state == "failed" else self._skip(problem)
        later = self._quiet_until(now)
        if later > now:
            self.send_after = later
            return None
        if closed:
            # Told by the other way; if that is none, somebody should see it.
            is_told = self._reaches(self._other_channel(), instead=True)
            return self._skip(closed) if is_told else self._fail(closed)
        self.partner_id = partner
        getattr(self, f"_send_{self.channel}")(partner)
        return None

    def _why_pointless(self, now):
        """Return why there is no sense in sending it any more, or None."""
        self.ensure_one()
        record_sudo = (
            self.env[self.res_model].sudo().browse(self.res_id).exists()
            if self.res_model in self.env
            else None
        )
        if not record_sudo:
            return "gone"
        if self.expires and self.expires <= now:
            return "late"
        if self.appointment_id:
            return self.appointment_id._why_notice_pointless(self)
        return None

    def _find_recipient(self):
        """Return ``(partner, state, problem)``: whom to send it to, or why not."""
        self.ensure_one()
        patient = self.patient_id.sudo()
        partner = patient._notice_recipient(self.channel)
        opt_out = self._kinds()[self.kind].get("opt_out")
        other = self._other_channel()
        # Who wants SMS only gets a mail where no SMS can be sent, and the other way
        # round: being told in another way is better than not at all.
        instead = self.rule_id[other] and not self._has_way(other)
        for person in patient | partner:
            if not person._wants_notices(self.channel, opt_out, instead):
                return None, "skipped", "unwanted"
        if partner._notice_address(self.channel):
            return partner, None, None
        if self._reaches(other, instead=True):
            return None, "skipped", f"other_than_{self.channel}"
        return None, "failed", f"no_{self.channel}"

    def _other_channel(self):
        return "email" if self.channel == "sms" else "sms"

    def _has_way(self, channel):
        """Tell whether a channel can be used: it is set up, there is an address."""
        self.ensure_one()
        recipient = self.patient_id.sudo()._notice_recipient(channel)
        return not self._why_no_channel(channel) and bool(
            recipient._notice_address(channel)
        )

    def _reaches(self, channel, instead=False):
        """Tell whether the patient gets this very notice by a channel."""
        self.ensure_one()
        if not self.rule_id[channel] or not self._has_way(channel):
            return False
        patient = self.patient_id.sudo()
        opt_out = self._kinds()[self.kind].get("opt_out")
        return all(
            person._wants_notices(channel, opt_out, instead)
            for person in patient | patient._notice_recipient(channel)
        )

    def _quiet_until(self, now):
        """Return when it may be sent (naive UTC): now, or after the quiet hours."""
        self.ensure_one()
        branch = self.branch_id.sudo()
        if self._kinds()[self.kind].get("urgent") or not branch:
            return now
        event = self.expires or now + timedelta(days=2)
        wall = branch._localize(now).replace(tzinfo=None)
        moment = quiet_hours.send_at_once_or_later(
            wall,
            branch._localize(event).replace(tzinfo=None),
            branch.quiet_from,
            branch.quiet_to,
        )
        return now if moment == wall else branch._to_utc(moment)

    def _why_no_channel(self, channel=None):
        """Return why the channel (or another one) cannot be used at all, or None."""
        self.ensure_one()
        channel = channel or self.channel
        if channel == "sms" and not self.company_id._clinic_sms_ready():
            return "no_gateway"
        if channel == "email" and not self._mail_ready():
            return "no_mail_server"
        return None

    @api.model
    def _mail_ready(self):
        """Tell whether somebody has said by which server mail is to be sent."""
        # sudo: mail servers are read by administrators only
        return bool(
            self.env["ir.mail_server"].sudo().search_count([], limit=1)
            or config["smtp_server"] not in (False, "", "localhost")
        )

    def _send_sms(self, partner):
        self.ensure_one()
        template = self.rule_id.sudo().sms_template_id
        body = template._render_field(
            "body", self.ids, compute_lang=False, set_lang=self.lang
        )
        self.address = partner._notice_address("sms")
        sms_sudo = (
            self.env["sms.sms"]
            .sudo()
            .create(
                {
                    "number": self.address,
                    "body": " ".join(body[self.id].split()),
                    "partner_id": partner.id,
                }
            )
        )
        self.env["sms.tracker"].sudo().create(
            {"sms_uuid": sms_sudo.uuid, "notice_id": self.id}
        )
        self._become("sending")

    def _send_email(self, partner):
        self.ensure_one()
        template = self.rule_id.sudo().mail_template_id
        words = {
            name: template._render_field(name, self.ids, set_lang=self.lang)[self.id]
            for name in ("subject", "body_html")
        }
        self.address = partner._notice_address("email")
        company = self.company_id.sudo()
        sender = self.branch_id.sudo().email or company.email
        mail_sudo = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "model": self._name,
                    "res_id": self.id,
                    "subject": words["subject"],
                    "body_html": Markup(words["body_html"]),
                    "email_to": formataddr((partner.name or "", self.address)),
                    "email_from": sender
                    and formataddr(
                        (company.name or "", email_normalize(sender) or sender)
                    ),
                    "reply_to": sender,
                    "author_id": company.partner_id.id,
                    "auto_delete": True,
                    "is_notification": False,
                }
            )
        )
        self._become("sending")
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return mail_sudo

    # What became of it --------------------------------------------------------

    def _become(self, state, reason=False):
        """Write a state and tell the open screens of the visit."""
        vals = {"state": state, "reason": reason}
        if state in ("sent", "delivered", "sending"):
            for notice in self.filtered(lambda n: not n.sent_at):
                notice.sent_at = fields.Datetime.now()
        self.write(vals)

    def _lock_unsent(self):
        """Lock the notices and return them, without those just being sent.

        The job may have them in hand, or have sent them since our snapshot was taken:
        then the patient is told, and whoever moves or cancels the visit must not wait
        for that, nor start all over again.
        """
        if not self:
            return self
        query = SQL(
            "SELECT id FROM clinic_notice WHERE id = ANY(%s)"
            " FOR NO KEY UPDATE SKIP LOCKED",
            list(self.ids),
        )
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(query, log_exceptions=False)
                return self.browse(row[0] for row in self.env.cr.fetchall())
        except SerializationFailure:
            if len(self) == 1:
                return self.browse()
            return self.browse().union(*(notice._lock_unsent() for notice in self))

    def _skip(self, reason):
        self._become("skipped", reason)

    def _fail(self, reason):
        self._become("failed", reason)

    @api.model
    def _reasons(self):
        """Return ``{code: sentence}`` of why a notice is not sent."""
        _ = self.env._
        return {
            "gone": _("What it was about is gone."),
            "late": _("Too late: it would be of no use any more."),
            "unwanted": _("The patient does not want it."),
            "no_gateway": _("No SMS gateway is set up."),
            "no_mail_server": _("No outgoing mail server is set up."),
            "other_than_sms": _("No phone on the card; told by e-mail."),
            "other_than_email": _("No e-mail on the card; told by SMS."),
            "no_sms": _("There is no valid phone on the patient's card."),
            "no_email": _("There is no valid e-mail on the patient's card."),
            "cancel_undone": _("The cancellation was undone."),
            "moved_again": _("The visit was moved again."),
            "cancelled": _("The visit was cancelled."),
            "on_again": _("The visit is on again."),
            "not_expected": _("The visit is not expected any more."),
            "moved": _("The visit was moved."),
            "mail_refused": _("The mail server refused it."),
            "gateway_refused": _("The gateway refused it."),
            "copy": _("This is a copy of the database."),
        }

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_words(self):
        reasons = self._reasons()
        failures = {
            code: words
            for model in ("mail.mail", "sms.sms", "mail.notification")
            for code, words in self.env[model]
            ._fields["failure_type"]
            ._description_selection(self.env)
        }
        for notice in self:
            reason = notice.reason
            notice.reason_words = reasons.get(reason) or failures.get(reason) or reason

    @api.depends("send_after", "branch_id.tz")
    @api.depends_context("lang")
    def _compute_local_send_after(self):
        for notice in self:
            branch = notice.branch_id.sudo()
            notice.local_send_after = branch._format_local(notice.send_after)

    @api.depends("kind", "channel")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._kind_selection())
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for notice in self:
            notice.display_name = (
                f"{kinds.get(notice.kind, notice.kind)} · {channels[notice.channel]}"
            )

    # Words --------------------------------------------------------------------

    @api.depends("appointment_id", "partner_id", "branch_id")
    @api.depends_context("lang")
    def _compute_words(self):
        for notice in self:
            lang = (
                (notice.partner_id or notice.patient_id).lang
                or notice.company_id.partner_id.lang
                or self.env.lang
                or "en_US"
            )
            visit = notice.appointment_id.with_context(lang=lang)
            branch = notice.branch_id.with_context(lang=lang)
            company = notice.company_id.with_context(lang=lang)
            notice.lang = lang
            notice.visit_time = visit._notice_time() if visit else False
            notice.visit_name = visit.service_id._notice_name() if visit else False
            notice.specialist_name = visit.specialist_id.name if visit else False
            notice.clinic_name = branch.name or company.name
            notice.clinic_address = branch._notice_address()
            notice.clinic_phone = branch.phone or company.phone

    def link(self):
        """Return the address of the patient's one-tap page (for the texts)."""
        self.ensure_one()
        if not self.appointment_id:
            return (self.sudo().body_values or {}).get("link", "")
        visit_sudo = self.appointment_id.sudo()
        return self.env["clinic.link"]._make("visit", visit_sudo, visit_sudo.start)

    # Buttons ------------------------------------------------------------------

    def action_resend(self):
        """Send failed or unsent notices once more."""
        self.check_access("read")
        # sudo: the desk may send again, not write what was sent
        again_sudo = self.sudo().filtered(lambda n: n.state in ("failed", "skipped"))
        again_sudo.write(
            {
                "state": "waiting",
                "reason": False,
                "sent_at": False,
                "send_after": fields.Datetime.now(),
            }
        )
        return True

    @api.autovacuum
    def _gc_notices(self):
        old = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("create_date", "<", old)], limit=10000).unlink()
