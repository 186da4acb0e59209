from datetime import datetime

import pytz
from babel.dates import format_datetime

from odoo import api, fields, models
from odoo.tools import babel_locale_parse
from odoo.tools.misc import get_lang

from odoo.addons.base.models.res_partner import _tz_get


class ClinicBranch(models.Model):
    _name = "clinic.branch"
    _description = "Clinic Branch"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="A few letters that stand for the branch on lists.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        index="btree_not_null",
        help="The contact that holds the full postal address, if you keep one.",
    )
    street = fields.Char()
    city = fields.Char()
    phone = fields.Char()
    email = fields.Char()
    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        required=True,
        default="Europe/Moscow",
        help="Times of this branch are shown and entered in this zone.",
    )
    room_ids = fields.One2many("clinic.room", "branch_id", string="Rooms")
    room_count = fields.Integer(compute="_compute_room_count")

    _code_company_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another branch of the company has this code already.",
    )

    def _compute_room_count(self):
        counts = dict(
            self.env["clinic.room"]._read_group(
                [("branch_id", "in", self.ids)], ["branch_id"], ["__count"]
            )
        )
        for branch in self:
            branch.room_count = counts.get(branch._origin, 0)

    @api.model
    def _of_reader_sudo(self):
        """Return the branch the current user works in, as far as known (sudo)."""
        # sudo: whoever reads a time need not read the directory of branches
        specialist_sudo = (
            self.env["clinic.specialist"]
            .sudo()
            .search([("user_id", "=", self.env.uid)], limit=1)
        )
        branches_sudo = specialist_sudo.branch_ids or self.sudo().search(
            [("company_id", "=", self.env.company.id)]
        )
        near = branches_sudo.filtered(lambda branch: branch.tz == self.env.user.tz)
        return (near or branches_sudo)[:1]

    def _tz(self):
        """Return the time zone of the branch (Moscow for no branch at all)."""
        return pytz.timezone(self.tz or "Europe/Moscow")

    def _localize(self, moment: datetime) -> datetime:
        """Return a naive UTC moment as the aware wall time of the branch."""
        return pytz.utc.localize(moment).astimezone(self._tz())

    def _clinic_day(self, company=None):
        """Return what day it is at the clinic: the date of what is made now.

        By the clock of this branch, else of the company's first one, else of the
        company. Never by the caller's: a visitor of the website, a provider's notice
        and a job come without a time zone, or with a foreign one, and what is made
        soon after midnight would bear the day before.
        """
        branch = self[:1]
        if not branch:
            company = company or self.env.company
            # sudo: whoever pays need not know the clinic's branches
            branch = self.sudo().search([("company_id", "=", company.id)], limit=1)
            if not branch:
                branch = self.new({"tz": company.sudo().partner_id.tz})
        return branch._localize(fields.Datetime.now()).date()

    def _to_utc(self, wall_time: datetime) -> datetime:
        """Return a naive wall time of the branch as naive UTC."""
        aware = self._tz().localize(wall_time)
        return aware.astimezone(pytz.utc).replace(tzinfo=None)

    def _format_local(self, moment: datetime, with_zone: bool = False) -> str:
        """Return a naive UTC moment in the branch's wall time, for people to read."""
        if not moment:
            return ""
        local = self._localize(moment)
        locale = babel_locale_parse(get_lang(self.env).code)
        pattern = (
            "EEE dd.MM.yyyy HH:mm" if locale.language == "ru" else "EEE d MMM y HH:mm"
        )
        text = format_datetime(local, pattern, tzinfo=self._tz(), locale=locale)
        return f"{text} ({local.tzname()})" if with_zone else text
