from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools import norms, sheet


class ClinicNormMixin(models.AbstractModel):
    """What a number is judged by: norms of its own and norms by sex and age.

    Models that inherit it have ``name``, ``minimum``, ``maximum``, ``low``, ``high``,
    ``critical_low``, ``critical_high`` and ``range_ids``.
    """

    _name = "clinic.norm.mixin"
    _description = "Norms of a Measured Value"

    @api.constrains(
        "minimum", "maximum", "low", "high", "critical_low", "critical_high"
    )
    def _check_bounds(self):
        for measured in self:
            for low, high in [
                sheet.bounds(measured.minimum, measured.maximum),
                sheet.bounds(measured.low, measured.high),
                sheet.bounds(measured.critical_low, measured.critical_high),
            ]:
                if low is not None and high is not None and low > high:
                    raise ValidationError(
                        self.env._(
                            "%(field)s: the lower bound is above the upper one.",
                            field=measured.name,
                        )
                    )

    def _norm_ranges(self):
        """Return the norms by sex and age that apply. Extend, call super."""
        return self.range_ids

    def _norms(self, patient=None, day=None):
        """Return low, high, critical low, critical high; None where there is no bound.

        :param patient: whose norms, by sex and age; without, the general ones
        :param day: the age is that of this day
        """
        self.ensure_one()
        if patient and day:
            found = norms.pick(
                (one._norm() for one in self._norm_ranges()),
                patient.gender or None,
                patient.birthdate_date or None,
                day,
            )
            if found:
                return found.bounds()
        return (
            *sheet.bounds(self.low, self.high),
            *sheet.bounds(self.critical_low, self.critical_high),
        )

    def _judge(self, number, patient=None, day=None):
        """Return verdict and norm of a number, as an observation keeps them."""
        bounds = self._norms(patient, day)
        point = self.env["res.lang"]._get_data(code=self.env.lang).decimal_point
        text = norms.as_text(*bounds[:2]).replace(".", point or ".")
        return {
            "interpretation": sheet.interpret(number, *bounds) or False,
            "reference": text or False,
        }
