from datetime import timedelta

from ..tools import agenda, catalog, roster, story

WEEKS_BACK, WEEKS_AHEAD = 4, 3
REGULARS = 4  # patients who come to the psychotherapist every week
ORIGINS = ("desk", "desk", "callcenter", "callcenter", "web", "portal")
HOLD_MINUTES = 24 * 60


class Bookings:
    """Books the planned visits; what becomes of them is told by others."""

    def __init__(self, env, rng, now, network, patients):
        self.env = env
        self.rng = rng
        self.now = now
        self.network = network
        self.patients = patients
        self.people = {person.key: person for person in patients.plan}
        self.plan = []
        self.records = {}

    def make(self):
        self.plan = self._plan()
        visits = self.env["clinic.appointment"]._book(
            [self._vals(visit) for visit in self.plan], allow_past=True
        )
        self.records = dict(zip(self.plan, visits, strict=True))

    def in_state(self, *states):
        """Return the appointments that are planned to be in one of the states."""
        return self.env["clinic.appointment"].browse(
            record.id for visit, record in self.records.items() if visit.state in states
        )

    def _plan(self):
        cities = {branch.key: branch.city for branch in catalog.BRANCHES}
        plan = agenda.Agenda(
            self.rng,
            self.now,
            self._shifts(),
            self.network.plan,
            catalog.services(),
            self.patients.plan,
            cities.get,
        )
        regulars = [
            person.key
            for person in plan.public["frolova"]
            if person.key.startswith("person")
        ]
        return plan.plan(
            (*story.WISHES, *story.holds(plan.public)), regulars[:REGULARS]
        )

    def _shifts(self):
        """Return the working time of four weeks back and three ahead, absences out."""
        keys = {record: key for key, record in self.network.specialists.items()}
        away = roster.absences(self.now.date())
        for shift in self.env["clinic.shift"].search(
            [
                ("start", ">=", self.now - timedelta(weeks=WEEKS_BACK)),
                ("start", "<=", self.now + timedelta(weeks=WEEKS_AHEAD)),
            ]
        ):
            key = keys.get(shift.specialist_id)
            day = shift.branch_id._localize(shift.start).date()
            if key and not any(
                absence.specialist == key and absence.first <= day <= absence.last
                for absence in away
            ):
                today = shift.branch_id._localize(self.now).date()
                yield agenda.Shift(key, shift.start, shift.stop, (day - today).days)

    def _vals(self, visit):
        vals = {
            "patient_id": self.patients.records[visit.patient].id,
            "service_id": self.network.services[visit.service.key].id,
            "specialist_id": self.network.specialists[visit.specialist].id,
            "start": visit.start,
            "origin": self.rng.choice(ORIGINS),
        }
        if visit.state == "hold":
            vals |= {"hold_minutes": HOLD_MINUTES, "origin": "web"}
        return vals
