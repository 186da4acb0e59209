from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..tools.charges import to_kopecks

CHANGEABLE = ("booked", "confirmed", "arrived", "in_progress", "fulfilled")


class ClinicAppointmentCharges(models.Model):
    """What is charged for a visit, and the documents that follow it."""

    _inherit = "clinic.appointment"

    deposit_amount = fields.Monetary(
        string="Deposit",
        readonly=True,
        copy=False,
        help="Due when the visit is booked; agreed then, by the rule of the service.",
    )

    # Prices and terms --------------------------------------------------------

    def _charge_terms(self, product):
        """Return (price, specialist's percent, covered, who covers) of a service.

        Of the service booked: what was agreed then; of another: what holds now.
        """
        self.ensure_one()
        if product == self.service_id and self.price_decided_at:
            return (
                self.price_agreed,
                self.price_percent,
                self.price_covered,
                self.price_payer_id,
            )
        decision = self._decide_prices(product)[self]
        payer = self.env["res.partner"].browse(decision.payer_id or ())
        return decision.price, decision.percent, decision.covered, payer

    def _prepare_charge_vals(self, product, **values):
        """Return the values of the charges for ``product``: what a programme covers
        and what the patient's side pays are charged apart.
        """
        self.ensure_one()
        written = self.with_context(lang=self._charge_lang())
        name = product.with_env(written.env).name
        price, percent, covered, programme_payer = self._charge_terms(product)
        price = values.pop("price_unit", price)
        common = {
            "appointment_id": self.id,
            "product_id": product.id,
            "name": name,
            "quantity": 1.0,
            "percent": percent,
            **values,
        }
        covered = min(covered, price) if programme_payer else 0.0
        payer = self._get_private_payer().commercial_partner_id
        charges = []
        if not self.currency_id.is_zero(covered):
            charges.append(
                {
                    **common,
                    "partner_id": programme_payer.commercial_partner_id.id,
                    "price_unit": covered,
                    "is_covered": True,
                }
            )
        own = self.currency_id.round(price - covered)
        if not charges or not self.currency_id.is_zero(own):
            if charges:
                common["name"] = written.env._(
                    "%(service)s (the patient's part)", service=name
                )
            charges.append({**common, "partner_id": payer.id, "price_unit": own})
        return charges

    def _charge_lang(self):
        """Return the language of what the payer reads, whoever makes the booking."""
        payer = self._get_private_payer()
        return payer.lang or self.company_id.partner_id.lang or self.env.lang

    def _get_private_payer(self):
        """Return who pays what no programme covers: the patient or the family."""
        self.ensure_one()
        return self.patient_id._clinic_payer()

    def _get_deposit(self):
        """Return the deposit the service asks for, from what is charged."""
        self.ensure_one()
        service = self.service_id
        total = sum(
            charge.amount
            for charge in self.charge_ids._standing()
            if not charge.is_covered
        )
        return service._clinic_deposit(total)

    def _prepare_invoice_vals(self):
        return self._prepare_payer_invoice_vals(covered=False)

    def _prepare_payer_invoice_vals(self, covered):
        """Return the values of the invoice of the patient's side or of a programme.

        Dated not later than the visit, due on its day; in advance: at once.

        :param bool covered: what a programme pays is never due in advance.
        """
        self.ensure_one()
        day = min(self.branch_id._clinic_day(), self.day)
        in_advance = self.service_id.prepayment == "full" and not covered
        due = day if in_advance else max(day, self.day)
        vals = {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "partner_id": self._get_charge_partner().commercial_partner_id.id,
            "clinic_patient_id": self.patient_id.id,
            "clinic_appointment_id": self.id,
            "clinic_appointment_ids": [Command.set(self.ids)],
            "clinic_is_covered": covered,
            "invoice_origin": self.name,
            "invoice_date": day,
            "invoice_payment_term_id": False,
            "invoice_date_due": due,
        }
        if self.deposit_amount and due > day and not covered:
            vals["clinic_due_parts"] = [
                [str(day), to_kopecks(self.deposit_amount)],
                [str(due), 0],
            ]
        return vals

    def _is_all_covered(self):
        """Tell whether a programme pays for everything that stands."""
        self.ensure_one()
        charges = self.charge_ids._standing()
        return bool(charges) and all(charge.is_covered for charge in charges)

    def _posts_invoice(self):
        """Tell whether what is charged is due already, not only agreed."""
        self.ensure_one()
        if self.state == "hold":
            return False
        return self.service_id.prepayment != "after" or self.state in (
            "fulfilled",
            "cancelled",
            "noshow",
        )

    # Documents (in sudo mode) ------------------------------------------------

    def _invoice(self):
        """Charge what these visits were booked for, invoice it, let money find it."""
        self._ensure_invoices()
        self._post_invoices()

    def _ensure_charges(self):
        """Write down what the visits were booked for, each once."""
        new = self.filtered(lambda visit: not visit.charge_ids)
        vals_list = []
        for visit in new:
            written = visit.with_context(lang=visit._charge_lang())
            for vals in written._get_charge_vals():
                values = {
                    key: vals[key]
                    for key in ("quantity", "name", "price_unit", "discount")
                    if key in vals
                }
                product = self.env["product.product"].browse(vals["product_id"])
                vals_list += visit._prepare_charge_vals(product, **values)
        self.env["clinic.charge"].create(vals_list)
        for visit in new.filtered(lambda v: v.service_id.prepayment == "deposit"):
            visit.deposit_amount = visit._get_deposit()

    def _ensure_invoices(self):
        """Give each of these living documents for what is charged."""
        for company, visits in self.grouped("company_id").items():
            visits = visits.with_company(company)
            visits._ensure_charges()
            visits.charge_ids._restore()
            visits._revive_drafts()
            due = visits - visits._waits_for_turn()
            due.charge_ids._unbilled()._bill()

    def _revive_drafts(self):
        """Let the drafts of a cancellation taken back live again."""
        unbilled = self.charge_ids._unbilled()
        for move in self.invoice_ids.filtered(
            lambda move: move.state == "cancel" and move.move_type == "out_invoice"
        ).sorted("id", reverse=True):
            charges = move.invoice_line_ids.clinic_charge_id
            if charges and charges <= unbilled:
                move.button_draft()
                unbilled -= charges

    def _create_invoices(self):
        """Create draft invoices for what is on none; return {visit id: invoice}."""
        self._check_books()
        self._ensure_charges()
        drafts = self.charge_ids._unbilled()._bill()
        return {
            visit.id: draft
            for draft in drafts
            for visit in draft.clinic_appointment_ids
        }

    def _post_invoices(self):
        """Post the drafts that are due and let money on the account pay them."""
        drafts = self.invoice_ids.filtered(
            lambda move: (
                move.state == "draft"
                and move.move_type == "out_invoice"
                and all(visit._posts_invoice() for visit in move.clinic_appointment_ids)
            )
        )
        for draft in drafts:
            draft._clinic_date_for_posting()
        drafts._post(soft=False)
        drafts.partner_id._clinic_allocate()

    def _release_invoices(self, fees=None):
        """Drop the drafts, credit what was posted; money paid stays on the account.

        A posted document is never erased: a credit note takes it back. What had been
        paid is unmatched first and becomes an advance: it pays what is kept by the
        cancellation rules, then the next unpaid visit if there is one.

        :param fees: {visit id: amount kept}
        """
        charges = self.charge_ids._standing()
        for visit in self:
            (charges & visit.charge_ids)._take_back(
                visit._release_words(), with_visit=True
            )
        kept = self.env["clinic.charge"]
        for visit in self:
            if (fees or {}).get(visit.id):
                kept |= visit._charge_fee(fees[visit.id])
        kept._unbilled()._bill()
        self._post_invoices()
        (charges | kept).partner_id._clinic_allocate()

    def _release_words(self):
        """Return what a credit note says about why it exists."""
        self.ensure_one()
        if self.state == "noshow":
            return self.env._(
                "Visit %(visit)s: the patient did not come", visit=self.name
            )
        return self.env._("Cancellation of visit %(visit)s", visit=self.name)

    def _after_fulfil(self):
        """What was planned has been done; what is paid after the visit is due."""
        planned = self.charge_ids.filtered(lambda charge: charge.state == "planned")
        planned.state = "done"
        self._post_invoices()

    def _move_due_dates(self, old):
        """Let what is due on the day of the visit follow it to another day."""
        self.ensure_one()
        branch = old.get("branch_id") or self.branch_id
        was = branch._localize(old["start"]).date() if old.get("start") else self.day
        if was == self.day:
            return
        for move in self.invoice_ids.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.state in ("draft", "posted")
                and move.clinic_appointment_ids == self
            )
        ):
            move._clinic_move_due(was, self.day)

    # Changing what is charged ------------------------------------------------

    def add_charge(self, product_id, quantity=1.0, reason=None):
        """Add a service to the visit, at its price of now; return the charge's id.

        :param reason: why; nothing medical. Required once the day is over.
        """
        self.ensure_one()
        self._check_may_charge()
        product = self.env["product.product"].browse(product_id).exists()
        if not product or not product.is_clinic_service or not product.active:
            raise UserError(self.env._("Choose a service of the clinic."))
        if quantity <= 0:
            raise UserError(self.env._("The quantity is more than zero."))
        if self._is_over() and not (reason or "").strip():
            raise UserError(self.env._("Say in a few words why it is added so late."))
        # Sudo after the checks: the books follow, whoever says what was done.
        charges_sudo = self.sudo()._add_charge(product.sudo(), quantity, reason)
        return charges_sudo[:1].id

    def _add_charge(self, product, quantity, reason=None, **values):
        """Add and invoice it (sudo)."""
        self.ensure_one()
        charges = self.env["clinic.charge"].create(
            self._prepare_charge_vals(
                product,
                quantity=quantity,
                reason=reason or False,
                is_added=True,
                state="done" if self.state == "fulfilled" else "planned",
                **values,
            )
        )
        charges._unbilled()._bill()
        self._post_invoices()
        return charges

    def _is_over(self):
        """Tell whether the day of the visit has gone."""
        self.ensure_one()
        return self.day < self.branch_id._localize(fields.Datetime.now()).date()

    def _check_may_charge(self):
        """Refuse to change what is charged to those who may not, or too late."""
        if not self.env.su and not self.env.user.has_group(
            "clinic_finance.group_charge_editor"
        ):
            raise AccessError(
                self.env._(
                    "What is charged for a visit is changed by its specialist, the "
                    "reception and the accountant."
                )
            )
        self.check_access("read")
        if not self.env.user.has_group("clinic_finance.group_charge_override"):
            # The specialist's own visits only, say the rules of writing.
            self.check_access("write")
        closed = self.filtered(lambda visit: visit.state not in CHANGEABLE)
        if closed:
            raise UserError(
                self.env._(
                    "Services are added and dropped on visits that are booked or take "
                    "place, not on: %(visits)s.",
                    visits=", ".join(
                        f"{visit.name} ({visit._state_label()})" for visit in closed
                    ),
                )
            )
        if any(visit._is_over() for visit in self):
            self.env["clinic.charge"]._check_may_correct()

    def action_add_charge(self):
        """Open the screen that adds services."""
        self.ensure_one()
        self._check_may_charge()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add a Service"),
            "res_model": "clinic.charge.add",
            "view_mode": "form",
            "target": "new",
            "context": {"default_appointment_id": self.id},
        }
