from datetime import timedelta

from odoo.fields import Command

from ..tools import cases
from ..tools.catalog import PROCEDURE
from .papers import Papers
from .records import Records
from .secrecy import Secrecy

REASONS = (
    "Пациент заболел",
    "Не сможет прийти, запишется позже",
    "Изменились планы",
    "Просьба пациента по телефону",
)
CAME = ("arrived", "in_progress", "fulfilled")


class Visits:
    """Brings the appointments into their states and writes the medical records."""

    def __init__(self, env, rng, now, bookings):
        self.env = env
        self.rng = rng
        self.now = now
        self.bookings = bookings
        self.book = cases.CaseBook(rng, cases.load())
        self.icd10 = {}

    def make(self):
        self.bookings.in_state("confirmed").action_confirm()
        cancelled = self.bookings.in_state("cancelled")
        for number, reason in enumerate(REASONS):
            cancelled[number :: len(REASONS)].action_cancel(reason)
        self.bookings.in_state("noshow")._move("noshow", force=True)
        self.bookings.in_state(*CAME)._move("arrived", force=True)
        self.bookings.in_state(*CAME[1:])._move("in_progress", force=True)
        self.bookings.in_state("fulfilled")._move("fulfilled", force=True)
        for visit, appointment in self.bookings.records.items():
            if visit.state in CAME:
                self._stamp(visit, appointment)
        self._write_encounters()

    def _stamp(self, visit, appointment):
        """Let things have happened when they do, not at the minute of installing."""
        arrived = visit.start - timedelta(minutes=self.rng.randint(3, 20))
        started = visit.start + timedelta(minutes=self.rng.randint(0, 6))
        vals = {"arrived_at": min(arrived, self.now)}
        if visit.state in CAME[1:]:
            vals["started_at"] = min(started, self.now)
        if visit.state == "fulfilled":
            vals["fulfilled_at"] = max(min(visit.stop, self.now), vals["started_at"])
        appointment.write(vals)

    def _write_encounters(self):
        self.icd10 = {
            code.code: code.id for code in self.env["clinic.icd10"].search([])
        }
        begun = self.bookings.in_state(*CAME[1:])._start_encounters()
        encounters = begun.grouped("appointment_id")
        records = Records(self.env, self.rng, self.now, self.bookings)
        records.write_allergies(begun)
        sheets = [
            (visit, encounters[appointment], self._note(visit))
            for visit, appointment in sorted(
                self.bookings.records.items(), key=lambda pair: pair[0].start
            )
            if appointment in encounters
        ]
        records.write_drafts(sheets)
        nurse = self.env["res.users"].search([("login", "=", "nurse")])
        for visit, encounter, note in sheets:
            vals = self._note_vals(note, visit.state == "fulfilled")
            if self._needs_nurse(visit, encounter.appointment_id):
                vals["nurse_ids"] = [Command.set(nurse.ids)]
            encounter.write(vals)
        done = [row for row in sheets if row[0].state == "fulfilled"]
        begun.browse(encounter.id for _visit, encounter, _note in done)._finish()
        records.date_back(done)
        records.vaccinate(done)
        Papers(self.env, self.bookings.network, sheets).make()
        Secrecy(self.env, self.now, self.bookings.network, sheets).make()

    def _needs_nurse(self, visit, appointment):
        """The nurse of the first branch helps with procedures and today's visits."""
        branch = self.bookings.network.branches["malysheva"]
        return appointment.branch_id == branch and (
            visit.service.kind == PROCEDURE or visit.state == "in_progress"
        )

    def _note(self, visit):
        """Return what is written of the visit by the specialist's specialty."""
        person = self.bookings.people[visit.patient]
        specialist = self.bookings.network.specialists[visit.specialist]
        mine = {specialty.code for specialty in specialist.specialty_ids}
        for specialty in (*visit.service.specialties, *sorted(mine)):
            if specialty in mine:
                note = self.book.note(visit, person, specialty)
                if note:
                    return note

    def _note_vals(self, note, done):
        if not done:
            return {"complaint": note.complaint}
        return {
            "complaint": note.complaint,
            "anamnesis": note.anamnesis,
            "examination": note.examination,
            "recommendations": note.recommendations,
            "diagnosis_ids": [
                Command.create(
                    {
                        "icd10_id": self.icd10[code],
                        "kind": "accompanying" if number else "main",
                        "status": "final" if note.final else "preliminary",
                    }
                )
                for number, code in enumerate(note.codes)
            ],
        }
