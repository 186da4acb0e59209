from odoo import api, fields, models, tools
from odoo.fields import Domain


class ClinicNoticeRule(models.Model):
    """What patients are told of, by which channels, in which words, and when.

    The rows of a branch replace the rows for all branches of the same kind.
    """

    _name = "clinic.notice.rule"
    # Its rules are cached as the directory is, and forgotten on the same occasions.
    _inherit = ["clinic.directory.mixin"]
    _description = "Notice to Patients"
    _order = "kind, lead_hours desc, branch_id, id"

    kind = fields.Selection(
        lambda self: self.env["clinic.notice"]._kind_selection(),
        required=True,
        index=True,
    )
    branch_id = fields.Many2one(
        "clinic.branch",
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: for all branches that have no row of their own for this kind.",
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Empty: for all companies.",
    )
    active = fields.Boolean(default=True)
    sms = fields.Boolean(string="SMS", default=True)
    email = fields.Boolean(string="E-Mail", default=True)
    lead_hours = fields.Float(
        string="Hours Before the Visit",
        help="Reminders only. A visit booked or moved later than that gets none.",
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="Text of the SMS",
        domain=[("model", "=", "clinic.notice")],
        ondelete="restrict",
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        string="Text of the E-Mail",
        domain=[("model", "=", "clinic.notice")],
        ondelete="restrict",
    )

    _lead_not_negative = models.Constraint(
        "CHECK(lead_hours >= 0 AND lead_hours <= 336)",
        "A reminder is sent from 0 hours to two weeks before the visit.",
    )

    @api.depends("kind", "branch_id", "lead_hours")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for rule in self:
            rule.display_name = " · ".join(
                part for part in (labels.get(rule.kind), rule.branch_id.name) if part
            )

    @api.model
    def _rules(self, kind, branch, company):
        """Return the rules that hold for a kind in a branch (which may be empty)."""
        return self.sudo().browse(self._rule_ids(kind, branch.id, company.id))

    @api.model
    @tools.ormcache("kind", "branch_id", "company_id")
    def _rule_ids(self, kind, branch_id, company_id):
        # sudo: whoever books need not read the settings
        rules = self.sudo().search(
            Domain("kind", "=", kind)
            & Domain("branch_id", "in", (branch_id, False))
            & Domain("company_id", "in", (company_id, False))
        )
        return (rules.filtered("branch_id") or rules).ids

    @api.model
    @tools.ormcache("kind", "branch_id", "company_id")
    def _channels(self, kind, branch_id, company_id):
        """Return ``(rule id, channel)`` for each message of a kind."""
        rules = self.sudo().browse(self._rule_ids(kind, branch_id, company_id))
        return tuple(
            (rule.id, channel)
            for rule in rules
            for channel in ("sms", "email")
            if rule[channel]
        )
