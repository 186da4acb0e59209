from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        if all(partner.is_patient for partner in partners):
            # One card often has an e-mail where the other has none.
            emails = {partner.email_normalized for partner in partners} - {False}
            extra_checks = extra_checks and len(emails) > 1
        return super()._merge(partner_ids, dst_partner, extra_checks)

    def _update_foreign_keys(self, src_partners, dst_partner):
        self._clinic_before_merge(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._clinic_after_merge(src_partners, dst_partner)
        return result

    def _update_values(self, src_partners, dst_partner):
        # The numbers are unique: the destination keeps its own, or takes over one.
        numbers = [p.patient_number for p in dst_partner + src_partners]
        number = next((n for n in numbers if n), False)
        src_partners.write({"patient_number": False})
        if number and not dst_partner.patient_number:
            dst_partner.write({"patient_number": number})
        src_partners.flush_recordset(["patient_number"])
        return super()._update_values(src_partners, dst_partner)

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
        if dst_partner.payer_id in dst_partner | src_partners:
            dst_partner.payer_id = False
