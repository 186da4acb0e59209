from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _clinic_before_merge(self, src_partners, dst_partner):
        """Refuse where one person would have to be at two visits at once."""
        super()._clinic_before_merge(src_partners, dst_partner)
        self.env["clinic.claim"].flush_model()
        clashing = self.env.execute_query(
            SQL(
                """SELECT one.appointment_id
                     FROM clinic_claim one JOIN clinic_claim other
                       ON one.id < other.id
                      AND one.patient_id != other.patient_id
                      AND tsrange(one.start, one.stop)
                          && tsrange(other.start, other.stop)
                    WHERE one.patient_id = ANY(%(ids)s)
                      AND other.patient_id = ANY(%(ids)s)""",
                ids=(src_partners | dst_partner).ids,
            )
        )
        if clashing:
            visits = self.env["clinic.appointment"].browse(row[0] for row in clashing)
            raise UserError(
                self.env._(
                    "Both cards are booked at the same time: %(visits)s. Cancel or "
                    "move one of the visits first.",
                    visits=", ".join(
                        f"{visit.name} ({visit.local_time})" for visit in visits
                    ),
                )
            )
