from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.clinic_waitlist import DAY_FIELDS
from ..tools import chains
from ..tools.windows import from_minutes, to_minutes
from .clinic_slot_picker_mixin import DAY_PARTS

CHAINS_A_DAY = 8
BEST_CHAINS = 3
# Who stands at the desk is received by whoever is free within this time.
NOW_MINUTES = 20
MIN_PHONE = 6


class ClinicBookingLine(models.TransientModel):
    """One more service of a booking of several."""

    _name = "clinic.booking.line"
    _description = "Service of a Booking"
    _order = "sequence, id"

    wizard_id = fields.Many2one(
        "clinic.booking.wizard", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    service_id = fields.Many2one(
        "product.product", required=True, domain=[("is_clinic_service", "=", True)]
    )
    service_specialty_ids = fields.Many2many(related="service_id.specialty_ids")
    specialist_id = fields.Many2one("clinic.specialist")
    price_words = fields.Char(compute="_compute_price_words", string="Price")

    @api.depends("service_id", "specialist_id", "wizard_id.patient_id")
    def _compute_price_words(self):
        for line in self:
            line.price_words = line.wizard_id._price_in_words(
                [(line.service_id, line.specialist_id)]
            )


class ClinicBookingWizard(models.TransientModel):
    """The booking dialog: who, what, when; all visits of it at once or none.

    ``chosen`` holds the key of a window for each service, with semicolons between;
    a key is ``specialist|room|start``.
    """

    _name = "clinic.booking.wizard"
    _description = "New Booking"
    _inherit = ["clinic.slot.picker.mixin"]

    patient_id = fields.Many2one(
        "res.partner",
        domain=[("is_patient", "=", True)],
        help="Search by phone in any spelling, by name or by number.",
    )
    is_new_patient = fields.Boolean(string="New Patient")
    new_name = fields.Char(string="Full Name")
    new_phone = fields.Char(string="Phone")
    new_birthdate = fields.Date(string="Birth Date")
    new_gender = fields.Selection(
        [("male", "Male"), ("female", "Female")], string="Sex"
    )
    same_phone_ids = fields.Many2many(
        "res.partner", compute="_compute_same_phone_ids", string="Have This Phone"
    )
    twins = fields.Json(compute="_compute_same_phone_ids")
    patient_hint = fields.Char(compute="_compute_patient_brief")
    patient_brief = fields.Json(compute="_compute_patient_brief")
    complaint = fields.Text(
        help="In the patient's words. After booking only the medical staff reads it."
    )
    note = fields.Text(help="On organising the visit. Nothing medical.")
    line_ids = fields.One2many(
        "clinic.booking.line", "wizard_id", string="Other Services"
    )
    together = fields.Selection(
        [("chain", "One after another on one day"), ("each", "Each by itself")],
        string="Several Services",
        default="chain",
        required=True,
    )
    active_need = fields.Integer(help="The service whose windows are shown.")
    walk_in = fields.Boolean(
        string="Now", help="The patient is here: who is free receives at once."
    )
    wish = fields.Char(help="The window asked for where the dialog was opened.")
    is_past = fields.Boolean(compute="_compute_is_past")
    past_reason = fields.Char(
        string="Why in the Past",
        help="Said by those who may enter a visit after it began; it stays in its log.",
    )
    book_another = fields.Boolean()
    price_words = fields.Char(compute="_compute_price_words", string="Price")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        wish = values.get("chosen")
        if wish:
            specialist, room, start = self._parse_key(wish)
            branch = room.branch_id or self.env["clinic.branch"].browse(
                values.get("branch_id") or specialist.branch_ids[:1].ids
            )
            values.update(
                wish=wish,
                specialist_id=specialist.id,
                date_from=branch._localize(start).date(),
            )
        return values

    # The patient ---------------------------------------------------------------

    def _picker_patient(self):
        super()._picker_patient()
        if self.is_new_patient:
            return self.env["res.partner"]
        return self.patient_id

    @api.depends("is_new_patient", "new_phone", "new_name", "new_birthdate")
    def _compute_same_phone_ids(self):
        for wizard in self:
            found = self.env["res.partner"]
            if wizard.is_new_patient:
                found = wizard._find_twins()
            wizard.same_phone_ids = found
            wizard.twins = [wizard._twin_values(twin) for twin in found]

    def _find_twins(self):
        """Return the patients who may be the one being registered."""
        Partner = self.env["res.partner"]
        found = Partner
        if len(self.new_phone or "") >= MIN_PHONE:
            found = Partner.search(
                [
                    ("is_patient", "=", True),
                    ("display_name", "ilike", self.new_phone),
                ],
                limit=5,
            )
        if self.new_name and self.new_birthdate:
            probe = Partner.new({"name": self.new_name, "is_patient": True})
            found |= Partner.search(
                [
                    ("is_patient", "=", True),
                    ("clinic_name_key", "=", probe.clinic_name_key),
                    ("birthdate_date", "=", self.new_birthdate),
                ],
                limit=5,
            )
        return found

    @api.model
    def _twin_values(self, patient):
        born = patient.birthdate_date
        return {
            "id": patient.id,
            "name": patient.name,
            "details": " · ".join(
                word
                for word in (
                    patient.patient_number,
                    born and born.strftime("%d.%m.%Y"),
                    patient.clinic_contact_phone,
                )
                if word
            ),
        }

    @api.depends("patient_id", "is_new_patient")
    @api.depends_context("lang")
    def _compute_patient_brief(self):
        for wizard in self:
            patient = wizard._picker_patient()._origin
            brief = patient._clinic_desk_brief() if patient else {}
            wizard.patient_brief = brief
            wizard.patient_hint = "; ".join(brief.get("ahead", ())) or False

    @api.onchange("patient_id")
    def _onchange_patient_id(self):
        if self.patient_id:
            self.is_new_patient = False

    def action_new_patient(self):
        """Turn to registering a new patient; the dialog itself does it unasked."""
        self.ensure_one()
        self.write({"is_new_patient": True, "patient_id": False})
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_booking_wizard"
        )
        return {**action, "res_id": self.id}

    # The services ---------------------------------------------------------------

    def _needs(self):
        """Return ``(service, specialist)`` of all the services, the main one first."""
        self.ensure_one()
        needs = [(self.service_id, self.specialist_id)]
        needs += [(line.service_id, line.specialist_id) for line in self.line_ids]
        return [need for need in needs if need[0]]

    @api.depends(
        "service_id",
        "specialist_id",
        "patient_id",
        "date_from",
        "line_ids.service_id",
        "line_ids.specialist_id",
    )
    def _compute_price_words(self):
        for wizard in self:
            wizard.price_words = wizard._price_in_words(wizard._needs())

    def _price_in_words(self, needs):
        """Return the price of the services for the patient, with the sum of several."""
        currency = self.env.company.currency_id
        patient = self._picker_patient()._origin if self else None
        prices = [
            service._origin._clinic_price(patient or None, specialist._origin)
            for service, specialist in needs
            if service
        ]
        if not prices:
            return False
        total = currency.format(sum(prices))
        if len(prices) == 1:
            return total
        parts = " + ".join(currency.format(price) for price in prices)
        return f"{parts} = {total}"

    # The windows ----------------------------------------------------------------

    @api.depends("chosen")
    def _compute_is_past(self):
        now = fields.Datetime.now()
        for wizard in self:
            keys = [key for key in (wizard.chosen or "").split(";") if key]
            wizard.is_past = any(wizard._parse_key(key)[2] < now for key in keys)

    @api.depends(
        "patient_id",
        "is_new_patient",
        "line_ids.service_id",
        "line_ids.specialist_id",
        "together",
        "active_need",
        "walk_in",
    )
    def _compute_offers(self):
        return super()._compute_offers()

    def _get_offers(self):
        needs = self._needs()
        if self.walk_in:
            return {**self._get_offers_now(), "mode": "now"}
        if len(needs) < 2:
            return {**super()._get_offers(), "mode": "one"}
        for service, specialist in needs:
            if specialist and not specialist._can_do(service):
                return {**self._no_offers("specialty"), "mode": "one"}
        if self.together == "chain":
            return self._get_chain_offers(needs)
        return self._get_each_offers(needs)

    def _get_offers_now(self):
        """Return who is free at once, then who is next today."""
        if not self.service_id:
            return self._no_offers("service")
        if self.specialist_id and not self.specialist_id._can_do(self.service_id):
            return self._no_offers("specialty")
        first = {}
        for item in self._ranked_offers(self.service_id, self.specialist_id, 1):
            slot = item[0]
            key = (slot.specialist_id, slot.branch_id)
            if key not in first or slot.start < first[key][0].start:
                first[key] = item
        found = sorted(first.values(), key=lambda item: item[0].start)
        limit = to_minutes(fields.Datetime.now()) + NOW_MINUTES
        offers = self._no_offers("" if found else "none_today")
        offers["best"] = [
            self._worded_offer(*item) for item in found if item[0].start <= limit
        ]
        offers["soonest"] = [
            self._worded_offer(*item) for item in found if item[0].start > limit
        ]
        return offers

    def _get_each_offers(self, needs):
        """Return the windows of the service whose turn it is."""
        index = min(max(self.active_need, 0), len(needs) - 1)
        service, specialist = needs[index]
        ranked, days = self._search_farther(
            lambda span: self._ranked_offers(service, specialist, span)
        )
        taken = [
            self._parse_key(key)[2]
            for number, key in enumerate(self._chosen_keys(len(needs)))
            if key and number != index
        ]
        return {
            **self._no_offers("" if ranked else "none"),
            "mode": "each",
            "days": self._group_offers(ranked),
            "best": self._best_offers(ranked) if self._picker_patient() else [],
            "soonest": self._soonest_offers(ranked),
            "jumped": self._jump_words(ranked[0][3] if ranked else None, days),
            "needs": [need[0].name for need in needs],
            "active": index,
            "taken": [str(start) for start in taken],
        }

    def _get_chain_offers(self, needs):
        """Return the days on which all the services fit one after another."""
        found, days = self._search_farther(lambda span: self._chains(needs, span))
        shown = {}
        for chain in found:
            shown.setdefault(self._chain_day(chain), []).append(chain)
        best = chains.least_waiting(found)[:BEST_CHAINS]
        first = self._chain_local(found[0]) if found else None
        return {
            **self._no_offers("" if found else "none_chain"),
            "mode": "chain",
            "days": [
                {
                    "day": self._day_words(date),
                    "chains": [
                        self._chain_offer(chain, needs)
                        for chain in self._few(shown[date])
                    ],
                }
                for date in sorted(shown)
            ],
            "best": [self._chain_offer(chain, needs, worded=True) for chain in best],
            "jumped": self._jump_words(first, days),
        }

    def _chains(self, needs, days):
        """Return the chains of the needs within so many days, by start."""
        options = []
        for service, specialist in needs:
            slots = self._find_slots(service, specialist, days)
            options.append(
                [
                    self._chain_part(slot, service, local.date())
                    for slot in slots
                    if self._suits(local := self._local_start(slot), days)
                ]
            )
            if not options[-1]:
                return []
        return chains.find_chains(options)

    def _chain_part(self, slot, service, day):
        before = service.specialist_buffer_before
        after = service.specialist_buffer_after
        return chains.Option(
            slot.start,
            slot.stop,
            slot.specialist_id,
            slot.room_id,
            place=(slot.branch_id, day),
            holds=((slot.specialist_id, slot.start - before, slot.stop + after),),
        )

    @staticmethod
    def _few(found):
        """Return the chains of a day worth reading: the shortest of them, by start."""
        few = chains.least_waiting(found)[:CHAINS_A_DAY]
        return sorted(few, key=lambda chain: chain.start)

    @staticmethod
    def _chain_day(chain):
        return chain.parts[0].place[1]

    def _chain_local(self, chain, moment=None):
        branch = self.env["clinic.branch"].browse(chain.parts[0].place[0])
        return branch._localize(from_minutes(chain.start if moment is None else moment))

    def _chain_offer(self, chain, needs, worded=False):
        first = self._chain_local(chain)
        last = self._chain_local(chain, chain.stop)
        specialists = self.env["clinic.specialist"]
        branch = self.env["clinic.branch"].browse(chain.parts[0].place[0])
        offer = {
            # The room is left to the ledger: any that is free then.
            "key": ";".join(
                f"{part.specialist_id}|0|{from_minutes(part.start)}"
                for part in chain.parts
            ),
            "time": f"{first:%H:%M}–{last:%H:%M}",
            "branch": self._branch_words(branch),
            "waiting": chain.waiting,
            "parts": [
                {
                    "time": f"{self._chain_local(chain, chain.parts[n].start):%H:%M}",
                    "service": needs[n][0].name,
                    "specialist": specialists.browse(chain.parts[n].specialist_id).name,
                }
                for n in chain.order
            ],
        }
        if worded:
            day = self._day_words(first.date(), short=True)
            offer["words"] = f"{day} {offer['time']}"
            if branch != self.branch_id and self._several_branches():
                offer["words"] += f", {self._branch_words(branch)}"
            offer["reasons"] = (
                self.env._("%(minutes)s min of waiting", minutes=chain.waiting)
                if chain.waiting
                else self.env._("without waiting")
            )
        return offer

    @api.onchange(
        "service_id",
        "specialist_id",
        "branch_id",
        "date_from",
        "day_part",
        "weekdays",
    )
    def _onchange_search(self):
        result = super()._onchange_search()
        self._choose_wish()
        return result

    @api.onchange("line_ids", "together", "walk_in")
    def _onchange_services(self):
        self.chosen = False
        self.refusal = False
        self.active_need = 0
        # A form runs this on opening too, with nothing changed by anybody.
        self._choose_wish()

    def _choose_wish(self):
        """Choose the window the dialog was opened for, if it still suits."""
        if self.wish and self.service_id and not self.line_ids and not self.walk_in:
            specialist, _room, _start = self._parse_key(self.wish)
            wanted = self.specialist_id._origin == specialist
            if wanted and specialist._can_do(self.service_id._origin):
                self.chosen = self.wish

    # Booking --------------------------------------------------------------------

    def _chosen_keys(self, count):
        """Return the key of each of ``count`` services, "" for what is not chosen."""
        keys = (self.chosen or "").split(";")
        return (keys + [""] * count)[:count]

    def action_book(self):
        """Register the patient if new, book what is chosen, show the (first) visit."""
        visits = self._book_chosen()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.appointment",
            "res_id": visits[:1].id,
            "views": [(False, "form")],
            "target": "current",
        }

    def book_in_dialog(self):
        """Book for the dialog; a refusal stays in it, with what is free instead.

        :return: dict of :meth:`~.ClinicAppointment._toast`; with ``refused`` when the
            time is gone: then ``refusal`` of the wizard says why, with alternatives.
        """
        self.ensure_one()
        self.refusal = False
        try:
            with self.env.cr.savepoint():
                visits = self._book_chosen()
        except UserError as error:
            if not hasattr(error, "alternatives"):
                raise
            self.refusal = self._refusal_values(error)
            return {"refused": True}
        # Not for the next one who opens this row: only the medical staff reads it.
        self.complaint = False
        return visits._toast()

    def _book_chosen(self):
        self.ensure_one()
        needs = self._needs()
        if not needs:
            raise UserError(self.env._("Choose the service."))
        places = [self._parse_key(key) for key in self._chosen_keys(len(needs))]
        patient = self._get_patient()
        visits = self.env["clinic.appointment"]._book(
            [
                self._prepare_visit_vals(patient, service, place)
                for (service, _specialist), place in zip(needs, places, strict=True)
            ]
        )
        if self.walk_in:
            visits.filtered("is_today").action_arrive()
        return visits

    def _prepare_visit_vals(self, patient, service, place):
        """Return the values of one visit. Extend to give more to it."""
        specialist, room, start = place
        afterwards = {"past_reason": self.past_reason} if self.is_past else {}
        return {
            **afterwards,
            "patient_id": patient.id,
            "service_id": service.id,
            "specialist_id": specialist.id,
            "start": start,
            "room_id": room.id or None,
            "note": self.note or None,
            "complaint": self.complaint or None,
        }

    def _refusal_values(self, error):
        """Of several services the picker shows its best offers, looked for anew.

        What a rival has just taken is invisible in this transaction.
        """
        values = super()._refusal_values(error)
        return values if len(self._needs()) == 1 else {**values, "offers": []}

    def _get_patient(self):
        if not self.is_new_patient:
            if not self.patient_id:
                raise UserError(
                    self.env._("Choose the patient, or tick “New patient”.")
                )
            return self.patient_id
        if not self.new_name or not self.new_phone:
            raise UserError(
                self.env._("Enter at least the name and the phone of the new patient.")
            )
        return self.env["res.partner"]._clinic_find_or_create_patient(
            {
                "name": self.new_name,
                "phone": self.new_phone,
                "birthdate_date": self.new_birthdate,
                "gender": self.new_gender,
            }
        )

    # On from here ---------------------------------------------------------------

    def action_waitlist(self):
        """Open the waiting list with what was asked for here."""
        self.ensure_one()
        patient = self._keep_patient()
        hours = DAY_PARTS.get(self.day_part, (0, 24))
        action = (
            self.env["clinic.waitlist"]
            .with_context(
                default_patient_id=patient.id,
                default_service_id=self.service_id.id,
                default_specialist_id=self.specialist_id.id,
                default_branch_id=self.branch_id.id,
                default_date_from=fields.Date.to_string(self.date_from),
                default_hour_from=hours[0],
                default_hour_to=hours[1],
                default_note=self.note,
            )
            .action_open_from_search()
        )
        if self.weekdays:
            wanted = self.weekdays.split(",")
            action["context"] = {
                **action.get("context", {}),
                **{
                    f"default_{day}": str(number) in wanted
                    for number, day in enumerate(DAY_FIELDS)
                },
            }
        return action

    def action_repeat(self):
        """Open the plan of a series that begins with the chosen window."""
        self.ensure_one()
        patient = self._keep_patient()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_series_plan"
        )
        action["context"] = {
            "dialog_size": "extra-large",
            "default_patient_id": patient.id,
            "default_service_id": self.service_id.id,
            "default_specialist_id": self._parse_chosen()[0].id,
            "default_branch_id": self.branch_id.id,
            "default_chosen": self.chosen,
        }
        return action

    def _keep_patient(self):
        """Return the patient, registered if new, and stay with them."""
        patient = self._get_patient()
        self.write({"patient_id": patient.id, "is_new_patient": False})
        return patient
