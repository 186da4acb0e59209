from datetime import datetime, time, timedelta
from fractions import Fraction

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.clinic_price_profile import PriceRequest
from ..tools.pricing import change_price
from .clinic_price_generate import ROUNDINGS

AHEAD = ("hold", "booked", "confirmed")


class ClinicPriceChange(models.TransientModel):
    """Raise or lower prices from a day on, with a look at them before.

    It changes cards of services and price lists. What is agreed with patients and what
    is booked or invoiced keeps its price.
    """

    _name = "clinic.price.change"
    _inherit = ["clinic.preview.mixin"]
    _description = "Change Prices"
    _preview_action = "clinic_finance.action_clinic_price_change"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    target = fields.Selection(
        [("base", "Prices for everybody"), ("list", "A price list")],
        string="What Changes",
        default="base",
        required=True,
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Price List",
        domain="[('company_id', 'in', (False, company_id))]",
    )
    specialty_ids = fields.Many2many("clinic.specialty", string="Specialties")
    category_ids = fields.Many2many("product.category", string="Categories")
    service_ids = fields.Many2many(
        "product.product", string="Services", domain=[("is_clinic_service", "=", True)]
    )
    percent = fields.Float(string="Change, %", default=5.0)
    rounding = fields.Selection(ROUNDINGS, string="Round", default="10", required=True)
    round_up = fields.Boolean(string="Always Up")
    ending = fields.Monetary(
        string="Less", help="Taken off after rounding: 10 makes 2,990 of 3,000."
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    line_ids = fields.One2many("clinic.price.change.line", "wizard_id")
    agreed_count = fields.Integer(
        string="Agreed with Patients", compute="_compute_kept"
    )
    visit_count = fields.Integer(string="Booked Visits", compute="_compute_kept")

    @api.depends("line_ids.service_id")
    def _compute_kept(self):
        """What keeps its price: shown so that nobody wonders later."""
        for wizard in self:
            services = wizard.line_ids.service_id
            wizard.agreed_count = self.env["clinic.price.profile"].search_count(
                Domain("company_id", "=", wizard.company_id.id)
                & Domain("service_id", "in", services.ids)
                & Domain("is_price_fixed", "=", True)
                & (
                    Domain("date_to", "=", False)
                    | Domain("date_to", ">=", wizard.date_from)
                )
            )
            # Sudo: a number, and none of the visits.
            wizard.visit_count = (
                self.env["clinic.appointment"]
                .sudo()
                .search_count(
                    Domain("company_id", "=", wizard.company_id.id)
                    & Domain("service_id", "in", services.ids)
                    & Domain("day", ">=", wizard.date_from)
                    & Domain("state", "in", AHEAD)
                )
            )

    # Preview ------------------------------------------------------------------

    def action_preview(self):
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.date_from < today:
            raise UserError(
                self.env._("Prices change from today on or later, not in the past.")
            )
        if self.target == "list" and not self.pricelist_id:
            raise UserError(self.env._("Choose the price list to change."))
        if self.percent <= -100:
            raise UserError(self.env._("A price cannot be lowered by 100% or more."))
        services = self._find_services()
        if not services:
            raise UserError(self.env._("No service fits these conditions."))
        old_prices = self._old_prices(services)
        if not old_prices:
            raise UserError(self.env._("None of these services is on the price list."))
        return self._preview(
            {
                "service_id": service.id,
                "old_price": old_prices[service],
                "price": self._new_price(old_prices[service]),
            }
            for service in services
            if service in old_prices
        )

    def _find_services(self):
        domain = Domain("is_clinic_service", "=", True) & Domain(
            "company_id", "in", (False, self.company_id.id)
        )
        if self.specialty_ids:
            domain &= Domain("specialty_ids", "in", self.specialty_ids.ids)
        if self.category_ids:
            domain &= Domain("categ_id", "child_of", self.category_ids.ids)
        if self.service_ids:
            domain &= Domain("id", "in", self.service_ids.ids)
        return self.env["product.product"].search(domain, order="name, id")

    def _old_prices(self, services):
        """Return {service: price} on the day; of a list only what it names."""
        start = self._start()
        if self.target == "base":
            decisions = (
                self.env["clinic.price.profile"]
                .with_company(self.company_id)
                ._resolve_many(
                    PriceRequest(None, None, service.id, self.date_from, moment=start)
                    for service in services
                )
            )
            return {
                service: decision.price
                for service, decision in zip(services, decisions, strict=True)
            }
        rules = self.pricelist_id._compute_price_rule(
            services, 1.0, currency=self.currency_id, date=start
        )
        return {
            service: rules[service.id][0]
            for service in services
            if rules[service.id][1]
        }

    def _new_price(self, old):
        scale = 10**self.currency_id.decimal_places
        return (
            change_price(
                round(old * scale),
                Fraction(str(self.percent)),
                round(float(self.rounding) * scale),
                ending=round(self.ending * scale),
                up=self.round_up,
            )
            / scale
        )

    def _start(self):
        """Return the first moment of the day for the accountant, as naive UTC."""
        zone = pytz.timezone(self.env.user.tz or "Europe/Moscow")
        wall = zone.localize(datetime.combine(self.date_from, time()))
        return wall.astimezone(pytz.utc).replace(tzinfo=None)

    # Change -------------------------------------------------------------------

    def action_apply(self):
        self.ensure_one()
        lines = self.line_ids.filtered("is_changed")
        if not lines:
            raise UserError(self.env._("No price changes."))
        today = fields.Date.context_today(self)
        if self.target == "base" and self.date_from <= today:
            self._write_cards(lines)
        else:
            price_list = self.pricelist_id
            if self.target == "base":
                price_list = self._base_list()
            self._write_list(price_list, lines)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Prices changed: %(count)s. What is agreed or booked keeps its "
                    "price.",
                    count=len(lines),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _write_cards(self, lines):
        """Write the new prices on the cards; a dated price would stand before them."""
        for price, same in lines.grouped("price").items():
            same.service_id.product_tmpl_id.write({"list_price": price})
        self._end_items(self.company_id.sudo().clinic_pricelist_id, lines)

    def _base_list(self):
        # Sudo: who keeps prices need not be an administrator of the company.
        company_sudo = self.company_id.sudo()
        if not company_sudo.clinic_pricelist_id:
            company_sudo.clinic_pricelist_id = self.env["product.pricelist"].create(
                {
                    "name": self.env._("Base prices"),
                    "currency_id": self.currency_id.id,
                    "company_id": self.company_id.id,
                }
            )
        return company_sudo.clinic_pricelist_id.with_env(self.env)

    def _end_items(self, price_list, lines):
        """End the rules of these services where the new prices begin.

        What is planned for a later day stays: return {template: its first moment}.
        """
        start = self._start()
        last = start - timedelta(seconds=1)
        items = self.env["product.pricelist.item"].search(
            Domain("pricelist_id", "=", price_list.id)
            & Domain("product_tmpl_id", "in", lines.service_id.product_tmpl_id.ids)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", last)),
            order="date_start",
        )
        later = items.filtered(lambda i: i.date_start and i.date_start > start)
        same = items.filtered(lambda i: i.date_start == start)
        (items - later - same).date_end = last
        same.unlink()
        planned = {}
        for item in later:
            planned.setdefault(item.product_tmpl_id, item.date_start)
        return planned

    def _write_list(self, price_list, lines):
        planned = self._end_items(price_list, lines)
        values = []
        for line in lines:
            template = line.service_id.product_tmpl_id
            until = planned.get(template)
            values.append(
                {
                    "pricelist_id": price_list.id,
                    "applied_on": "1_product",
                    "product_tmpl_id": template.id,
                    "compute_price": "fixed",
                    "fixed_price": line.price,
                    "date_start": self._start(),
                    "date_end": until and until - timedelta(seconds=1),
                }
            )
        self.env["product.pricelist.item"].create(values)


class ClinicPriceChangeLine(models.TransientModel):
    _name = "clinic.price.change.line"
    _description = "Price to Change"
    _order = "id"

    wizard_id = fields.Many2one(
        "clinic.price.change", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    service_id = fields.Many2one("product.product", required=True)
    old_price = fields.Monetary(string="Present Price")
    price = fields.Monetary(string="New Price")
    difference = fields.Monetary(compute="_compute_difference")
    is_changed = fields.Boolean(compute="_compute_difference")

    @api.depends("old_price", "price")
    def _compute_difference(self):
        for line in self:
            line.difference = line.price - line.old_price
            line.is_changed = bool(
                line.currency_id.compare_amounts(line.price, line.old_price)
            )

    _price_positive = models.Constraint(
        "CHECK(price >= 0)", "A price must not be below zero."
    )
