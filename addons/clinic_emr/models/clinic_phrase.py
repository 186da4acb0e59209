from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .clinic_encounter_template_item import PARTS


class ClinicPhrase(models.Model):
    """A ready piece of text, put in by its short name while typing: ``/norm``."""

    _name = "clinic.phrase"
    _description = "Phrase"
    _order = "sequence, name, id"

    name = fields.Char(
        string="Short Name", required=True, help="Type / and this in any text."
    )
    text = fields.Text(
        required=True, help="___ marks what is to be filled in: the cursor goes there."
    )
    sequence = fields.Integer(default=10)
    part = fields.Selection(PARTS, help="Empty: offered everywhere.")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        ondelete="cascade",
        index=True,
        help="Empty: shared by the specialties, or by all.",
    )
    specialty_ids = fields.Many2many("clinic.specialty", string="Specialties")
    active = fields.Boolean(default=True)

    _name_part_idx = models.Index("(user_id, part, name)")

    @api.model_create_multi
    def create(self, vals_list):
        phrases = super().create(vals_list)
        phrases._check_owner()
        return phrases

    def write(self, vals):
        result = super().write(vals)
        self._check_owner()
        return result

    def _check_owner(self):
        """Only who manages the templates shares phrases or edits those of others."""
        if self.env.su or self.env.user.has_groups(
            "clinic_base.group_admin,clinic_base.group_chief_physician"
        ):
            return
        if any(phrase.user_id != self.env.user for phrase in self):
            raise AccessError(self.env._("You may only edit phrases of your own."))

    @api.model
    def offered(self, part):
        """Return the phrases for a part of a visit of the current user.

        :param part: a code of ``PARTS``
        :return: ``[{name, text}…]``, own ones first
        """
        specialties = (
            self.env["clinic.specialist"]
            .search([("user_id", "=", self.env.uid)])
            .specialty_ids
        )
        mine = Domain("user_id", "=", self.env.uid)
        shared = Domain("user_id", "=", False) & (
            Domain("specialty_ids", "=", False)
            | Domain("specialty_ids", "in", specialties.ids)
        )
        phrases = self.search(Domain("part", "in", [part, False]) & (mine | shared))
        return [
            {"name": phrase.name, "text": phrase.text}
            for phrase in phrases.sorted(lambda phrase: not phrase.user_id)
        ]
