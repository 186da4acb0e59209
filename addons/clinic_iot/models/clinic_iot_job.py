import json
import logging
import uuid

from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain

from ..iot_handlers.clinic_devices import signature

_logger = logging.getLogger(__name__)

NOTIFICATION = "clinic_iot/job"
ENDED = ("done", "failed", "unknown")


class ClinicIotJob(models.Model):
    """Something a device shall do, once.

    queued → leased (the box has it) → running (it was told to begin) → done, failed or
    unknown. What is running is never queued again, however long it takes.
    """

    _name = "clinic.iot.job"
    _description = "Device Job"
    _inherit = ["mail.thread", "clinic.iot.origin.mixin"]
    _order = "id desc"
    _rec_name = "uuid"
    _mail_post_access = "read"

    uuid = fields.Char(
        "Job Number",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
    )
    device_id = fields.Many2one(
        "clinic.iot.device",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    box_id = fields.Many2one(related="device_id.box_id", store=True, index=True)
    branch_id = fields.Many2one(related="device_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    kind = fields.Char(required=True, readonly=True)
    task = fields.Char(compute="_compute_task")
    payload = fields.Json(readonly=True)
    key = fields.Char(readonly=True, copy=False)
    deadline = fields.Datetime(
        readonly=True, help="What was not begun until then is not begun any more."
    )
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("leased", "With the box"),
            ("running", "Being done"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("unknown", "Not known"),
        ],
        required=True,
        readonly=True,
        default="queued",
        copy=False,
    )
    settled = fields.Boolean(
        readonly=True,
        copy=False,
        help="No other end will come by itself.",
    )
    result = fields.Json(readonly=True, copy=False)
    message = fields.Char(
        "What Happened", compute="_compute_message", help="As the device says it."
    )
    fiscal_document = fields.Char(compute="_compute_fiscal_document")
    res_model = fields.Char("Origin Model", readonly=True)
    res_id = fields.Many2oneReference(
        "Origin", model_field="res_model", readonly=True, index=True
    )
    origin_told = fields.Boolean(groups=fields.NO_ACCESS, default=True, copy=False)
    user_id = fields.Many2one(
        "res.users",
        "Given By",
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
    )
    leased_at = fields.Datetime("Fetched", readonly=True, copy=False)
    started_at = fields.Datetime("Begun", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended", readonly=True, copy=False)
    attempts = fields.Integer(
        readonly=True, copy=False, help="How often the box was told to begin."
    )
    journal = fields.Char(groups=fields.NO_ACCESS, copy=False)
    handled_by = fields.Many2one("res.users", readonly=True, copy=False)
    handled_reason = fields.Char("Reason", readonly=True, copy=False)
    late_result = fields.Json(
        readonly=True,
        copy=False,
        help="What the box said after a person had settled the job.",
    )
    retry_of_id = fields.Many2one(
        "clinic.iot.job",
        "Repeats",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    retry_ids = fields.One2many("clinic.iot.job", "retry_of_id", "Repeated By")

    _uuid_uniq = models.UniqueIndex("(uuid)")
    _key_uniq = models.UniqueIndex(
        "(company_id, key) WHERE key IS NOT NULL",
        "This was given to a device already.",
    )
    _retry_uniq = models.UniqueIndex(
        "(retry_of_id) WHERE retry_of_id IS NOT NULL",
        "This job was repeated already.",
    )
    # what a box asks for every few seconds
    _open_idx = models.Index("(box_id, device_id, id) WHERE NOT settled")
    _origin_idx = models.Index("(res_model, res_id)")
    _untold_idx = models.Index("(id) WHERE NOT origin_told")

    @api.depends("result", "state", "handled_reason")
    def _compute_message(self):
        for job in self:
            result = job.result if isinstance(job.result, dict) else {}
            ended_badly = job.state in ("failed", "unknown")
            job.message = ended_badly and (job.handled_reason or job._said(result))

    def _said(self, result):
        """Return what the device says; the words are in ``clinic_iot_words.py``."""
        return result.get("message") or result.get("code")

    @api.depends("result")
    def _compute_fiscal_document(self):
        for job in self:
            result = job.result if isinstance(job.result, dict) else {}
            job.fiscal_document = result.get("fd") and self.env._(
                "Storage %(fn)s, document %(fd)s, sign %(fp)s",
                fn=result.get("fn") or "—",
                fd=result["fd"],
                fp=result.get("fp") or "—",
            )

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_task(self):
        words = self._task_words()
        for job in self:
            job.task = words.get(job.kind, job.kind)

    @api.model
    def _task_words(self):
        """Return what people call each kind of job."""
        _ = self.env._
        return {
            "receipt": _("Receipt"),
            "shift_open": _("Opening of the shift"),
            "shift_close": _("Closing of the shift (Z report)"),
            "x_report": _("X report"),
            "cash_in": _("Cash put in"),
            "cash_out": _("Cash taken out"),
            "state": _("State of the device"),
            "drawer": _("Drawer"),
            "cancel": _("Cancelling of an open receipt"),
            "continue": _("Printing to the end"),
            "copy": _("Copy of a receipt"),
            "print_text": _("Text"),
            "find": _("Look for a document"),
            "check_marking": _("Check of a marking code"),
            "payment": _("Payment by card"),
            "refund": _("Return to a card"),
            "slip": _("Slip"),
            "label": _("Label"),
        }

    @api.depends("task", "uuid")
    def _compute_display_name(self):
        for job in self:
            job.display_name = f"{job.task or ''} {(job.uuid or '')[:8]}"

    # Giving

    @api.model
    def _give(self, device, kind, payload=None, key=None, deadline=None, record=None):
        """Give a device something to do and return the job.

        :param payload: what the kind wants, see the README; money in kopecks
        :param key: of what may happen once only, for instance of a payment and its
            operation. Given again, the first job comes back, or what it was repeated
            by; with another payload it is refused.
        :param deadline: naive UTC; what was not begun until then fails
        :param record: who is told of the end, see ``clinic.iot.origin.mixin``
        """
        # sudo: whoever takes money has devices at work, but writes no jobs himself
        jobs_sudo, device_sudo = self.sudo(), device.sudo()
        payload = payload or {}
        if key:
            first = jobs_sudo.search(
                [("company_id", "=", device_sudo.company_id.id), ("key", "=", key)]
            )
            if first:
                first._check_same(kind, payload)
                return first._latest().with_env(self.env)
        values = {
            "device_id": device.id,
            "kind": kind,
            "payload": payload,
            "key": key,
            "deadline": deadline,
            "res_model": record._name if record else False,
            "res_id": record.id if record else False,
        }
        try:
            with self.env.cr.savepoint():
                job = jobs_sudo._create_quietly(values)
        except UniqueViolation as error:
            # Somebody gives the same at this moment: run again, it is there then.
            raise ConcurrencyError(str(error)) from error
        job._wake()
        job._notify()
        return job.with_env(self.env)

    @api.model
    def _create_quietly(self, values):
        """Create a job without followers: its history is read, not mailed."""
        context = {"mail_create_nosubscribe": True, "mail_create_nolog": True}
        return self.with_context(**context).create(values).with_env(self.env)

    def _check_same(self, kind, payload):
        self.ensure_one()
        # through JSON, as what is stored went: a tuple is a list there
        # an empty object is kept as nothing at all
        if (self.kind, self.payload or {}) != (kind, json.loads(json.dumps(payload))):
            raise UserError(
                self.env._(
                    "Job %(key)s was given before and had other contents.", key=self.key
                )
            )

    def _latest(self):
        """Return what a job was repeated by in the end, or itself."""
        job = self
        while job.retry_ids:
            job = job.retry_ids
        return job

    def _wake(self):
        """Have the box ask at once instead of in its time."""
        for job in self:
            job.box_id._secret_sudo()._send(
                "iot_action",
                {
                    "device_identifiers": [job.device_id.identifier],
                    "session_id": "clinic_iot",
                    "action": "wake",
                },
            )

    def _envelope(self, secret_sudo):
        """Return the job as it travels to the box."""
        self.ensure_one()
        text = json.dumps(
            {
                "uuid": self.uuid,
                "device": self.device_id.identifier,
                "kind": self.kind,
                "payload": self.payload or {},
                "deadline": self._deadline_seconds(),
            },
            ensure_ascii=False,
        )
        key = secret_sudo._key("job")
        return {"job": text, "signature": signature.sign_job(key, text)}

    def _deadline_seconds(self):
        if not self.deadline:
            return 0
        return int(
            (self.deadline - fields.Datetime.from_string("1970-01-01")).total_seconds()
        )

    def _is_late(self):
        self.ensure_one()
        return bool(self.deadline) and self.deadline < fields.Datetime.now()

    # Ending

    def _end(self, state, result=None, settled=True, **values):
        """Let the jobs end so, and tell who gave them."""
        now = fields.Datetime.now()
        for job in self:
            job.write(
                {
                    "state": state,
                    "settled": settled,
                    "result": result or {},
                    "ended_at": now,
                    **values,
                }
            )
        self._tell_origin()
        self._notify()

    def _end_late(self):
        """Fail what nobody has begun in time."""
        late = self.search(
            [
                ("state", "in", ("queued", "leased")),
                ("deadline", "<", fields.Datetime.now()),
            ]
        )
        message = self.env._("Its time was over; nothing was sent.")
        late._end("failed", {"code": "too_late", "message": message})

    def _tell_origin(self):
        """Tell the records the jobs were given for; what they raise is not our end."""
        for job in self:
            if not job.res_model or not job.res_id or job.res_model not in self.env:
                continue
            origin = job._origin_record()
            if not origin or not hasattr(origin, "_iot_job_ended"):
                continue
            try:
                with self.env.cr.savepoint():
                    origin._iot_job_ended(job.with_env(origin.env))
                told = True
            except (OperationalError, ConcurrencyError):
                raise  # the whole call is run again by Odoo
            except Exception:
                # Otherwise the box could never get rid of its result.
                _logger.exception("%s did not take job %s", origin, job.uuid)
                told = False
            if job.origin_told != told:
                job.origin_told = told

    def _origin_record(self):
        """Return the record the job was given for, to be worked on.

        As the superuser: a box has no user, and who gave the job may be gone by now.
        """
        self.ensure_one()
        model = self.env[self.res_model].with_user(SUPERUSER_ID)
        lang = self.user_id.lang or self.env.lang
        model = model.with_company(self.company_id).with_context(lang=lang)
        return model.browse(self.res_id).exists()

    def _tell_again(self):
        """Tell once more the records that stumbled over the end of their job."""
        self.search([("origin_told", "=", False)], limit=100)._tell_origin()

    def _notify(self):
        """Tell the browsers that these jobs have changed; ids and states only."""
        # sudo: the bus is nobody's to write
        bus_sudo = self.env["bus.bus"].sudo()
        group = self.env.ref("clinic_finance.group_payment_viewer")
        for job in self:
            bus_sudo._sendone(
                group,
                NOTIFICATION,
                {
                    "id": job.id,
                    "state": job.state,
                    "settled": job.settled,
                    "device_id": job.device_id.id,
                    "branch_id": job.branch_id.id,
                },
            )

    @api.model
    def _waiting_domain(self):
        """Return the domain of the jobs that have not come to an end."""
        return Domain("state", "in", ("queued", "leased", "running"))
