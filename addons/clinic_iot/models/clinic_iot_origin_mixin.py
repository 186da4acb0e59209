from odoo import models


class ClinicIotOriginMixin(models.AbstractModel):
    """What a job can be given for: a payment, a shift, a label."""

    _name = "clinic.iot.origin.mixin"
    _description = "Origin of Device Jobs"

    def _iot_job_ended(self, job):
        """Take note of the end of a job that was given for this record.

        Called as the superuser, in the company of the job and in the transaction in
        which the job ends. An ``unknown`` that is not ``settled`` may be followed by
        another end. What is raised here does not undo the end: the record is told again
        later, so it must not mind hearing the same twice.

        :param job: a ``clinic.iot.job`` in one of the states done, failed, unknown
        """
