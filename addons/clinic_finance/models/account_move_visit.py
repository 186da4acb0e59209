from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    # The inverse of the visit's invoice. Without it the visit's state of payment is
    # found by a query at each change of each entry, some twenty for one payment.
    clinic_visit_ids = fields.One2many(
        "clinic.appointment",
        "invoice_id",
        string="Visits",
        readonly=True,
        groups="clinic_base.group_staff,account.group_account_invoice",
    )

    @api.depends("clinic_patient_id")
    def _compute_invoice_default_sale_person(self):
        """Nobody sells a visit: Odoo would name whoever books, be it the patient.

        The page of the invoice shows the seller to the patient.
        """
        of_patients = self.filtered("clinic_patient_id")
        for move in of_patients:
            move.invoice_user_id = move.invoice_user_id
        return super(
            AccountMove, self - of_patients
        )._compute_invoice_default_sale_person()

    def _fetch_duplicate_reference(self, matching_states=("draft", "posted")):
        """Invoices of different visits are alike, but none is a copy of the other.

        Odoo would warn of each visit of a course, and offer to delete the drafts.
        """
        found = super()._fetch_duplicate_reference(matching_states)
        result = {}
        for move, others in found.items():
            # Sudo: asked of documents that the user reads; says nothing of the visits.
            visits_sudo = move.sudo().clinic_appointment_ids
            copies = others.filtered(
                lambda other, visits_sudo=visits_sudo: (
                    not visits_sudo
                    or not other.sudo().clinic_appointment_ids
                    or visits_sudo & other.sudo().clinic_appointment_ids
                )
            )
            if copies:
                result[move] = copies
        return result
