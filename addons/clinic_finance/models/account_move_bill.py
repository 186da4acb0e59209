from odoo import fields, models


class AccountMove(models.Model):
    """Vendor bills stand in the queue of bills to pay."""

    _inherit = "account.move"

    clinic_bill_request_ids = fields.One2many(
        "clinic.bill.request", "move_id", string="In the Queue of Bills"
    )

    def _post(self, soft=True):
        """Put a bill entered in Odoo's own screens into the queue, too."""
        posted = super()._post(soft=soft)
        waiting = posted.filtered(
            lambda move: (
                move.move_type == "in_invoice" and move.company_id.clinic_bill_queue
            )
        )
        if waiting:
            self.env["clinic.bill.request"]._enqueue(waiting)
        return posted
