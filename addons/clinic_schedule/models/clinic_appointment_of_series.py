from odoo import fields, models
from odoo.exceptions import UserError


class ClinicAppointmentOfSeries(models.Model):
    """A visit that is one date of regular visits."""

    _inherit = "clinic.appointment"

    series_id = fields.Many2one(
        "clinic.appointment.series",
        string="Regular Visits",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    series_line_ids = fields.One2many(
        "clinic.appointment.series.line", "appointment_id", string="Date of the Series"
    )

    def _write_as_user(self, vals):
        if "series_id" in vals:
            raise UserError(
                self.env._(
                    "A visit belongs to regular visits from the beginning; use "
                    "“Repeat…” to make more of it."
                )
            )
        return super()._write_as_user(vals)

    def _after_cancel(self):
        """A date whose visit is cancelled is left out, until somebody reopens it."""
        super()._after_cancel()
        # sudo: who may cancel the visit need not have rights on the series
        self.sudo().series_line_ids._skip("cancelled")

    # Screens -----------------------------------------------------------------

    def action_open_repeat(self):
        """Open the dialog that makes regular visits of this one."""
        self.ensure_one()
        if self.series_id:
            return self.action_open_series()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_series_plan"
        )
        action["context"] = {
            "default_source_id": self.id,
            "dialog_size": "extra-large",
        }
        return action

    def action_open_series(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.appointment.series",
            "res_id": self.series_id.id,
            "views": [(False, "form")],
        }

    def action_open_series_move(
        self, start, specialist_id=None, room_id=None, scope="this"
    ):
        """Return the dialog that asks: this visit, this and following, or all.

        :param start: naive UTC, the new time of this visit; the others move alike.
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_series_change"
        )
        action["context"] = {
            "default_appointment_id": self.id,
            "default_scope": scope,
            "default_start": str(self._to_moment(start)),
            "default_specialist_id": specialist_id or self.specialist_id.id,
            "default_room_id": room_id,
            "dialog_size": "extra-large",
        }
        return action
