from odoo import models

from ..tools.charges import to_kopecks


class AccountMoveCharge(models.Model):
    """A credit note says which charges it reduces, even when its lines are its own."""

    _inherit = "account.move"

    def _post(self, soft=True):
        """Find the charges of lines that an accountant wrote without naming one."""
        # Sudo: the accountant of Odoo's own groups may have no rights on charges.
        for note_sudo in self.sudo().filtered(
            lambda move: move.move_type == "out_refund" and move.reversed_entry_id
        ):
            note_sudo._clinic_name_charges()
        return super()._post(soft=soft)

    def _clinic_name_charges(self):
        """Link lines to the charges of the invoice that is credited, in sudo mode.

        The charge of the same service with enough left, else the dearest one with
        enough left: so that charges still add up to invoices less credit notes. A line
        that fits none stays as it is.
        """
        self.ensure_one()
        charges = self.reversed_entry_id.invoice_line_ids.clinic_charge_id._standing()
        left = {charge: to_kopecks(charge.amount_net) for charge in charges}
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        for line in lines.filtered("clinic_charge_id"):
            if line.clinic_charge_id in left:
                left[line.clinic_charge_id] -= to_kopecks(line.price_total)
        for line in lines.filtered(lambda line: not line.clinic_charge_id):
            kopecks = to_kopecks(line.price_total)
            enough = [charge for charge in charges if left[charge] >= kopecks > 0]
            if enough:
                best = max(
                    enough,
                    key=lambda charge, line=line: (
                        charge.product_id == line.product_id,
                        left[charge],
                        -charge.id,
                    ),
                )
                line.clinic_charge_id = best
                left[best] -= kopecks
