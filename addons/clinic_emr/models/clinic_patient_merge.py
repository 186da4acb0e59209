import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

# merged apart from what points at them: they are what was merged
ROOTS = ("res_partner", "clinic_medical_record")
# what is not data of the patient, or follows by itself
SKIPPED_TABLES = (
    "base_partner_merge_automatic_wizard_res_partner_rel",
    "base_partner_merge_automatic_wizard",
    "clinic_patient_merge",
)
# tables that point at a partner by name and id instead of a foreign key
LOOSE_TABLES = [
    ("ir_attachment", "res_model", "res_id"),
    ("mail_message", "model", "res_id"),
    ("mail_activity", "res_model", "res_id"),
    ("mail_followers", "res_model", "res_id"),
    ("ir_model_data", "model", "res_id"),
]


class ClinicPatientMerge(models.Model):
    """What a merge of two cards of one person moved, so that it can be undone.

    Whole rows are compared, before and after, of every table that points at a card or
    at a medical record: visits, invoices, results, of any addon. Undoing writes back
    what nobody has changed since and brings back what the merge deleted, with its
    number. What came to the kept card afterwards stays there.
    """

    _name = "clinic.patient.merge"
    _description = "Merge of Patients"
    _inherit = ["clinic.wall.time"]
    _order = "create_date desc, id desc"

    kept_id = fields.Many2one(
        "res.partner", string="Kept Card", readonly=True, ondelete="set null"
    )
    merged_names = fields.Char(string="Merged Cards", required=True, readonly=True)
    moved_count = fields.Integer(string="Rows Moved", readonly=True)
    state = fields.Selection(
        [("merged", "Merged"), ("undone", "Undone")],
        required=True,
        readonly=True,
        default="merged",
    )
    undone_at = fields.Datetime(string="Undone on", readonly=True)
    undone_by_id = fields.Many2one(
        "res.users", string="Undone by", readonly=True, ondelete="restrict"
    )
    not_restored = fields.Text(
        readonly=True,
        help="What was changed after the merge and therefore was left as it is.",
    )
    # Medical text may be in it: only the system itself reads it.
    rows = fields.Json(readonly=True, groups=NO_ACCESS)

    @api.depends("kept_id", "create_date")
    def _compute_display_name(self):
        for merge in self:
            merge.display_name = self.env._("Merge %s", merge.id)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("The journal of merges can't be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The journal of merges can't be deleted."))

    # === taking down === #

    @api.model
    def _snapshot(self, partners):
        """Return ``{table: {key: row}}`` of all rows that point at the cards.

        The key is the id, or the whole row in tables that have none.
        """
        self.env.flush_all()
        records = (
            self.env["clinic.medical.record"]
            .sudo()
            .with_context(active_test=False)
            .search([("patient_id", "in", partners.ids)])
        )
        found = {}
        for root, ids in zip(ROOTS, (partners.ids, records.ids), strict=True):
            conditions = {root: [SQL("id = ANY(%s)", ids)]}
            for table, column in self._pointers(root):
                conditions.setdefault(table, []).append(
                    SQL("%s = ANY(%s)", SQL.identifier(column), ids)
                )
            if root == "res_partner":
                for table, model_column, id_column in LOOSE_TABLES:
                    conditions.setdefault(table, []).append(
                        SQL(
                            "(%s = 'res.partner' AND %s = ANY(%s))",
                            SQL.identifier(model_column),
                            SQL.identifier(id_column),
                            ids,
                        )
                    )
            for table, parts in conditions.items():
                self._read_rows(table, SQL(" OR ").join(parts), found)
        return found

    @api.model
    def _pointers(self, root):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        return [
            (table, column)
            for table, column in wizard._get_fk_on(root)
            if table not in SKIPPED_TABLES
        ]

    def _read_rows(self, table, condition, found):
        """Add the rows of a table to ``found``."""
        rows = self.env.execute_query(
            SQL(
                "SELECT to_jsonb(t)::text FROM %s t WHERE %s",
                SQL.identifier(table),
                condition,
            )
        )
        for (text,) in rows:
            row = json.loads(text)
            key = str(row["id"]) if "id" in row else json.dumps(row, sort_keys=True)
            found.setdefault(table, {})[key] = row

    @api.model
    def _note(self, before, partners, kept, names):
        """Keep the difference that a merge made, once it is done."""
        self.env.flush_all()
        after = {}
        for table, rows in before.items():
            if ids := [int(key) for key in rows if key.isdigit()]:
                self._read_rows(table, SQL("id = ANY(%s)", ids), after)
        loose = {table for table, rows in before.items() if "id" not in _any(rows)}
        changes = []
        for table, rows in before.items():
            present = (
                self._existing_links(table, rows)
                if table in loose
                else after.get(table, {})
            )
            for key, row in rows.items():
                now = present.get(key)
                if now is None:
                    changes.append({"table": table, "gone": row})
                elif now != row:
                    columns = [name for name in row if row[name] != now.get(name)]
                    changes.append(
                        {
                            "table": table,
                            "id": row["id"],
                            "was": {name: row[name] for name in columns},
                            "became": {name: now[name] for name in columns},
                        }
                    )
        # sudo: nobody writes the journal except by merging
        return self.sudo().create(
            {
                "kept_id": kept.id,
                "merged_names": names,
                "moved_count": len(changes),
                "rows": changes,
            }
        )

    def _existing_links(self, table, rows):
        """Return those rows of a table without ids that are still there."""
        present = {}
        for key, row in rows.items():
            condition = SQL(" AND ").join(
                SQL("%s = %s", SQL.identifier(name), value)
                for name, value in row.items()
            )
            self._read_rows(table, condition, found := {})
            if key in found.get(table, {}):
                present[key] = row
        return present

    # === undoing === #

    def action_undo(self):
        """Part the cards again, with everything each had before the merge."""
        self.check_access("write")
        for merge_sudo in self.sudo():
            if merge_sudo.state == "undone":
                raise UserError(self.env._("This merge is undone already."))
            merge_sudo._undo()
        return True

    def _undo(self):
        self.ensure_one()
        later = self.search_count(
            [
                ("id", ">", self.id),
                ("state", "=", "merged"),
                ("kept_id", "=", self.kept_id.id),
            ]
        )
        if later or not self.kept_id:
            raise UserError(
                self.env._("The kept card was merged again since: undo that first.")
            )
        self.env.flush_all()
        left = []
        changes = self.rows
        # What was merged first, but for what points at a card; then what the merge
        # deleted, in the order in which things may point at each other; then what
        # moved.
        own = [c for c in changes if "id" in c and c["table"] in ROOTS]
        pointers = {pair for root in ROOTS for pair in self._pointers(root)}
        moved = [c for c in changes if "id" in c and c["table"] not in ROOTS]
        gone = [c for c in changes if "gone" in c]
        gone.sort(
            key=lambda c: ROOTS.index(c["table"]) if c["table"] in ROOTS else len(ROOTS)
        )
        for change in own:
            left += self._put_back(self._part(change, pointers, False))
        for change in gone:
            left += self._bring_back(change)
        for change in own:
            left += self._put_back(self._part(change, pointers, True))
        for change in moved:
            left += self._put_back(change)
        self.env.invalidate_all()
        self._recompute_after_undo(changes)
        self.write(
            {
                "state": "undone",
                "undone_at": fields.Datetime.now(),
                "undone_by_id": self.env.uid,
                "not_restored": "\n".join(left) or False,
            }
        )

    @staticmethod
    def _part(change, pointers, pointing):
        """Return the change of the columns that point at a card, or of the others."""
        names = [
            name
            for name in change["was"]
            if ((change["table"], name) in pointers) == pointing
        ]
        return {
            **change,
            "was": {name: change["was"][name] for name in names},
            "became": {name: change["became"][name] for name in names},
        }

    def _put_back(self, change):
        """Write back the columns that nobody has touched since the merge."""
        table, left = change["table"], []
        [found] = self.env.execute_query(
            SQL(
                "SELECT to_jsonb(t)::text FROM %s t WHERE id = %s",
                SQL.identifier(table),
                change["id"],
            )
        ) or [(None,)]
        if not found[0]:
            return [f"{table} {change['id']}"]
        now = json.loads(found[0])
        back = {}
        for name, value in change["was"].items():
            if now.get(name) == change["became"][name] or name in (
                "write_date",
                "write_uid",
            ):
                back[name] = value
            else:
                left.append(f"{table} {change['id']}: {name}")
        if back:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s t SET %s "
                    "FROM jsonb_populate_record(NULL::%s, %s::jsonb) was "
                    "WHERE t.id = %s",
                    SQL.identifier(table),
                    SQL(", ").join(
                        SQL("%s = was.%s", SQL.identifier(name), SQL.identifier(name))
                        for name in back
                    ),
                    SQL.identifier(table),
                    json.dumps(back),
                    change["id"],
                )
            )
        return left

    def _bring_back(self, change):
        """Insert a row that the merge deleted, with the id it had."""
        table = SQL.identifier(change["table"])
        row = change["gone"]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s "
                "SELECT * FROM jsonb_populate_record(NULL::%s, %s::jsonb) "
                "ON CONFLICT DO NOTHING",
                table,
                table,
                json.dumps(row),
            )
        )
        return [] if self.env.cr.rowcount else [f"{change['table']} {row.get('id')}"]

    def _recompute_after_undo(self, changes):
        """Have what is computed from the moved rows computed anew, on both sides."""
        for root, model in zip(
            ROOTS, ("res.partner", "clinic.medical.record"), strict=True
        ):
            ids = {
                change["id"] if "id" in change else change["gone"]["id"]
                for change in changes
                if change["table"] == root
            }
            records = self.env[model].browse(ids).exists()
            for field in records._fields.values():
                if field.store and field.compute and not field.related:
                    self.env.add_to_compute(field, records)
        self.env.flush_all()


def _any(rows):
    return next(iter(rows.values()), {})
