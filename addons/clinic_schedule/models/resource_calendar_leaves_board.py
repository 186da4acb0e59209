from odoo import models


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "clinic.board.mixin"]

    def _board_fields(self):
        return {"date_from", "date_to", "resource_id", "calendar_id", "company_id"}

    def _board_spans(self):
        yield from super()._board_spans()
        # sudo: only which branches have to look again follows from it
        branches_sudo = self.env["clinic.branch"].sudo().search([])
        specialists_sudo = self.env["clinic.specialist"].sudo()
        for leave in self:
            branches = branches_sudo
            if leave.resource_id:
                branches = specialists_sudo.search(
                    [("resource_id", "=", leave.resource_id.id)]
                ).branch_ids
            for branch in branches:
                yield branch, leave.date_from, leave.date_to
