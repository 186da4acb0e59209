"""Who visits whom, when, how it ended and what was paid: a plan without a database.

The plan fills given shifts with visits. It knows nothing of Odoo: shifts, people and
services come in as plain values, a list of :class:`Visit` goes out, and booking them
is somebody else's work. It keeps by itself what the books would refuse anyway: no two
visits of one specialist or one patient at the same time, no service outside the
specialist's specialties, no patient outside the specialist's ages.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from .catalog import FIRST, PROCEDURE, REPEAT, Service, Specialist
from .people import Person

STEP = 5  # minutes
SHORT = 20  # minutes
# How much of the busy share is really taken, by distance from today in days.
PAST_SHARE = 0.075
NEXT_DAYS_SHARE = ((2, 0.25), (7, 0.08), (14, 0.04), (99, 0.02))


@dataclass(frozen=True)
class Shift:
    """Working time of a specialist; ``offset`` is its local day counted from today."""

    specialist: str
    start: datetime
    stop: datetime
    offset: int

    @property
    def minutes(self) -> int:
        return int((self.stop - self.start).total_seconds() // 60)


@dataclass(frozen=True)
class Payment:
    amount: int
    method: str  # cash | card | online
    days_before: int = 0


@dataclass(frozen=True)
class Visit:
    patient: str
    specialist: str
    service: Service
    start: datetime
    offset: int
    state: str
    payments: tuple[Payment, ...] = ()
    repeat: bool = False

    @property
    def stop(self) -> datetime:
        return self.start + timedelta(minutes=self.service.minutes)


@dataclass(frozen=True)
class Wish:
    """A visit that must be there: as near to the day as the specialist works."""

    patient: str
    specialist: str
    service: str
    offset: int
    state: str
    paid: str = "none"
    method: str = "card"


class Agenda:
    def __init__(
        self,
        rng: Random,
        now: datetime,
        shifts: Iterable[Shift],
        specialists: Iterable[Specialist],
        services: Iterable[Service],
        people: Iterable[Person],
        city_of: Callable[[str], str],
    ):
        self.rng = rng
        self.now = now
        self.shifts = sorted(shifts, key=lambda s: (s.start, s.specialist))
        self.specialists = {one.key: one for one in specialists}
        self.services = {service.key: service for service in services}
        self.visits: list[Visit] = []
        self._busy_patients: set[tuple[str, int]] = set()
        self._taken: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._history: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.public = self._who_may_come(tuple(people), city_of)

    def plan(self, wishes: Iterable[Wish], regulars: Iterable[str]) -> list[Visit]:
        """Return the visits in the order of their start."""
        for wish in wishes:
            self._grant(wish)
        self._weekly(tuple(regulars))
        for shift in self.shifts:
            self._fill(shift)
        self._run_today()
        return sorted(self.visits, key=lambda visit: (visit.start, visit.specialist))

    # Placing

    def _grant(self, wish: Wish):
        """Place a wished visit on the nearest working day of the same side of today."""
        service = self.services[wish.service]
        side = [
            shift
            for shift in self.shifts
            if shift.specialist == wish.specialist
            and (shift.offset > 0) == (wish.offset > 0)
            and (shift.offset < 0) == (wish.offset < 0)
        ]
        for shift in sorted(side, key=lambda shift: abs(shift.offset - wish.offset)):
            if (wish.patient, shift.offset) in self._busy_patients:
                continue
            steps = list(range(0, shift.minutes - service.minutes + 1, STEP))
            for minutes in self.rng.sample(steps, len(steps)):
                start = shift.start + timedelta(minutes=minutes)
                if self._is_free(shift, start, service):
                    payments = self._payments(service, wish.paid, wish.method)
                    return self._add(
                        shift, start, service, wish.patient, wish.state, payments
                    )

    def _weekly(self, regulars: tuple[str, ...]):
        """Give every regular patient of psychotherapy a day and an hour of his own."""
        session = self.services["psy_session"]
        shifts = [s for s in self.shifts if s.specialist == "frolova"]
        places = sorted(
            {
                (shift.start.weekday(), shift.start.time(), hour)
                for shift in shifts
                for hour in range(shift.minutes // session.minutes)
            }
        )
        for patient, (weekday, begin, hour) in zip(
            regulars, self.rng.sample(places, len(places)), strict=False
        ):
            for shift in shifts:
                start = shift.start + timedelta(hours=hour)
                if (
                    (shift.start.weekday(), shift.start.time()) == (weekday, begin)
                    and (patient, shift.offset) not in self._busy_patients
                    and self._is_free(shift, start, session)
                    and self.rng.random() < 0.9
                ):
                    self._add(shift, start, session, patient)

    def _fill(self, shift: Shift):
        specialist = self.specialists[shift.specialist]
        share = specialist.busy * self._share(shift.offset)
        wanted = share * shift.minutes
        if self.rng.random() * SHORT > wanted:
            return  # less than a short visit on average: a quiet day
        mean_gap = int(30 * (1 - share) / max(share, 0.05))
        at = shift.start + self._gap(mean_gap // 2)
        while wanted > 0:
            choice = self._choose(specialist, shift.offset)
            if not choice:
                return
            patient, service = choice
            while not self._is_free(shift, at, service):
                at += timedelta(minutes=STEP)
                if at >= shift.stop:
                    return
            self._add(shift, at, service, patient)
            wanted -= service.minutes
            at += timedelta(minutes=service.minutes) + self._gap(mean_gap)

    def _share(self, offset: int) -> float:
        if offset == 0:
            return 1.0
        if offset < 0:
            return PAST_SHARE
        return next(share for days, share in NEXT_DAYS_SHARE if offset <= days)

    def _gap(self, mean: int) -> timedelta:
        steps = self.rng.randint(0, max(0, 2 * mean) // STEP)
        return timedelta(minutes=steps * STEP)

    def _is_free(self, shift: Shift, start: datetime, service: Service) -> bool:
        stop = start + timedelta(minutes=service.minutes)
        return stop <= shift.stop and not any(
            start < other_stop and other_start < stop
            for other_start, other_stop in self._taken[shift.specialist]
        )

    def _add(self, shift, start, service, patient, state=None, payments=None):
        state = state or self._state(shift.offset)
        if payments is None:
            payments = self._usual_payments(service, state, shift.offset)
        stop = start + timedelta(minutes=service.minutes)
        self._taken[shift.specialist].append((start, stop))
        self._busy_patients.add((patient, shift.offset))
        history = self._history[patient, shift.specialist]
        repeat = any(offset < shift.offset for offset in history)
        if state != "cancelled":
            history.append(shift.offset)
        self.visits.append(
            Visit(
                patient=patient,
                specialist=shift.specialist,
                service=service,
                start=start,
                offset=shift.offset,
                state=state,
                payments=payments,
                repeat=repeat or service.kind == REPEAT,
            )
        )

    # Choosing

    def _who_may_come(self, people, city_of) -> dict[str, tuple[Person, ...]]:
        public = {}
        for key, one in self.specialists.items():
            cities = {city_of(week.branch) for week in one.weeks}
            public[key] = tuple(
                person
                for person in people
                if person.city in cities
                and one.age_min
                <= person.age_on(self.now.date())
                <= (one.age_max or 200)
                and one.patient_gender in ("any", person.gender)
            )
        return public

    def _choose(self, specialist: Specialist, offset: int):
        """Return a patient and what for: old acquaintances first, after some days."""
        people, weights = [], []
        for person in self.public[specialist.key]:
            if (person.key, offset) in self._busy_patients:
                continue
            history = self._history[person.key, specialist.key]
            known = any(6 <= offset - seen <= 21 for seen in history)
            if len(history) >= 3 or (history and not known):
                continue
            people.append(person)
            weights.append(4 if known else 1)
        if not people:
            return None
        patient = self.rng.choices(people, weights)[0]
        known = bool(self._history[patient.key, specialist.key])
        kinds = (REPEAT, REPEAT, PROCEDURE) if known else (FIRST, FIRST, PROCEDURE)
        kind = self.rng.choice(kinds)
        mine = [
            service
            for service in self.services.values()
            if set(service.specialties) & set(specialist.specialties)
        ]
        fitting = [service for service in mine if service.kind == kind]
        return patient.key, self.rng.choice(fitting or mine)

    # How it ended and what was paid

    def _state(self, offset: int) -> str:
        draw = self.rng.random()
        if offset < 0:
            return (
                "cancelled" if draw < 0.07 else "noshow" if draw < 0.12 else "fulfilled"
            )
        if draw < 0.05:
            return "cancelled"
        confirmed = 0.65 if offset <= 2 else 0.2
        return "confirmed" if draw < 0.05 + confirmed else "booked"

    def _run_today(self):
        """Let today's visits stand where the clock has brought them."""
        for specialist in self.specialists:
            mine = sorted(
                (
                    index
                    for index, visit in enumerate(self.visits)
                    if visit.specialist == specialist
                    and visit.offset == 0
                    and visit.state in ("booked", "confirmed")
                ),
                key=lambda index: self.visits[index].start,
            )
            done = sum(self.visits[index].stop <= self.now for index in mine)
            if specialist in ("sokolova", "vorontsov"):
                # Late in the evening somebody still waits for them.
                done = max(0, min(done, len(mine) - 3))
            for place, index in enumerate(mine):
                self._let_come(index, place - done, specialist)

    def _let_come(self, index: int, place: int, specialist: str):
        visit = self.visits[index]
        soon = visit.start - self.now <= timedelta(minutes=25)
        awaited = specialist in ("sokolova", "vorontsov")
        if place < 0:
            state = "noshow" if self.rng.random() < 0.05 else "fulfilled"
        elif place == 0 and (visit.start <= self.now or specialist == "vorontsov"):
            state = "in_progress"
        elif (awaited and place <= 1) or (soon and place <= 2):
            state = "arrived"
        elif visit.stop <= self.now:
            state = "arrived" if awaited else "noshow"
        else:
            return
        payments = visit.payments or self._usual_payments(visit.service, state, 0)
        self.visits[index] = replace(visit, state=state, payments=payments)

    def _usual_payments(self, service, state, offset) -> tuple[Payment, ...]:
        draw = self.rng.random()
        method = self.rng.choice(("cash", "card", "card"))
        if state in ("hold", "cancelled"):
            paid = "early" if state == "cancelled" and draw < 0.15 else "none"
        elif service.prepaid:
            paid = "early"
        elif state == "noshow":
            paid = "early" if draw < 0.2 else "none"
        elif state in ("booked", "confirmed"):
            paid = "early" if draw < 0.12 else "none"
        elif state in ("arrived", "in_progress"):
            paid = "full" if draw < 0.5 else "none"
        else:
            paid = next(
                kind
                for limit, kind in (
                    (0.77, "full"),
                    (0.84, "early"),
                    (0.90, "part"),
                    (0.93, "over"),
                    (1.0, "none"),
                )
                if draw <= limit
            )
        return self._payments(service, paid, method)

    def _payments(self, service, paid, method) -> tuple[Payment, ...]:
        price = service.price
        amounts = {
            "none": 0,
            "full": price,
            "early": price,
            "online": price,
            "part": price // 200 * 100,
            "over": price // 1000 * 1000 + 1000,
        }
        amount = amounts[paid]
        if not amount:
            return ()
        if paid == "online":
            return (Payment(amount, "online"),)
        early = self.rng.randint(1, 9) if paid == "early" else 0
        return (Payment(amount, method, days_before=early),)
