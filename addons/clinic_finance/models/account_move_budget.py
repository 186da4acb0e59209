from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class AccountMove(models.Model):
    """The branch and the budget item of a document, for all its lines."""

    _inherit = "account.move"

    clinic_branch_id = fields.Many2one(
        "clinic.branch",
        string="Branch",
        compute="_compute_clinic_branch_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="Whose income or expense it is; the lines may say otherwise.",
    )
    clinic_budget_item_id = fields.Many2one(
        "clinic.budget.item",
        string="Budget Item",
        ondelete="set null",
        check_company=True,
        domain="[('child_ids', '=', False), ('kind', '=', 'expense')]",
        help="Empty: found by the rules of the budget items.",
    )

    def _auto_init(self):
        """Fill the branch of old documents by one statement."""
        cr = self.env.cr
        if not column_exists(cr, self._table, "clinic_branch_id"):
            create_column(cr, self._table, "clinic_branch_id", "int4")
            if column_exists(cr, self._table, "clinic_appointment_id"):
                cr.execute(
                    """UPDATE account_move move SET clinic_branch_id = visit.branch_id
                       FROM clinic_appointment visit
                       WHERE visit.id = move.clinic_appointment_id"""
                )
                create_column(cr, "account_move_line", "clinic_branch_id", "int4")
                cr.execute(
                    """UPDATE account_move_line line
                       SET clinic_branch_id = move.clinic_branch_id
                       FROM account_move move
                       WHERE move.id = line.move_id
                       AND move.clinic_branch_id IS NOT NULL"""
                )
        return super()._auto_init()

    @api.depends("clinic_appointment_id")
    def _compute_clinic_branch_id(self):
        for move in self:
            branch = move.clinic_appointment_id.branch_id
            move.clinic_branch_id = branch or move.clinic_branch_id
