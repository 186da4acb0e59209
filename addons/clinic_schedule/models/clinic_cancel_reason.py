from odoo import fields, models

SIDES = [("patient", "By the patient"), ("clinic", "By the clinic")]


class ClinicCancelReason(models.Model):
    """Why visits are cancelled; the side is what the statistics are about."""

    _name = "clinic.cancel.reason"
    _description = "Reason of a Cancellation"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    side = fields.Selection(SIDES, required=True, default="patient", string="Whose")
    needs_details = fields.Boolean(
        help="Whoever cancels must write a word on it; nothing medical."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    cancel_reason_id = fields.Many2one(
        "clinic.cancel.reason",
        string="Reason of Cancellation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    cancelled_side = fields.Selection(
        related="cancel_reason_id.side", store=True, string="Cancelled"
    )

    def action_cancel(self, reason=None, *, reason_id=None):
        """Cancel the visits.

        :param reason: free words; nothing medical.
        :param reason_id: of ``clinic.cancel.reason``.
        """
        if not reason_id:
            return super().action_cancel(reason)
        kind = self.env["clinic.cancel.reason"].browse(reason_id)
        words = ": ".join(word for word in (kind.name, reason) if word)
        return self._move("cancelled", cancel_reason=words, cancel_reason_id=kind.id)
