from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger
from odoo.tools.sql import column_exists


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    clinic_kept_number = fields.Char(related="dst_partner_id.patient_number")
    clinic_kept_birthdate = fields.Date(related="dst_partner_id.birthdate_date")
    clinic_kept_phone = fields.Char(related="dst_partner_id.clinic_phone_display")

    def action_clinic_merge(self):
        """Merge the cards and open the one that was kept."""
        self.ensure_one()
        kept = self.dst_partner_id
        self._merge(self.partner_ids.ids, kept)
        return kept.action_clinic_open_patient()

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        if not self._clinic_may_merge_as_patients(partners):
            return super()._merge(partner_ids, dst_partner, extra_checks)
        partners.check_access("write")
        # One card often has an e-mail where the other has none.
        emails = {partner.email_normalized for partner in partners} - {False}
        if extra_checks and len(emails) > 1 and not self.env.is_admin():
            raise UserError(
                self.env._(
                    "These cards have different e-mails: %(emails)s. Only the "
                    "administrator can merge them.",
                    emails=", ".join(sorted(emails)),
                )
            )
        # What hangs on a card (invoices, site visits) moves whole, whatever rights
        # the receptionist has on it.
        wizard_sudo = self.sudo()
        return super(BasePartnerMergeAutomaticWizard, wizard_sudo)._merge(
            partner_ids, dst_partner and dst_partner.sudo(), extra_checks=False
        )

    def _clinic_may_merge_as_patients(self, partners):
        """Tell whether these are a patient's cards, and nobody of the staff."""
        users = partners.sudo().with_context(active_test=False).user_ids
        return any(partner.is_patient for partner in partners) and all(
            user.share for user in users
        )

    def _update_foreign_keys(self, src_partners, dst_partner):
        self._clinic_before_merge(src_partners, dst_partner)
        self._clinic_move_unique_rows(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._clinic_after_merge(src_partners, dst_partner)
        return result

    @api.model
    def _has_check_or_unique_constraint(self, table, column):
        """Unique indexes, too: Odoo overlooks them and the merge would fail."""
        return super()._has_check_or_unique_constraint(
            table, column
        ) or self._clinic_has_unique_index(table, column)

    def _clinic_has_unique_index(self, table, column):
        return bool(
            self.env.execute_query(
                SQL(
                    """SELECT 1
                         FROM pg_index i
                         JOIN pg_class r ON r.oid = i.indrelid
                         JOIN pg_attribute a
                           ON a.attrelid = r.oid AND a.attnum = ANY(i.indkey)
                        WHERE i.indisunique
                          AND r.relname = %s
                          AND r.relnamespace = current_schema::regnamespace
                          AND a.attname = %s
                        LIMIT 1""",
                    table,
                    column,
                )
            )
        )

    def _clinic_move_unique_rows(self, src_partners, dst_partner):
        """Move what may be there once, row by row: of a table in which one row of both
        cards clashes, Odoo would delete all. One that clashes is left for it."""
        self.env.flush_all()
        for table, column in self._get_fk_on("res_partner"):
            if (
                "base_partner_merge_" in table
                or not column_exists(self.env.cr, table, "id")
                or not self._clinic_has_unique_index(table, column)
            ):
                continue
            name, field = SQL.identifier(table), SQL.identifier(column)
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM %s WHERE %s IN %s ORDER BY id",
                    name,
                    field,
                    src_partners._ids,
                )
            )
            for (row_id,) in rows:
                try:
                    with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                        self.env.cr.execute(
                            SQL(
                                "UPDATE %s SET %s = %s WHERE id = %s",
                                name,
                                field,
                                dst_partner.id,
                                row_id,
                            )
                        )
                except UniqueViolation:
                    continue
        self.env.invalidate_all()

    def _update_values(self, src_partners, dst_partner):
        # The numbers are unique: the destination keeps its own, or takes over one.
        numbers = [p.patient_number for p in dst_partner + src_partners]
        number = next((n for n in numbers if n), False)
        src_partners.write({"patient_number": False})
        # Given up in the database first: both rows may go out in one statement.
        src_partners.flush_recordset(["patient_number"])
        if number and not dst_partner.patient_number:
            dst_partner.write({"patient_number": number})
        result = super()._update_values(src_partners, dst_partner)
        if dst_partner.payer_id in dst_partner | src_partners:
            dst_partner.payer_id = False
        return result

    def _clinic_before_merge(self, src_partners, dst_partner):
        """Join what exists once per patient; override where Odoo would delete one.

        Called before foreign keys move to the destination. Odoo deletes rows that
        cannot move because of a unique constraint: merge them here instead.
        """

    def _clinic_after_merge(self, src_partners, dst_partner):
        """Clean what merging two related persons leaves; foreign keys have moved."""
        self.env.invalidate_all()
        dst_partner.guardian_ids -= dst_partner | src_partners
        dst_partner.ward_ids -= dst_partner | src_partners
