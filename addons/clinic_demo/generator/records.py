from datetime import timedelta

from ..tools import record

CAREFUL = "Аллергия учтена, переносимость проверена ранее."
# how old an order may be that still waits at the desk to be booked
FRESH_DAYS = 9
VACCINATED = ("ward", "ward2")


class Records:
    """What stands in the records besides the texts of visits.

    ``sheets`` are triples of the planned visit, its encounter and the note.
    """

    def __init__(self, env, rng, now, bookings):
        self.env = env
        self.rng = rng
        self.now = now
        self.bookings = bookings
        self.network = bookings.network
        self.rows = record.load()
        self.treatments = record.treatments(self.rows["treatments"])

    def write_drafts(self, sheets):
        """Write what is entered while a visit goes on, before it is finished."""
        self._measure(sheets)
        self._prescribe(sheets)
        self._order(sheets)

    def write_allergies(self, encounters):
        """Give a patient of each specialist and every seventh other an allergy.

        Of some others it is said that there is none.
        """
        records = encounters.record_id.sorted("id")
        seen = encounters.sorted("id").grouped("specialist_id").values()
        allergic = records.browse({own[0].record_id.id for own in seen}).sorted("id")
        others = records - allergic
        self.env["clinic.allergy"].create(
            [
                {"record_id": one.id, **self._nth(self.rows["allergies"], number)}
                for number, one in enumerate(allergic | others[::7])
            ]
        )
        (others[1::7] | others[3::7]).write({"no_known_allergies": True})

    @staticmethod
    def _nth(rows, number):
        return rows[number % len(rows)]

    # === IN THE VISIT === #

    def _measure(self, sheets):
        vals_list = []
        for visit, encounter, note in sheets:
            person = self.bookings.people[visit.patient]
            age = person.age_on(visit.start.date())
            measured = record.values(
                self.rng, person, age, note.codes[0], again=note.again
            )
            for item in encounter.template_version_id.item_ids:
                if item.code in measured:
                    value = encounter._read_value(item, measured[item.code])
                elif item.code == "condition":
                    value = encounter._read_value(item, item._sheet_item().choices[0])
                else:
                    continue
                vals_list.append(
                    {
                        "encounter_id": encounter.id,
                        **encounter._prepare_observation_vals(item, value),
                        "effective": encounter.start,
                        "performer_id": self._author(encounter).id,
                    }
                )
        self.env["clinic.observation"].create(vals_list)

    def _prescribe(self, sheets):
        requests = self.env["clinic.medication.request"].create(
            [
                {
                    **self._order_vals(encounter),
                    "medication_id": self.env.ref(
                        f"clinic_emr.medication_{medicine.key}"
                    ).id,
                    "dose": medicine.dose,
                    "times_a_day": medicine.times,
                    "timing": medicine.timing,
                    "days": medicine.days,
                    "as_needed": medicine.as_needed,
                }
                for _visit, encounter, treatment in self._treated(sheets)
                for medicine in treatment.medicines
            ]
        )
        requests.filtered("warning").override_reason = CAREFUL

    def _order(self, sheets):
        self.env["clinic.service.request"].create(
            [
                {
                    **self._order_vals(encounter),
                    "kind": order.kind,
                    "service_id": self.network.services[order.service].id,
                    "quantity": order.quantity,
                    "reason": order.reason,
                    "urgency": self.rng.choice(("0_routine", "0_routine", "1_urgent")),
                }
                for visit, encounter, treatment in self._treated(sheets)
                for order in treatment.orders
                if visit.start > self.now - timedelta(days=FRESH_DAYS)
            ]
        )

    def _treated(self, sheets):
        for visit, encounter, note in sheets:
            treatment = self.treatments.get(note.codes[0])
            if treatment and not note.again:
                yield visit, encounter, treatment

    def _order_vals(self, encounter):
        return {
            "encounter_id": encounter.id,
            "specialist_id": encounter.specialist_id.id,
        }

    def _author(self, encounter):
        return encounter.specialist_id.user_id or self.env.user

    # === AFTERWARDS === #

    def date_back(self, sheets):
        """Let orders have been given when their visit ended, old ones be over."""
        for _visit, encounter, _note in sheets:
            orders = encounter.service_request_ids
            encounter.medication_request_ids.ordered_at = encounter.stop
            orders.ordered_at = encounter.stop
            day = encounter.branch_id._localize(encounter.stop).date()
            orders.referral_id.date = day
        today = self.now.date()
        given = self.env["clinic.medication.request"].search(
            [("state", "=", "active"), ("date_end", "<", today)]
        )
        given._close("completed")

    def vaccinate(self, sheets):
        """Note the vaccinations of the children with a parent who has a log-in."""
        vals_list = []
        for visit, encounter, _note in sheets:
            if visit.patient in VACCINATED and not any(
                vals["record_id"] == encounter.record_id.id for vals in vals_list
            ):
                day = encounter.branch_id._localize(encounter.start).date()
                vals_list += [
                    {
                        "record_id": encounter.record_id.id,
                        "encounter_id": not row.get("elsewhere") and encounter.id,
                        "date": day - timedelta(days=300 if number else 0),
                        "author_id": self._author(encounter).id,
                        **row,
                    }
                    for number, row in enumerate(self.rows["vaccines"])
                ]
        self.env["clinic.immunization"].create(vals_list)
