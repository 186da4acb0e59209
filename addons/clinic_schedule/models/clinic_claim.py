from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg2.errors import ExclusionViolation, SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

SPECIALIST, ROOM, PATIENT = "specialist_id", "room_id", "patient_id"
DEVICE = "device_id"
_DAY_ZERO = datetime(2000, 1, 1)
_LOCK_TAG = {SPECIALIST: 0, PATIENT: 1, DEVICE: 2, ROOM: 3}


@dataclass(frozen=True)
class Thing:
    """Something that only one appointment or block can have at a time."""

    column: str
    res_id: int
    seat: int = 0

    def as_vals(self) -> dict:
        return {self.column: self.res_id, "seat": self.seat}


class ClaimClash(Exception):
    """Something is taken; ``raced`` when somebody else took it this very moment.

    A raced clash is not visible in the loser's own snapshot of the database.
    """

    def __init__(self, column: str, kind: str | None = None, raced: bool = False):
        super().__init__(column)
        self.column = column
        self.kind = kind
        self.raced = raced


class ClinicClaim(models.Model):
    """The ledger of what is taken: one row for each thing and time.

    PostgreSQL itself refuses an overlap, whichever way the row came in. The rows of
    what is cancelled are deleted; history stays with the appointment.
    """

    _name = "clinic.claim"
    _description = "Claim on Time"
    _order = "start, id"
    _log_access = False
    _rec_name = "kind"

    specialist_id = fields.Many2one("clinic.specialist", ondelete="cascade")
    room_id = fields.Many2one("clinic.room", ondelete="cascade")
    device_id = fields.Many2one("clinic.device", ondelete="cascade")
    patient_id = fields.Many2one("res.partner", ondelete="cascade")
    party = fields.Integer(
        required=True,
        default=lambda self: self._new_party(),
        help="Who is there together: the claims of one visit, of all visits of a "
        "group session, or of one block, share it and are not in each other's way.",
    )
    place = fields.Integer(
        help="On the specialist's row: the participant's place in the session, from 0."
    )
    day = fields.Date(help="On the specialist's row: the local day limits count.")
    day_number = fields.Integer(help="Which visit of the limited day it is, from 1.")
    first_number = fields.Integer(
        help="Which first visit of the limited day it is, from 1."
    )
    seat = fields.Integer(
        required=True, default=0, help="The place in a room that takes several."
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    kind = fields.Selection(
        [("hold", "On Hold"), ("booked", "Booked"), ("block", "Blocked")], required=True
    )
    hold_until = fields.Datetime()
    appointment_id = fields.Many2one(
        "clinic.appointment", ondelete="cascade", index="btree_not_null"
    )
    block_id = fields.Many2one(
        "clinic.block", ondelete="cascade", index="btree_not_null"
    )

    _specialist_no_overlap = models.Constraint(
        "EXCLUDE USING gist (specialist_id WITH =, party WITH <>,"
        " tsrange(start, stop) WITH &&) WHERE (specialist_id IS NOT NULL)",
        "The specialist is busy at this time.",
    )
    _room_no_overlap = models.Constraint(
        "EXCLUDE USING gist"
        " (room_id WITH =, seat WITH =, party WITH <>, tsrange(start, stop) WITH &&)"
        " WHERE (room_id IS NOT NULL)",
        "The room is taken at this time.",
    )
    _device_no_overlap = models.Constraint(
        "EXCLUDE USING gist (device_id WITH =, party WITH <>,"
        " tsrange(start, stop) WITH &&) WHERE (device_id IS NOT NULL)",
        "The device is taken at this time.",
    )
    # No party here: one person does not sit in two places of a session.
    _patient_no_overlap = models.Constraint(
        "EXCLUDE USING gist (patient_id WITH =, tsrange(start, stop) WITH &&)"
        " WHERE (patient_id IS NOT NULL)",
        "The patient has another visit at this time.",
    )
    _stop_after_start = models.Constraint(
        "CHECK(stop > start)", "A claim must end after it starts."
    )
    _one_thing = models.Constraint(
        "CHECK(num_nonnulls(specialist_id, room_id, device_id, patient_id) = 1)",
        "A claim takes exactly one specialist, room, device or patient.",
    )
    # A session is one time of one specialist: without this, a participant who moved
    # but kept the party could overlap the others unseen.
    _session_one_start = models.Constraint(
        "EXCLUDE USING gist (party WITH =, start WITH <>)"
        " WHERE (specialist_id IS NOT NULL)",
        "All participants of a group start at the same time.",
    )
    _session_place_uniq = models.UniqueIndex(
        "(party, place) WHERE specialist_id IS NOT NULL AND appointment_id IS NOT NULL",
        "This place in the group has just been taken.",
    )
    # Limits of a specialist's day: who is over the limit finds no number left.
    _day_number_uniq = models.UniqueIndex(
        "(specialist_id, day, day_number) WHERE day_number > 0",
        "The specialist has as many visits on this day as may be.",
    )
    _first_number_uniq = models.UniqueIndex(
        "(specialist_id, day, first_number) WHERE first_number > 0",
        "The specialist has as many first visits on this day as may be.",
    )
    _hold_has_end = models.Constraint(
        "CHECK((kind = 'hold') = (hold_until IS NOT NULL))",
        "A hold, and nothing else, has an end.",
    )

    def _auto_init(self):
        cr = self.env.cr
        cr.execute("CREATE SEQUENCE IF NOT EXISTS clinic_claim_party_seq")
        if table_exists(cr, self._table) and not column_exists(
            cr, self._table, "party"
        ):
            # One default for all rows would make one party of the whole clinic.
            cr.execute("ALTER TABLE clinic_claim ADD COLUMN party integer")
            cr.execute(
                """UPDATE clinic_claim SET party = owner.party
                     FROM (SELECT appointment_id, block_id,
                                  nextval('clinic_claim_party_seq') AS party
                             FROM (SELECT DISTINCT appointment_id, block_id
                                     FROM clinic_claim) one) owner
                    WHERE owner.appointment_id = clinic_claim.appointment_id
                       OR owner.block_id = clinic_claim.block_id"""
            )
            cr.execute(
                """UPDATE clinic_claim SET party = nextval('clinic_claim_party_seq')
                    WHERE party IS NULL"""
            )
        return super()._auto_init()

    @api.model
    def _new_party(self):
        self.env.cr.execute("SELECT nextval('clinic_claim_party_seq')")
        return self.env.cr.fetchone()[0]

    # The claim sequence ------------------------------------------------------

    def _take(self, start, stop, things, lanes=(), kind="booked", hold_until=None):
        """Claim all ``things`` and one of ``lanes``, or raise :class:`ClaimClash`.

        The one way anything is ever taken. Called on the claims that are being moved
        (then those rows are updated, for a row is never in its own way), on an empty
        recordset for a new booking.

        1. look what is in the way: who comes clearly late is turned away at no cost;
        2. lock thing and day, in sorted order, so that rivals queue instead of
           deadlocking on each other's half-made rows;
        3. release the expired holds in the way;
        4. write in a savepoint. A rival who committed meanwhile is invisible to our
           snapshot (so locks alone could not help), but not to the constraint.

        :param things: what is needed for certain, as :class:`Thing`.
        :param lanes: alternatives for a place, best first; none: no room is needed.
        :return: the claims, not yet bound to an appointment or a block.
        """
        self.flush_model()
        lanes = list(lanes)
        in_the_way = self._probe(start, stop, [*things, *lanes])
        expired = set()
        for thing in things:
            for claim in in_the_way.get(thing, ()):
                if not claim["expired"]:
                    raise ClaimClash(thing.column, claim["kind"])
                expired.add(claim["appointment_id"])
        free_lanes = [
            lane
            for lane in lanes
            if all(claim["expired"] for claim in in_the_way.get(lane, ()))
        ]
        if lanes and not free_lanes:
            raise ClaimClash(ROOM, in_the_way[lanes[0]][0]["kind"])
        self._lock([*things, *free_lanes[:1]], start, stop)
        values = {
            "start": start,
            "stop": stop,
            "kind": kind,
            "hold_until": hold_until if kind == "hold" else None,
            "party": self[:1].party or self._new_party(),
        }
        if not lanes:
            return self._try_put(things, values, expired)
        for lane in free_lanes:
            also = {claim["appointment_id"] for claim in in_the_way.get(lane, ())}
            try:
                return self._try_put([*things, lane], values, expired | also)
            except ClaimClash as clash:
                if clash.column != ROOM or lane == free_lanes[-1]:
                    raise
        raise AssertionError("unreachable")  # pragma: no cover

    def _probe(self, start, stop, things):
        """Return the claims in the way, as dicts by the :class:`Thing` they occupy."""
        by_column = {}
        for thing in things:
            by_column.setdefault(thing.column, set()).add(thing.res_id)
        # One arm for each kind of thing: each is served by its exclusion index.
        arms = [
            SQL(
                """SELECT id, %(column)s AS res_id, %(name)s AS column, seat, kind,
                          appointment_id,
                          hold_until IS NOT NULL AND hold_until <= %(now)s AS expired
                     FROM clinic_claim
                    WHERE %(column)s = ANY(%(ids)s)
                      AND tsrange(start, stop) && tsrange(%(start)s, %(stop)s)""",
                column=SQL.identifier(column),
                name=column,
                ids=list(ids),
                start=start,
                stop=stop,
                now=fields.Datetime.now(),
            )
            for column, ids in by_column.items()
        ]
        found = {}
        if not arms:
            return found
        moving = set(self.ids)
        for row in self.env.execute_query_dict(SQL(" UNION ALL ").join(arms)):
            if row["id"] not in moving:
                thing = Thing(row["column"], row["res_id"], row["seat"])
                found.setdefault(thing, []).append(row)
        return found

    def _lock(self, things, start, stop):
        """Queue up behind whoever is taking the same thing on the same day."""
        first, last = (
            (m - _DAY_ZERO).days for m in (start, stop - timedelta(seconds=1))
        )
        keys = sorted(
            {
                (thing.res_id * 4 + _LOCK_TAG[thing.column], day)
                for thing in things
                for day in range(first, last + 1)
            }
        )
        for key, day in keys:
            self.env.cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", (key, day))

    def _try_put(self, things, values, expired_appointment_ids):
        """Write the rows in a savepoint; a lost race becomes a :class:`ClaimClash`."""
        try:
            with self.env.cr.savepoint():
                self._release_expired(expired_appointment_ids)
                return self._put(things, values)
        except ExclusionViolation as error:
            name = error.diag.constraint_name or ""
            column = f"{name.removeprefix('clinic_claim_').split('_')[0]}_id"
            raise ClaimClash(column, raced=True) from error
        except SerializationFailure as error:
            raise ClaimClash(SPECIALIST, raced=True) from error

    def _release_expired(self, appointment_ids):
        """Cancel holds that ran out; fails at once if somebody else just did."""
        if not appointment_ids:
            return
        # Locked by hand: the same failure inside a write would go to the server's log.
        self.env.cr.execute(
            SQL(
                "SELECT id FROM clinic_appointment WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                list(appointment_ids),
            ),
            log_exceptions=False,
        )
        visits_sudo = self.env["clinic.appointment"].sudo()
        visits_sudo.browse(appointment_ids)._expire()

    def _put(self, things, values):
        rows = {claim.column: claim for claim in self._rows()}
        result_ids = []
        for thing in things:
            vals = {**values, **thing.as_vals()}
            names = list(vals)
            row = rows.pop(thing.column, None)
            if row:
                query = SQL(
                    "UPDATE clinic_claim SET %s WHERE id = %s RETURNING id",
                    SQL(", ").join(
                        SQL("%s = %s", SQL.identifier(name), vals[name])
                        for name in names
                    ),
                    row.id,
                )
            else:
                query = SQL(
                    "INSERT INTO clinic_claim (%s) VALUES %s RETURNING id",
                    SQL(", ").join(map(SQL.identifier, names)),
                    tuple(vals.values()),
                )
            # A clash is an everyday event here, not an error for the server's log.
            self.env.cr.execute(query, log_exceptions=False)
            result_ids.append(self.env.cr.fetchone()[0])
        self.browse(row.id for row in rows.values()).unlink()
        claims = self.browse(result_ids)
        claims.invalidate_recordset()
        return claims

    def _rows(self):
        """Return the rows being moved as (id, column) pairs."""
        return [
            _Row(claim.id, next(c for c in _LOCK_TAG if claim[c])) for claim in self
        ]


@dataclass(frozen=True)
class _Row:
    id: int
    column: str
