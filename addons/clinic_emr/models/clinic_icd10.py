from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ..tools import icd10_query

LEVELS = [
    ("chapter", "Chapter"),
    ("block", "Block"),
    ("category", "Category"),
    ("subcategory", "Subcategory"),
]


MARKS = [
    ("dagger", "† underlying disease"),
    ("asterisk", "* manifestation"),
]
# how many of the specialist's latest diagnoses tell which codes he uses
OWN_LATEST = 300


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
        help="Code and name as they are compared when searching.",
    )
    mark = fields.Selection(
        MARKS,
        help="A code with an asterisk accompanies the one with the dagger and can't be "
        "the main diagnosis.",
    )
    official_id = fields.Integer(
        string="Official ID",
        readonly=True,
        help="The ID in the Ministry's file; empty for codes that did not come of it.",
    )
    is_closed_officially = fields.Boolean(
        readonly=True, help="As the last imported file says."
    )
    changed_on = fields.Date(
        readonly=True, help="When the Ministry added, changed or closed the code."
    )
    active = fields.Boolean(
        default=True,
        help="A closed code stays in old visits and is not offered in new ones.",
    )

    _code_uniq = models.UniqueIndex("(code)", "This ICD-10 code already exists.")
    _code_prefix_idx = models.Index("(code varchar_pattern_ops)")

    def init(self):
        """Make the index of the search.

        Not the field's own: where the database has "unaccent", that is of no use to
        "like", and "ilike" on Cyrillic letters costs several times as much.
        """
        self.env.cr.execute(SQL("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        self.env.cr.execute(
            SQL(
                """CREATE INDEX IF NOT EXISTS clinic_icd10_search_words_idx
                       ON clinic_icd10 USING gin (search_text gin_trgm_ops)"""
            )
        )

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
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find codes by code or words, the likeliest first."""
        terms = icd10_query.parse(name or "")
        if operator != "ilike" or not terms:
            return super().name_search(name, domain, operator, limit)
        fitting = self._search_words_domain(name) & Domain(domain or Domain.TRUE)
        if all(term.is_short for term in terms):
            lines = self._walk(fitting, terms, limit)
        else:
            query = self._search(fitting, limit=limit)
            query.order = self._likeliest_first(query.table, terms)
            lines = self._fetch_query(query, self._determine_fields_to_fetch(["name"]))
        lines.fetch(["code", "name"])
        return [(line.id, line.display_name) for line in lines]

    @api.model
    def _walk(self, fitting, terms, limit):
        """Return what fits a letter or two, the likeliest first.

        They fit most of the classifier. To rank all of it would take longer than one
        types, so it is walked in the order of codes, one likelihood after the other,
        and left when there are enough.
        """
        codes = [code for term in terms for code in term.codes]
        lines = self.browse()
        for likely in (
            Domain("code", "in", codes),
            Domain("id", "in", self._used_by_me()),
            Domain.OR(Domain("code", "=like", f"{code}%") for code in codes),
            Domain.AND(
                Domain("search_text", "like", f" {escape_psql(term.stem)}")
                for term in terms
            ),
            Domain.TRUE,
        ):
            left = limit and limit - len(lines)
            if left == 0 and limit:
                break
            lines += self.search(
                fitting & likely & Domain("id", "not in", lines.ids),
                limit=left,
                order="code",
            )
        return lines

    @api.model
    def _likeliest_first(self, table, terms):
        """Return the order of what was found.

        The very code, what this specialist uses, a code that begins so, names with all
        the words at the beginning of a word, names that begin so, the shorter first.
        """
        codes = [code for term in terms for code in term.codes]
        code = SQL.identifier(table, "code")
        text = SQL.identifier(table, "search_text")
        beginnings = SQL(" + ").join(
            SQL("(%s LIKE %s)::int", text, f"% {escape_psql(term.stem)}%")
            for term in terms
        )
        return SQL(
            """%(code)s = ANY(%(codes)s) DESC, %(id)s = ANY(%(own)s) DESC,
               %(code)s LIKE ANY(%(prefixes)s) DESC, %(beginnings)s DESC,
               position(%(first)s in %(text)s), length(%(text)s), %(code)s""",
            code=code,
            codes=codes,
            id=SQL.identifier(table, "id"),
            own=self._used_by_me(),
            prefixes=[f"{one}%" for one in codes],
            beginnings=beginnings,
            text=text,
            first=f" {terms[0].stem}",
        )

    @api.model
    def _used_by_me(self):
        """Return the ids of codes in the latest diagnoses of the current user."""
        # sudo: the user's own diagnoses, of patients no longer treated too
        latest = (
            self.env["clinic.diagnosis"]
            .sudo()
            .search_fetch(
                [("encounter_id.specialist_id.user_id", "=", self.env.uid)],
                ["icd10_id"],
                order="id desc",
                limit=OWN_LATEST,
            )
        )
        return latest.icd10_id.ids

    @api.model
    def _search_words_domain(self, query):
        """Return the domain of a query typed by a person: code or words, any order."""
        return Domain.AND(
            # both sides are folded: "like" is several times cheaper than "ilike"
            Domain("search_text", "like", escape_psql(term.stem))
            | Domain.OR(Domain("code", "=like", f"{code}%") for code in term.codes)
            for term in icd10_query.parse(query)
        )
