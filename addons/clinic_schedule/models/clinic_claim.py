from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg2.errors import (
    ExclusionViolation,
    SerializationFailure,
    UniqueViolation,
)

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

from ..tools.claims import (
    COLUMNS,
    DEVICE,
    PATIENT,
    ROOM,
    SPECIALIST,
    Choice,
    ClaimClash,
    Number,
    Order,
    Taken,
    Thing,
    choices,
)

__all__ = ["DEVICE", "PATIENT", "ROOM", "SPECIALIST", "ClaimClash", "Order", "Thing"]
_DAY_ZERO = datetime(2000, 1, 1)
# Locks nobody has are there within less.
_WAITED = timedelta(milliseconds=2)
_KEYS = 2**29  # so that a key with its column still fits PostgreSQL's integer


@dataclass
class Wanted:
    """One order and what its claims are to be."""

    order: Order
    kind: str = "booked"
    hold_until: datetime | None = None
    choice: Choice | None = None
    claim_ids: tuple[int, ...] = ()
    # What the ledger and the limited day looked like in our own snapshot.
    seen: tuple[list, list] = ((), ())


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
    session = fields.Char(
        help="Of groups: who wants the same service at the same time may join."
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
        "(party, place) WHERE session IS NOT NULL AND specialist_id IS NOT NULL",
        "This place in the group has just been taken.",
    )
    # Serves the one who joins a session.
    _party_idx = models.Index("(party) WHERE session IS NOT NULL")
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
        if table_exists(cr, self._table) and not column_exists(
            cr, self._table, "party"
        ):
            # One default for all rows would make one party of the whole clinic.
            cr.execute("ALTER TABLE clinic_claim ADD COLUMN party integer")
            cr.execute(
                """UPDATE clinic_claim SET party = (
                       SELECT min(id) FROM clinic_claim mate
                        WHERE mate.appointment_id = clinic_claim.appointment_id
                           OR mate.block_id = clinic_claim.block_id
                           OR mate.id = clinic_claim.id)"""
            )
        return super()._auto_init()

    @api.model
    def _new_party(self):
        # The number of a claim that will never be: no sequence of its own is needed.
        return self._reserve(1)[0]

    # The claim sequence ------------------------------------------------------

    def _take(self, start, stop, things, lanes=(), kind="booked", hold_until=None):
        """Claim things without buffers or groups; return the claims, not bound yet.

        On the claims that are being moved, else on an empty recordset.
        """
        wanted = Wanted(
            Order(start, stop, tuple(things), tuple(lanes)), kind, hold_until
        )
        self._claim([wanted])
        return self.browse(wanted.claim_ids)

    def _claim(self, wanted_list):
        """Claim what is wanted, or raise :class:`ClaimClash`.

        The one way anything is ever taken. Called on the claims that are being moved
        (then those rows are updated, for a row is never in its own way), on an empty
        recordset for new bookings. Every :class:`Wanted` gets its ``choice`` and the
        ids of its claims, which are yet to be bound to an appointment or a block.

        1. look what is in the way: who comes clearly late is turned away at no cost;
        2. lock thing and day, in one order for everybody, so that rivals queue
           instead of deadlocking on each other's half-made rows;
        3. release the expired holds in the way;
        4. write in a savepoint. A rival who committed meanwhile is invisible to our
           snapshot (so locks alone could not help), but not to the constraints;
        5. if one of them refused, look again with new eyes: in another transaction,
           whose snapshot is as of now. Nothing locked can change any more, so what
           that look finds (another room, a place in the group, the next number of the
           day) is ours, or the refusal is the truth. Who had to wait for the lock most
           likely lost, and so looks before he writes.

        Who lost gives his locks back at once, before he looks for other times: others
        stand behind him.

        Several visits of one transaction come as one list: their locks are then taken
        in order too.
        """
        self.flush_model()
        if len(wanted_list) == 1:
            with self._of(0):
                self._claim_one(wanted_list[0])
            return
        for index, wanted in enumerate(wanted_list):
            with self._of(index):
                wanted.choice = next(self._choices(wanted))
        numbers, _waited = self._lock(
            [row for wanted in wanted_list for row in self._rows_to_lock(wanted.choice)]
        )
        for index, wanted in enumerate(wanted_list):
            with self._of(index):
                if index:
                    self._choose_again(wanted)
                try:
                    self._put(wanted, numbers)
                except ClaimClash as clash:
                    self._look_again(wanted, clash)
                    self._put(wanted, numbers)

    def _claim_one(self, wanted):
        """Claim what one order wants; give the locks back if it cannot be had."""
        options = self._choices(wanted)
        wanted.choice = next(options)
        try:
            numbers, waited = self._lock_one(wanted, options)
            if waited:
                self._look_again(wanted)
            try:
                self._put(wanted, numbers, queued=True)
            except ClaimClash as clash:
                self._look_again(wanted, clash)
                self._put(wanted, numbers, queued=True)
        except ClaimClash:
            self.env.cr.execute(
                "ROLLBACK TO SAVEPOINT clinic_claim_queue;"
                " RELEASE SAVEPOINT clinic_claim_queue"
            )
            raise

    def _choose_again(self, wanted):
        """Choose once more: what was claimed a moment ago is in the way as well."""
        options = list(self._choices(wanted))
        if wanted.choice in options:
            return
        for choice in options:
            if self._try_lock(choice):
                wanted.choice = choice
                return
        wanted.choice = options[0]
        self._lock(self._rows_to_lock(wanted.choice))

    @contextmanager
    def _of(self, index):
        """Let a clash know which of several orders it is about."""
        try:
            yield
        except ClaimClash as clash:
            clash.index = index
            raise

    def _look_again(self, wanted, clash=None):
        """Choose by what is committed now; the clash stands if that is the same."""
        with self.env.registry.cursor() as cr:
            fresh = self.with_env(self.env(cr=cr))
            seen = fresh._look(wanted.order), fresh._numbers(wanted.order)
        # Our own rows of this transaction are not there for the other one.
        taken = {*seen[0], *wanted.seen[0]}
        numbers = {*seen[1], *wanted.seen[1]}
        try:
            options = list(choices(wanted.order, taken, tuple(numbers)))
        except ClaimClash as truth:
            truth.raced = True
            raise truth from clash
        if not clash and wanted.choice in options:
            return
        for choice in options:
            if choice != wanted.choice and self._try_lock(choice):
                wanted.choice = choice
                return
        if clash:
            raise clash

    # What is in the way -----------------------------------------------------

    def _choices(self, wanted):
        order = wanted.order
        wanted.seen = self._look(order), self._numbers(order)
        return choices(order, *wanted.seen)

    def _look(self, order):
        """Return the claims in the way, as :class:`~..tools.claims.Taken`."""
        # One arm for each kind of thing: each is served by its exclusion index.
        arms = [
            SQL(
                "%s = ANY(%s) AND tsrange(start, stop) && tsrange(%s, %s)",
                SQL.identifier(column),
                list(ids),
                *order.span(column),
            )
            for column, ids in order.candidates().items()
        ]
        found = self._read_taken(arms)
        if order.group:
            parties = {row.party for row in found if row.session == order.group.key}
            if parties:
                # A session is joined as a whole, with its room and devices.
                arm = SQL("session IS NOT NULL AND party = ANY(%s)", list(parties))
                found = list({*found, *self._read_taken([arm])})
        return found

    def _read_taken(self, arms):
        if not arms:
            return []
        query = SQL(" UNION ALL ").join(
            SQL(
                """SELECT id, specialist_id, patient_id, room_id, device_id, seat,
                          start, stop, party, kind, appointment_id,
                          hold_until IS NOT NULL AND hold_until <= %s, session, place
                     FROM clinic_claim WHERE %s""",
                fields.Datetime.now(),
                arm,
            )
            for arm in arms
        )
        moving = set(self.ids)
        found = []
        for row in self.env.execute_query(query):
            if row[0] not in moving:
                column, res_id = next(
                    pair for pair in zip(COLUMNS, row[1:5], strict=True) if pair[1]
                )
                found.append(
                    Taken(Thing(column, res_id, row[5]), *row[6:13], row[13] or 0)
                )
        return found

    def _numbers(self, order):
        """Return the numbers given on the specialist's limited day."""
        if not order.limit:
            return []
        specialist = next(t for t in order.things if t.column == SPECIALIST)
        rows = self.env.execute_query(
            SQL(
                """SELECT id, appointment_id, day_number, first_number,
                          hold_until IS NOT NULL AND hold_until <= %s
                     FROM clinic_claim WHERE specialist_id = %s AND day = %s
                      AND (day_number > 0 OR first_number > 0)""",
                fields.Datetime.now(),
                specialist.res_id,
                order.limit.day,
            )
        )
        moving = set(self.ids)
        return [
            Number(owner, number or 0, first or 0, expired)
            for claim_id, owner, number, first, expired in rows
            if claim_id not in moving
        ]

    # Locks ------------------------------------------------------------------
    # Everybody waits in the same order: specialists, patients, rooms, devices. Of
    # several rooms none is waited for while another one can be had; who has one
    # waits for no other. So no two transactions can wait for each other.

    def _rows_to_lock(self, choice):
        if choice.party:
            # Who joins a session takes what is taken already.
            return [r for r in choice.rows if r.thing.column in (SPECIALIST, PATIENT)]
        return list(choice.rows)

    def _keys(self, rows):
        """Return the sorted advisory locks of rows: one for each thing and day."""
        keys = set()
        for row in rows:
            tag = COLUMNS.index(row.thing.column)
            last = row.stop - timedelta(seconds=1)
            for day in range((row.start - _DAY_ZERO).days, (last - _DAY_ZERO).days + 1):
                keys.add((tag, row.thing.res_id % _KEYS, day))
        return [(res_id * 4 + tag, day) for tag, res_id, day in sorted(keys)]

    def _lock(self, rows, queued=False):
        """Queue up behind whoever is taking the same thing on the same day.

        :param queued: in a savepoint, so that the locks can be given back.
        :return: numbers for new claims and parties, one or more for each row, and
            whether somebody else had to be waited for.
        """
        keys = self._keys(rows)
        found = self.env.execute_query(
            SQL(
                """%sSELECT nextval('clinic_claim_id_seq'),
                          pg_advisory_xact_lock(key, day),
                          clock_timestamp() > statement_timestamp() + %s
                     FROM unnest(%s::int[], %s::int[]) AS t(key, day)""",
                SQL("SAVEPOINT clinic_claim_queue;") if queued else SQL(),
                _WAITED,
                [key for key, _day in keys],
                [day for _key, day in keys],
            )
        )
        return [row[0] for row in found], any(row[2] for row in found)

    def _try_lock(self, choice):
        """Lock the rows of a choice unless somebody else has one of them locked."""
        keys = self._keys(self._rows_to_lock(choice))
        [[locked]] = self.env.execute_query(
            SQL(
                """SELECT bool_and(pg_try_advisory_xact_lock(key, day))
                     FROM unnest(%s::int[], %s::int[]) AS t(key, day)""",
                [key for key, _day in keys],
                [day for _key, day in keys],
            )
        )
        return locked

    def _lock_one(self, wanted, options):
        """Lock the best choice of which the room is not being taken by somebody now."""
        rows = self._rows_to_lock(wanted.choice)
        lanes = {lane.res_id for lane in wanted.order.lanes}
        if wanted.choice.party or len(lanes) < 2:
            return self._lock(rows, queued=True)
        certain = [r for r in rows if r.thing.column in (SPECIALIST, PATIENT)]
        numbers, waited = self._lock(certain, queued=True)
        first = wanted.choice
        for choice in (first, *options):
            room = [r for r in choice.rows if r.thing.column == ROOM]
            [[locked]] = self.env.execute_query(
                SQL(
                    "SELECT bool_and(pg_try_advisory_xact_lock(key, day))"
                    " FROM unnest(%s::int[], %s::int[]) AS t(key, day)",
                    *map(list, zip(*self._keys(room), strict=True)),
                )
            )
            if locked:
                wanted.choice = choice
                break
        rest = [r for r in wanted.choice.rows if r.thing.column in (ROOM, DEVICE)]
        more, also = self._lock(rest)
        return numbers + more, waited or also

    # Writing ----------------------------------------------------------------

    def _put(self, wanted, numbers, queued=False):
        """Write the rows of a choice; a lost race becomes a :class:`ClaimClash`.

        :param queued: the savepoint of the queue is released as well.
        """
        try:
            if wanted.choice.expired:
                with self.env.cr.savepoint():
                    self._release_expired(wanted.choice.expired)
                    self._write_rows(wanted, numbers)
                if queued:
                    self.env.cr.execute("RELEASE SAVEPOINT clinic_claim_queue")
            else:
                self._write_rows(wanted, numbers, queued)
        except (ExclusionViolation, UniqueViolation) as error:
            name = error.diag.constraint_name or ""
            column = f"{name.removeprefix('clinic_claim_').split('_')[0]}_id"
            column = column if column in COLUMNS else SPECIALIST
            raise ClaimClash(column, raced=True) from error
        except SerializationFailure as error:
            raise ClaimClash(SPECIALIST, raced=True) from error

    def _release_expired(self, appointment_ids):
        """Cancel holds that ran out; fails at once if somebody else just did."""
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

    def _write_rows(self, wanted, numbers, queued=False):
        """Update the rows being moved, insert the others, in one round trip.

        :param numbers: ids for new rows; what is used is taken away from them.
        """
        choice = wanted.choice
        spare = defaultdict(list)
        for claim in self:
            spare[next(c for c in COLUMNS if claim[c])].append(claim.id)
        short = max(len(choice.rows), 1) - len(numbers)
        if short > 0:
            numbers += self._reserve(short)
        # A new party goes by the number of a row of its own.
        party = choice.party or numbers[0]
        if len(self) >= len(choice.rows):
            numbers.pop(0)
        updated, inserted, ids = [], [], []
        for row in choice.rows:
            rows, pool = inserted, numbers
            if spare[row.thing.column]:
                rows, pool = updated, spare[row.thing.column]
            ids.append(pool.pop(0))
            rows.append(self._row_values(ids[-1], row, party, wanted))
        statements = []
        left = [claim_id for claim_ids in spare.values() for claim_id in claim_ids]
        if left:
            statements.append(SQL("DELETE FROM clinic_claim WHERE id = ANY(%s)", left))
        names = SQL(", ").join(map(SQL.identifier, _WRITTEN))
        if updated:
            statements.append(
                SQL(
                    """UPDATE clinic_claim claim SET %s
                         FROM (VALUES %s) AS new (%s) WHERE claim.id = new.id""",
                    SQL(", ").join(
                        SQL("%(n)s = new.%(n)s::%(t)s", n=SQL.identifier(n), t=SQL(t))
                        for n, t in _WRITTEN.items()
                        if n != "id"
                    ),
                    SQL(", ").join(SQL("%s", tuple(row)) for row in updated),
                    names,
                )
            )
        if inserted:
            statements.append(
                SQL(
                    "INSERT INTO clinic_claim (%s) VALUES %s",
                    names,
                    SQL(", ").join(SQL("%s", tuple(row)) for row in inserted),
                )
            )
        self._execute_or_undo(SQL("; ").join(statements), queued)
        self.env["clinic.claim"].invalidate_model(flush=False)
        wanted.claim_ids = tuple(ids)

    def _row_values(self, claim_id, row, party, wanted):
        """Return the values of a claim in the order of ``_WRITTEN``."""
        order, choice, column = wanted.order, wanted.choice, row.thing.column
        first = column == SPECIALIST
        return [
            claim_id,
            *(row.thing.res_id if name == column else None for name in COLUMNS),
            row.thing.seat,
            row.start,
            row.stop,
            wanted.kind,
            wanted.hold_until if wanted.kind == "hold" else None,
            party,
            order.group.key if order.group else None,
            choice.place if first else None,
            order.limit.day if first and order.limit else None,
            choice.number if first and order.limit else None,
            choice.first_number if first and order.limit else None,
        ]

    def _reserve(self, count):
        """Return numbers for so many claims or parties."""
        found = self.env.execute_query(
            SQL(
                "SELECT nextval('clinic_claim_id_seq') FROM generate_series(1, %s)",
                count,
            )
        )
        return [row[0] for row in found]

    def _execute_or_undo(self, statements, queued):
        """Execute in a savepoint, all in one round trip."""
        cr = self.env.cr
        try:
            # A clash is an everyday event here, not an error for the server's log.
            cr.execute(
                SQL(
                    "SAVEPOINT clinic_claim; %s; RELEASE SAVEPOINT %s",
                    statements,
                    SQL("clinic_claim_queue" if queued else "clinic_claim"),
                ),
                log_exceptions=False,
            )
        except (ExclusionViolation, UniqueViolation, SerializationFailure):
            cr.execute(
                "ROLLBACK TO SAVEPOINT clinic_claim; RELEASE SAVEPOINT clinic_claim"
            )
            raise

    @api.model
    def _bind(self, column, pairs):
        """Say whose the claims are: ``pairs`` of claim ids and an owner's id."""
        rows = [(owner, claim_id) for ids, owner in pairs for claim_id in ids]
        if rows:
            self.env.execute_query(
                SQL(
                    """UPDATE clinic_claim SET %s = new.owner
                         FROM unnest(%s::int[], %s::int[]) AS new (owner, id)
                        WHERE clinic_claim.id = new.id RETURNING 1""",
                    SQL.identifier(column),
                    [owner for owner, _id in rows],
                    [claim_id for _owner, claim_id in rows],
                )
            )
            self.env["clinic.claim"].invalidate_model(flush=False)


# The columns of a claim as they are written, and their types.
_WRITTEN = {
    "id": "int",
    **dict.fromkeys(COLUMNS, "int"),
    "seat": "int",
    "start": "timestamp",
    "stop": "timestamp",
    "kind": "varchar",
    "hold_until": "timestamp",
    "party": "int",
    "session": "varchar",
    "place": "int",
    "day": "date",
    "day_number": "int",
    "first_number": "int",
}
