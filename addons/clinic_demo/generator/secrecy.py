from datetime import datetime, time, timedelta

from odoo.fields import Command

DUTY_HOURS = (time(8), time(20))
EMERGENCY_LASTS = timedelta(hours=1)
JUDGED, WAITING = timedelta(days=4), timedelta(minutes=40)
JUDGED_REASON = "Ребёнку стало плохо в коридоре, педиатр на вызове: аллергии и прививки"
WAITING_REASON = (
    "Обморок у процедурного кабинета, нужны диагнозы и принимаемые лекарства"
)
VERDICT_NOTE = "Случай подтвердила медсестра, открыта только нужная карта"
MISTAKE = "Прививка однофамилицы, записана по ошибке"


class Secrecy:
    """What the chief physician keeps: care teams, duties, closed records, emergency
    access and what was withdrawn.

    Nothing of it opens a record that would be closed to a doctor now, or closes one
    that a person with a log-in reads: the rest of the demo stays as it is.
    ``sheets`` are triples of the planned visit, its encounter and the note.
    """

    def __init__(self, env, now, network, sheets):
        self.env = env
        self.now = now
        self.network = network
        self.sheets = sheets
        self.doctor, self.doctor2, self.chief = (
            env["res.users"].search([("login", "=", login)])
            for login in ("doctor", "doctor2", "chief")
        )

    def make(self):
        self._make_teams()
        self._close_records()
        self._note_looks()
        self._make_emergencies()
        self._withdraw()

    def _records_of(self, specialist):
        """Return the records of finished visits to a specialist, the latest first."""
        wanted = self.network.specialists[specialist]
        records = self.env["clinic.medical.record"]
        for visit, encounter, _note in reversed(self.sheets):
            if (
                encounter.specialist_id == wanted
                and visit.state == "fulfilled"
                and not encounter.patient_id.user_ids
            ):
                records |= encounter.record_id
        return records

    def _make_teams(self):
        branch = self.network.branches["malysheva"]
        today = branch._localize(self.now).date()
        both = self._records_of("sokolova") & self._records_of("vorontsov")
        shared = both or self._records_of("sokolova")
        self.env["clinic.care.team"].create(
            [
                {
                    "name": "Головная боль и давление: терапевт с неврологом",
                    "kind": "patients",
                    "member_ids": [
                        Command.create({"user_id": user.id, "start": self.now})
                        for user in (self.doctor, self.doctor2)
                    ],
                    "patient_ids": [
                        Command.create(
                            {
                                "patient_id": record.patient_id.id,
                                "note": "Ведут вместе до конца курса",
                            }
                        )
                        for record in shared[:2]
                    ],
                },
                {
                    "name": "Дежурства на Малышева",
                    "kind": "duty",
                    "branch_id": branch.id,
                    "member_ids": [
                        Command.create(
                            {"user_id": user.id, **self._duty(branch, today, days)}
                        )
                        # never now: a duty opens the records of all who are here
                        for user, days in (
                            (self.doctor2, -8),
                            (self.doctor, -2),
                            (self.doctor2, 2),
                        )
                    ],
                },
            ]
        )

    def _duty(self, branch, today, days):
        start, stop = (
            branch._to_utc(datetime.combine(today + timedelta(days=days), hour))
            for hour in DUTY_HOURS
        )
        return {"start": start, "stop": stop}

    def _close_records(self):
        of_therapist = self._records_of("frolova")
        # sudo goes on, but it is the chief physician who closes them
        Closure = self.env["clinic.record.closure"].with_user(self.chief).sudo()
        for record in of_therapist[:2]:
            Closure.create(
                {
                    "patient_id": record.patient_id.id,
                    "ground": "mental",
                    "reader_ids": [Command.set(self.chief.ids)],
                }
            )
        for record in of_therapist[2:3]:
            Closure.create(
                {"patient_id": record.patient_id.id, "ground": "request"}
            ).action_lift()

    def _note_looks(self):
        """Let the visits of patients with a log-in have been opened by their doctor."""
        self._look(
            (encounter.record_id, encounter.specialist_id.user_id, encounter.start)
            for _visit, encounter, _note in self.sheets
            if encounter.patient_id.user_ids and encounter.specialist_id.user_id
        )

    def _look(self, looks, basis="treatment", kind="open"):
        self.env["clinic.record.access"].create(
            [
                {
                    "record_id": record.id,
                    "user_id": user.id,
                    "date": date,
                    "kind": kind,
                    "basis": basis,
                    "model": "clinic.medical.record",
                }
                for record, user, date in looks
            ]
        )

    def _make_emergencies(self):
        ward = next(
            (
                encounter.record_id
                for visit, encounter, _note in self.sheets
                if visit.patient == "ward"
            ),
            self._records_of("lebedeva")[:1],
        )
        for record in ward:
            judged = self._open(record, self.doctor, JUDGED, JUDGED_REASON)
            judged.with_user(self.chief).sudo().verdict_note = VERDICT_NOTE
            judged.with_user(self.chief).sudo()._judge("justified")
        foreign = self._records_of("belov") - self._records_of("vorontsov")
        for record in foreign[:1]:
            waiting = self._open(record, self.doctor2, WAITING, WAITING_REASON)
            waiting.with_context(
                mail_activity_automation_skip=False, mail_activity_quick_update=True
            )._tell_chiefs()

    def _open(self, record, user, ago, reason):
        start = self.now - ago
        for kind, minutes in (("emergency", 0), ("open", 1), ("list", 2)):
            moment = start + timedelta(minutes=minutes)
            self._look([(record, user, moment)], "emergency", kind)
        return self.env["clinic.record.grant"].create(
            {
                "record_id": record.id,
                "user_id": user.id,
                "reason": reason,
                "start": start,
                # over: nothing of it opens a record now
                "stop": min(start + EMERGENCY_LASTS, self.now),
            }
        )

    def _withdraw(self):
        # sudo goes on, but it is the doctor who wrote it and takes it back
        Immunization = self.env["clinic.immunization"].with_user(self.doctor).sudo()
        for record in self._records_of("sokolova")[:1]:
            entry = Immunization.create(
                {
                    "record_id": record.id,
                    "vaccine": "Совигрипп",
                    "disease": "Грипп",
                    "date": self.now.date() - timedelta(days=30),
                }
            )
            entry._archive_with_reason(MISTAKE)
