from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.misc import get_lang


@dataclass(frozen=True)
class PriceRequest:
    """One price asked for, as records' ids.

    :param date: the business day of the visit; today if not given.
    :param moment: naive UTC; noon of the day if not given.
    """

    patient_id: int | None
    specialist_id: int | None
    service_id: int
    date: object = None
    branch_id: int | None = None
    moment: object = None


@dataclass(frozen=True)
class PriceDecision:
    """A price in the company's currency, and how it came about.

    ``payer_id`` pays ``covered`` by the programme of ``member_id``; the patient pays
    the rest. ``chain`` and ``percent_chain`` are plain dicts that can be stored;
    :meth:`ClinicPriceProfile._chain_words` tells them to people.
    """

    price: float
    percent: float
    payer_id: int | None
    member_id: int | None
    covered: float
    copay: float
    chain: list
    percent_chain: list


class ClinicPriceProfile(models.Model):
    """What is agreed on prices beside the price lists.

    With a patient: the contract of this patient (with this specialist, for this
    service). Without: the specialist's own price and percentage for everybody.
    """

    _name = "clinic.price.profile"
    _description = "Agreed Price"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True)
    patient_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="cascade",
        domain=[("is_patient", "=", True)],
        help="Leave empty for terms that hold for every patient.",
    )
    specialist_id = fields.Many2one(
        "clinic.specialist",
        index="btree_not_null",
        ondelete="cascade",
        help="Leave empty for a patient's terms with every specialist.",
    )
    service_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="cascade",
        domain=[("is_clinic_service", "=", True)],
        help="Leave empty for every service.",
    )
    is_price_fixed = fields.Boolean(
        string="Own Price",
        compute="_compute_is_price_fixed",
        store=True,
        readonly=False,
        tracking=True,
        help="The price below holds whatever the price lists say; tick it for a "
        "service that is given for free too.",
    )
    price = fields.Monetary(tracking=True)
    discount = fields.Float(
        string="Discount, %",
        digits=(5, 2),
        tracking=True,
        aggregator=None,
        help="Taken off the own price; without one, off the price of the lists.",
    )
    is_percent_fixed = fields.Boolean(
        string="Own Percentage",
        compute="_compute_is_percent_fixed",
        store=True,
        readonly=False,
        groups="clinic_finance.group_price_terms",
    )
    specialist_percent = fields.Float(
        string="Specialist's Share, %",
        digits=(5, 2),
        tracking=True,
        aggregator=None,
        groups="clinic_finance.group_price_terms",
        help="Share of the price that goes to the specialist.",
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_to = fields.Date(string="To", tracking=True, help="Inclusive.")
    is_current = fields.Boolean(
        compute="_compute_is_current", search="_search_is_current"
    )
    note = fields.Char(help="Number of the contract, who agreed, and the like.")
    base_price = fields.Monetary(
        string="Price by the Lists",
        compute="_compute_base_price",
        help="What the service would cost without these terms.",
    )

    # An agreement is one: two of the same parties never hold on the same day.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (company_id WITH =, (COALESCE(patient_id, 0)) WITH =,"
        " (COALESCE(specialist_id, 0)) WITH =, (COALESCE(service_id, 0)) WITH =,"
        " daterange(date_from, date_to, '[]') WITH &&) WHERE (active)",
        "Terms of the same patient, specialist and service already hold in this "
        "period. End those first.",
    )
    _somebody = models.Constraint(
        "CHECK(patient_id IS NOT NULL OR specialist_id IS NOT NULL)",
        "Choose a patient, a specialist, or both: prices for everybody belong into "
        "the price lists.",
    )
    _period_ok = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "Terms must not end before they begin.",
    )
    _amounts_ok = models.Constraint(
        "CHECK(price >= 0 AND COALESCE(discount, 0) BETWEEN 0 AND 100"
        " AND COALESCE(specialist_percent, 0) BETWEEN 0 AND 100)",
        "A price must not be below zero, percentages lie between 0 and 100.",
    )

    @api.depends("price")
    def _compute_is_price_fixed(self):
        for profile in self:
            # Ticked by a price; who gives the service for free ticks it by hand.
            profile.is_price_fixed = bool(profile.price) or profile.is_price_fixed

    @api.depends("specialist_percent")
    def _compute_is_percent_fixed(self):
        for profile in self:
            profile.is_percent_fixed = (
                bool(profile.specialist_percent) or profile.is_percent_fixed
            )

    @api.depends("date_from", "date_to", "active")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for profile in self:
            profile.is_current = bool(
                profile.active
                and profile.date_from
                and profile.date_from <= today
                and (not profile.date_to or today <= profile.date_to)
            )

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        current = (
            fields.Domain("active", "=", True)
            & fields.Domain("date_from", "<=", today)
            & (
                fields.Domain("date_to", "=", False)
                | fields.Domain("date_to", ">=", today)
            )
        )
        wanted = set(value)
        if wanted == {True, False}:
            return fields.Domain.TRUE
        return current if True in wanted else ~current

    @api.depends("patient_id", "specialist_id", "service_id", "date_from", "company_id")
    def _compute_base_price(self):
        """The price without agreements with patients, on the first day from today."""
        self.base_price = 0.0
        today = fields.Date.context_today(self)
        priced = self.filtered("service_id")
        for company, profiles in priced.grouped("company_id").items():
            requests = [
                PriceRequest(
                    patient_id=None,
                    specialist_id=profile.specialist_id.id or None,
                    service_id=profile.service_id.id,
                    date=max(profile.date_from or today, today),
                )
                for profile in profiles
            ]
            decisions = self.with_company(company)._resolve_many(requests)
            for profile, decision in zip(profiles, decisions, strict=True):
                profile.base_price = decision.price

    @api.depends("patient_id", "specialist_id", "service_id")
    def _compute_display_name(self):
        for profile in self:
            parts = (
                profile.patient_id.name,
                profile.specialist_id.name,
                profile.service_id.name,
            )
            profile.display_name = " · ".join(part for part in parts if part)

    @api.constrains("is_price_fixed", "service_id")
    def _check_price_has_service(self):
        for profile in self:
            if profile.is_price_fixed and not profile.service_id:
                raise ValidationError(
                    self.env._(
                        "An own price needs its service (%(profile)s). For all "
                        "services at once give a discount.",
                        profile=profile.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # The end of former terms reaches the database before those that follow them.
        self.flush_model(["date_from", "date_to", "active"])
        return super().create(vals_list)

    # The answer ---------------------------------------------------------------

    @api.model
    def resolve(self, patient_id, specialist_id, service_id, date=None, branch_id=None):
        """Return the price of a service on a day, and why.

        :param date: ``YYYY-MM-DD``, today if not given.
        :return: ``{price, specialist_percent, chain: [step…]}`` and ``payer_id``,
            ``covered``, ``copay`` (who else pays, and how much of it). A step has
            ``source`` (a code), ``words`` for people, and ``price`` or ``percent``.
            The specialist's percentage is None for who may not know it.
        """
        if not (self.env.su or self.env.user.has_group("clinic_base.group_staff")):
            raise AccessError(
                self.env._("Prices of patients are for the staff of the clinic.")
            )
        records = {
            "res.partner": patient_id,
            "clinic.specialist": specialist_id,
            "product.product": service_id,
            "clinic.branch": branch_id,
        }
        for model, record_id in records.items():
            if record_id:
                record = self.env[model].browse(int(record_id)).exists()
                if not record:
                    raise UserError(
                        self.env._(
                            "There is no %(model)s with the number %(number)s.",
                            model=self.env[model]._description,
                            number=record_id,
                        )
                    )
                record.check_access("read")
        if not service_id:
            raise UserError(self.env._("Choose the service to tell its price."))
        [decision] = self._resolve_many(
            [
                PriceRequest(
                    patient_id=patient_id and int(patient_id) or None,
                    specialist_id=specialist_id and int(specialist_id) or None,
                    service_id=int(service_id),
                    date=fields.Date.to_date(date),
                    branch_id=branch_id and int(branch_id) or None,
                )
            ]
        )
        tells = self._tells_percent()
        chain = decision.chain + (decision.percent_chain if tells else [])
        return {
            "price": decision.price,
            "specialist_percent": decision.percent if tells else None,
            "payer_id": decision.payer_id or False,
            "covered": decision.covered,
            "copay": decision.copay,
            "chain": self._chain_words(chain),
        }

    @api.model
    def _tells_percent(self):
        return self.env.su or self.env.user.has_group(
            "clinic_finance.group_price_terms"
        )

    @api.model
    def _resolve_many(self, requests, without=()):
        """Return a :class:`PriceDecision` for each :class:`PriceRequest`, in order.

        At most six queries, whatever the number. For the company of the environment;
        rights are the caller's business.

        :param without: ids of visits that count for no limit of a programme, because
            it is their price that is decided anew.
        """
        return self.env["clinic.price.source"]._decide(list(requests), without)

    @api.model
    def _chain_words(self, chain):
        """Return the steps with ``words``, a sentence each in the reader's language."""
        currency = self.env.company.currency_id
        return [
            {**step, "words": self._step_words(step, currency)} for step in chain or []
        ]

    @api.model
    def _step_words(self, step, currency):
        def money(key):
            return currency.format(step.get(key) or 0.0)

        def number(key):
            point = get_lang(self.env).decimal_point
            return f"{step.get(key) or 0.0:g}".replace(".", point)

        name = step.get("name") or ""
        if step.get("skipped"):
            reasons = {
                "service": self.env._(
                    "Programme “%(name)s” does not cover this service", name=name
                ),
                "branch": self.env._(
                    "Programme “%(name)s” does not hold in this branch", name=name
                ),
                "visits": self.env._(
                    "Programme “%(name)s”: all visits of the limit are used", name=name
                ),
                "amount": self.env._(
                    "Programme “%(name)s”: the limit is used up", name=name
                ),
            }
            return reasons.get(step["skipped"], name)
        source = step["source"]
        if source == "percent":
            return self.env._(
                "Specialist's share %(percent)s%%: %(name)s",
                percent=number("percent"),
                name=name,
            )
        if source == "payer":
            return self.env._(
                "%(payer)s pays %(amount)s of it",
                payer=step.get("payer") or name,
                amount=money("covered"),
            )
        if source == "kept":
            return self.env._(
                "As agreed when it was booked: %(price)s", price=money("price")
            )
        labels = {
            "service": self.env._("Price of the service"),
            "base": self.env._("Base price list “%(name)s”", name=name),
            "branch": self.env._("Price list of the branch “%(name)s”", name=name),
            "specialist": self.env._("Price of the specialist: %(name)s", name=name),
            "patient_list": self.env._("Patient's price list “%(name)s”", name=name),
            "programme": self.env._("Programme “%(name)s”", name=name),
            "profile": self.env._("Agreed with the patient: %(name)s", name=name),
        }
        label = labels.get(source, name)
        if step.get("discount"):
            return self.env._(
                "%(label)s, discount %(discount)s%%: %(price)s",
                label=label,
                discount=number("discount"),
                price=money("price"),
            )
        return self.env._("%(label)s: %(price)s", label=label, price=money("price"))
