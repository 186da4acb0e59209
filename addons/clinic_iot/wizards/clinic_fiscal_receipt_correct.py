from odoo import fields, models
from odoo.exceptions import AccessError


class ClinicFiscalReceiptCorrect(models.TransientModel):
    """A printed receipt was wrong: the opposite is printed, and the right one."""

    _name = "clinic.fiscal.receipt.correct"
    _description = "Correct a Receipt"

    receipt_id = fields.Many2one("clinic.fiscal.receipt", required=True, readonly=True)
    reason = fields.Char(required=True)
    again = fields.Selection(
        [
            ("none", "Nothing"),
            ("same", "The same once more"),
            ("cash", "The same, paid in cash"),
            ("card", "The same, paid by card"),
        ],
        string="Then Print",
        default="none",
        required=True,
    )

    def action_correct(self):
        """Print what corrects the receipt; open it."""
        self.ensure_one()
        if not self.env.user.has_group("clinic_base.group_finance"):
            raise AccessError(self.env._("Only an accountant corrects receipts."))
        self.receipt_id.check_access("read")
        # Sudo after the checks: receipts are written by what follows from them.
        receipt = self.receipt_id.sudo()._correct(self.reason, self.again)
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.fiscal.receipt",
            "res_id": receipt.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
