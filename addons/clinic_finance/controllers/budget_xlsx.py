from odoo.http import Controller, content_disposition, request, route


class BudgetXlsx(Controller):
    @route(
        "/clinic_finance/budget/<int:budget_id>/xlsx",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        readonly=True,
    )
    def budget_xlsx(self, budget_id, **kwargs):
        """Give the budget as a workbook to who may read it."""
        budget = request.env["clinic.budget"].browse(budget_id).exists()
        if not budget:
            raise request.not_found()
        budget.check_access("read")
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return request.make_response(
            budget._xlsx(),
            headers=[
                ("Content-Type", kind),
                (
                    "Content-Disposition",
                    content_disposition(f"{budget.display_name}.xlsx"),
                ),
            ],
        )
