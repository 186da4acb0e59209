"""What bench_race.py runs in an Odoo shell: makes the data, forks, counts."""

import contextlib
import json
import logging
import multiprocessing
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from datetime import date, datetime, time as clock, timedelta

from odoo import SUPERUSER_ID, Command, api, sql_db
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service import model as service_model

ATTEMPTS = 800
PROCESSES = 8
DAYS = 28
FIRST_HOUR, LAST_HOUR = 8, 18
STAMPEDE_SPECIALISTS = 12
CONTENDED_SPECIALISTS = 10
DISJOINT_BOOKINGS = 60
OCA_BOOKINGS = 10
OCA_ROUNDS = 5
DATABASE = env.cr.dbname  # noqa: F821 - the shell gives it
FIRST_DAY = date.today() + timedelta(days=7)
# What the web client sends with every call, to us and to OCA's alike.
CONTEXT = {"lang": "en_US", "tz": "UTC", "allowed_company_ids": [1]}
fork = multiprocessing.get_context("fork")


def say(text):
    print(text, file=sys.stderr, flush=True)


# Data ---------------------------------------------------------------------------------


def make(env):
    """Make a clinic of its own for each part, and OCA's counterpart; return the ids."""
    ids = {}
    specialty = env["clinic.specialty"].create({"name": "Racing"})
    branch = env["clinic.branch"].create({"name": "Race track", "tz": "UTC"})
    kind = env["clinic.device.kind"].create({"name": "Scanner"})
    env["clinic.device"].create(
        [
            {"name": f"Scanner {n}", "kind_id": kind.id, "branch_id": branch.id}
            for n in range(2)
        ]
    )

    def rooms(name, count, **values):
        return env["clinic.room"].create(
            [
                {"name": f"{name} {n}", "branch_id": branch.id, **values}
                for n in range(count)
            ]
        )

    def specialists(name, count, own_rooms=None, **values):
        employees = env["hr.employee"].create(
            [{"name": f"{name} {n}", "tz": "UTC"} for n in range(count)]
        )
        found = env["clinic.specialist"].create(
            [
                {
                    "employee_id": employee.id,
                    "specialty_ids": [Command.set(specialty.ids)],
                    "branch_ids": [Command.set(branch.ids)],
                    **values,
                }
                for employee in employees
            ]
        )
        env["clinic.shift"].create(
            [
                {
                    "specialist_id": specialist.id,
                    "branch_id": branch.id,
                    "room_id": own_rooms[n].id if own_rooms else False,
                    "start": at(day, FIRST_HOUR),
                    "stop": at(day, LAST_HOUR),
                }
                for n, specialist in enumerate(found)
                for day in range(DAYS)
            ]
        )
        return found.ids

    def service(name, **values):
        product = env["product.product"].create(
            {
                "name": name,
                "is_clinic_service": True,
                "duration": 30,
                "specialty_ids": [Command.set(specialty.ids)],
                **values,
            }
        )
        return product.id

    def patients(name, count):
        found = env["res.partner"].create(
            [{"name": f"{name} {n}", "is_patient": True} for n in range(count)]
        )
        return found.ids

    other = env["clinic.specialty"].create({"name": "Not in the pool"})
    shut = {"specialty_ids": [Command.set(other.ids)]}
    ids["disjoint"] = specialists(
        "Disjoint", PROCESSES, rooms("Own", PROCESSES, **shut)
    )
    ids["stampede"] = specialists(
        "Stampede", STAMPEDE_SPECIALISTS, rooms("Door", STAMPEDE_SPECIALISTS, **shut)
    )
    rooms("Pool", CONTENDED_SPECIALISTS // 2)
    ids["contended"] = specialists("Contended", CONTENDED_SPECIALISTS - 2)
    ids["contended"] += specialists(
        "Limited", 2, max_visits_per_day=4, max_first_visits_per_day=2
    )
    ids["plain"] = service("Plain visit")
    ids["services"] = [
        ids["plain"],
        service("With cleaning", room_buffer_after=10, specialist_buffer_after=5),
        service("With a scanner", device_kind_ids=[Command.set(kind.ids)], duration=20),
        service("In a group", group_size=4, duration=60),
    ]
    ids["patients"] = patients("Racer", STAMPEDE_SPECIALISTS * PROCESSES)
    ids["crowd"] = patients("Crowd", 150)
    ids["desk"] = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Race desk",
                "login": "race_desk",
                "group_ids": [Command.set([env.ref("clinic_base.group_reception").id])],
            }
        )
        .id
    )
    ids["oca"] = make_oca(env)
    return ids


def make_oca(env):
    """Make a resource and a room for each process, as OCA's own tests do."""
    calendar = env["resource.calendar"].create(
        {
            "name": "Race week",
            "tz": "UTC",
            "attendance_ids": [
                Command.create(
                    {
                        "name": str(day),
                        "dayofweek": str(day),
                        "hour_from": FIRST_HOUR,
                        "hour_to": LAST_HOUR,
                        "day_period": "morning",
                    }
                )
                for day in range(7)
            ],
        }
    )
    users = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {"name": f"OCA {n}", "login": f"oca_{n}", "email": f"o{n}@example.com"}
                for n in range(PROCESSES)
            ]
        )
    )
    vals = {"calendar_id": calendar.id, "tz": "UTC"}
    people = env["resource.resource"].create(
        [
            {"name": user.name, "resource_type": "user", "user_id": user.id, **vals}
            for user in users
        ]
    )
    places = env["resource.resource"].create(
        [
            {"name": f"OCA room {n}", "resource_type": "material", **vals}
            for n in range(PROCESSES)
        ]
    )
    combinations = env["resource.booking.combination"].create(
        [
            {"resource_ids": [Command.set((person | place).ids)]}
            for person, place in zip(people, places, strict=True)
        ]
    )
    kind = env["resource.booking.type"].create(
        {
            "name": "Race",
            "resource_calendar_id": calendar.id,
            "combination_rel_ids": [
                Command.create({"sequence": n, "combination_id": combination.id})
                for n, combination in enumerate(combinations)
            ],
        }
    )
    customers = env["res.partner"].create(
        [{"name": f"OCA customer {n}"} for n in range(PROCESSES)]
    )
    return {
        "type": kind.id,
        "combinations": combinations.ids,
        "customers": customers.ids,
    }


def at(day, hour, minute=0):
    return datetime.combine(FIRST_DAY + timedelta(days=day), clock(hour, minute))


# The calls ----------------------------------------------------------------------------


def rpc(uid, model, method, *args, **kwargs):
    """Do what odoo.service.model.dispatch does once the password is checked."""
    registry = Registry(DATABASE).check_signaling()
    try:
        with registry.cursor() as cr:
            kwargs["context"] = CONTEXT
            result = service_model.execute_cr(cr, uid, model, method, args, kwargs)
        registry.signal_changes()
    except Exception:
        registry.reset_changes()
        raise
    return result


def book(ids, patient_id, specialist_id, start, service_id=None, **extra):
    return rpc(
        ids["desk"],
        "clinic.appointment",
        "book",
        patient_id,
        service_id or ids["plain"],
        specialist_id,
        str(start),
        **extra,
    )


def book_oca(ids, index, number, start):
    oca = ids["oca"]
    return rpc(
        SUPERUSER_ID,
        "resource.booking",
        "create",
        {
            "type_id": oca["type"],
            "combination_id": oca["combinations"][number],
            "combination_auto_assign": False,
            "partner_ids": [Command.set([oca["customers"][index]])],
            "start": str(start),
            "duration": 0.5,
        },
    )


class Listener(logging.Handler):
    """Counts the retries of Odoo, and what reaches the log as an error."""

    def __init__(self):
        super().__init__()
        self.retries = self.errors = 0

    def emit(self, record):
        text = record.getMessage()
        if "try again in" in text:
            self.retries += 1
        if record.levelno >= logging.ERROR or record.exc_info:
            self.errors += 1
            say(f"LOG {record.name}: {text[:300]}")


class Tally:
    """What one process saw."""

    def __init__(self):
        self.counts = Counter()
        self.losses, self.wins = [], []
        self.listener = Listener()
        logging.getLogger().addHandler(self.listener)
        logging.getLogger("odoo.service.model").setLevel(logging.INFO)

    def attempt(self, call, *args, **kwargs):
        """Call once, and note how it went and how long it took."""
        begun = time.monotonic()
        self.counts["attempts"] += 1
        try:
            result = call(*args, **kwargs)
            self.wins.append(time.monotonic() - begun)
            self.counts["won"] += 1
            return result
        except UserError as error:
            self.losses.append(time.monotonic() - begun)
            self.counts["refused"] += 1
            if getattr(error, "alternatives", None):
                self.counts["alternatives"] += 1
        except Exception as error:  # counted, and said aloud
            self.counts["tracebacks"] += 1
            say(f"BROKEN {error!r}")
        return None

    def result(self):
        self.counts["retries"] = self.listener.retries
        self.counts["tracebacks"] += self.listener.errors
        return dict(self.counts), self.losses, self.wins


def in_processes(work, *args):
    """Run ``work(index, tally, gate, *args)`` in all processes at once.

    :return: the seconds it took, the sum of what they counted, losses and wins.
    """
    gate, answers = fork.Barrier(PROCESSES), fork.Queue()

    def child(index):
        threading.current_thread().dbname = DATABASE
        random.seed(index)
        tally = Tally()
        # Caches are warm before the start, as in a server that has run for a while.
        rpc(SUPERUSER_ID, "clinic.appointment", "search_count", [], limit=1)
        gate.wait()
        begun = time.monotonic()
        try:
            work(index, tally, gate, *args)
        except Exception as error:  # whoever waits for an answer gets one
            tally.counts["tracebacks"] += 1
            say(f"BROKEN {error!r}")
        answers.put((time.monotonic() - begun, *tally.result()))

    sql_db.close_all()
    children = [fork.Process(target=child, args=(n,)) for n in range(PROCESSES)]
    for one in children:
        one.start()
    took, counts, losses, wins = [], Counter(), [], []
    for _child in children:
        seconds, counted, lost, won = answers.get()
        took.append(seconds)
        counts.update(counted)
        losses += lost
        wins += won
    for one in children:
        one.join()
    return max(took), counts, losses, wins


# The parts ----------------------------------------------------------------------------


def disjoint(index, tally, gate, ids):
    for number in range(DISJOINT_BOOKINGS):
        day, slot = divmod(number, 2 * (LAST_HOUR - FIRST_HOUR))
        start = at(day, FIRST_HOUR) + timedelta(minutes=30 * slot)
        # Not the racers: at these hours they are to be free for the stampede.
        patient_id, specialist_id = ids["crowd"][index], ids["disjoint"][index]
        tally.attempt(book, ids, patient_id, specialist_id, start)


def disjoint_oca(index, tally, gate, ids):
    for number in range(OCA_BOOKINGS):
        start = at(number, FIRST_HOUR)
        tally.attempt(book_oca, ids, index, index, start)


def stampede_oca(index, tally, gate, ids):
    for number in range(OCA_ROUNDS):
        gate.wait()
        start = at(14, FIRST_HOUR) + timedelta(minutes=30 * number)
        tally.attempt(book_oca, ids, index, 0, start)


def windows(count):
    """Yield windows of the stampede: the specialist's number and the start."""
    slots = 2 * (LAST_HOUR - FIRST_HOUR)
    for number in range(count):
        rest, specialist = divmod(number, STAMPEDE_SPECIALISTS)
        day, slot = divmod(rest, slots)
        yield specialist, at(day % DAYS, FIRST_HOUR) + timedelta(minutes=30 * slot)


def stampede(index, tally, gate, ids, rounds):
    for number, start in windows(rounds):
        gate.wait()
        patient_id = ids["patients"][number * PROCESSES + index]
        tally.attempt(book, ids, patient_id, ids["stampede"][number], start)


def contended(index, tally, gate, ids, attempts):
    mine = []
    choose = random.Random(index)
    while tally.counts["attempts"] < attempts:
        start = at(
            choose.randrange(5),
            choose.randrange(FIRST_HOUR, LAST_HOUR),
            choose.choice((0, 0, 15, 30, 30, 40, 45)),
        )
        specialist_id = choose.choice(ids["contended"])
        if mine and choose.random() < 0.15:
            visit_id = choose.choice(mine)
            tally.attempt(
                rpc,
                ids["desk"],
                "clinic.appointment",
                "reschedule",
                [visit_id],
                str(start),
                specialist_id=specialist_id,
            )
            continue
        extra = {"hold_minutes": 15} if choose.random() < 0.2 else {}
        service_id = choose.choice(ids["services"])
        if service_id == ids["services"][-1]:
            start = start.replace(minute=0)  # a group meets at the hour
        visit_id = tally.attempt(
            book,
            ids,
            choose.choice(ids["crowd"]),
            specialist_id,
            start,
            service_id,
            **extra,
        )
        if visit_id:
            mine.append(visit_id)
        if len(mine) > 25:
            done = mine.pop(choose.randrange(len(mine)))
            with contextlib.suppress(UserError):  # a hold that is over by now
                rpc(ids["desk"], "clinic.appointment", "action_cancel", [done])


# What came of it ----------------------------------------------------------------------

# Two visits that are on, of one thing, at one time. A group counts as one.
OVERLAPS = """
    WITH visit AS (
        SELECT v.*, t.group_size, t.specialist_buffer_before sb,
               t.specialist_buffer_after sa, t.room_buffer_before rb,
               t.room_buffer_after ra, t.device_buffer_before db,
               t.device_buffer_after da
          FROM clinic_appointment v
          JOIN product_product p ON p.id = v.service_id
          JOIN product_template t ON t.id = p.product_tmpl_id
         WHERE v.state NOT IN ('cancelled', 'noshow'))
    SELECT
      (SELECT count(*) FROM visit a JOIN visit b ON a.id < b.id
          AND a.specialist_id = b.specialist_id
          AND a.start - a.sb * interval '1 minute'
              < b.stop + b.sa * interval '1 minute'
          AND b.start - b.sb * interval '1 minute'
              < a.stop + a.sa * interval '1 minute'
          AND NOT (a.group_size > 1 AND a.service_id = b.service_id
                   AND a.start = b.start)) AS specialists,
      (SELECT count(*) FROM visit a JOIN visit b ON a.id < b.id
          AND a.patient_id = b.patient_id
          AND a.start < b.stop AND b.start < a.stop) AS patients,
      (SELECT count(*) FROM visit a JOIN visit b ON a.id < b.id
          AND a.room_id = b.room_id
          AND a.start - a.rb * interval '1 minute'
              < b.stop + b.ra * interval '1 minute'
          AND b.start - b.rb * interval '1 minute'
              < a.stop + a.ra * interval '1 minute'
          AND NOT (a.group_size > 1 AND a.service_id = b.service_id
                   AND a.start = b.start AND a.specialist_id = b.specialist_id)
         ) AS rooms,
      (SELECT count(*) FROM visit a JOIN clinic_appointment_device_rel x
              ON x.appointment_id = a.id
         JOIN clinic_appointment_device_rel y ON y.device_id = x.device_id
         JOIN visit b ON b.id = y.appointment_id AND a.id < b.id
          AND a.start < b.stop AND b.start < a.stop) AS devices,
      (SELECT count(*) FROM (
          SELECT 1 FROM visit WHERE group_size > 1
           GROUP BY specialist_id, service_id, start
          HAVING count(*) > max(group_size)) crowded) AS groups,
      (SELECT count(*) FROM (
          SELECT 1 FROM visit JOIN clinic_specialist s ON s.id = specialist_id
           WHERE s.max_visits_per_day > 0
           GROUP BY specialist_id, day HAVING count(*) > max(s.max_visits_per_day)
          ) full_days) AS limits,
      (SELECT count(*) FROM visit WHERE NOT EXISTS (
          SELECT FROM clinic_claim c WHERE c.appointment_id = visit.id
             AND c.specialist_id = visit.specialist_id)) AS unclaimed
"""


def ask(query, *params):
    with sql_db.db_connect(DATABASE).cursor() as cr:
        cr.execute(query, params)
        return cr.dictfetchall()


def deadlocks():
    time.sleep(1.5)  # the statistics are written down once a second
    [row] = ask(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return row["deadlocks"]


def one(call):
    """Return the queries and milliseconds of one call, the caches being warm."""
    counted = []
    original = service_model.execute_cr

    def counting(cr, *args):
        begun, before = time.monotonic(), cr.sql_log_count
        result = original(cr, *args)
        counted.append((cr.sql_log_count - before, time.monotonic() - begun))
        return result

    service_model.execute_cr = counting
    try:
        for number in range(6):
            call(number)
    finally:
        service_model.execute_cr = original
    queries, seconds = zip(*counted[1:], strict=True)
    return statistics.median_low(queries), statistics.median(seconds) * 1000


def summary(took, counts, losses, wins):
    losses = sorted(losses) or [0.0]
    return {
        "attempts": counts["attempts"],
        "per_second": counts["attempts"] / took,
        "won": counts["won"],
        "refused": counts["refused"],
        "alternatives": counts["alternatives"],
        "loser_p50": losses[len(losses) // 2] * 1000,
        "loser_p99": losses[int(len(losses) * 0.99)] * 1000,
        "longest": max(losses[-1], *wins, 0.0) * 1000 if wins else losses[-1] * 1000,
        "retries": counts["retries"],
        "tracebacks": counts["tracebacks"],
    }


def main():
    with Registry(DATABASE).cursor() as cr:
        ids = make(api.Environment(cr, SUPERUSER_ID, {}))
    numbers = {"processes": PROCESSES, "attempts": ATTEMPTS}

    def ours(number):
        start = at(DAYS - 1, FIRST_HOUR) + timedelta(minutes=30 * number)
        book(ids, ids["crowd"][0], ids["disjoint"][0], start)

    def theirs(number):
        start = at(DAYS - 1, FIRST_HOUR) + timedelta(minutes=30 * number)
        book_oca(ids, 0, 0, start)

    numbers["queries"], numbers["booking_ms"] = one(ours)
    numbers["oca_queries"], numbers["oca_booking_ms"] = one(theirs)
    say(f"one booking: {numbers}")
    before = deadlocks()
    took, counts, _losses, _wins = in_processes(disjoint_oca, ids)
    numbers["oca_disjoint"] = counts["won"] / took
    _took, counts, _losses, _wins = in_processes(stampede_oca, ids)
    numbers["oca_double"] = counts["won"] - OCA_ROUNDS
    numbers["oca_deadlocks"] = deadlocks() - before
    before = deadlocks()
    took, counts, _losses, _wins = in_processes(disjoint, ids)
    numbers["disjoint"] = counts["won"] / took
    numbers["ratio"] = numbers["disjoint"] / numbers["oca_disjoint"]
    say(f"disjoint: {counts} in {took:.1f} s; OCA {numbers['oca_disjoint']:.1f}/s")
    rounds = ATTEMPTS // 2 // PROCESSES
    numbers["stampede"] = summary(*in_processes(stampede, ids, rounds))
    say(f"stampede: {numbers['stampede']}")
    won = ask(
        """SELECT count(*) FROM clinic_appointment WHERE specialist_id = ANY(%s)
            GROUP BY specialist_id, start""",
        ids["stampede"],
    )
    numbers["double_winners"] = sum(row["count"] > 1 for row in won)
    numbers["no_winner"] = len(set(windows(rounds))) - len(won)
    numbers["contended"] = summary(
        *in_processes(contended, ids, (ATTEMPTS - rounds * PROCESSES) // PROCESSES)
    )
    say(f"contended: {numbers['contended']}")
    numbers["deadlocks"] = deadlocks() - before
    [numbers["overlaps"]] = ask(OVERLAPS)
    print("RESULT", json.dumps(numbers), flush=True)
    # The shell's own connection was closed before the processes were forked.
    os._exit(0)


main()
