from odoo import api, fields, models


class ClinicChargeCorrections(models.Model):
    """What is left of a charge after the credit notes that only reduce its price.

    The price that was agreed is never rewritten; an accountant who takes less for a
    service makes a credit note, and the charge shows both.
    """

    _inherit = "clinic.charge"

    amount_reduced = fields.Monetary(
        string="Reduced By",
        compute="_compute_amount_net",
        store=True,
        compute_sudo=True,
        help="By credit notes, while the service stands.",
    )
    amount_net = fields.Monetary(
        string="Net Amount",
        compute="_compute_amount_net",
        store=True,
        compute_sudo=True,
        help="The price less what was credited; nothing once the service is dropped.",
    )

    @api.depends("amount", "state", "line_ids.parent_state", "line_ids.price_total")
    def _compute_amount_net(self):
        for charge in self:
            if charge.state == "dropped":
                charge.amount_reduced = charge.amount_net = 0.0
                continue
            charge.amount_net = charge._left_on_documents()
            charge.amount_reduced = charge.amount - charge.amount_net

    def _left_on_documents(self):
        """Return the price less what was credited of it, of a charge that stands.

        A service that was dropped and charged anew has both its old credit note and
        a new invoice: only what is missing from its price counts.
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.parent_state == "posted")
        notes = lines.filtered(lambda line: line.move_type == "out_refund")
        if not notes:
            return self.amount
        left = sum((lines - notes).mapped("price_total")) - sum(
            notes.mapped("price_total")
        )
        return min(max(self.currency_id.round(left), 0.0), self.amount)


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    has_reduced_charges = fields.Boolean(compute="_compute_has_reduced_charges")

    @api.depends("charge_ids.amount_reduced")
    def _compute_has_reduced_charges(self):
        for visit in self:
            visit.has_reduced_charges = any(visit.charge_ids.mapped("amount_reduced"))
