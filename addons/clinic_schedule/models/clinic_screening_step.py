from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, hmac

# In the order in which people go; a red flag ends it.
STEPS = [
    ("opened", "Opened"),
    ("answered", "Answered a question"),
    ("finished", "Answered all"),
    ("red_flag", "Told to call for help"),
    ("matched", "Saw specialists"),
    ("chose", "Chose a time"),
    ("booked", "Booked"),
]
FUNNEL = ("opened", "answered", "finished", "matched", "chose", "booked")
CHANNELS = [("web", "Web site"), ("desk", "At the desk")]


class ClinicScreeningStep(models.Model):
    """How far somebody came in a screening: for counting, without a word answered.

    Who it was cannot be told from it: of the session only a keyed digest is kept.
    """

    _name = "clinic.screening.step"
    _description = "Step of a Screening"
    _order = "id desc"
    _log_access = False
    _rec_name = "step"

    session = fields.Char(required=True)
    step = fields.Selection(STEPS, required=True)
    question_id = fields.Many2one(
        "clinic.screening.question", index="btree_not_null", ondelete="cascade"
    )
    questionnaire_id = fields.Many2one(
        "clinic.screening.questionnaire", index="btree_not_null", ondelete="set null"
    )
    channel = fields.Selection(CHANNELS, required=True)
    day = fields.Date(required=True, index=True)

    # A reload or a second click is no second visitor.
    _once = models.UniqueIndex(
        "(session, step, COALESCE(question_id, 0))",
        "This step of the screening has been counted.",
    )

    @api.model
    def _count(self, session, step, channel, question_id=None):
        """Count a step once for a session.

        :param str session: anything that tells one screening from another
        :param str step: a key of ``STEPS``
        :param str channel: a key of ``CHANNELS``
        """
        current = self.env["clinic.screening.questionnaire"].sudo()._current()
        self.env.cr.execute(
            SQL(
                """INSERT INTO clinic_screening_step
                          (session, step, channel, question_id, questionnaire_id, day)
                   VALUES (%s, %s, %s, %s, %s, %s)
                   ON CONFLICT DO NOTHING""",
                hmac(self.env(su=True), "clinic-screening-step", session),
                step,
                channel,
                question_id or None,
                current.id or None,
                fields.Date.today(),
            )
        )

    @api.model
    def get_funnel(self, date_from=None, date_to=None, channel=None):
        """Return how many came how far, and where they stopped answering.

        :param date_from: first day (``YYYY-MM-DD``), 30 days ago if not given
        :param date_to: last day, today if not given
        :return: ``steps`` of ``step, label, count, of_first, of_previous`` (per cent),
            ``questions`` of ``name, count, of_first``, ``red_flags``
        """
        self.check_access("read")
        date_to = fields.Date.to_date(date_to) or fields.Date.context_today(self)
        date_from = fields.Date.to_date(date_from) or date_to - timedelta(days=30)
        domain = [("day", ">=", date_from), ("day", "<=", date_to)]
        if channel:
            domain.append(("channel", "=", channel))
        # One session answers many questions, but it is one who answered.
        counts = dict(self._read_group(domain, ["step"], ["session:count_distinct"]))
        labels = dict(self._fields["step"]._description_selection(self.env))
        first = counts.get(FUNNEL[0], 0)
        steps, previous = [], first
        for step in FUNNEL:
            count = counts.get(step, 0)
            steps.append(
                {
                    "step": step,
                    "label": labels[step],
                    "count": count,
                    "of_first": self._share(count, first),
                    "of_previous": self._share(count, previous),
                }
            )
            previous = count
        by_question = self._read_group(
            [*domain, ("step", "=", "answered"), ("question_id", "!=", False)],
            ["question_id"],
            ["__count"],
        )
        return {
            "date_from": fields.Date.to_string(date_from),
            "date_to": fields.Date.to_string(date_to),
            "steps": steps,
            "questions": [
                {
                    "name": question.name,
                    "count": count,
                    "of_first": self._share(count, first),
                }
                for question, count in sorted(
                    by_question, key=lambda item: (item[0].sequence, item[0].id)
                )
            ],
            "red_flags": counts.get("red_flag", 0),
        }

    def _share(self, count, whole):
        return round(100 * count / whole) if whole else 0
