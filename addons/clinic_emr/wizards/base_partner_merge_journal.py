from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Keep what the merge of patients moves, so that it can be undone."""
        partners = self.env["res.partner"].browse(partner_ids).exists()
        if len(partners) < 2 or not self._clinic_may_merge_as_patients(partners):
            return super()._merge(partner_ids, dst_partner, extra_checks)
        # sudo: what hangs on a card is moved whole, whatever rights the user has on it
        journal_sudo = self.env["clinic.patient.merge"].sudo()
        before = journal_sudo._snapshot(partners)
        names = {
            partner.id: " ".join(
                filter(None, [partner.patient_number, partner.name or ""])
            )
            for partner in partners.sudo()
        }
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        self.env.invalidate_all()
        kept = partners.exists()
        merged = ", ".join(names[partner.id] for partner in partners - kept)
        journal_sudo._note(before, partners, kept[:1], merged)
        return result
