from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from ..tools import icd10_query

LEVELS = [
    ("chapter", "Chapter"),
    ("block", "Block"),
    ("category", "Category"),
    ("subcategory", "Subcategory"),
]


class ClinicIcd10(models.Model):
    """A line of ICD-10 in its official Russian edition.

    A public classifier, not medical data. The names are official terms of one
    language, so they are not translated. Codes that the Ministry has closed are
    archived: old diagnoses keep them, new ones do not offer them.
    """

    _name = "clinic.icd10"
    _description = "ICD-10 Code"
    _order = "code"
    _rec_names_search = ["code", "name"]
    _parent_store = True

    code = fields.Char(required=True)
    name = fields.Char(required=True)
    parent_id = fields.Many2one("clinic.icd10", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("clinic.icd10", "parent_id")
    level = fields.Selection(
        LEVELS, compute="_compute_level", store=True, precompute=True, index=True
    )
    is_diagnosis = fields.Boolean(
        compute="_compute_level",
        store=True,
        precompute=True,
        help="Chapters and blocks only group codes; a doctor can't diagnose them.",
    )
    search_text = fields.Char(
        compute="_compute_search_text",
        store=True,
        precompute=True,
        index="trigram",
        help="Code and name as they are compared when searching.",
    )
    active = fields.Boolean(
        default=True,
        help="A closed code stays in old visits and is not offered in new ones.",
    )

    _code_uniq = models.UniqueIndex("(code)", "This ICD-10 code already exists.")
    _code_prefix_idx = models.Index("(code varchar_pattern_ops)")

    @api.depends("code")
    def _compute_level(self):
        for line in self:
            code = line.code or ""
            if not any(char.isdigit() for char in code):
                line.level = "chapter"
            elif "-" in code:
                line.level = "block"
            elif len(code) <= 3:
                line.level = "category"
            else:
                line.level = "subcategory"
            line.is_diagnosis = line.level in ("category", "subcategory")

    @api.depends("code", "name")
    def _compute_search_text(self):
        for line in self:
            line.search_text = icd10_query.fold(f"{line.code} {line.name}")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.code} {line.name}"

    @api.model
    def _search_display_name(self, operator, value):
        if operator == "ilike" and value and isinstance(value, str):
            return self._search_words_domain(value)
        return super()._search_display_name(operator, value)

    @api.model
    def _search_words_domain(self, query):
        """Return the domain of a query typed by a person: code or words, any order."""
        return Domain.AND(
            Domain("search_text", "ilike", escape_psql(term.text))
            | Domain.OR(Domain("code", "=like", f"{code}%") for code in term.codes)
            for term in icd10_query.parse(query)
        )
