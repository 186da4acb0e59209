from datetime import timedelta

from odoo.fields import Command

from ..tools import people, story

SIZE = 150


class Patients:
    """The patients with their families and consents."""

    def __init__(self, env, rng, now):
        self.env = env
        self.rng = rng
        self.now = now
        self.plan = []
        self.records = {}

    def make(self):
        today = self.now.date()
        population = people.Population(self.rng, today)
        population.people.extend(story.people_with_logins(today))
        self.plan = population.draw(SIZE)
        records = self.env["res.partner"].create([self._vals(one) for one in self.plan])
        self.records = {
            one.key: record for one, record in zip(self.plan, records, strict=True)
        }
        for one in self.plan:
            if one.guardians or one.payer:
                self.records[one.key].write(
                    {
                        "guardian_ids": [
                            Command.set([self.records[key].id for key in one.guardians])
                        ],
                        "payer_id": one.payer and self.records[one.payer].id,
                    }
                )
        self._make_consents()
        return self

    def _vals(self, one):
        return {
            "name": str(one.name),
            "is_patient": True,
            "gender": one.gender,
            "birthdate_date": one.birthdate,
            "phone": one.phone,
            "email": one.email,
            "snils": one.snils,
            "street": one.street,
            "city": one.city,
            "zip": one.zip,
            "country_id": self.env.ref("base.ru").id,
            "lang": "ru_RU",
        }

    def _make_consents(self):
        """Everybody has agreed to both texts before the first visit."""
        Template = self.env["clinic.consent.template"]
        texts = [Template._current(kind) for kind in ("personal_data", "treatment")]
        given_at = self.now - timedelta(weeks=5)
        self.env["clinic.consent"].create(
            [
                {
                    "patient_id": self.records[one.key].id,
                    "template_id": text.id,
                    "given_by_id": self.records[(*one.guardians, one.key)[0]].id,
                    "given_at": given_at,
                    "channel": "desk",
                }
                for one in self.plan
                for text in texts
                if text
            ]
        )
