from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

MOST_A_DAY = 60


class ClinicObservation(models.Model):
    _inherit = "clinic.observation"

    @api.model
    def _patient_labels(self):
        """Return what a value that patients measure is called, by its code."""
        return {
            "systolic": self.env._("Upper pressure"),
            "diastolic": self.env._("Lower pressure"),
            "pulse": self.env._("Pulse"),
            "glucose": self.env._("Blood glucose"),
            "weight": self.env._("Body weight"),
            "temperature": self.env._("Temperature"),
        }

    @api.model
    def _add_by_patient(self, record, numbers, moment):
        """Write down what a patient measured at home; return the rows.

        :param record: the medical record, which the caller has checked
        :param numbers: the values by code, as ``tools.measures`` read them
        :param moment: when it was measured, naive UTC
        """
        since = fields.Datetime.now() - timedelta(days=1)
        lately = self.search_count(
            [
                ("record_id", "=", record.id),
                ("source", "=", "patient"),
                ("create_date", ">=", since),
            ],
            limit=MOST_A_DAY,
        )
        if lately >= MOST_A_DAY:
            raise UserError(
                self.env._("That is enough for one day. Please go on tomorrow.")
            )
        values = {code: float(number) for code, number in numbers.items()}
        return record._add_measures(values, source="patient", when=moment)

    def _withdraw_by_patient(self):
        """Take out of sight a value written by mistake, with what goes along."""
        self.ensure_one()
        together = self.search(
            [
                ("record_id", "=", self.record_id.id),
                ("source", "=", "patient"),
                ("effective", "=", self.effective),
                ("create_date", "=", self.create_date),
            ]
        )
        together._set_archived(
            {
                "active": False,
                "archived_at": fields.Datetime.now(),
                "archived_by_id": self.env.uid,
                "archive_reason": self.env._("Removed by the patient"),
            }
        )
