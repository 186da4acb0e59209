"""What a user may read, as SQL that is worked out once and not for each search."""

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

# What such conditions say depends on columns and on the tree of companies only, and
# when that changes Odoo forgets all it has cached.
_PLAIN = {"=", "!=", "in", "not in", "<", "<=", ">", ">="}
_ALL = SQL("TRUE")
_TREE = {"parent_of", "child_of"}


class ClinicVisible(models.AbstractModel):
    """Record rules as conditions of our own queries."""

    _name = "clinic.visible"
    _description = "What a User May Read"

    @api.model
    def _where(self, model_name):
        """Return SQL that holds for the rows of a model's table that the user may read.

        The table must go by its own name in the query; archived records are among them.

        :raise AccessError: the user may read none of this model.
        """
        if self.env.su:
            return _ALL
        if self._is_plain(model_name):
            return self._cached_where(model_name)
        return self._make_where(model_name)

    @tools.ormcache("model_name", "self.env.uid", "tuple(self.env.companies.ids)")
    def _cached_where(self, model_name):
        return self._make_where(model_name)

    def _make_where(self, model_name):
        model = self.env[model_name].with_context(active_test=False)
        query = model._search([])
        if query.is_empty():
            return SQL("FALSE")
        if query.from_clause == SQL.identifier(model._table):
            # No other table is needed: PostgreSQL need not look into this one twice.
            return SQL("(%s)", query.where_clause) if query.where_clause else _ALL
        return SQL("%s IN %s", SQL.identifier(model._table, "id"), query.subselect())

    @tools.ormcache("model_name", "self.env.uid", "tuple(self.env.companies.ids)")
    def _is_plain(self, model_name):
        """Tell whether the rules of a model can be kept as SQL.

        They cannot where Odoo asks the database to make SQL of them: hierarchies other
        than that of companies, paths, fields that are searched by a method.
        """
        domain = self.env["ir.rule"]._compute_domain(model_name, "read")
        return self._are_plain(self.env[model_name], domain)

    def _are_plain(self, model, domain):
        for condition in domain.iter_conditions():
            field = model._fields.get(condition.field_expr)
            if field is None:
                return False
            if not (field.store or (field.inherited and field.base_field.store)):
                return False
            if condition.operator in _TREE:
                if field.comodel_name != "res.company":
                    return False
            elif condition.operator == "any" and isinstance(condition.value, Domain):
                comodel = self.env[field.comodel_name]
                if field.type != "many2one" or not self._are_plain(
                    comodel, condition.value
                ):
                    return False
            elif condition.operator not in _PLAIN:
                return False
        return True
