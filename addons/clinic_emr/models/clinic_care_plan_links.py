"""What of the other models belongs to a care plan."""

from odoo import fields, models


class ClinicServiceRequest(models.Model):
    _inherit = "clinic.service.request"

    care_plan_line_id = fields.Many2one(
        "clinic.care.plan.line",
        string="By Care Plan",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _complete(self):
        result = super()._complete()
        # sudo: who carries out the last service closes the plan of a colleague
        self.sudo().care_plan_line_id.plan_id._complete_when_done()
        return result

    def _after_reopen(self):
        result = super()._after_reopen()
        # sudo: the plan of a colleague goes on, too
        plans_sudo = self.sudo().care_plan_line_id.plan_id
        plans_sudo.filtered(
            lambda plan: any(plan.line_ids.mapped("owed_count"))
        )._reopen()
        return result


class ClinicDocument(models.Model):
    _inherit = "clinic.document"

    care_plan_id = fields.Many2one(
        "clinic.care.plan",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _medical_values(self, encounter):
        plan = self.care_plan_id
        return {
            **super()._medical_values(encounter),
            "plan.table": plan._to_table() if plan else False,
            "plan.total": plan.currency_id.format(plan.amount_total) if plan else False,
        }

    def _issue(self):
        result = super()._issue()
        plan = self.care_plan_id
        if plan.state == "draft":
            plan._activate()
        # sudo: what is agreed on follows from the consent; who issues it was checked
        plan.sudo().line_ids.filtered("awaits_consent").awaits_consent = False
        return result


class ClinicMedicalRecord(models.Model):
    _inherit = "clinic.medical.record"

    care_plan_ids = fields.One2many(
        "clinic.care.plan", "record_id", string="Care Plans"
    )

    def action_new_care_plan(self):
        """Open an empty care plan of this patient."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Care Plan"),
            "res_model": "clinic.care.plan",
            "views": [(False, "form")],
            "context": {"default_record_id": self.id},
        }
