from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ClinicFiscalReceiptMissed(models.TransientModel):
    """Money that passed no register is told to the tax office by a correction receipt.

    As 54-ФЗ wants it (tags 1173 and 1174): one receipt a settlement, with its day. What
    was printed wrongly is another matter, see ``clinic.fiscal.receipt.correct``.
    """

    _name = "clinic.fiscal.receipt.missed"
    _description = "Correction Receipts for Money without Receipts"

    payment_ids = fields.Many2many(
        "account.payment",
        string="Payments",
        required=True,
        default=lambda self: self._default_payments(),
    )
    desk_id = fields.Many2one(
        "clinic.cash.desk",
        compute="_compute_desk_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        domain="[('register_id', '!=', False)]",
    )
    basis = fields.Selection(
        [
            ("own", "We have found it ourselves"),
            ("ordered", "The tax office has ordered it"),
        ],
        required=True,
        default="own",
    )
    number = fields.Char(
        string="Number of the Order", help="Of the tax office's order (tag 1179)."
    )
    reason = fields.Char(required=True, help="Kept with the receipts.")

    @api.model
    def _default_payments(self):
        if self.env.context.get("active_model") != "account.payment":
            return self.env["account.payment"]
        return self.env["account.payment"].browse(self.env.context.get("active_ids"))

    @api.depends("payment_ids")
    def _compute_desk_id(self):
        """Propose where the money was taken, else where the accountant works now."""
        for wizard in self:
            if not wizard.desk_id:
                payments = wizard.payment_ids._origin
                wizard.desk_id = payments._clinic_correction_desk()

    def action_print(self):
        """Print a correction receipt for each payment; list them."""
        self.ensure_one()
        if not self.env.user.has_group("clinic_base.group_finance"):
            raise AccessError(self.env._("Only an accountant corrects receipts."))
        self.payment_ids.check_access("read")
        self.desk_id.check_access("read")
        if self.basis == "ordered" and not (self.number or "").strip():
            raise UserError(self.env._("Enter the number of the tax office's order."))
        correction = {"type": self.basis}
        if self.basis == "ordered":
            correction["number"] = self.number.strip()
        # Sudo after the checks: receipts are written by what follows from them.
        receipts_sudo = (
            self.env["clinic.fiscal.receipt"]
            .sudo()
            ._make_missed(self.payment_ids.sudo(), self.desk_id, correction)
        )
        receipts_sudo.reason = self.reason
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correction Receipts"),
            "res_model": "clinic.fiscal.receipt",
            "view_mode": "list,form",
            "domain": [("id", "in", receipts_sudo.ids)],
        }
