from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .clinic_medical_mixin import MEDICAL_GROUPS

VERDICTS = [("justified", "Justified"), ("unjustified", "Not justified")]


class ClinicRecordGrant(models.Model):
    """Emergency access: a specialist opened a record that is not his patient's.

    It is taken, not asked for: in an emergency nobody waits for a signature. The
    reason is kept, the time is short, and every chief physician is told and judges
    afterwards. Lines can be neither changed nor deleted, only ended and judged.
    """

    _name = "clinic.record.grant"
    _description = "Emergency Access to a Medical Record"
    # only for the chief physician's task; nothing is tracked and nobody follows
    _inherit = ["mail.thread", "mail.activity.mixin", "clinic.wall.time"]
    _order = "start desc, id desc"

    record_id = fields.Many2one(
        "clinic.medical.record",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        groups=MEDICAL_GROUPS,
    )
    patient_id = fields.Many2one(
        related="record_id.patient_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Specialist",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    reason = fields.Text(required=True, readonly=True)
    start = fields.Datetime(string="From", required=True, readonly=True)
    stop = fields.Datetime(string="Until", required=True, readonly=True, index=True)
    is_current = fields.Boolean(string="Open Now", compute="_compute_is_current")
    look_count = fields.Integer(string="Looks", compute="_compute_look_count")
    verdict = fields.Selection(VERDICTS, readonly=True)
    verdict_note = fields.Char(string="Remark")
    judge_id = fields.Many2one(
        "res.users", string="Judged by", readonly=True, ondelete="restrict"
    )
    judged_at = fields.Datetime(string="Judged on", readonly=True)

    _stop_after_start = models.Constraint(
        "CHECK(stop >= start)", "The end must be later than the start."
    )

    @api.depends("record_id", "start")
    def _compute_display_name(self):
        """Number and day only: activities and mails show it."""
        for grant in self:
            day = grant.start and fields.Datetime.context_timestamp(grant, grant.start)
            parts = [
                grant.record_id.sudo().display_name,
                day and day.strftime("%d.%m.%Y"),
            ]
            grant.display_name = " · ".join(filter(None, parts))

    @api.depends("stop")
    def _compute_is_current(self):
        now = fields.Datetime.now()
        for grant in self:
            grant.is_current = bool(grant.stop and grant.stop > now)

    def _compute_look_count(self):
        """Count what the specialist opened while the access lasted."""
        # sudo: who may judge the access may know how often it was used
        Access = self.env["clinic.record.access"].sudo()
        dates = {}
        looks = Access.search_fetch(
            [
                ("record_id", "in", self.record_id.ids),
                ("user_id", "in", self.user_id.ids),
                ("basis", "=", "emergency"),
                ("kind", "!=", "emergency"),
            ],
            ["record_id", "user_id", "date"],
        )
        for look in looks:
            dates.setdefault((look.record_id, look.user_id), []).append(look.date)
        for grant in self:
            mine = dates.get((grant.record_id, grant.user_id), [])
            grant.look_count = sum(grant.start <= date <= grant.stop for date in mine)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Emergency access stays on record for good."))

    def action_open_looks(self):
        """Show what the specialist opened while the access lasted."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_emr.action_clinic_record_access"
        )
        return {
            **action,
            "domain": self._looks_domain(),
            "context": {"search_default_emergency": 0},
        }

    def _looks_domain(self):
        self.ensure_one()
        return [
            ("record_id", "=", self.record_id.id),
            ("user_id", "=", self.user_id.id),
            ("basis", "=", "emergency"),
            ("kind", "!=", "emergency"),
            ("date", ">=", self.start),
            ("date", "<=", self.stop),
        ]

    def action_justified(self):
        """The chief physician finds the access right."""
        self._judge("justified")

    def action_unjustified(self):
        """The chief physician finds the access wrong; what lasts of it ends."""
        self._judge("unjustified")

    def _judge(self, verdict):
        self.check_access("write")
        if any(grant.user_id == self.env.user for grant in self):
            raise UserError(self.env._("Nobody judges an emergency access of his own."))
        now = fields.Datetime.now()
        # sudo: past the refusal of write(), after the check of rights above
        for grant_sudo in self.sudo():
            super(ClinicRecordGrant, grant_sudo).write(
                {
                    "verdict": verdict,
                    "judge_id": self.env.uid,
                    "judged_at": now,
                    "stop": min(grant_sudo.stop, max(now, grant_sudo.start))
                    if verdict == "unjustified"
                    else grant_sudo.stop,
                }
            )
            grant_sudo.activity_ids.action_feedback()

    def write(self, vals):
        """Only the remark of who judges is ever written from outside."""
        own = {name for name in vals if not name.startswith(("activity_", "message_"))}
        if own - {"verdict_note"} and not self.env.su:
            raise UserError(
                self.env._("Emergency access can't be changed, only ended and judged.")
            )
        return super().write(vals)

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        """Nobody follows: any user reads lists of followers, and an activity would
        make the chief physician one."""
        return True

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        # the ORM hands out external ids unasked: which rows exist is a secret here
        self.check_access("read")
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    @api.model
    def _current_domain(self):
        """Return the domain of accesses that last at this moment."""
        now = fields.Datetime.now()
        return Domain("start", "<=", now) & Domain("stop", ">", now)

    @api.model
    def _take(self, record, reason, stop):
        """Open a record to the current user until ``stop`` and tell the chiefs.

        The caller has checked that the current user is a specialist.
        """
        # sudo: nobody has the right to create these lines except by this way
        quiet = {"mail_create_nosubscribe": True, "mail_create_nolog": True}
        grant_sudo = self.sudo().with_context(**quiet)
        grant_sudo = grant_sudo.create(
            {
                "record_id": record.id,
                "user_id": self.env.uid,
                "reason": reason,
                "start": fields.Datetime.now(),
                "stop": stop,
            }
        )
        self.env["clinic.record.access"]._note(
            record, "clinic.medical.record", "emergency"
        )
        grant_sudo._tell_chiefs()
        return grant_sudo.with_env(self.env)

    def _tell_chiefs(self):
        """Give each chief physician a task; neither reason nor patient is in it."""
        chiefs = self.env.ref("clinic_base.group_chief_physician").all_user_ids
        for chief in chiefs.filtered(lambda user: user.active and not user.share):
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=chief.id,
                summary=self.env._("Emergency access to a record: judge it"),
            )
