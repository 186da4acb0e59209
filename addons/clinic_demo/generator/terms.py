from datetime import timedelta

from odoo.fields import Command

from ..tools import office

TERMS_SINCE = 200  # days


class Terms:
    """Who has prices of his own: specialists' shares, an insurer, an employer."""

    def __init__(self, env, now, network, patients):
        self.env = env
        self.today = now.date()
        self.network = network
        self.patients = patients
        self.plan = office.load()
        self.programmes = {}

    def make(self):
        since = self.today - timedelta(days=TERMS_SINCE)
        self.env["clinic.price.profile"].create(
            [
                {
                    "specialist_id": self.network.specialists[key].id,
                    "specialist_percent": share,
                    "date_from": since,
                    "note": "Трудовой договор",
                }
                for key, share in self.plan.shares.items()
            ]
        )
        chosen = office.members(self.plan.programmes, self.patients.plan, self.today)
        for programme in self.plan.programmes:
            self.programmes[programme.key] = self._make_programme(
                programme, chosen[programme.key], since
            )
        return self

    def _make_programme(self, programme, people, since):
        payer = self.env["res.partner"].create(
            {
                "name": programme.payer,
                "is_company": True,
                "vat": programme.vat,
                "country_id": self.env.ref("base.ru").id,
                "lang": "ru_RU",
            }
        )
        services = self.network.services
        return self.env["clinic.price.programme"].create(
            {
                "name": programme.name,
                "kind": programme.kind,
                "partner_id": payer.id,
                "contract": programme.contract,
                "date_from": since,
                "discount": programme.discount,
                "coverage": programme.coverage,
                "visit_limit": programme.visit_limit,
                "member_limit": programme.member_limit,
                "excluded_service_ids": [
                    Command.set([services[key].id for key in programme.excluded])
                ],
                "member_ids": [
                    Command.create(
                        {
                            "patient_id": self.patients.records[person.key].id,
                            "policy_number": programme.policy % (101 + 7 * number),
                            "date_from": since,
                        }
                    )
                    for number, person in enumerate(people)
                ],
            }
        )
