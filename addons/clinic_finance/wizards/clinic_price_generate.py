from datetime import timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.clinic_price_profile import PriceRequest
from ..tools.pricing import change_price

ROUNDINGS = [
    ("0.01", "Not at all"),
    ("1", "To 1"),
    ("10", "To 10"),
    ("50", "To 50"),
    ("100", "To 100"),
    ("500", "To 500"),
]
LINE_STATES = [
    ("new", "New"),
    ("changed", "Changes"),
    ("unchanged", "The same"),
    ("kept", "Left as agreed"),
]
TO_WRITE = ("new", "changed")


class ClinicPriceGenerate(models.TransientModel):
    """Agree on prices in bulk: with those who are treated, at the prices of the lists.

    Nothing is written before the preview has been looked at and confirmed.
    """

    _name = "clinic.price.generate"
    _inherit = ["clinic.preview.mixin"]
    _description = "Generate Agreed Prices"
    _preview_action = "clinic_finance.action_clinic_price_generate"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    months = fields.Integer(
        string="Treated in the Last Months",
        default=6,
        help="Visits that are booked ahead count too.",
    )
    min_visits = fields.Integer(string="Visits at Least", default=1)
    specialist_ids = fields.Many2many("clinic.specialist", string="Specialists")
    service_ids = fields.Many2many(
        "product.product", string="Services", domain=[("is_clinic_service", "=", True)]
    )
    patient_ids = fields.Many2many(
        "res.partner", string="Patients", domain=[("is_patient", "=", True)]
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="To", help="Inclusive; empty: until further notice.")
    change_percent = fields.Float(
        string="Change, %", help="Of the price by the lists; below zero lowers it."
    )
    rounding = fields.Selection(
        ROUNDINGS, string="Round", default="0.01", required=True
    )
    specialist_percent = fields.Float(
        string="Specialist's Share, %",
        help="0: as it is agreed with the specialist for everybody.",
    )
    existing = fields.Selection(
        [
            ("keep", "Stay as they are"),
            ("renew", "End, new ones follow"),
        ],
        string="Terms Agreed Before",
        default="keep",
        required=True,
    )
    note = fields.Char(help="Written on each of the terms.")
    line_ids = fields.One2many("clinic.price.generate.line", "wizard_id")
    new_count = fields.Integer(compute="_compute_counts")
    changed_count = fields.Integer(compute="_compute_counts")
    same_count = fields.Integer(compute="_compute_counts")
    kept_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for wizard in self:
            states = wizard.line_ids.mapped("state")
            wizard.new_count = states.count("new")
            wizard.changed_count = states.count("changed")
            wizard.same_count = states.count("unchanged")
            wizard.kept_count = states.count("kept")

    # Preview ------------------------------------------------------------------

    def action_preview(self):
        """Show what would be agreed; nothing is written yet."""
        self.ensure_one()
        self._check_values()
        found = self._find_treated()
        if not found:
            raise UserError(
                self.env._(
                    "Nobody was treated in this time by these specialists. Look back "
                    "further, or choose fewer conditions."
                )
            )
        return self._preview(self._prepare_lines(found))

    def _check_values(self):
        if self.date_to and self.date_to < self.date_from:
            raise UserError(self.env._("The last day is before the first."))
        if self.change_percent <= -100:
            raise UserError(self.env._("A price cannot be lowered by 100% or more."))
        if not 0 <= self.specialist_percent <= 100:
            raise UserError(self.env._("The share lies between 0 and 100%."))

    def _find_treated(self):
        """Return ``(patient, specialist, service, visits)`` to agree on."""
        since = fields.Date.context_today(self) - relativedelta(
            months=max(self.months, 0)
        )
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("day", ">=", since)
            & Domain("state", "not in", ("hold", "cancelled", "noshow"))
        )
        for name in ("specialist_ids", "service_ids", "patient_ids"):
            if self[name]:
                domain &= Domain(name.removesuffix("s"), "in", self[name].ids)
        # Sudo: of the visits only who, with whom and how often is looked at.
        rows = (
            self.env["clinic.appointment"]
            .sudo()
            ._read_group(
                domain,
                ["patient_id", "specialist_id", "service_id"],
                ["__count"],
                having=[("__count", ">=", max(self.min_visits, 1))],
            )
        )
        return [
            (patient.with_env(self.env), doctor.with_env(self.env), service, count)
            for patient, doctor, service, count in rows
        ]

    def _prepare_lines(self, found):
        decisions = (
            self.env["clinic.price.profile"]
            .with_company(self.company_id)
            ._resolve_many(
                PriceRequest(None, specialist.id, service.id, date=self.date_from)
                for _patient, specialist, service, _count in found
            )
        )
        former = self._former_terms(found)
        return [
            self._prepare_line(row, decision, former)
            for row, decision in zip(found, decisions, strict=True)
        ]

    def _former_terms(self, found):
        """Return {(patient, specialist, service): terms} that touch the period."""
        profiles = self.env["clinic.price.profile"].search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("patient_id", "in", list({row[0].id for row in found}))
            & Domain("specialist_id", "in", list({row[1].id for row in found}))
            & Domain("service_id", "in", list({row[2].id for row in found}))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", self.date_from)),
            order="date_from",
        )
        return profiles.grouped(
            lambda p: (p.patient_id.id, p.specialist_id.id, p.service_id.id)
        )

    def _prepare_line(self, row, decision, former):
        patient, specialist, service, count = row
        scale = 10**self.currency_id.decimal_places
        price = (
            change_price(
                round(decision.price * scale),
                Fraction(str(self.change_percent)),
                round(float(self.rounding) * scale),
            )
            / scale
        )
        terms = former.get((patient.id, specialist.id, service.id), ())
        present = next((t for t in terms if t.date_from <= self.date_from), None)
        following = next((t for t in terms if t.date_from > self.date_from), None)
        date_to = self.date_to
        if following and (not date_to or date_to >= following.date_from):
            # What is agreed for later stays; these terms end before it.
            date_to = following.date_from - timedelta(days=1)
        return {
            "patient_id": patient.id,
            "specialist_id": specialist.id,
            "service_id": service.id,
            "visits": count,
            "list_price": decision.price,
            "price": price,
            "specialist_percent": self.specialist_percent,
            "profile_id": present.id if present else False,
            "old_price": present.price if present else 0.0,
            "date_to": date_to,
            "state": self._line_state(present, price),
        }

    def _line_state(self, present, price):
        if not present:
            return "new"
        same = (
            present.is_price_fixed
            and not self.currency_id.compare_amounts(present.price, price)
            and not present.discount
            and (
                not self.specialist_percent
                or present.specialist_percent == self.specialist_percent
            )
        )
        if same:
            return "unchanged"
        return "changed" if self.existing == "renew" else "kept"

    # Agree --------------------------------------------------------------------

    def action_apply(self):
        """Write the terms of the preview; return the list of them."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.state in TO_WRITE)
        if not lines:
            raise UserError(
                self.env._("There is nothing to agree on: everything stays as it is.")
            )
        # Of a thousand terms nobody wants a message each.
        quiet = self.env["clinic.price.profile"].with_context(
            tracking_disable=True, mail_create_nolog=True
        )
        former = lines.profile_id.with_env(quiet.env)
        same_day = former.filtered(lambda p: p.date_from == self.date_from)
        (former - same_day).write({"date_to": self.date_from - timedelta(days=1)})
        # Terms of this very day never held: they give way altogether.
        same_day.write({"active": False})
        profiles = quiet.create([line._prepare_profile() for line in lines])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_price_profile"
        )
        action["domain"] = [("id", "in", profiles.ids)]
        action["context"] = {}
        return action


class ClinicPriceGenerateLine(models.TransientModel):
    _name = "clinic.price.generate.line"
    _description = "Terms to Agree On"
    _order = "state desc, patient_id, id"

    wizard_id = fields.Many2one(
        "clinic.price.generate", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    patient_id = fields.Many2one("res.partner", required=True)
    specialist_id = fields.Many2one("clinic.specialist", required=True)
    service_id = fields.Many2one("product.product", required=True)
    visits = fields.Integer()
    list_price = fields.Monetary(string="By the Lists")
    old_price = fields.Monetary(string="Agreed Before")
    price = fields.Monetary(string="To Agree")
    specialist_percent = fields.Float(string="Share, %", digits=(5, 2))
    date_to = fields.Date(string="To")
    profile_id = fields.Many2one("clinic.price.profile")
    state = fields.Selection(LINE_STATES, required=True)

    def _prepare_profile(self):
        wizard = self.wizard_id
        return {
            "company_id": wizard.company_id.id,
            "patient_id": self.patient_id.id,
            "specialist_id": self.specialist_id.id,
            "service_id": self.service_id.id,
            "price": self.price,
            "is_price_fixed": True,
            "specialist_percent": self.specialist_percent,
            "date_from": wizard.date_from,
            "date_to": self.date_to,
            "note": wizard.note,
        }
