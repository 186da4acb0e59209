from datetime import timedelta

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

DECIDERS = (
    "clinic_base.group_reception,clinic_base.group_finance,clinic_base.group_director,"
    "clinic_finance.group_decision_override"
)


class ResPartner(models.Model):
    """The financial block of a patient and the risk of late payment."""

    _inherit = "res.partner"

    financial_block = fields.Boolean(
        string="Prepayment Only",
        compute="_compute_financial_block",
        search="_search_financial_block",
        compute_sudo=True,
        groups=DECIDERS,
        help="New bookings are held until they are paid in advance; urgent ones are "
        "not.",
    )
    financial_block_reason = fields.Char(
        string="Why Prepayment Only",
        compute="_compute_financial_block",
        compute_sudo=True,
        groups=DECIDERS,
    )
    financial_block_until = fields.Date(
        string="Prepayment Only Until",
        compute="_compute_financial_block",
        compute_sudo=True,
        groups=DECIDERS,
    )
    financial_block_by_id = fields.Many2one(
        "res.users",
        string="Prepayment Asked By",
        compute="_compute_financial_block",
        compute_sudo=True,
        groups=DECIDERS,
    )
    financial_block_ids = fields.One2many(
        "clinic.financial.block",
        "patient_id",
        string="Financial Blocks",
        context={"active_test": False},
        groups=DECIDERS,
    )
    debt_risk_ids = fields.One2many(
        "clinic.debt.risk", "patient_id", string="Risk of Late Payment", groups=DECIDERS
    )

    def _compute_financial_block(self):
        blocks = self.env["clinic.financial.block"].search(
            self._financial_block_domain(self.env.company)
        )
        by_patient = {block.patient_id: block for block in blocks}
        for partner in self:
            block = by_patient.get(partner._origin)
            partner.financial_block = bool(block)
            partner.financial_block_reason = block and block.reason
            partner.financial_block_until = block and block.date_until
            partner.financial_block_by_id = block and block.user_id

    def _search_financial_block(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Sudo: the field itself is shown to whoever may decide by it.
        blocks = (
            self.env["clinic.financial.block"]
            .sudo()
            .search([("company_id", "=", self.env.company.id), self._in_force()])
        )
        found = Domain("id", "in", blocks.patient_id.ids)
        return found if True in value else ~found

    def _in_force(self):
        today = fields.Date.context_today(self)
        return Domain("date_until", "=", False) | Domain("date_until", ">=", today)

    def _financial_block_domain(self, companies):
        return (
            Domain("patient_id", "in", self.ids)
            & Domain("company_id", "in", companies.ids)
            & self._in_force()
        )

    def _financially_blocked(self, companies):
        """Return the set of (patient id, company id) that book only with prepayment."""
        blocks = self.env["clinic.financial.block"].search_fetch(
            self._financial_block_domain(companies), ["patient_id", "company_id"]
        )
        return {(block.patient_id.id, block.company_id.id) for block in blocks}

    def _financial_block_lifted(self, companies):
        """Return the set of (patient id, company id) whose last block a person lifted.

        Not long ago; a block whose time was over was lifted by nobody.
        """
        now = fields.Datetime.now()
        since = {
            company.id: now - timedelta(days=company.clinic_lifted_days)
            for company in companies
        }
        blocks = (
            self.env["clinic.financial.block"]
            .with_context(active_test=False)
            .search(
                [
                    ("patient_id", "in", self.ids),
                    ("company_id", "in", companies.ids),
                ],
                order="id",
            )
        )
        last = {(block.patient_id.id, block.company_id.id): block for block in blocks}
        return {
            key
            for key, block in last.items()
            if not block.active
            and block.lifted_at >= since[block.company_id.id]
            and block.lifted_by_id.id != SUPERUSER_ID
        }

    def _set_financial_block(self, reason, until=None, rule=None, visit=None):
        """Block these patients (sudo, after the caller's checks); return the blocks."""
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the patient is blocked."))
        company = visit.company_id if visit else self.env.company
        expired = self.env["clinic.financial.block"].search(
            [("patient_id", "in", self.ids), ("company_id", "=", company.id)]
        )
        expired._lift(self.env._("Replaced by a new block."))
        # Before the new row, or the index finds two in force.
        expired.flush_recordset()
        blocks = self.env["clinic.financial.block"].create(
            [
                {
                    "patient_id": partner.id,
                    "company_id": company.id,
                    "reason": reason,
                    "user_id": self.env.uid,
                    "rule_id": rule.id if rule else False,
                    "date": self.env["clinic.branch"]._clinic_day(company),
                    "date_until": until,
                }
                for partner in self
            ]
        )
        self.invalidate_recordset(["financial_block", "financial_block_reason"])
        return blocks

    def _lift_financial_block(self, reason, company=None):
        """Lift the blocks of these patients (sudo, after the caller's checks)."""
        company = company or self.env.company
        self.env["clinic.financial.block"].search(
            [("patient_id", "in", self.ids), ("company_id", "=", company.id)]
        )._lift(reason)
        self.invalidate_recordset(["financial_block", "financial_block_reason"])

    def _clinic_desk_warnings(self):
        """Say at the desk that the patient books only with prepayment, and why."""
        warnings = super()._clinic_desk_warnings()
        if self._has_field_access(self._fields["financial_block"], "read"):
            if self.financial_block:
                warnings.append(
                    self.env._(
                        "Prepayment only: %(reason)s",
                        reason=self.financial_block_reason,
                    )
                )
        return warnings

    def action_clinic_block(self):
        """Open the dialog that blocks the patient."""
        return self._open_block_wizard("block")

    def action_clinic_lift_block(self):
        """Open the dialog that lifts the block."""
        return self._open_block_wizard("lift")

    def _open_block_wizard(self, step):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_financial_block_wizard"
        )
        action["context"] = {"default_patient_id": self.id, "default_step": step}
        return action
