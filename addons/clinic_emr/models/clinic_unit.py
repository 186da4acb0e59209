from odoo import api, fields, models


class ClinicUnit(models.Model):
    """A unit of measure by UCUM: the code is for machines, the name for people."""

    _name = "clinic.unit"
    _description = "Unit of Measure (UCUM)"
    _order = "name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        string="UCUM Code", required=True, help="Case-sensitive, like mm[Hg]."
    )
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "There is a unit of this UCUM code already."
    )

    @api.constrains("code")
    def _check_code(self):
        # blanks are no part of UCUM and the commonest mistake of whoever copies a code
        for unit in self:
            unit_code = unit.code or ""
            if unit_code != "".join(unit_code.split()):
                unit.code = "".join(unit_code.split())
