from odoo import fields, models


class ClinicDebtRiskModel(models.Model):
    """One fit of the risk model to the clinic's invoices: its figures and quality."""

    _name = "clinic.debt.risk.model"
    _description = "Fit of the Risk Model"
    _order = "id desc"
    _rec_name = "create_date"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    kind = fields.Selection(
        [("counts", "By counts of each patient"), ("logistic", "By several factors")],
        required=True,
        readonly=True,
    )
    invoices = fields.Integer(string="Closed Invoices", readonly=True)
    base_rate = fields.Float(string="Late on Average", readonly=True, aggregator=None)
    parameters = fields.Json(readonly=True)
    auc = fields.Float(
        string="AUC",
        readonly=True,
        aggregator=None,
        help="How often it puts a late payer above one in time: 0.5 is chance. On the "
        "last part of the history, which it has not learned from.",
    )
    ece = fields.Float(
        string="Calibration Error",
        readonly=True,
        aggregator=None,
        help="How far the probabilities are from what happened, on average.",
    )
    table = fields.Json(readonly=True)
