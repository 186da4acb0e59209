from odoo import fields, models


class ClinicBillLimit(models.Model):
    """Up to which sum members of a group may approve a bill."""

    _name = "clinic.bill.limit"
    _description = "Bill Approval Limit"
    _order = "amount, id"

    group_id = fields.Many2one(
        "res.groups", string="Who Approves", required=True, ondelete="cascade"
    )
    amount = fields.Float(
        string="Up To", digits=(16, 2), help="Zero: whatever the sum is."
    )
    branch_ids = fields.Many2many(
        "clinic.branch", string="Branches", help="Empty: of all branches."
    )
    company_id = fields.Many2one("res.company", help="Empty: in all companies.")

    _amount_not_negative = models.Constraint(
        "CHECK(amount >= 0)", "A limit cannot be below zero."
    )

    def _highest(self, user, company, branch):
        """Return the highest sum the user may approve there; infinity: any."""
        highest = 0.0
        groups = user.all_group_ids
        # Sudo: everybody is judged by the limits, only accountants see them.
        for limit in self.sudo().search([("company_id", "in", (company.id, False))]):
            fits = not limit.branch_ids or branch in limit.branch_ids
            if fits and limit.group_id in groups:
                highest = max(highest, limit.amount or float("inf"))
        return highest
