from odoo import api, fields, models


class ClinicFinancialBlock(models.Model):
    """A patient books only with prepayment: why, who said so, until when, who lifted.

    One at a time for a patient and company; the former ones stay to be read.
    """

    _name = "clinic.financial.block"
    _description = "Financial Block"
    _order = "id desc"
    _rec_name = "reason"

    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Blocked By", readonly=True)
    rule_id = fields.Many2one(
        "clinic.finance.rule",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    date = fields.Date(string="Since", required=True, readonly=True)
    date_until = fields.Date(
        string="Until", readonly=True, help="Empty: until somebody lifts it."
    )
    active = fields.Boolean(string="In Force", default=True, readonly=True)
    lifted_at = fields.Datetime(string="Lifted", readonly=True)
    lifted_by_id = fields.Many2one("res.users", readonly=True)
    lift_reason = fields.Char(string="Why Lifted", readonly=True)

    _one_at_a_time = models.UniqueIndex(
        "(patient_id, company_id) WHERE active", "The patient is blocked already."
    )
    _lift_reasoned = models.Constraint(
        "CHECK(active OR lift_reason <> '')", "Lifting a block needs a reason."
    )

    def _lift(self, reason):
        self.write(
            {
                "active": False,
                "lifted_at": fields.Datetime.now(),
                "lifted_by_id": self.env.uid,
                "lift_reason": reason,
            }
        )

    @api.model
    def _lift_expired(self):
        """Lift the blocks whose last day has passed."""
        today = fields.Date.context_today(self)
        self.search([("date_until", "<", today)])._lift(
            self.env._("The time of the block is over.")
        )

    def action_lift(self):
        """Ask for the reason, then lift the block."""
        self.ensure_one()
        return self.patient_id.action_clinic_lift_block()
