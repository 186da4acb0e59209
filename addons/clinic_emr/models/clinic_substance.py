from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.prescription import Substance


class ClinicSubstance(models.Model):
    """An active substance, or a group of them that people are allergic to as one.

    Names are legal terms of the national register and are not translated.
    """

    _name = "clinic.substance"
    _description = "Active Substance"
    _order = "name, id"
    _parent_store = True
    _rec_names_search = ["name", "latin_name", "other_names"]

    name = fields.Char(required=True, index="trigram")
    latin_name = fields.Char(help="Stands on a prescription in Latin.")
    other_names = fields.Char(
        help="Trade names and synonyms with commas; allergies are found by them."
    )
    parent_id = fields.Many2one(
        "clinic.substance",
        string="Group",
        index=True,
        ondelete="restrict",
        help="An allergy to the group is an allergy to each substance in it.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("clinic.substance", "parent_id", string="Contains")
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint(
        "UNIQUE(name)", "There is a substance of this name already."
    )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A group of substances can't be a part of itself.")
            )

    def _to_plain(self):
        """Return the substances as plain values for the checks, groups included."""
        path_ids = {
            int(one)
            for path in self.mapped("parent_path")
            for one in path.split("/")[:-1]
        }
        every = {one.id: one for one in self.browse(path_ids)}

        def names(one):
            others = (one.other_names or "").split(",")
            return tuple(filter(None, [one.name, one.latin_name, *others]))

        result = []
        for substance in self:
            ids = [int(one) for one in substance.parent_path.split("/")[:-1]]
            groups = tuple(
                Substance(id_, names(every[id_])) for id_ in reversed(ids[:-1])
            )
            result.append(Substance(substance.id, names(substance), groups))
        return result
