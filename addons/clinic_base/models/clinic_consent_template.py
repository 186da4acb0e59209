from odoo import api, fields, models
from odoo.exceptions import UserError

CONSENT_KINDS = [
    ("personal_data", "Personal data processing"),
    ("treatment", "Medical treatment"),
]


class ClinicConsentTemplate(models.Model):
    _name = "clinic.consent.template"
    _description = "Consent Text"
    _order = "kind, version desc, id desc"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(CONSENT_KINDS, required=True, index=True)
    version = fields.Integer(required=True, default=1, aggregator=None)
    body = fields.Html(string="Text", required=True, translate=True)
    date_from = fields.Date(
        string="In Force From", required=True, default=fields.Date.context_today
    )
    validity_days = fields.Integer(
        string="Valid for, Days",
        aggregator=None,
        help="From the day it is given. 0: until it is withdrawn.",
    )
    active = fields.Boolean(default=True)
    consent_ids = fields.One2many("clinic.consent", "template_id")
    consent_count = fields.Integer(
        string="Consents Given", compute="_compute_consent_count"
    )

    _version_uniq = models.Constraint(
        "UNIQUE(kind, version)", "There is a text of this kind and version already."
    )
    _validity_range = models.Constraint(
        "CHECK(validity_days BETWEEN 0 AND 3660)", "From 0 days to 10 years."
    )

    @api.depends("consent_ids")
    def _compute_consent_count(self):
        # Counted for everybody: whether a text was used is no secret.
        counts = dict(
            self.env["clinic.consent"]
            .sudo()
            ._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.consent_count = counts.get(template._origin.sudo(), 0)

    @api.depends("name", "version")
    def _compute_display_name(self):
        for template in self:
            template.display_name = self.env._(
                "%(name)s, version %(version)s",
                name=template.name,
                version=template.version,
            )

    def write(self, vals):
        if {"body", "kind", "version", "name"} & vals.keys():
            self._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def action_new_version(self):
        """Open a copy of the text, to be edited, with the next version number."""
        self.ensure_one()
        new = self.copy()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": new.id,
            "view_mode": "form",
        }

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for template, vals in zip(self, vals_list, strict=True):
            if not (default or {}).get("version"):
                vals["version"] = template._next_version(template.kind)
            vals["date_from"] = fields.Date.context_today(self)
        return vals_list

    @api.model
    def _current(self, kind):
        """Return the text in force today: the highest version that has begun."""
        today = fields.Date.context_today(self)
        return self.search(
            [("kind", "=", kind), ("date_from", "<=", today)],
            order="version desc",
            limit=1,
        )

    @api.model
    def _next_version(self, kind):
        last = self.with_context(active_test=False).search(
            [("kind", "=", kind)], order="version desc", limit=1
        )
        return last.version + 1

    def _check_unused(self):
        used = self.filtered("consent_count")
        if used:
            raise UserError(
                self.env._(
                    "Patients have agreed to “%(texts)s”, so it stays as it is. "
                    "Make a new version instead.",
                    texts=", ".join(used.mapped("display_name")),
                )
            )
