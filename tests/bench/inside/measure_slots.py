"""Time the search, OCA's and Odoo's own on one agenda. Runs inside Odoo; prints JSON.

``cold`` means: nothing in the record cache, as in a new request. What a server process
keeps between requests (rights, the directory of rooms) is warm, for all of them alike.
"""

import json
import statistics
import time

import pytz
from clinic_data import Clinic

STEP = 5
ROUNDS = 7


def timed(env, function, times):
    """Return (median milliseconds, queries, last result)."""
    took = []
    queries = result = None
    for _ in range(times):
        env.invalidate_all()
        before = env.cr.sql_log_count
        begun = time.perf_counter()
        result = function()
        took.append((time.perf_counter() - begun) * 1000)
        queries = env.cr.sql_log_count - before
    return statistics.median(took), queries, result


def run(env, **sizes):
    clinic = Clinic(env, **sizes)
    env = clinic.env
    numbers = {
        "specialists": len(clinic.specialists),
        "rooms": len(clinic.rooms),
        "bookings": len(clinic.bookings),
        "claims": sum(map(len, clinic.claims)),
        "days": len(clinic.days),
    }
    desk = user_of_the_desk(env)
    visits = env["clinic.appointment"].with_user(desk)
    span = (clinic.start, clinic.stop)
    regular = make_regular(clinic)

    def own():
        return visits._own_windows(clinic.service.id, *span)

    def ranked():
        return visits.find_slots(
            clinic.joint.id, *span, patient_id=regular.id, limit=20
        )

    def offers():
        return visits._find_offers(
            clinic.joint.id, *span, patient_id=regular.id, limit=20
        )

    def newcomer():
        stranger = clinic.patients[-1].id
        return visits._find_offers(
            clinic.joint.id, *span, patient_id=stranger, limit=20
        )

    def soonest():
        return visits.find_slots(clinic.joint.id, *span, limit=20)

    measured = {
        "odoo": lambda: working_hours(clinic),
        "own": own,
        "ranked": ranked,
        "offers": offers,
        "newcomer": newcomer,
        "soonest": soonest,
    }
    for function in measured.values():
        function()
    # In turn, so that whatever else the machine does hits all of them alike.
    rounds = {}
    for _ in range(ROUNDS):
        for name, function in measured.items():
            rounds.setdefault(name, []).append(timed(env, function, 1))
    for name, found in rounds.items():
        numbers[f"{name}_ms"] = statistics.median(one[0] for one in found)
        numbers[f"{name}_queries"] = found[-1][1]
    numbers["windows"] = sum(map(len, rounds["own"][-1][2].values()))
    if "resource.booking.type" in env:
        milliseconds, queries, slots = timed(env, lambda: rival(clinic), 3)
        numbers["oca_ms"], numbers["oca_queries"] = milliseconds, queries
        numbers["oca_slots"] = slots
    numbers |= check(clinic, rounds["own"][-1][2], visits)
    env.cr.rollback()
    return numbers


def user_of_the_desk(env):
    return env["res.users"].create(
        {
            "name": "Desk",
            "login": "bench-desk",
            "group_ids": [(4, env.ref("clinic_base.group_reception").id)],
        }
    )


def make_regular(clinic):
    """Return a patient with a usual time, in a clinic where most have one."""
    habits = [
        {
            "patient_id": patient.id,
            "usual_weekday": str(number % 5),
            "usual_time": 9 + number % 32 / 4,
            "specialist_id": clinic.specialists[number % len(clinic.specialists)].id,
            "branch_id": clinic.branches[
                number % len(clinic.specialists) % len(clinic.branches)
            ].id,
        }
        for number, patient in enumerate(clinic.patients[:1600])
    ]
    clinic.env["clinic.patient.habit"].create(habits)
    clinic.env.flush_all()
    return clinic.patients[7]


def working_hours(clinic):
    """Odoo's own: working hours only, without any booking, calendar by calendar."""
    start, stop = (pytz.utc.localize(moment) for moment in (clinic.start, clinic.stop))
    resources = clinic.env["resource.resource"].browse(clinic.resources.ids)
    for calendar, found in resources.grouped("calendar_id").items():
        calendar._work_intervals_batch(start, stop, found)


def rival(clinic):
    """Return the number of starts that resource_booking offers: when, not with whom."""
    booking = clinic.env["resource.booking"].new(
        {"type_id": clinic.type.id, "duration": 0.5}
    )
    start, stop = (
        pytz.utc.localize(moment).astimezone(clinic.zone)
        for moment in (clinic.start, clinic.stop)
    )
    return sum(map(len, booking._get_available_slots(start, stop).values()))


# The truth, by trying every start -----------------------------------------------------


def check(clinic, windows, visits):
    """Return how many starts are false and hidden, of all specialists.

    Own windows: every minute. All needs together: every mark of two days, all
    specialists, each a bit set of minutes.
    """
    from odoo.addons.clinic_schedule.tools.windows import from_minutes, to_minutes

    zero = to_minutes(clinic.start) - 1440

    def bits(first, last):
        return ((1 << (last - first)) - 1) << (first - zero)

    busy = {}
    for claims in clinic.claims:
        for column, res_id, start, stop in claims:
            key = (column, res_id)
            taken = bits(to_minutes(start), to_minutes(stop))
            busy[key] = busy.get(key, 0) | taken
    false = hidden = tried = 0
    for specialist_id, hours in clinic.hours.items():
        taken = busy.get(("specialist_id", specialist_id), 0)
        real = {
            start
            for first, last in hours
            for start in range(to_minutes(first), to_minutes(last) - 29)
            if not bits(start, start + 30) & taken
        }
        found = {
            start
            for first, stop in windows[specialist_id]
            for start in range(first, stop - 29)
        }
        false += len(found - real)
        hidden += len(real - found)
        tried += len(real | found)
    numbers = {"own_tried": tried, "own_false": false, "own_hidden": hidden}
    first = to_minutes(clinic.start)
    slots = visits.find_slots(
        clinic.joint.id, from_minutes(first), from_minutes(first + 2 * 1440)
    )
    found = {
        (one["specialist_id"], to_minutes(visits._to_moment(one["start"])))
        for one in slots
    }
    real = set()
    for number, specialist in enumerate(clinic.specialists):
        branch = clinic.branches[number % len(clinic.branches)]
        own = busy.get(("specialist_id", specialist.id), 0)
        rooms = [
            busy.get(("room_id", room.id), 0)
            for room in clinic.rooms
            if room.branch_id == branch
        ]
        devices = [
            busy.get(("device_id", one.id), 0)
            for one in clinic.devices
            if one.branch_id == branch
        ]
        for start, stop in clinic.hours[specialist.id]:
            if to_minutes(start) >= first + 2 * 1440:
                continue
            real |= {
                (specialist.id, begin)
                for begin in range(to_minutes(start), to_minutes(stop) - 29)
                if not bits(begin, begin + 30) & own
                and any(not bits(begin - 5, begin + 35) & room for room in rooms)
                and any(not bits(begin, begin + 30) & one for one in devices)
            }
    marks = {one for one in real if one[1] % STEP == 0}
    numbers["joint_tried"] = len(real)
    numbers["joint_false"] = len(found - real)
    numbers["joint_hidden"] = len(marks - found)
    return numbers


def main(env, **sizes):
    print("RESULT " + json.dumps(run(env, **sizes)))
