from odoo import api, fields, models
from odoo.fields import Domain

# Facts whose values are the choices of a field of this model; the others are listed.
FIELD_FACTS = {
    "state": ("clinic.appointment", "state"),
    "source": ("clinic.appointment", "origin"),
    "policy": ("product.template", "prepayment"),
    "risk_level": ("clinic.debt.risk", "level"),
}


class ClinicFinanceFactValue(models.Model):
    """One of the choices of a fact that rules ask about, such as a state.

    The rows follow the choices of the fields, also those that other addons add; only
    their words are shown, in the reader's language.
    """

    _name = "clinic.finance.fact.value"
    _description = "Value of a Fact"
    _order = "fact, id"

    fact = fields.Char(required=True, readonly=True, index=True)
    code = fields.Char(required=True, readonly=True)

    _code_uniq = models.Constraint("UNIQUE(fact, code)", "This value is there already.")

    @api.depends("fact", "code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = self._labels()
        for value in self:
            value.display_name = labels.get(value.fact, {}).get(value.code, value.code)

    @api.model
    def _search_display_name(self, operator, value):
        if operator not in ("ilike", "like", "=", "in"):
            return NotImplemented
        words = [value] if isinstance(value, str) else list(value or ())
        found = [
            row.id
            for row in self.search([])
            if any(
                word.lower() in (row.display_name or "").lower()
                for word in words
                if isinstance(word, str)
            )
        ]
        return Domain("id", "in", found)

    @api.model
    def _labels(self):
        """Return ``{fact: {code: words}}`` of all facts that are choices."""
        _ = self.env._
        found = {
            fact: dict(self.env[model]._fields[name]._description_selection(self.env))
            for fact, (model, name) in FIELD_FACTS.items()
        }
        found["patient_kind"] = {
            "new": _("New: no visit has taken place yet"),
            "returning": _("Has been here"),
        }
        found["payer_kind"] = {
            "self": _("The patient"),
            "family": _("Another person"),
            "company": _("An organisation"),
        }
        found["blocked"] = {"yes": _("Yes"), "no": _("No")}
        return found

    @api.model
    def _sync(self):
        """Add the choices that have no row yet."""
        known = {(row.fact, row.code) for row in self.search([])}
        self.create(
            [
                {"fact": fact, "code": code}
                for fact, labels in self._labels().items()
                for code in labels
                if (fact, code) not in known
            ]
        )
