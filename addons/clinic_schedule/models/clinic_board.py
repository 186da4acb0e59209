from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.board import PLAIN, day_frame, delta_at, short_name
from ..tools.windows import from_minutes

# The kinds of columns, and what of a visit, shift and claim stands for them.
AXES = {
    "specialist": ("clinic.specialist", "specialist_id"),
    "room": ("clinic.room", "room_id"),
    "device": ("clinic.device", "device_id"),
    "week": ("clinic.specialist", "specialist_id"),
}
WEEK = 7
DESK = ("group_reception", "group_callcenter", "group_admin")
AT_DOOR = ("group_reception", "group_admin")


class ClinicBoard(models.AbstractModel):
    """What the day board shows: one read for a whole day.

    Visits are searched as the user who looks, so that nobody sees more here than
    elsewhere; what the ledger has beyond them is drawn as “busy”, without a name.
    Moments are minutes from the local midnight of the branch (see ``tools.board``).
    """

    _name = "clinic.board"
    _description = "Day Board"

    @api.model
    def get_board(
        self, branch_id=None, day=None, view="specialist", specialist_id=None
    ):
        """Return everything a board shows, in a number of queries that never grows.

        :param day: local date, ``YYYY-MM-DD``; today in the branch if not given.
        :param view: ``specialist``, ``room``, ``device``: the columns of a day;
            ``week``: the days of ``specialist_id`` from Monday on.
        """
        self.env["clinic.appointment"]._check_is_staff()
        branches = self.env["clinic.branch"].search_fetch([], ["name", "tz"])
        branch = branches.filtered(lambda b: b.id == branch_id) or branches[:1]
        if not branch:
            raise UserError(self.env._("There is no branch yet. Create one first."))
        if view not in AXES or AXES[view][0] not in self.env:
            view = "specialist"
        now = fields.Datetime.now()
        today = branch._localize(now).date()
        day = fields.Date.to_date(day) or today
        frames = self._frames(branch, day, view)
        board = {
            "branch_id": branch.id,
            "branches": [{"id": b.id, "name": b.name} for b in branches],
            "views": [name for name, axis in AXES.items() if axis[0] in self.env],
            "view": view,
            "specialist_id": specialist_id or False,
            "day": str(day),
            "today": str(today),
            "now": str(now),
            "length": max(frame.length for frame in frames),
            "clock": frames[0].clock if view != "week" else PLAIN,
            "can": self._rights(),
        }
        records, shifts = self._records(branch, frames, view, specialist_id)
        board["columns"] = self._columns(records, shifts, frames, view, branch)
        self._fill(board["columns"], branch, records, shifts, frames, view)
        return board

    # Columns -----------------------------------------------------------------

    @api.model
    def _frames(self, branch, day, view):
        days = [day]
        if view == "week":
            monday = day - timedelta(days=day.weekday())
            days = [monday + timedelta(days=n) for n in range(WEEK)]
        return [day_frame(one, branch._tz()) for one in days]

    @api.model
    def _rights(self):
        user = self.env.user
        treats = user.has_group("clinic_base.group_specialist")
        own = self.env["clinic.specialist"]
        if treats:
            own = own.search([("user_id", "=", user.id)], limit=1)
        return {
            "book": any(user.has_group(f"clinic_base.{name}") for name in DESK),
            "receive": any(user.has_group(f"clinic_base.{name}") for name in AT_DOOR),
            "own_id": own.id,
            "block": self.env["clinic.block"].has_access("create"),
        }

    @api.model
    def _records(self, branch, frames, view, specialist_id):
        """Return the things of the columns, and the shifts in the branch."""
        span = Domain("start", "<", frames[-1].stop) & Domain(
            "stop", ">", frames[0].start
        )
        domain = span & Domain("branch_id", "=", branch.id)
        if view == "week":
            domain &= Domain("specialist_id", "=", specialist_id)
        shifts = self.env["clinic.shift"].search_fetch(
            domain, ["specialist_id", "room_id", "start", "stop", "note"]
        )
        model = self.env[AXES[view][0]]
        if view == "week":
            return model.browse(specialist_id).exists(), shifts
        if view != "specialist":
            return model.search([("branch_id", "=", branch.id)]), shifts
        # Whoever has a visit here belongs on the board, whatever became of the shift.
        visits = self.env["clinic.appointment"]
        with_visits = Domain.FALSE
        if visits.has_access("read"):
            query = visits._search(
                span
                & Domain("branch_id", "=", branch.id)
                & Domain("state", "!=", "cancelled")
            )
            # in full: record rules of other addons join tables with such a column, too
            column = SQL.identifier(visits._table, "specialist_id")
            with_visits = Domain("id", "in", query.subselect(column))
        return model.search_fetch(
            Domain("branch_ids", "in", branch.ids)
            | Domain("id", "in", shifts.specialist_id.ids)
            | with_visits,
            ["name", "schedule_note", "resource_id", "company_id"],
        ), shifts

    @api.model
    def _columns(self, records, shifts, frames, view, branch):
        about = {}
        if view in ("specialist", "week"):
            about = self._specialty_words(records)
        if view == "week":
            return [
                self._column(frame.day, frame, records, view, about) for frame in frames
            ]
        notes = {}
        if view == "specialist":
            notes = self._notes(records, shifts, branch, frames[0].day)
        return [
            {
                **self._column(record.id, frames[0], record, view, about),
                "notes": notes.get(record.id, []),
            }
            for record in records
        ]

    @api.model
    def _column(self, key, frame, record, view, about):
        """Return one empty column; ``origin`` is the naive UTC of its midnight."""
        return {
            "key": str(key),
            "id": record.id,
            "name": record.name or "",
            "about": about.get(record.id, ""),
            "day": str(frame.day),
            "origin": str(frame.start),
            "clock": frame.back if view == "week" else PLAIN,
            "shifts": [],
            "off": [],
            "busy": [],
            "blocks": [],
            "cards": [],
            "notes": [],
        }

    @api.model
    def _specialty_words(self, specialists):
        """Return the names of the specialties by specialist, in one query."""
        Specialty = self.env["clinic.specialty"]
        Specialty.flush_model()
        specialists.flush_recordset(["specialty_ids"])
        rows = self.env.execute_query(
            SQL(
                """SELECT rel.clinic_specialist_id,
                          string_agg(%(name)s, ', '
                                     ORDER BY specialty.sequence, %(name)s)
                     FROM clinic_specialist_clinic_specialty_rel rel
                     JOIN clinic_specialty specialty
                       ON specialty.id = rel.clinic_specialty_id
                    WHERE rel.clinic_specialist_id = ANY(%(ids)s) AND specialty.active
                    GROUP BY rel.clinic_specialist_id""",
                name=Specialty._field_to_sql("specialty", "name"),
                ids=list(specialists.ids),
            )
        )
        return dict(rows)

    @api.model
    def _notes(self, specialists, shifts, branch, day):
        """Return texts for the heads of the columns by specialist. Extend it."""
        notes = defaultdict(list)
        for note in self.env["clinic.schedule.note"]._for_day(branch.id, day):
            for specialist_id in (
                [note["specialist_id"]] if note["specialist_id"] else specialists.ids
            ):
                notes[specialist_id].append(note["text"])
        for record, text in (
            *((specialist, specialist.schedule_note) for specialist in specialists),
            *((shift.specialist_id, shift.note) for shift in shifts),
        ):
            if text:
                notes[record.id].append(text)
        return notes

    # What is in them ---------------------------------------------------------

    @api.model
    def _fill(self, columns, branch, records, shifts, frames, view):
        """Put shifts, time off, blocks and visits where they belong."""
        place = _Place(columns, frames, view)
        field = AXES[view][1]
        span = (frames[0].start, frames[-1].stop)
        visits = self._visits(branch, records, span, view)
        claims = self._claims(field, records.ids, span)
        self._put_shifts(place, shifts, records, view)
        if view in ("specialist", "week"):
            off = self.env["clinic.appointment"]._time_off(records, *span, [branch.tz])
            for specialist_id, _zone, (start, stop) in off:
                for column, piece in place(
                    specialist_id, from_minutes(start), from_minutes(stop)
                ):
                    column["off"].append(piece)
        blocks = self._blocks(records, span, field)
        self._put_claims(place, claims, visits, blocks)
        self._put_visits(place, visits, claims, field)

    @api.model
    def _put_shifts(self, place, shifts, records, view):
        """Draw working time; of a room, whose time it is, of a device, the branch's."""
        rooms = self.env["clinic.branch"]._clinic_directory().rooms
        for shift in shifts:
            room = rooms.get(shift.room_id.id)
            piece = {"room": room.name if room else "", "who": ""}
            targets = shift.specialist_id
            if view == "room":
                targets = shift.room_id or records
                if shift.room_id:
                    piece["who"] = short_name(shift.specialist_id.name)
            elif view == "device":
                targets = records
            for target in targets:
                for column, where in place(target.id, shift.start, shift.stop):
                    column["shifts"].append({**piece, **where})

    @api.model
    def _visits(self, branch, records, span, view):
        """Return the visits the user may see, read in one go."""
        visits = self.env["clinic.appointment"]
        if not visits.has_access("read"):
            return visits
        domain = (
            Domain("branch_id", "=", branch.id)
            & Domain("start", "<", span[1])
            & Domain("stop", ">", span[0])
            & Domain("state", "!=", "cancelled")
            & ~(
                Domain("state", "=", "hold")
                & Domain("hold_until", "<=", fields.Datetime.now())
            )
        )
        if view == "week":
            domain &= Domain("specialist_id", "in", records.ids)
        return visits.search_fetch(domain, self._board_card_fields(), order="start, id")

    @api.model
    def _board_card_fields(self):
        """Return the fields of a visit that :meth:`_board_card` reads. Extend it."""
        names = [
            "state",
            "start",
            "stop",
            "hold_until",
            "arrived_at",
            "patient_id",
            "service_id",
            "specialist_id",
            "room_id",
            "note",
        ]
        return [*names, "series_id"]

    @api.model
    def _board_card(self, visit):
        """Return what the card of a visit shows by the visit itself, see also
        :meth:`_board_extras`. Extend it, call super."""
        card = {
            "id": visit.id,
            "state": visit.state,
            "service_id": visit.service_id.id,
            "specialist_id": visit.specialist_id.id,
            "room_id": visit.room_id.id,
            "note": bool(visit.note),
            "series": bool(visit.series_id),
            "alert": "",
        }
        if visit.state == "hold":
            card["hold_until"] = str(visit.hold_until)
        if visit.state == "arrived" and visit.arrived_at:
            card["arrived_at"] = str(visit.arrived_at)
        return card

    @api.model
    def _put_visits(self, place, visits, claims, field):
        claimed = defaultdict(list)
        for claim in claims:
            if claim["appointment_id"]:
                claimed[claim["appointment_id"]].append(claim)
        extras = self._board_extras(visits)
        for visit in visits:
            own = claimed.get(visit.id, [])
            ids = {claim["res_id"] for claim in own}
            if not ids and field in visit._fields:
                ids = set(visit[field].ids)
            if not ids:
                continue
            card = {
                **self._board_card(visit),
                **extras.get(visit.id, {}),
            }
            start = min((claim["start"] for claim in own), default=visit.start)
            stop = max((claim["stop"] for claim in own), default=visit.stop)
            card["before"] = max(_minutes(visit.start - start), 0)
            card["after"] = max(_minutes(stop - visit.stop), 0)
            for res_id in ids:
                for column, where in place(res_id, visit.start, visit.stop):
                    column["cards"].append({**card, **where})

    @api.model
    def _board_extras(self, visits):
        """Return more of the cards by visit, read for all at once. Extend it."""
        extras = defaultdict(dict)
        for row in self._card_facts(visits):
            visit_id, patient, service, seats, room, specialist = row[:6]
            is_new, unsent, must_move = row[6:]
            card = extras[visit_id]
            card.update(
                patient=short_name(patient),
                patient_full=patient or "",
                service=service or "",
                room=room or "",
                who=short_name(specialist),
                new=is_new,
            )
            if seats and seats > 1:
                card["seats"] = seats
            if unsent:
                card["unsent"] = True
            if must_move:
                card["must_move"] = True
        return extras

    @api.model
    def _card_facts(self, visits):
        """Return names and marks of visits the user may see, in one query.

        Plain SQL: who sees a visit sees whose it is, whether that patient has never
        been received before, whether a message did not arrive, whether it must move.
        """
        if not visits:
            return []
        template = self.env["product.template"]
        for name, fields_ in (
            ("res.partner", ["name"]),
            ("product.product", ["product_tmpl_id"]),
            ("product.template", ["name", "group_size"]),
            ("clinic.room", ["name"]),
            ("clinic.specialist", ["name"]),
            ("clinic.notice", ["state", "appointment_id"]),
            ("clinic.rebooking", ["state", "appointment_id"]),
        ):
            self.env[name].flush_model(fields_)
        visits.env["clinic.appointment"].flush_model()
        return self.env.execute_query(
            SQL(
                """SELECT visit.id, patient.name, %(service)s, template.group_size,
                          room.name, specialist.name,
                          NOT EXISTS (SELECT FROM clinic_appointment former
                                       WHERE former.patient_id = visit.patient_id
                                         AND former.state = 'fulfilled'
                                         AND former.id != ALL(%(ids)s)),
                          EXISTS (SELECT FROM clinic_notice notice
                                   WHERE notice.appointment_id = visit.id
                                     AND notice.state = 'failed'),
                          EXISTS (SELECT FROM clinic_rebooking rebooking
                                   WHERE rebooking.appointment_id = visit.id
                                     AND rebooking.state = 'open')
                     FROM clinic_appointment visit
                     JOIN res_partner patient ON patient.id = visit.patient_id
                     JOIN product_product service ON service.id = visit.service_id
                     JOIN product_template template
                       ON template.id = service.product_tmpl_id
                     JOIN clinic_specialist specialist
                       ON specialist.id = visit.specialist_id
                     LEFT JOIN clinic_room room ON room.id = visit.room_id
                    WHERE visit.id = ANY(%(ids)s)""",
                service=template._field_to_sql("template", "name"),
                ids=list(visits.ids),
            )
        )

    @api.model
    def _claims(self, field, ids, span):
        """Return what the ledger has of the columns, without a look at rights.

        Only times and ids come out of here; whose visit it is, is not told.
        """
        if not ids:
            return []
        self.env["clinic.claim"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """SELECT id, %(field)s AS res_id, start, stop, kind, appointment_id,
                          block_id
                     FROM clinic_claim
                    WHERE %(field)s = ANY(%(ids)s)
                      AND tsrange(start, stop) && tsrange(%(start)s, %(stop)s)
                      AND (hold_until IS NULL OR hold_until > %(now)s)""",
                field=SQL.identifier(field),
                ids=list(ids),
                start=span[0],
                stop=span[1],
                now=fields.Datetime.now(),
            )
        )

    @api.model
    def _blocks(self, records, span, field):
        blocks = self.env["clinic.block"]
        if field not in blocks._fields or not blocks.has_access("read"):
            return blocks
        return blocks.search_fetch(
            [
                (field, "in", records.ids),
                ("start", "<", span[1]),
                ("stop", ">", span[0]),
            ],
            ["name", field],
        )

    @api.model
    def _put_claims(self, place, claims, visits, blocks):
        """Draw blocks by their names, and what the user may not see as busy."""
        shown, seen = set(visits.ids), set()
        names = {block.id: block.name for block in blocks}
        for claim in claims:
            if claim["appointment_id"] in shown:
                continue
            places = list(place(claim["res_id"], claim["start"], claim["stop"]))
            if claim["block_id"] in names:
                kind, entry = (
                    "blocks",
                    {
                        "id": claim["block_id"],
                        "name": names[claim["block_id"]],
                    },
                )
            else:
                kind, entry = "busy", {"id": claim["id"], "kind": claim["kind"]}
            for column, where in places:
                key = (column["key"], kind, where["start"], where["stop"])
                if key not in seen:
                    seen.add(key)
                    column[kind].append({**entry, **where})


class _Place:
    """Finds the columns, and the minutes in them, that a span of time falls on."""

    def __init__(self, columns, frames, view):
        self.week = view == "week"
        self.frames = frames
        self.columns = columns
        self.by_id = {column["id"]: column for column in columns}

    def __call__(self, res_id, start, stop):
        for index, frame in enumerate(self.frames):
            column = self.columns[index] if self.week else self.by_id.get(res_id)
            if not column or start >= frame.stop or stop <= frame.start:
                continue
            where = {"start": frame.minute(start), "stop": frame.minute(stop)}
            if self.week:
                where = {
                    key: minute + delta_at(frame.clock, minute)
                    for key, minute in where.items()
                }
            yield column, where


def _minutes(span):
    return int(span.total_seconds() // 60)
