from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.amount_words import in_words
from ..tools.scan import scanned

ACT_STATES = ("arrived", "in_progress", "fulfilled")


class ClinicAppointment(models.Model):
    """The act of a visit: what was done and what it costs, with a barcode.

    The number of the act is its barcode: digits only, for a scanner is a keyboard,
    and letters change with its layout.
    """

    _inherit = "clinic.appointment"

    act_number = fields.Char(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Given when the act is printed for the first time; also its barcode.",
    )
    act_date = fields.Date(readonly=True, copy=False)

    _act_number_unique = models.UniqueIndex(
        "(company_id, act_number) WHERE act_number IS NOT NULL",
        "Another act has this number already.",
    )

    def action_print_act(self):
        """Print the act, giving it its number on the first time."""
        # Sudo: the number is given by the sequence, whoever prints the act.
        self.sudo()._number_act()
        return self.env.ref("clinic_finance.action_report_clinic_act").report_action(
            self
        )

    def _number_act(self):
        early = self.filtered(lambda visit: visit.state not in ACT_STATES)
        if early:
            raise UserError(
                self.env._(
                    "The act is printed once the patient is here; not yet: %(visits)s.",
                    visits=", ".join(early.mapped("display_name")),
                )
            )
        for visit in self.filtered(lambda visit: not visit.act_number):
            visit.act_date = visit.day
            visit.act_number = (
                self.env["ir.sequence"]
                .with_company(visit.company_id)
                .next_by_code("clinic.act", sequence_date=visit.act_date)
            )

    def _act_lines(self):
        """Return the services of the act: name, quantity, price and amount each.

        All that stands, on whatever documents it is; what a programme pays and the
        patient's part of the same service are one line, for the service is one.
        """
        self.ensure_one()
        lines = []
        for charge in self.charge_ids._standing():
            if charge.kind == "fee":
                continue
            same = [
                line
                for line in lines
                if line["product"] == charge.product_id
                and line["quantity"] == charge.quantity
                and line["covered"]
                and not charge.is_covered
            ]
            if same:
                same[0]["amount"] += charge.amount_net
                same[0]["covered"] = False
                continue
            lines.append(
                {
                    "product": charge.product_id,
                    "name": charge.product_id.display_name or charge.name,
                    "quantity": charge.quantity,
                    "amount": charge.amount_net,
                    "covered": charge.is_covered,
                }
            )
        for line in lines:
            line["price"] = line["amount"] / line["quantity"]
        return lines or [
            {
                "name": self.service_id.display_name,
                "quantity": 1,
                "price": self.amount_total,
                "amount": self.amount_total,
            }
        ]

    def _act_values(self):
        """Return what the act shows; readable by whoever may read the visit."""
        self.ensure_one()
        self.check_access("read")
        visit_sudo = self.sudo()
        visit_sudo._number_act()
        company = visit_sudo.company_id
        lines = visit_sudo._act_lines()
        total = sum(line["amount"] for line in lines)
        # Also what falls due only after the visit is not paid yet.
        covered, _own, due = visit_sudo._payment_figures()
        payer = visit_sudo._get_charge_partner().commercial_partner_id
        return {
            "number": visit_sudo.act_number,
            "date": visit_sudo.act_date,
            "company": company,
            "seller": company.partner_id._clinic_requisites_text(),
            "payer": payer,
            "buyer": payer._clinic_requisites_text(),
            "patient": visit_sudo.patient_id,
            "visit": visit_sudo,
            "lines": lines,
            "total": total,
            "covered": covered,
            "programme": visit_sudo.price_payer_id,
            "due": due,
            "paid": max(total - covered - due, 0.0),
            "currency": company.currency_id,
            "words": in_words(company._clinic_kopecks(total)),
        }

    def _clinic_payment_names(self):
        """Add the numbers of the acts: a payer's text may name them too."""
        return [
            *super()._clinic_payment_names(),
            *filter(None, self.mapped("act_number")),
        ]

    # The scanner at the cash desk ----------------------------------------------

    @api.model
    def action_scan(self, code):
        """Open the payment of what was scanned: an act, a visit slip or an invoice.

        :param code: what the scanner typed, under any keyboard layout
        :return: the action to run; a message where nothing is to be paid
        """
        self.env["res.partner"]._check_clinic_may_take_payments()
        visit = self._find_scanned(code)
        if not visit:
            raise UserError(
                self.env._(
                    "Nothing was found by %(code)s: neither an act, nor a visit, nor "
                    "an invoice.",
                    code=code,
                )
            )
        if visit.amount_due and visit.state != "cancelled":
            action = visit.action_take_payment()
            # A button's action gets its views from the web client, an RPC's does not.
            action.setdefault("views", [(False, "form")])
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%(visit)s: nothing is to be paid.", visit=visit.display_name
                ),
            },
        }

    @api.model
    def _find_scanned(self, code):
        """Return the visit of an act, a slip or an invoice, by its barcode."""
        key = scanned(code)
        if not key:
            return self.browse()
        company = ("company_id", "in", self.env.companies.ids)
        visit = self.search([("act_number", "=", key), company], limit=1)
        visit = visit or self.search([("name", "=ilike", key), company], limit=1)
        if not visit:
            # As it was typed too: the number of an invoice has Russian letters.
            names = [key, "".join(code.split()).upper()]
            invoices = self.env["account.move"].search(
                [("name", "in", names), ("move_type", "=", "out_invoice"), company]
            )
            visit = invoices.clinic_appointment_id[:1]
        return visit
