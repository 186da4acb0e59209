from odoo import fields, models


class ClinicFiscalReceiptPart(models.Model):
    """What a receipt has said about a part of a payment: for which charge, and how.

    The sum of the rows of a payment and a charge is where its money lies by the
    receipts; compared with the books it says which receipts are missing.
    """

    _name = "clinic.fiscal.receipt.part"
    _description = "Part of a Fiscal Receipt"
    _order = "receipt_id, id"
    _rec_name = "receipt_id"

    receipt_id = fields.Many2one(
        "clinic.fiscal.receipt",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="receipt_id.company_id", store=True)
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    payment_id = fields.Many2one(
        "account.payment", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    method = fields.Selection(
        [
            ("1", "Paid in advance in full"),
            ("2", "Paid in advance in part"),
            ("3", "Advance"),
            ("4", "Settled"),
            ("6", "On credit"),
        ],
        required=True,
        readonly=True,
        help="The sort of settlement, tag 1214.",
    )
    amount = fields.Monetary(readonly=True)
