from odoo import fields, models


class ClinicIotJobCardReturn(models.TransientModel):
    """The money of a card went back on the terminal: by which slip, and why."""

    _name = "clinic.iot.job.card.return"
    _description = "Return of a Card Payment on the Terminal"

    job_id = fields.Many2one(
        "clinic.iot.job", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="job_id.currency_id")
    card_amount = fields.Monetary(related="job_id.card_amount", string="Amount")
    reference = fields.Char(
        string="Number on the Slip", required=True, help="Of the return (RRN)."
    )
    reason = fields.Char(required=True)

    def action_return(self):
        """Keep it; the card payment needs no booking any more."""
        self.ensure_one()
        self.job_id._return_card(self.reference, self.reason)
        return {"type": "ir.actions.act_window_close"}
