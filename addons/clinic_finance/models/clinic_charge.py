from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from ..tools.charges import to_kopecks

# What was agreed is never rewritten: another price or quantity is another charge.
FROZEN = {
    "appointment_id",
    "product_id",
    "quantity",
    "price_unit",
    "discount",
    "percent",
    "kind",
    "partner_id",
    "is_covered",
}


class ClinicCharge(models.Model):
    """A service of a visit and its price, frozen when it was agreed.

    The documents follow the charges: a new one is put on a draft, one that is dropped
    is taken off the draft or, once posted, credited. So the charges that stand always
    add up to the invoices less the credit notes.
    """

    _name = "clinic.charge"
    _description = "Charge"
    _order = "appointment_id, id"
    _rec_name = "name"
    _check_company_auto = True

    appointment_id = fields.Many2one(
        "clinic.appointment",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="appointment_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    patient_id = fields.Many2one(
        related="appointment_id.patient_id", store=True, index=True
    )
    specialist_id = fields.Many2one(
        related="appointment_id.specialist_id", store=True, index=True
    )
    day = fields.Date(related="appointment_id.day", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Whose account it is charged to.",
    )
    is_covered = fields.Boolean(
        string="By a Programme",
        readonly=True,
        help="An insurer or employer pays for it later: nobody asks the patient.",
    )
    product_id = fields.Many2one(
        "product.product",
        string="Service",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    name = fields.Char(string="Description", required=True, readonly=True)
    quantity = fields.Float(
        default=1.0, required=True, readonly=True, digits="Product Unit"
    )
    price_unit = fields.Monetary(
        string="Price", required=True, readonly=True, aggregator=None
    )
    discount = fields.Float(
        string="Discount, %", readonly=True, digits="Discount", aggregator=None
    )
    percent = fields.Float(
        string="Specialist, %",
        readonly=True,
        digits=(5, 2),
        aggregator="avg",
        groups="clinic_base.group_finance,clinic_base.group_director",
        help="The specialist's share that was agreed for this patient and service.",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True)
    kind = fields.Selection(
        [("service", "Service"), ("fee", "Cancellation fee")],
        default="service",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Done"), ("dropped", "Dropped")],
        default="planned",
        required=True,
        readonly=True,
        index=True,
    )
    is_added = fields.Boolean(
        string="Added Later", readonly=True, help="Not what the visit was booked for."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Added By",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    reason = fields.Char(readonly=True, help="Why it was added. Nothing medical.")
    dropped_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    dropped_at = fields.Datetime(readonly=True)
    drop_reason = fields.Char(readonly=True, help="Nothing medical.")
    dropped_with_visit = fields.Boolean(
        readonly=True, help="It comes back if the cancellation is undone."
    )
    line_ids = fields.One2many(
        "account.move.line",
        "clinic_charge_id",
        string="Invoice Lines",
        readonly=True,
        groups="clinic_finance.group_payment_viewer,account.group_account_invoice",
    )

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "The quantity is more than zero."
    )
    _price_not_negative = models.Constraint(
        "CHECK(price_unit >= 0 AND discount BETWEEN 0 AND 100)",
        "A price is not below zero, a discount from 0 to 100 %.",
    )

    @api.depends("quantity", "price_unit", "discount", "currency_id")
    def _compute_amount(self):
        for charge in self:
            amount = charge.quantity * charge.price_unit * (1 - charge.discount / 100)
            charge.amount = charge.currency_id.round(amount)

    def write(self, vals):
        changed = FROZEN & vals.keys()
        if changed:
            raise UserError(
                self.env._(
                    "What was charged is not rewritten. Drop the service and add it "
                    "again."
                )
            )
        return super().write(vals)

    def _follow_specialist(self):
        """Give what is still to be done the share of who receives the patient now.

        The price was agreed with the patient and stays; the share is the specialist's.
        """
        for charge in self.filtered(lambda charge: charge.state == "planned"):
            terms = charge.appointment_id._charge_terms(charge.product_id)
            super(ClinicCharge, charge).write({"percent": terms[1]})

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A charge is not deleted: drop it, and say why."))

    # Buttons and RPC ---------------------------------------------------------

    def drop(self, reason):
        """Take services off their visits; the documents follow.

        Refused without a reason, for what is dropped already, and, once the day of the
        visit is over, to those who may not correct charges.
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say in a few words why it is dropped."))
        fees = self.filtered(lambda charge: charge.kind == "fee")
        if fees:
            self._check_may_correct()
        (self - fees).appointment_id._check_may_charge()
        dropped = self.filtered(lambda charge: charge.state == "dropped")
        if dropped:
            raise UserError(
                self.env._(
                    "Dropped already: %(names)s.",
                    names=", ".join(dropped.mapped("name")),
                )
            )
        # Sudo after the checks: the books follow, whoever says what was not done.
        self.sudo()._drop(reason)
        return True

    def action_drop(self):
        """Ask why, then drop."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Drop a Service"),
            "res_model": "clinic.charge.drop",
            "view_mode": "form",
            "target": "new",
            "context": {"default_charge_id": self.id},
        }

    # Documents (all in sudo mode) --------------------------------------------

    def _standing(self):
        """Return those that are to be paid for."""
        return self.filtered(lambda charge: charge.state != "dropped")

    def _drop(self, reason):
        """Drop them; what was invoiced is taken back, the money finds another use."""
        self._take_back(reason)
        self.partner_id._clinic_allocate()

    def _take_back(self, reason, with_visit=False):
        """Drop them and take back what was invoiced; the money is free after it."""
        self._unbill(reason)
        self.write(
            {
                "state": "dropped",
                "dropped_by_id": self.env.uid,
                "dropped_at": fields.Datetime.now(),
                "drop_reason": reason,
                "dropped_with_visit": with_visit,
            }
        )

    def _restore(self):
        """Let those that were dropped with their visit stand again."""
        self.filtered(
            lambda charge: charge.state == "dropped" and charge.dropped_with_visit
        ).write(
            {
                "state": "planned",
                "dropped_by_id": False,
                "dropped_at": False,
                "drop_reason": False,
                "dropped_with_visit": False,
            }
        )

    def _billed(self):
        """Return {charge: kopecks on documents, credit notes taken off}."""
        lines = self.env["account.move.line"].search_fetch(
            Domain("clinic_charge_id", "in", self.ids)
            & Domain("parent_state", "!=", "cancel"),
            ["clinic_charge_id", "move_type", "price_total"],
        )
        billed = dict.fromkeys(self, 0)
        for line in lines:
            sign = -1 if line.move_type == "out_refund" else 1
            billed[line.clinic_charge_id] += sign * to_kopecks(line.price_total)
        return billed

    def _unbilled(self):
        """Return those that stand, cost something, and are on no document."""
        billed = self._billed()
        return self._standing().filtered(
            lambda charge: (
                not charge.currency_id.is_zero(charge.amount) and not billed[charge]
            )
        )

    def _bill(self):
        """Put them on drafts, one for a visit and payer; return the drafts."""
        # The patient's own part first: it is what the visit calls its invoice.
        self = self.sorted(lambda charge: (charge.is_covered, charge.id))
        self.appointment_id._check_books()
        drafts = self.env["account.move"]
        vals_list = []
        for (visit, payer, covered), charges in self.grouped(
            lambda charge: (charge.appointment_id, charge.partner_id, charge.is_covered)
        ).items():
            draft = visit.invoice_ids.filtered(
                lambda move, payer=payer, covered=covered: (
                    move.state == "draft"
                    and move.move_type == "out_invoice"
                    and move.partner_id == payer
                    and move.clinic_is_covered == covered
                )
            )[:1]
            lines = [
                Command.create(charge._prepare_invoice_line_vals())
                for charge in charges
            ]
            if draft:
                draft.write({"invoice_line_ids": lines})
                drafts |= draft
            else:
                vals_list.append(
                    {
                        **visit._prepare_payer_invoice_vals(covered),
                        "partner_id": payer.id,
                        "invoice_line_ids": lines,
                    }
                )
        drafts |= self.env["account.move"].create(vals_list)
        for draft in drafts:
            for visit in draft.clinic_appointment_ids:
                first = visit.invoice_id
                if (
                    first.state not in ("draft", "posted")
                    or first.payment_state == "reversed"
                ):
                    visit.invoice_id = draft
        return drafts

    def _prepare_invoice_line_vals(self):
        """Return the values of the invoice line of this charge."""
        self.ensure_one()
        extra = {}
        if self.kind == "fee":
            # The Russian chart has an account for it; elsewhere the product's.
            charts = self.env["account.chart.template"].with_company(self.company_id)
            account = charts.ref("ru91_01_5", raise_if_not_found=False)
            extra = {"account_id": account.id} if account else {}
        return {
            **self.appointment_id._prepare_invoice_line_vals(
                {
                    "product_id": self.product_id.id,
                    "quantity": self.quantity,
                    "name": self.name,
                    "price_unit": self.price_unit,
                    "discount": self.discount,
                }
            ),
            "clinic_charge_id": self.id,
            **extra,
        }

    def _unbill(self, reason):
        """Take them off the drafts; credit what was posted."""
        lines = self.line_ids.filtered(lambda line: line.move_type == "out_invoice")
        for move, its in lines.grouped("move_id").items():
            if move.state == "draft":
                move._clinic_take_off(its)
            elif move.state == "posted":
                move._clinic_credit_lines(its, reason)

    @api.model
    def _check_may_correct(self):
        """Refuse a late change to those who may not correct charges."""
        if not self.env.su and not self.env.user.has_group(
            "clinic_finance.group_charge_override"
        ):
            raise AccessError(
                self.env._(
                    "Only the accountant changes what is charged once the day of the "
                    "visit is over, or lets a cancellation go free."
                )
            )
