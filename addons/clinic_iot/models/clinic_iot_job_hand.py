"""What people do about jobs that have not ended well."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..iot_handlers.clinic_devices.jobs import Refused
from ..iot_handlers.clinic_devices.receipt import Receipt, check_link

TAKER = "clinic_finance.group_payment_taker"
# What is being done for so long may be settled by a person.
PATIENCE = timedelta(minutes=5)


class ClinicIotJob(models.Model):
    _inherit = "clinic.iot.job"

    can_settle = fields.Boolean(compute="_compute_can_settle")
    found = fields.Json(
        readonly=True, copy=False, help="What the register has, when it was asked."
    )
    can_find = fields.Boolean(compute="_compute_can_settle")
    find_state = fields.Selection(
        [
            ("waiting", "Answer awaited"),
            ("same", "The register has it"),
            ("other", "The register has another document"),
            ("none", "Not found"),
        ],
        compute="_compute_find",
    )
    find_words = fields.Char("The Register Was Asked", compute="_compute_find")

    def _compute_can_settle(self):
        for job in self:
            job.can_settle = job._is_for_people()
            job.can_find = bool(
                job.kind == "receipt"
                and job.state in ("failed", "unknown")
                and "find" in (job.device_id.kinds or [])
            )

    @api.depends_context("lang")
    def _compute_find(self):
        for job in self:
            # sudo: questions about this very job
            question_sudo = job.sudo().search(
                [
                    ("kind", "=", "find"),
                    ("res_model", "=", self._name),
                    ("res_id", "=", job.id),
                ],
                order="id desc",
                limit=1,
            )
            job.find_state = job.find_words = False
            if question_sudo:
                job.find_state, job.find_words = job._find_answer(question_sudo)

    def _find_answer(self, question):
        """Return what has become of a question to the register, and its words."""
        self.ensure_one()
        result = question.result if isinstance(question.result, dict) else {}
        if question.state == "done":
            found = self._found_words(result)
            if self._is_this(result):
                words = self.env._(
                    "%(found)s Its sum and operation are those of this receipt.",
                    found=found,
                )
                return "same", words
            words = self.env._("%(found)s This is another document.", found=found)
            return "other", words
        fd = (question.payload or {}).get("fd")
        if question.state in ("failed", "unknown"):
            words = self.env._(
                "About document %(fd)s the register says nothing: %(why)s",
                fd=fd,
                why=question.message or "",
            )
            return "none", words
        return "waiting", self._find_waits_words(fd)

    def _find_waits_words(self, fd):
        """Say for what the question about a document waits."""
        at = self.branch_id._localize(fields.Datetime.now()).strftime("%H:%M")
        if self.box_id.state != "online":
            return self.env._(
                "The register is to be asked about document %(fd)s. Its box is not "
                "reached: it is asked as soon as the box is back.",
                fd=fd,
            )
        if not self.settled and self.state in ("running", "unknown"):
            return self.env._(
                "The register is to be asked about document %(fd)s. It does not answer "
                "the box, which goes on trying by itself: the answer comes here then.",
                fd=fd,
            )
        return self.env._(
            "The register is asked about document %(fd)s, its answer is awaited "
            "(seen at %(at)s).",
            fd=fd,
            at=at,
        )

    def _is_this(self, document):
        """Return whether a document of the register says what this job has asked for.

        By sum and operation: another receipt of the same sum looks the same.
        """
        try:
            receipt = Receipt.parse(self.payload or {})
        except Refused:
            return False
        said = (document.get("operation"), document.get("total"))
        return said == (receipt.operation, receipt.total)

    def _is_for_people(self):
        """Return whether a person may say how it ended."""
        self.ensure_one()
        if self.retry_ids:
            return False
        if self._is_contradicted():
            return True
        if self.state == "done":
            return False
        if self.handled_by:
            # Given up, perhaps by mistake: the money still wants its receipt.
            return self.kind == "receipt" and self.state == "failed"
        if self.state != "running":
            return True
        # The box is at it; unless it is gone, or has been for too long.
        since = self.started_at or self.create_date
        away = self.box_id.state != "online"
        return away or since < fields.Datetime.now() - PATIENCE

    def _is_contradicted(self):
        """Return whether the box has found out otherwise than a person had said."""
        late = self.late_result if isinstance(self.late_result, dict) else {}
        return late.get("state") in ("done", "failed") and late["state"] != self.state

    def action_settle(self):
        """Ask how the job has ended."""
        self._check_may_settle()
        done = self.state == "unknown"
        if self._is_contradicted():
            done = self.late_result["state"] == "done"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("How Has It Ended?"),
            "res_model": "clinic.iot.job.settle",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_job_id": self.id,
                "default_decision": "done" if done else "again",
            },
        }

    def action_find(self):
        """Ask which document of the register is to be looked at."""
        self._check_group()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask the Register"),
            "res_model": "clinic.iot.job.find",
            "view_mode": "form",
            "target": "new",
            "context": {"default_job_id": self.id},
        }

    def _guess_document(self):
        """Return the number that the receipt of this job most likely has."""
        self.ensure_one()
        # sudo: numbers of documents of the same register, nothing else of these jobs
        before = self.sudo().search(
            [
                ("device_id", "=", self.device_id.id),
                ("state", "=", "done"),
                ("id", "<", self.id),
            ],
            limit=20,
        )
        numbers = [(job.result or {}).get("fd") for job in before]
        return max((one for one in numbers if isinstance(one, int)), default=0) + 1

    def _check_group(self):
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(TAKER):
            raise AccessError(
                self.env._("Only who takes payments may settle the job of a device.")
            )

    def _check_may_settle(self):
        self._check_group()
        if not self._is_for_people():
            raise UserError(
                self.env._(
                    "Job %(job)s has ended, or the box is still at it.",
                    job=self.display_name,
                )
            )

    def _settle_by_hand(self, decision, reason, result=None, device=None):
        """End the job as a person says, and do it anew if he wants that.

        :return: the job, or the one that it is repeated by
        """
        self.ensure_one()
        # Locked first: at this very moment the box may say how it has ended.
        self.sudo().lock_for_update()
        self._check_may_settle()
        if decision == "again" and self._is_contradicted() and self.state == "failed":
            raise UserError(
                self.env._(
                    "The box has found out that this was done: it is not done again."
                )
            )
        # sudo: people write no jobs; what they may do was checked above
        job_sudo = self.sudo()
        state = "done" if decision == "done" else "failed"
        values = {"handled_by": self.env.uid, "handled_reason": reason}
        job_sudo._note_by_hand(decision, reason)
        before = job_sudo.result if isinstance(job_sudo.result, dict) else {}
        if job_sudo.settled and job_sudo.state == state:
            job_sudo.write(values)
            job_sudo._notify()
        else:
            said = decision == "done" and result
            kept = job_sudo._document_by_hand(result) if said else {**before}
            job_sudo._end(state, {**kept, "by_hand": True}, **values)
        return self._repeat(device) if decision == "again" else self

    def _document_by_hand(self, result):
        """Return what a person has read off the receipt, with what the register knows.

        The text of the QR code can be made only of the register's own answer.
        """
        found = self._known_document()
        same = all(
            str(found.get(name) or "") == str(result.get(name) or "")
            for name in ("fn", "fd", "fp")
        )
        if not same:
            return {**result}
        known = all(found.get(name) for name in ("moment", "total", "operation"))
        return {**found, "check": check_link(found)} if known else {**found}

    def _known_document(self):
        """Return what the register has said about the document of this job."""
        late = self.late_result if isinstance(self.late_result, dict) else {}
        if late.get("state") == "done":
            return {name: value for name, value in late.items() if name != "state"}
        return self.found if isinstance(self.found, dict) else {}

    def _note_by_hand(self, decision, reason):
        words = {
            "done": self.env._("Settled by hand as done: %(reason)s", reason=reason),
            "failed": self.env._("Given up by hand: %(reason)s", reason=reason),
            "again": self.env._("Repeated by hand: %(reason)s", reason=reason),
        }
        self.message_post(body=words[decision])

    def _repeat(self, device=None):
        """Give the same anew; the database lets a job be repeated once."""
        self.ensure_one()
        job_sudo = self.sudo()
        device_sudo = (device or self.device_id).sudo()
        if device_sudo.branch_id != job_sudo.branch_id:
            raise UserError(self.env._("The device belongs to another branch."))
        fresh = job_sudo._create_quietly(
            {
                "device_id": device_sudo.id,
                "kind": job_sudo.kind,
                "payload": job_sudo.payload,
                "res_model": job_sudo.res_model,
                "res_id": job_sudo.res_id,
                "retry_of_id": job_sudo.id,
            }
        )
        fresh._wake()
        fresh._notify()
        return fresh.with_env(self.env)

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _iot_job_ended(self, job):
        """A register was asked about this job: keep what it says."""
        if job.kind != "find":
            return
        result = job.result if isinstance(job.result, dict) else {}
        if job.state == "done":
            self.found = result
            self.message_post(body=self._found_words(result))
        elif job.settled:
            self.message_post(
                body=self.env._(
                    "The register has no such document, or could not be asked: %(why)s",
                    why=job.message or "",
                )
            )
        self._notify()

    def _found_words(self, result):
        currency = self.company_id.currency_id
        return self.env._(
            "In the register: fiscal document %(fd)s of %(moment)s, %(operation)s,"
            " %(total)s, fiscal sign %(fp)s.",
            fd=result.get("fd"),
            moment=(result.get("moment") or "").replace("T", " "),
            operation=self._operation_words(result.get("operation")),
            total=currency.format((result.get("total") or 0) / 100),
            fp=result.get("fp"),
        )

    def _operation_words(self, operation):
        """Return the word for tag 1054."""
        words = {
            1: self.env._("income"),
            2: self.env._("return of income"),
            3: self.env._("expense"),
            4: self.env._("return of expense"),
        }
        return words.get(operation, self.env._("not a receipt"))
