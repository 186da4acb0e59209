from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command


class ClinicAppointmentPayer(models.Model):
    """Whose account a visit is charged to, and visits invoiced together."""

    _inherit = "clinic.appointment"

    payer_id = fields.Many2one(
        "res.partner",
        string="Payer of This Visit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Pays what no programme covers; empty: by the patient's card.",
    )

    def _get_private_payer(self):
        return self.payer_id or super()._get_private_payer()

    def _get_charge_partner(self):
        payer = super()._get_charge_partner()
        # Sudo: whoever sees the visit may know who pays for it.
        return payer if self.sudo().price_payer_id else self.payer_id or payer

    def _possible_payers(self):
        """Return the family: who may be charged for a visit of this patient."""
        self.ensure_one()
        patient = self.patient_id
        family = patient | patient.payer_id | patient.guardian_ids
        return family | patient.guardian_ids.payer_id

    def _check_may_rearrange(self):
        """Refuse to those who take no payments to rearrange what is to be paid."""
        if not self.env.su and not self.env.user.has_group(
            "clinic_finance.group_payment_taker"
        ):
            raise AccessError(
                self.env._(
                    "Only the reception, the cash desk and the accountants decide who "
                    "pays and on which document."
                )
            )
        self.check_access("read")
        gone = self.filtered(lambda v: v.state in ("hold", "cancelled", "noshow"))
        if gone:
            raise UserError(
                self.env._(
                    "Only visits that are booked or took place: not %(visits)s.",
                    visits=", ".join(gone.mapped("name")),
                )
            )

    def change_payer(self, partner_id, reason=None):
        """Charge the visits to another member of the family; documents follow."""
        self._check_may_rearrange()
        payer = self.env["res.partner"].browse(partner_id)
        for visit in self:
            accountant = self.env.user.has_group("account.group_account_invoice")
            if payer not in visit._possible_payers() and not accountant:
                raise UserError(
                    self.env._(
                        "%(payer)s is neither payer nor guardian of %(patient)s. Put "
                        "them on the patient's card first.",
                        payer=payer.name,
                        patient=visit.patient_id.name,
                    )
                )
        # Sudo after the checks: the desk rearranges, the books follow.
        self.sudo()._change_payer(payer, reason)
        return True

    def _change_payer(self, payer, reason=None):
        """Take the documents back and make them for ``payer`` (sudo)."""
        for visit in self:
            charges = visit.charge_ids._standing().filtered(
                lambda charge: not charge.is_covered
            )
            old = charges.partner_id
            words = self.env._(
                "Visit %(visit)s is paid by %(payer)s",
                visit=visit.name,
                payer=payer.name,
            )
            charges._unbill(words)
            charges._charge_to(payer.commercial_partner_id)
            visit.payer_id = payer
            charges._unbilled()._bill()
            visit._post_invoices()
            old._clinic_allocate()
            visit._message_log(body=". ".join(filter(None, [words, reason])))

    # Together on one document ------------------------------------------------

    def invoice_together(self):
        """Put what is still to be paid for these visits on one invoice.

        Documents of one visit each are taken back: drafts are dropped, posted ones
        credited. Returns the id of the new invoice.
        """
        self._check_may_rearrange()
        if len(self) < 2:
            raise UserError(self.env._("Choose at least two visits."))
        visits_sudo = self.sudo()
        charges = visits_sudo.charge_ids._standing().filtered(
            lambda charge: not charge.is_covered and charge.amount
        )
        if len(charges.partner_id) > 1 or len(self.company_id) > 1:
            raise UserError(
                self.env._(
                    "One invoice has one payer. These visits have several: %(payers)s.",
                    payers=", ".join(charges.partner_id.mapped("name")),
                )
            )
        settled = visits_sudo.filtered(
            lambda visit: visit.payment_state not in ("not_paid", "partial", "later")
        )
        if settled:
            raise UserError(
                self.env._(
                    "Nothing is to be paid for: %(visits)s.",
                    visits=", ".join(settled.mapped("name")),
                )
            )
        return visits_sudo._invoice_together(charges).id

    def _invoice_together(self, charges):
        charges._unbill(self.env._("Invoiced together with other visits"))
        visits = self.sorted("start")
        last = visits[-1:]
        today = last.branch_id._clinic_day()
        invoice = (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(
                {
                    **last._prepare_invoice_vals(),
                    "partner_id": charges.partner_id.id,
                    "clinic_patient_id": (
                        self.patient_id.id if len(self.patient_id) == 1 else False
                    ),
                    "clinic_appointment_id": False,
                    "clinic_appointment_ids": [Command.set(self.ids)],
                    "clinic_due_parts": False,
                    "invoice_origin": ", ".join(visits.mapped("name")),
                    "invoice_date": min(today, last.day),
                    "invoice_line_ids": [
                        Command.create(
                            {
                                **charge._prepare_invoice_line_vals(),
                                "name": charge._name_on_joint_invoice(),
                            }
                        )
                        for charge in charges.sorted(
                            lambda charge: (charge.appointment_id.start, charge.id)
                        )
                    ],
                }
            )
        )
        self.invoice_id = invoice
        self._post_invoices()
        return invoice

    def action_invoice_together(self):
        """From the list: make one invoice and show it."""
        invoice_id = self.invoice_together()
        return {**self[:1].action_view_invoice(), "res_id": invoice_id}


class ClinicCharge(models.Model):
    _inherit = "clinic.charge"

    def _charge_to(self, partner):
        """Charge them to somebody else; they are on no document now."""
        # Past the guard of what was agreed: the price stays, only who pays changes.
        return models.Model.write(self, {"partner_id": partner.id})

    def _name_on_joint_invoice(self):
        self.ensure_one()
        visit = self.appointment_id
        return f"{self.name}, {visit.patient_id.name}, {visit.local_time}"
