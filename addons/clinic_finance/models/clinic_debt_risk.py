from odoo import api, fields, models

LEVELS = [
    ("unknown", "Little data"),
    ("low", "Low"),
    ("medium", "Medium"),
    ("high", "High"),
]


class ClinicDebtRisk(models.Model):
    """How likely a patient is to pay late: counted from invoices, said in words.

    For those who decide. The patient never sees it; the desk sees the level and the
    words, not the number.
    """

    _name = "clinic.debt.risk"
    _description = "Risk of Late Payment"
    _order = "probability desc, id"
    _rec_name = "patient_id"

    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    probability = fields.Float(
        digits=(6, 4),
        readonly=True,
        aggregator="avg",
        groups="clinic_base.group_finance,clinic_base.group_director",
        help="That the next invoice is paid more than a few days late, or not.",
    )
    level = fields.Selection(
        LEVELS, required=True, default="unknown", readonly=True, index=True
    )
    invoices = fields.Integer(readonly=True)
    late = fields.Integer(string="Paid Late or Not", readonly=True)
    factors = fields.Json(readonly=True)
    words = fields.Char(compute="_compute_words", string="Why")
    model_id = fields.Many2one(
        "clinic.debt.risk.model",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        string="Counted By",
    )
    date = fields.Date(string="As Of", readonly=True)

    _one_each = models.UniqueIndex(
        "(patient_id, company_id)", "The risk of this patient is there already."
    )
    _probability_range = models.Constraint(
        "CHECK(probability >= 0 AND probability <= 1)",
        "A probability is between 0 and 1.",
    )

    @api.depends("factors", "invoices", "late", "level")
    @api.depends_context("lang")
    def _compute_words(self):
        for risk in self:
            risk.words = "; ".join(risk._factor_words())

    def _factor_words(self):
        """Return what speaks for and against, the weightiest first."""
        self.ensure_one()
        _ = self.env._
        said = []
        if self.invoices and self.level == "unknown":
            said.append(
                _(
                    "little data: %(late)s of %(all)s paid late or not",
                    late=self.late,
                    all=self.invoices,
                )
            )
        elif self.invoices:
            said.append(
                _(
                    "%(late)s of %(all)s paid late or not",
                    late=self.late,
                    all=self.invoices,
                )
            )
        else:
            said.append(_("no invoices yet"))
        names = self._factor_names()
        for code, weight in self.factors or ():
            if code in names:
                up, down = names[code]
                said.append(up if weight > 0 else down)
        return said

    @api.model
    def _factor_names(self):
        """Return ``{factor: (words if it raises the risk, if it lowers it)}``."""
        _ = self.env._
        return {
            "amount": (_("large invoices"), _("small invoices")),
            "debt": (_("owes already"), _("owes nothing")),
            "noshows": (_("misses visits"), _("misses no visits")),
            "ahead": (_("books long ahead"), _("books shortly before")),
            "new": (_("new patient"), _("known patient")),
            "payer": (_("somebody else pays"), _("pays for himself")),
            "web": (_("books on the site"), _("books with the reception")),
            "recent": (_("paid late of late"), _("paid in time of late")),
        }

    @api.model
    def _of(self, patients):
        """Return ``{(patient id, company id): risk}`` of those known (sudo)."""
        return {
            (risk.patient_id.id, risk.company_id.id): risk
            for risk in self.search([("patient_id", "in", patients.ids)])
        }
