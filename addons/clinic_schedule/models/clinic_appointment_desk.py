from datetime import timedelta

from babel.dates import get_day_names

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import babel_locale_parse
from odoo.tools.misc import get_lang

EXPECTED = ("booked", "confirmed")
INSIDE = ("arrived", "in_progress", "fulfilled")
# A name may have many namesakes: so many are looked through for who is expected today.
LOOKED = 40
MANY = 8
OPEN = (*EXPECTED, "arrived", "in_progress")


class ClinicAppointment(models.Model):
    """What the desk does all day: receive by barcode, close, tell how to prepare."""

    _inherit = "clinic.appointment"

    contact_phone = fields.Char(
        related="patient_id.clinic_contact_phone", string="Phone to Call"
    )
    waiting_minutes = fields.Integer(
        compute="_compute_waiting_minutes",
        string="Waits",
        help="Minutes since the patient arrived, until the visit starts.",
    )
    patient_number = fields.Char(related="patient_id.patient_number")
    preparation = fields.Text(related="service_id.clinic_preparation")

    @api.depends("state", "arrived_at", "started_at")
    def _compute_waiting_minutes(self):
        now = fields.Datetime.now()
        for visit in self:
            since = visit.arrived_at if visit.state == "arrived" else None
            visit.waiting_minutes = (now - since).total_seconds() // 60 if since else 0

    # Arrival by barcode --------------------------------------------------------

    @api.model
    def scan_arrival(self, code):
        """Receive the patient whose card, or whose visit, was scanned or typed.

        A second scan does no harm: it says that the patient is here already.

        :param code: number of a patient or of a visit; a phone or a name will do too.
        :return: dict with ``status``: ``arrived``, ``already``, ``choose`` (several
            visits today), ``none`` (no visit today), ``unknown`` (no such code),
            ``many`` (several such people), ``refused`` (with a ``message``); and
            ``patient`` and ``visits``, ready to show.
        """
        self.check_access("write")
        code = (code or "").strip()
        visit = self.search([("name", "=ilike", code)], limit=1) if code else self
        patient = visit.patient_id or self._patient_by_code(code)
        if len(patient) != 1:
            return {
                "status": "many" if patient else "unknown",
                "code": code,
                "patients": self._arrival_choice(patient),
            }
        visits = visit or self._visits_today(patient)
        expected = visits.filtered(lambda v: v.state in EXPECTED and v.is_today)
        if len(expected) == 1:
            return expected._arrival_receive()
        if expected:
            return expected._arrival_answer("choose")
        inside = visits.filtered(lambda v: v.state in INSIDE and v.is_today)
        if inside:
            return inside._arrival_answer("already")
        return visits._arrival_answer("none", patient)

    @api.model
    def receive_scanned(self, visit_ids):
        """Receive the visits chosen among several of one patient."""
        return self.browse(visit_ids).exists()._arrival_receive()

    @api.model
    def _patient_by_code(self, code):
        patients = self.env["res.partner"]
        if not code:
            return patients
        exact = patients.search(
            [("patient_number", "=ilike", code), ("is_patient", "=", True)], limit=1
        )
        return exact or patients.search(
            [("is_patient", "=", True), ("display_name", "ilike", code)], limit=LOOKED
        )

    @api.model
    def _arrival_choice(self, patients):
        """Return the people a name was found for, who is expected today first."""
        expected = {}
        for visit in self._visits_today(patients):
            expected.setdefault(visit.patient_id, visit)
        ordered = patients.sorted(lambda one: one not in expected)[:MANY]
        return [
            {
                **self._arrival_patient(one),
                "today": one in expected
                and f"{expected[one].local_hours}, {expected[one].specialist_id.name}",
            }
            for one in ordered
        ]

    @api.model
    def _visits_today(self, patients):
        now = fields.Datetime.now()
        day = timedelta(days=1)
        near = self.search(
            Domain("patient_id", "in", patients.ids)
            & Domain("start", ">", now - day)
            & Domain("start", "<", now + day)
            & Domain("state", "not in", ("hold", "cancelled", "noshow")),
            order="start",
        )
        return near.filtered("is_today")

    def _arrival_receive(self):
        """Mark the visits arrived, and answer; a refusal is an answer too."""
        late = self.filtered(lambda visit: visit.state in INSIDE)
        if late == self:
            return self._arrival_answer("already")
        try:
            with self.env.cr.savepoint():
                (self - late).action_arrive()
        except UserError as error:
            return {**self._arrival_answer("refused"), "message": str(error)}
        changes = [visit._latest_change().id for visit in self - late]
        return {**self._arrival_answer("arrived"), "change_ids": changes}

    def _arrival_answer(self, status, patient=None):
        patient = patient or self.patient_id
        return {
            "status": status,
            "patient": self._arrival_patient(patient),
            "visits": [visit._arrival_visit() for visit in self],
        }

    @api.model
    def _arrival_patient(self, patient):
        return {
            "id": patient.id,
            "name": patient.name,
            "number": patient.patient_number or "",
            "age": patient._clinic_age_words(),
            "phone": patient.clinic_contact_phone or "",
            "warnings": patient._clinic_desk_warnings(),
        }

    def _arrival_visit(self):
        """Return what the desk tells the patient. Extend to add to it."""
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "state_label": self._state_label(),
            "time": self.local_time if not self.is_today else self.local_hours,
            "specialist": self.specialist_id.name,
            "service": self.service_id.name,
            "branch": self.branch_id.name,
            "room": self.room_id.name or "",
            "dues": self._arrival_dues(),
        }

    def _arrival_dues(self):
        """Return in words what is still to be paid for the visit, "" for nothing."""
        self.ensure_one()
        return ""

    # Closing -------------------------------------------------------------------

    @api.model
    def _not_closed_domain(self):
        """Return the domain of visits of former days that nobody closed."""
        return Domain("day", "<", "today") & Domain("state", "in", OPEN)

    @api.model
    def desk_status(self):
        """Return what the list of the day says above itself, and to whom."""
        receives = self.has_access("write")
        return {
            "receives": receives,
            "not_closed": receives and self.search_count(self._not_closed_domain()),
        }

    # Screens -------------------------------------------------------------------

    def _change_toast(self):
        """Return an action that says what was done, with “Undo”, and closes."""
        return {
            "type": "ir.actions.client",
            "tag": "clinic_change_toast",
            "params": self._toast(),
        }

    def _toast(self):
        changes = [visit._latest_change() for visit in self]
        return {
            "change_ids": [
                change.id
                for change in changes
                if change and not change._refusal_to_undo()
            ],
            "visit_id": self.id if len(self) == 1 else False,
            "message": "\n".join(visit._toast_words() for visit in self[:5]),
        }

    def _toast_words(self):
        self.ensure_one()
        return (
            f"{self.patient_id.name}: {self.local_time}, {self.specialist_id.name}, "
            f"{self._state_label()}"
        )

    @api.model
    def last_change(self, visit_ids):
        """Return what the screen says after a button: message and change to undo."""
        return self.browse(visit_ids).exists()._toast()

    def action_open_hand_over(self):
        """Open “Move” for the same time with another specialist."""
        self.ensure_one()
        action = self._open_wizard("clinic_schedule.action_clinic_appointment_move")
        action["name"] = self.env._("Hand to Another Specialist")
        action["context"] = {
            **action["context"],
            "dialog_size": "extra-large",
            "default_hand_over": True,
        }
        return action

    def action_print_slip(self):
        return self.env.ref(
            "clinic_schedule.action_report_clinic_appointment_slip"
        ).report_action(self)

    def action_open_patient(self):
        self.ensure_one()
        return self.patient_id.action_clinic_open_patient()


class ResPartner(models.Model):
    _inherit = "res.partner"

    clinic_contact_phone = fields.Char(
        compute="_compute_clinic_contact_phone",
        string="Phone to Call",
        help="Of the patient, or of the guardian when the patient has none.",
    )

    @api.depends("clinic_phone_display", "guardian_ids.clinic_phone_display")
    def _compute_clinic_contact_phone(self):
        for patient in self:
            patient.clinic_contact_phone = patient.clinic_phone_display or next(
                (
                    f"{guardian.clinic_phone_display} ({guardian.name})"
                    for guardian in patient.guardian_ids
                    if guardian.clinic_phone_display
                ),
                False,
            )

    def _clinic_suggestion_details(self):
        """Add what the desk asks next: how old, and when they were here."""
        details = super()._clinic_suggestion_details()
        if not self.env.context.get("clinic_desk_details"):
            return details
        if self.birthdate_date:
            born = details.index(self.birthdate_date.strftime("%d.%m.%Y"))
            details[born] = f"{details[born]} ({self.age})"
        phone = self.clinic_contact_phone
        if phone and phone not in details:
            details.append(phone)
        details[1:1] = self._clinic_desk_warnings()
        last = self._clinic_last_visit()
        if last:
            details.append(
                self.env._("was here %(day)s", day=last.day.strftime("%d.%m.%Y"))
            )
        return details

    def _clinic_last_visit(self):
        """Return the last visit the patient came to, of those the user may see."""
        self.ensure_one()
        return self.env["clinic.appointment"].search(
            [
                ("patient_id", "=", self.id),
                ("state", "in", ("fulfilled", "in_progress")),
            ],
            order="start DESC",
            limit=1,
        )

    def _clinic_desk_brief(self):
        """Return what the desk should know of the patient at a glance, in words."""
        self.ensure_one()
        visits = self.env["clinic.appointment"]
        last = self._clinic_last_visit()
        ahead = visits.search(
            [
                ("patient_id", "=", self.id),
                ("start", ">=", fields.Datetime.now()),
                ("state", "in", ("hold", *EXPECTED)),
            ],
            order="start",
            limit=3,
        )
        return {
            "line": " · ".join(
                word
                for word in (
                    self._clinic_age_words(),
                    self.patient_number,
                    self.clinic_contact_phone,
                )
                if word
            ),
            "last": f"{last.local_time}, {last.specialist_id.name}" if last else "",
            "usual": self._clinic_usual_words(),
            # Callers often forget that they are booked already.
            "ahead": [f"{v.local_time}, {v.specialist_id.name}" for v in ahead],
            "warnings": self._clinic_desk_warnings(),
        }

    def _clinic_usual_words(self):
        """Return the weekday and the hour the patient is used to come at, in words."""
        self.ensure_one()
        usual = self.env["clinic.appointment"]._habits(self)
        if usual.weekday is None:
            return ""
        locale = babel_locale_parse(get_lang(self.env).code)
        words = get_day_names("wide", "stand-alone", locale)[usual.weekday]
        if usual.minute is not None:
            words = f"{words}, {usual.minute // 60:02d}:{usual.minute % 60:02d}"
        return words

    def _clinic_age_words(self):
        self.ensure_one()
        if not self.birthdate_date:
            return ""
        return self.env._("age %(age)s", age=self.age)

    def _clinic_desk_warnings(self):
        """Return short sentences the desk must see at once. Extend, call super.

        Nothing medical: everybody at the desk reads them.
        """
        self.ensure_one()
        return []


class ProductTemplate(models.Model):
    _inherit = "product.template"

    clinic_preparation = fields.Text(
        string="How to Prepare",
        translate=True,
        help="Printed on the visit slip and sent with the reminder.",
    )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _clinic_price(self, patient=None, specialist=None, date=None):
        """Return the price of the service for the patient on a date, in the company's
        currency. The base price here; extend to follow price lists.

        :param date: naive UTC moment of the visit, now if not given.
        """
        self.ensure_one()
        return self.lst_price
