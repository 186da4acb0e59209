from odoo import models


class ClinicEncounter(models.Model):
    """What keeps the form of a visit quick while it is being written."""

    _inherit = "clinic.encounter"

    def onchange(self, values, field_names, fields_spec):
        """Work out only what the change may touch.

        The web client names all that is on the form, and Odoo computes all of it twice
        to find what differs: history, reminders, warnings, the sheet, for each text one
        has left. What nothing changed leads to can't differ.
        """
        if field_names and not self._onchange_methods:
            touched = self._touched_by(field_names, fields_spec)
            fields_spec = {
                name: spec
                for name, spec in fields_spec.items()
                if name in field_names
                or self._fields[name] in touched
                or self._fields[name].comodel_name in self._line_models(touched, spec)
            }
        return super().onchange(values, field_names, fields_spec)

    def _touched_by(self, field_names, fields_spec):
        """Return the fields, of any model, that depend on these and on their lines."""
        changed = []
        for name in field_names:
            if field := self._fields.get(name):
                changed.append(field)
                if field.type in ("one2many", "many2many"):
                    lines = self.env[field.comodel_name]._fields
                    inner = fields_spec.get(name, {}).get("fields") or {}
                    changed += [lines[one] for one in inner if one in lines]
        return {
            dependent
            for field in changed
            for dependent in self.pool.get_dependent_fields(field)
        }

    @staticmethod
    def _line_models(touched, spec):
        """Return the models of touched fields that the lines of a field show."""
        inner = spec.get("fields") or {}
        return {field.model_name for field in touched if field.name in inner}
