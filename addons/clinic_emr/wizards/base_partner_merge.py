from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _clinic_before_merge(self, src_partners, dst_partner):
        """Join the medical records: a patient has one, and Odoo would drop the others.

        sudo: whoever merges two cards of one person needs no look into the records.
        """
        super()._clinic_before_merge(src_partners, dst_partner)
        records_sudo = self.env["clinic.medical.record"].sudo()
        source_sudo = records_sudo.search([("patient_id", "in", src_partners.ids)])
        target_sudo = records_sudo.search([("patient_id", "=", dst_partner.id)])
        if not target_sudo:
            # the foreign key of one record follows the patient by itself
            target_sudo, source_sudo = source_sudo[:1], source_sudo[1:]
        for record_sudo in source_sudo:
            target_sudo._absorb(record_sudo)
