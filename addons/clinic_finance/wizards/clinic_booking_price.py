from odoo import api, fields, models

from ..models.clinic_price_profile import PriceRequest


class ClinicBookingWizard(models.TransientModel):
    """The booking dialog tells the price that booking will agree on, and why."""

    _inherit = "clinic.booking.wizard"

    price_why = fields.Json(compute="_compute_price_why")

    def _price_needs(self, needs):
        """Return ``(service, specialist, branch, start)`` for each of the needs.

        Of a window that is chosen already the place and time count: the price may
        differ by branch and by day.
        """
        places = [self._parse_key(key) for key in (self.chosen or "").split(";") if key]
        known = needs == self._needs() and len(places) == len(needs)
        found = []
        for index, (service, specialist) in enumerate(needs):
            branch, start = self.branch_id, None
            if known:
                specialist, room, start = places[index]
                branch = room.branch_id or branch
            found.append((service._origin, specialist._origin, branch._origin, start))
        return found

    def _price_decisions(self, needs):
        """Return ``(service, PriceDecision)`` of the services, all at once."""
        patient = self._picker_patient()._origin if self else None
        today = fields.Date.context_today(self)
        requests = []
        for service, specialist, branch, start in self._price_needs(needs):
            day = branch._localize(start).date() if start else self.date_from or today
            requests.append(
                PriceRequest(
                    patient_id=patient.id if patient else None,
                    specialist_id=specialist.id or None,
                    service_id=service.id,
                    date=day,
                    branch_id=branch.id or None,
                    moment=start,
                )
            )
        decisions = self.env["clinic.price.profile"]._resolve_many(requests)
        services = [service for service, _specialist in needs]
        return list(zip(services, decisions, strict=True))

    @api.depends("chosen", "branch_id")
    def _compute_price_words(self):
        return super()._compute_price_words()

    def _price_in_words(self, needs):
        """Add who else pays to the price."""
        needs = [need for need in needs if need[0]._origin]
        if not needs or not self:
            return super()._price_in_words(needs)
        currency = self.env.company.currency_id
        decisions = [decision for _service, decision in self._price_decisions(needs)]
        prices = [currency.format(decision.price) for decision in decisions]
        words = total = currency.format(sum(d.price for d in decisions))
        if len(prices) > 1:
            words = f"{' + '.join(prices)} = {total}"
        if any(decision.covered for decision in decisions):
            words = self.env._(
                "%(price)s, of it the patient pays %(copay)s",
                price=words,
                copay=currency.format(sum(d.copay for d in decisions)),
            )
        return words

    @api.depends("price_words")
    @api.depends_context("lang", "uid")
    def _compute_price_why(self):
        profiles = self.env["clinic.price.profile"]
        currency = self.env.company.currency_id
        tells = profiles._tells_percent()
        for wizard in self:
            needs = [need for need in wizard._needs() if need[0]._origin]
            groups = []
            for service, decision in wizard._price_decisions(needs) if needs else ():
                chain = decision.chain + (decision.percent_chain if tells else [])
                groups.append(
                    {
                        "title": service.name,
                        "price": currency.format(decision.price),
                        "steps": profiles._chain_words(chain),
                    }
                )
            wizard.price_why = {"groups": groups}
