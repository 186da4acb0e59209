from odoo import api, fields, models


class ClinicScheduleNote(models.Model):
    """What the desk should know of a day: of one specialist, or of a whole branch."""

    _name = "clinic.schedule.note"
    _description = "Note on the Schedule"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Note",
        required=True,
        help="Everybody at work reads it: nothing medical.",
    )
    branch_id = fields.Many2one(
        "clinic.branch",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: in all branches.",
    )
    specialist_id = fields.Many2one(
        "clinic.specialist",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: for everybody in the branch.",
    )
    date_from = fields.Date(
        string="From Day", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="To Day", help="Empty: that one day.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    _dates_range = models.Constraint(
        "CHECK(date_to IS NULL OR date_from <= date_to)",
        "The last day of the note must not be before the first.",
    )
    # Serves _for_days.
    _date_from_idx = models.Index("(date_from, date_to)")

    @api.model
    def _for_days(self, date_from, date_to, branch_ids=None, specialist_ids=None):
        """Return the notes on the days, both included, as plain values.

        :param branch_ids: notes on other branches are left out; None for all.
        :param specialist_ids: notes on other specialists are left out; None for all.
        :return: dicts with ``text``, ``specialist_id``, ``branch_id`` (or False),
            ``date_from``, ``date_to``.
        """
        domain = [
            ("date_from", "<=", date_to),
            "|",
            ("date_to", ">=", date_from),
            "&",
            ("date_to", "=", False),
            ("date_from", ">=", date_from),
        ]
        if branch_ids is not None:
            domain += ["|", ("branch_id", "=", False), ("branch_id", "in", branch_ids)]
        if specialist_ids is not None:
            domain += [
                "|",
                ("specialist_id", "=", False),
                ("specialist_id", "in", specialist_ids),
            ]
        return [
            {
                "text": note.name,
                "specialist_id": note.specialist_id.id,
                "branch_id": note.branch_id.id,
                "date_from": note.date_from,
                "date_to": note.date_to or note.date_from,
            }
            for note in self.search_fetch(
                domain,
                ["name", "specialist_id", "branch_id", "date_from", "date_to"],
                order="date_from, id",
            )
        ]

    @api.model
    def _for_day(self, branch_id, day):
        """Return the notes on a day of a branch: see :meth:`_for_days`."""
        return self._for_days(day, day, branch_ids=[branch_id])
