from odoo import api, fields, models
from odoo.tools import format_date

from .clinic_price_profile import PriceRequest

SEES_PRICES = "clinic_base.group_staff"


class ClinicAppointment(models.Model):
    """The price of a visit is decided when it is booked, and stays."""

    _inherit = "clinic.appointment"

    price_decided_at = fields.Datetime(readonly=True, copy=False)
    price_agreed = fields.Monetary(
        string="Agreed Price",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Decided at booking; a later change of prices does not touch it.",
    )
    price_percent = fields.Float(
        string="Specialist's Share, %",
        digits=(5, 2),
        readonly=True,
        copy=False,
        aggregator=None,
        groups="clinic_finance.group_price_terms",
    )
    price_covered = fields.Monetary(
        string="Paid by the Programme", readonly=True, copy=False
    )
    price_copay = fields.Monetary(
        string="Paid by the Patient",
        compute="_compute_price_copay",
        groups=SEES_PRICES,
    )
    price_payer_id = fields.Many2one(
        "res.partner",
        string="Programme's Payer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=SEES_PRICES,
    )
    price_member_id = fields.Many2one(
        "clinic.price.programme.member",
        string="Programme",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=SEES_PRICES,
    )
    price_chain = fields.Json(readonly=True, copy=False, groups=SEES_PRICES)
    price_percent_chain = fields.Json(
        readonly=True, copy=False, groups="clinic_finance.group_price_terms"
    )
    price_why = fields.Json(
        string="Why This Price", compute="_compute_price_why", groups=SEES_PRICES
    )

    @api.depends("price_agreed", "price_covered")
    def _compute_price_copay(self):
        for visit in self:
            visit.price_copay = visit.price_agreed - visit.price_covered

    @api.depends("price_chain")
    @api.depends_context("lang", "uid")
    def _compute_price_why(self):
        """What the widget shows: the steps of the decision that was made, in words."""
        profiles = self.env["clinic.price.profile"]
        for visit in self:
            chain = visit.price_chain or []
            if profiles._tells_percent():
                chain = chain + (visit.price_percent_chain or [])
            visit.price_why = {
                "groups": [
                    {
                        "title": visit.service_id.name,
                        "price": visit.currency_id.format(visit.price_agreed),
                        "steps": profiles.with_company(visit.company_id)._chain_words(
                            chain
                        ),
                        "note": visit._price_note(),
                    }
                ]
                if visit.price_decided_at
                else []
            }

    def _price_note(self):
        """Say when the price was decided and that it stays."""
        day = format_date(
            self.env, fields.Datetime.context_timestamp(self, self.price_decided_at)
        )
        return self.env._(
            "Agreed on %(day)s; a later change of prices does not touch it.", day=day
        )

    # Deciding -------------------------------------------------------------------

    def _price_request(self, service=None):
        """Return the request for the price of this visit, or of another service in it.

        :param service: ``product.product``; the service of the visit if not given.
        """
        self.ensure_one()
        return PriceRequest(
            patient_id=self.patient_id._origin.id or None,
            specialist_id=self.specialist_id._origin.id or None,
            service_id=(service or self.service_id)._origin.id,
            date=self.day or None,
            branch_id=self.branch_id._origin.id or None,
            moment=self.start or None,
        )

    def _decide_prices(self, service=None):
        """Return {visit: PriceDecision} as prices are now, in six queries a company."""
        found = {}
        profiles = self.env["clinic.price.profile"]
        for company, visits in self.grouped("company_id").items():
            decisions = profiles.with_company(company)._resolve_many(
                [visit._price_request(service) for visit in visits], without=visits.ids
            )
            found.update(zip(visits, decisions, strict=True))
        return found

    def _freeze_prices(self):
        """Decide and keep the prices of those visits that have none yet (sudo)."""
        undecided = self.filtered(lambda visit: visit.id and not visit.price_decided_at)
        now = fields.Datetime.now()
        for visit, decision in undecided._decide_prices().items():
            visit.write(
                {
                    "price_decided_at": now,
                    "price_agreed": decision.price,
                    "price_percent": decision.percent,
                    "price_covered": decision.covered,
                    "price_payer_id": decision.payer_id,
                    "price_member_id": decision.member_id,
                    "price_chain": decision.chain,
                    "price_percent_chain": decision.percent_chain,
                }
            )
        undecided.price_member_id._touch_limits()

    def _get_price(self):
        """Return the price agreed at booking; before that, the one of today."""
        self.ensure_one()
        if self.price_decided_at:
            return self.price_agreed
        return self._decide_prices()[self].price

    def _get_charge_partner(self):
        # Sudo: whoever sees the visit may know who pays for it.
        return self.sudo().price_payer_id or super()._get_charge_partner()

    # Life of a visit ------------------------------------------------------------
    # Sudo in these hooks: the terms a price follows from are not for who books.

    def _after_book(self):
        # First of all: the invoice takes the price from here.
        self.sudo()._freeze_prices()
        return super()._after_book()

    def _after_reschedule(self, old):
        """The price was agreed and stays; the share is of who receives now."""
        result = super()._after_reschedule(old)
        visit_sudo = self.sudo()
        if visit_sudo.price_decided_at and old["specialist_id"] != self.specialist_id:
            decision = visit_sudo._decide_prices()[visit_sudo]
            visit_sudo.write(
                {
                    "price_percent": decision.percent,
                    "price_percent_chain": decision.percent_chain,
                }
            )
            visit_sudo.charge_ids._follow_specialist()
        return result

    def _arrival_dues(self):
        """Say nothing of money that the programme pays, not the patient."""
        visit_sudo = self.sudo()
        if visit_sudo.price_payer_id and visit_sudo.currency_id.is_zero(
            visit_sudo.price_copay
        ):
            return ""
        return super()._arrival_dues()
