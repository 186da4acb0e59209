from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.clinic_finance.tools.charges import to_kopecks

from ..tools import cash

# So long the card terminal waits for a card.
TERMINAL_PATIENCE = timedelta(minutes=3)
# So long it is told that the drawer has stayed shut.
DRAWER_NEWS = timedelta(hours=12)
LIMIT = 12


class ClinicCashScreen(models.AbstractModel):
    """What the cash screen asks: plain values, the rights of who takes payments.

    Money is taken by the payment screen's own way (``clinic.payment.wizard``), receipts
    and jobs follow from it; nothing is decided here.
    """

    _name = "clinic.cash.screen"
    _description = "Cash Screen"

    @api.model
    def _desk(self, desk_id):
        """Return a desk at which the user may work, or refuse."""
        self.env["res.partner"]._check_clinic_may_take_payments()
        desk = self.env["clinic.cash.desk"].browse(desk_id)
        if desk not in self.env["clinic.cash.desk"]._allowed():
            raise AccessError(self.env._("You do not work at this cash desk."))
        return desk

    # What there is ------------------------------------------------------------

    @api.model
    def at_desk(self, desk_id=None):
        """Return the desks to choose from, and the state of the chosen one."""
        self.env["res.partner"]._check_clinic_may_take_payments()
        desks = self.env["clinic.cash.desk"]._allowed()
        desk = self.env["clinic.cash.desk"]._current(desk_id)
        if not desk and len(desks) == 1:
            desk = desks
        if desk:
            desk._choose()
        return {
            "desks": [
                {"id": one.id, "name": one.name, "branch": one.branch_id.name}
                for one in desks
            ],
            "desk": self.state(desk.id) if desk else False,
            "currency_id": (desk.company_id or self.env.company).currency_id.id,
            "notes": list(cash.NOTES),
            "user_id": self.env.uid,
        }

    @api.model
    def state(self, desk_id):
        """Return how the desk is: its devices, its shift, what waits to be printed."""
        desk = self._desk(desk_id)
        shift = desk._open_shift()
        return {
            "id": desk.id,
            "name": desk.name,
            "branch": desk.branch_id.name,
            "can_print": desk._can_print(),
            "register": self._device(desk.register_id),
            "terminal": self._device(desk.terminal_id),
            "scanner_id": desk.scanner_id.id,
            "has_drawer": bool(desk._drawer_device()),
            "drawer": self._shut_drawer(desk),
            "has_labels": "label" in (desk.printer_id.kinds or []),
            "shift": self._shift(shift) if shift else False,
            "queue": self._queue(desk),
            "cards": self._open_cards(desk),
        }

    @api.model
    def _shift(self, shift):
        return {
            "id": shift.id,
            "name": shift.display_name,
            "user": shift.user_id.name,
            "mine": shift.user_id == self.env.user,
            "may_close": shift._may_close(),
            "opened": self._moment(shift.desk_id, shift.opened_at),
            "cash_in": shift.cash_in,
            "cash_out": shift.cash_out,
            "brought_in": shift.brought_in,
            "taken_out": shift.taken_out,
            "card_in": shift.card_in,
            "payments": shift.payment_count,
            "message": shift.register_message,
            "register": self._register_cash(shift),
            "untold": [
                {
                    "id": move.id,
                    "name": move.display_name,
                    "amount": move.amount,
                    "message": move.message,
                }
                for move in shift.cash_move_ids
                if move.job_id.state in ("failed", "unknown")
            ],
        }

    @api.model
    def _register_cash(self, shift):
        """Return what the register counts in its drawer, as it said the last time."""
        asked_at = shift.register_asked_at
        return asked_at and {
            "amount": shift.register_amount,
            "difference": shift.register_difference,
            "at": self._moment(shift.desk_id, asked_at),
        }

    @api.model
    def _device(self, device):
        if not device:
            return False
        return {
            "id": device.id,
            "name": device.name,
            "online": device.is_online,
            "trouble": device.condition_code,
            "message": device.trouble,
            "manual": device.type == "payment" and "refund" in (device.kinds or []),
        }

    @api.model
    def _queue(self, desk):
        """Return how many receipts wait, since when, and how many want a person."""
        receipts = self.env["clinic.fiscal.receipt"]
        groups = receipts._read_group(
            [("desk_id", "=", desk.id), ("state", "!=", "done")],
            ["state"],
            ["__count", "create_date:min"],
        )
        found = {state: (count, since) for state, count, since in groups}
        waiting = [found[name] for name in ("queued", "printing") if name in found]
        since = min((one[1] for one in waiting), default=None)
        problems = sum(
            found[name][0] for name in ("failed", "unknown") if name in found
        )
        return {
            "count": sum(one[0] for one in waiting),
            "since": since and self._moment(desk, since),
            "problems": problems,
        }

    @api.model
    def _moment(self, desk, moment):
        """Return the hour by the clock of the branch, with the day if not today."""
        local = desk.branch_id._localize(moment)
        today = desk.branch_id._localize(fields.Datetime.now()).date()
        words = "%H:%M" if local.date() == today else "%d.%m %H:%M"
        return local.strftime(words)

    # Whom it is about ---------------------------------------------------------

    @api.model
    def find(self, text):
        """Return ``{"person": …}`` of a scanned code, or ``{"people": […]}`` found."""
        self.env["res.partner"]._check_clinic_may_take_payments()
        text = (text or "").strip()
        if not text:
            return {"people": []}
        visit = self.env["clinic.appointment"]._find_scanned(text)
        if visit:
            return {"person": self.person(visit.patient_id.id, visit.id)}
        people = self.env["res.partner"].search(
            Domain("is_patient", "=", True) & Domain("display_name", "ilike", text),
            limit=LIMIT,
        )
        if len(people) == 1:
            return {"person": self.person(people.id)}
        return {
            "people": [
                {
                    "id": one.id,
                    "name": one.name,
                    "number": one.patient_number,
                    "birthdate": fields.Date.to_string(one.birthdate_date),
                    "phone": one.phone or "",
                }
                for one in people
            ]
        }

    @api.model
    def person(self, partner_id, visit_id=None):
        """Return what a patient has to pay, and what lies on the account."""
        self.env["res.partner"]._check_clinic_may_take_payments()
        patient = self.env["res.partner"].browse(partner_id)
        patient.check_access("read")
        company = self.env.company
        payer = patient._clinic_payer().commercial_partner_id
        # Sudo: the balance is shown to who takes payments, as on the payment screen.
        balance = payer.sudo()._clinic_balance_in(company)
        visits = self.env["clinic.appointment"].search(
            [
                ("patient_id", "=", patient.id),
                ("company_id", "=", company.id),
                ("amount_due", ">", 0),
                ("state", "!=", "cancelled"),
            ],
            order="start, id",
            limit=50,
        )
        if visit_id:
            visits = visits.sorted(lambda visit: (visit.id != visit_id, visit.start))
        due = sum(visits.mapped("amount_due"))
        return {
            "id": patient.id,
            "name": patient.name,
            "number": patient.patient_number,
            "birthdate": fields.Date.to_string(patient.birthdate_date),
            "phone": patient.phone or "",
            "email": patient.email or "",
            "payer": payer.name if payer != patient else False,
            "balance": balance,
            "free": self._free(payer, company),
            # What is owed beside the visits in the list.
            "other_due": max(-balance - due, 0.0),
            "scanned": visit_id if visit_id in visits.ids else False,
            "visits": [
                {
                    "id": visit.id,
                    "name": visit.name,
                    "day": fields.Date.to_string(visit.day),
                    "service": visit.service_id.name,
                    "specialist": visit.specialist_id.name,
                    "state": visit.state,
                    "total": visit.amount_total,
                    "due": visit.amount_due,
                    # What was billed is paid by whatever money comes in.
                    "billed": visit.sudo().invoice_id.state == "posted",
                }
                for visit in visits
            ],
        }

    @api.model
    def _free(self, payer, company):
        """Return what lies on the account and pays for nothing yet."""
        wizard = self.env["clinic.refund.wizard"].new(
            {"partner_id": payer.id, "company_id": company.id}
        )
        return -sum(wizard._free_money().mapped("amount_residual"))

    # Taking money -------------------------------------------------------------

    @api.model
    def pay(self, values):
        """Take what is given in cash and by card; the rest the account pays.

        :param values: ``key`` (made by the screen: sent twice, it takes once),
            ``desk_id``, ``partner_id`` (the patient), ``visit_ids`` in the order they
            are to be paid, ``cash``, ``card``, ``cash_given``, ``contact``,
            ``reference`` (of a slip), ``terminal_job_id``; what the screen has shown,
            in kopecks: ``dues`` of the visits, ``other`` (owed beside them, if it is to
            be paid too), ``free`` (on the account)
        :return: what was taken, the state of the visits, and the receipts
        """
        desk = self._desk(values["desk_id"])
        desk._choose()
        patient = self.env["res.partner"].browse(values["partner_id"])
        patient.check_access("read")
        wizards = self._wizards(desk, patient, values)
        # A card that the terminal has charged is booked, whatever is due by now.
        if not values.get("terminal_job_id") and not wizards._is_repeated():
            self._check_still_due(patient, values)
        if wizards:
            payments_sudo = wizards._take()
        else:
            payments_sudo = self.env["account.payment"].sudo()
            patient._clinic_payer().commercial_partner_id.clinic_allocate()
        # Sudo: the receipts of this money, shown to who has taken it.
        made_sudo = self.env["clinic.fiscal.receipt"].sudo()._make_waiting()
        receipts = made_sudo | payments_sudo.clinic_receipt_id
        # A register opens its own with the receipt.
        if to_kopecks(values.get("cash") or 0) and (
            desk._drawer_device() != desk.register_id
        ):
            self._kick(desk, f"drawer:{values['key']}")
        return {
            "payments": payments_sudo.ids,
            "receipts": self._receipts(receipts),
            "person": self.person(patient.id),
            "desk": self.state(desk.id),
        }

    def _wizards(self, desk, patient, values):
        """Return the payment screens, one for each visit and way of payment."""
        visits = self.env["clinic.appointment"].browse(values.get("visit_ids") or [])
        visits.check_access("read")
        if visits.patient_id - patient:
            raise ValidationError(self.env._("These visits are another patient's."))
        given = {way: to_kopecks(values.get(way) or 0) for way in ("card", "cash")}
        self._check_terminal(desk, patient, values, given["card"])
        # A repeat must be shared out as the first time, when more was due.
        dues = values.get("dues") or [
            (visit.id, to_kopecks(visit.amount_due)) for visit in visits
        ]
        try:
            shares = cash.split([tuple(due) for due in dues], given)
        except cash.CashError:
            raise UserError(self.env._("Enter sums that are not below zero.")) from None
        change = to_kopecks(values.get("cash_given") or 0) - given["cash"]
        if values.get("cash_given") and change < 0:
            raise UserError(self.env._("Less is given than is to be taken in cash."))
        vals_list = []
        for share in shares:
            visit = visits.browse(share.visit) if share.visit else visits.browse()
            payer = (visit and visit._get_private_payer()) or patient._clinic_payer()
            more = change if share.way == "cash" and change > 0 else 0
            change = 0 if share.way == "cash" else change
            vals_list.append(
                {
                    "partner_id": payer.commercial_partner_id.id,
                    "patient_id": patient.id,
                    "appointment_id": visit.id,
                    "company_id": desk.company_id.id,
                    "desk_id": desk.id,
                    "method": share.way,
                    "amount": share.amount / 100,
                    "cash_given": (share.amount + more) / 100 if more else 0,
                    "receipt_contact": values.get("contact"),
                    "card_reference": values.get("reference"),
                    "terminal_job_id": 0,
                    "key": f"{values['key']}:{share.way}:{share.visit}",
                }
            )
        by_card = [vals for vals in vals_list if vals["method"] == "card"]
        if by_card and values.get("terminal_job_id"):
            by_card[0]["terminal_job_id"] = values["terminal_job_id"]
        return self.env["clinic.payment.wizard"].create(vals_list)

    @api.model
    def _check_still_due(self, patient, values):
        """Raise if somebody has paid since the screen showed what is due.

        More than what is due is taken on purpose only, not from an old screen.
        """
        if "dues" not in values:
            return
        visits = self.env["clinic.appointment"].browse(values.get("visit_ids") or [])
        shown = self.person(patient.id)
        now = sum(to_kopecks(visit.amount_due) for visit in visits)
        seen = sum(due for _visit, due in values["dues"])
        if values.get("other"):
            now += to_kopecks(shown["other_due"])
            seen += values["other"]
        now = max(now - to_kopecks(shown["free"]), 0)
        seen = max(seen - (values.get("free") or 0), 0)
        taken = sum(to_kopecks(values.get(way) or 0) for way in ("cash", "card"))
        if now >= seen or taken <= now:
            return
        money = self.env.company.currency_id.format
        raise UserError(
            self.env._(
                "Somebody has paid meanwhile: %(due)s is left to pay, not %(seen)s. "
                "Nothing was booked; the sums shown are renewed.",
                due=money(now / 100),
                seen=money(seen / 100),
            )
        )

    def _check_terminal(self, desk, patient, values, amount):
        """Refuse a card payment that the terminal of the desk has not taken."""
        job_id = values.get("terminal_job_id")
        if not job_id:
            # Charged by hand, on the terminal itself: only its slip says so.
            if (
                desk.terminal_id
                and amount
                and not (values.get("reference") or "").strip()
            ):
                raise UserError(
                    self.env._(
                        "Enter the number on the slip of the terminal (RRN): by it the "
                        "bank finds the payment, and returns it if need be."
                    )
                )
            return
        # Sudo: the job of a device of this desk, for its sum only.
        job_sudo = self.env["clinic.iot.job"].sudo().browse(job_id).exists()
        paid = (
            job_sudo.state == "done"
            and job_sudo.kind == "payment"
            and job_sudo.device_id == desk.terminal_id
            and (job_sudo.payload or {}).get("amount") == amount
            and job_sudo.card_patient_id in (patient, patient.browse())
        )
        if not paid:
            raise UserError(
                self.env._("The card terminal has not taken this sum of this patient.")
            )

    # Receipts -----------------------------------------------------------------

    @api.model
    def receipts(self, receipt_ids):
        """Return the receipts as they are now."""
        self.env["res.partner"]._check_clinic_may_take_payments()
        found = self.env["clinic.fiscal.receipt"].search([("id", "in", receipt_ids)])
        return self._receipts(found)

    @api.model
    def _receipts(self, receipts):
        return [
            {
                "id": receipt.id,
                "name": receipt.display_name,
                "job_id": receipt.job_id.id,
                "kind": receipt.kind,
                "state": receipt.state,
                "amount": receipt.amount,
                "fn": receipt.fn,
                "fd": receipt.fd,
                "fp": receipt.fp,
                "moment": receipt._moment_words(),
                "check": receipt.check,
                "contact": receipt.contact,
                "message": receipt.message,
                "items": [
                    {"name": item["name"], "total": item["total"] / 100}
                    for item in receipt.payload["items"]
                ],
                "payments": {
                    way: amount / 100
                    for way, amount in receipt.payload["payments"].items()
                    if amount
                },
            }
            for receipt in receipts.sorted("id")
        ]

    # Devices ------------------------------------------------------------------

    @api.model
    def terminal(self, desk_id, amount, key, partner_id=None, values=None):
        """Let the card terminal ask for the card of a patient; return the job.

        :param values: what is going to be paid, as for ``pay``
        """
        desk = self._desk(desk_id)
        if not desk.terminal_id:
            raise UserError(self.env._("This desk has no card terminal."))
        if values:
            # Before the card is charged: afterwards it would have to be given back.
            patient = self.env["res.partner"].browse(values["partner_id"])
            self._check_still_due(patient, values)
        job = self.env["clinic.iot.job"]._give(
            desk.terminal_id,
            "payment",
            {"amount": to_kopecks(amount)},
            key=f"terminal:{key}",
            deadline=fields.Datetime.now() + TERMINAL_PATIENCE,
            record=self.env["res.partner"].browse(partner_id or []),
        )
        return self.job(job.id)

    @api.model
    def job(self, job_id):
        """Return the state of a job, and what its device says."""
        self.env["res.partner"]._check_clinic_may_take_payments()
        job = self.env["clinic.iot.job"].search([("id", "=", job_id)])
        return {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            "amount": job.card_amount,
            "message": job.message,
        }

    @api.model
    def _open_cards(self, desk):
        """Return what the terminal of the desk has taken and nobody has booked."""
        jobs = self.env["clinic.iot.job"].search(
            [("device_id", "=", desk.terminal_id.id), ("card_open", "=", True)],
            order="id",
            limit=LIMIT,
        )
        return [
            {
                "id": job.id,
                "amount": job.card_amount,
                "patient": job.card_patient_id.name or "",
                "at": self._moment(desk, job.ended_at),
            }
            for job in jobs
        ]

    @api.model
    def card(self, job_id):
        """Return what a card has paid and nobody has booked, and whose card it was."""
        job = self.env["clinic.iot.job"].search([("id", "=", job_id)])
        job._check_card_open()
        patient = job.card_patient_id
        return {
            "job": self.job(job.id),
            "person": self.person(patient.id) if patient else False,
        }

    @api.model
    def approve_by_slip(self, job_id, reference):
        """Say by its slip that the terminal has taken the card; return the job."""
        self.env["res.partner"]._check_clinic_may_take_payments()
        self.env["clinic.iot.job"]._approve_by_slip(job_id, reference)
        return self.job(job_id)

    @api.model
    def terminal_cancel(self, job_id):
        """Withdraw what the terminal has not begun; return the job as it is then."""
        job = self.env["clinic.iot.job"].search([("id", "=", job_id)])
        if job.kind == "payment" and job.state in ("queued", "leased"):
            job._settle_by_hand("failed", self.env._("Cancelled at the desk"))
        return self.job(job_id)

    @api.model
    def open_drawer(self, desk_id):
        """Open the drawer of the desk, because somebody has asked for it."""
        desk = self._desk(desk_id)
        job = self._kick(desk, None, asked=True)
        if not job:
            raise UserError(self.env._("No device of this desk opens a drawer."))
        return job.id

    @api.model
    def print_label(self, desk_id, partner_id):
        """Print a patient's label, whose code is scanned to find the patient again."""
        desk = self._desk(desk_id)
        patient = self.env["res.partner"].browse(partner_id)
        patient.check_access("read")
        if "label" not in (desk.printer_id.kinds or []):
            raise UserError(self.env._("No device of this desk prints labels."))
        born = patient.birthdate_date
        words = [born and born.strftime("%d.%m.%Y"), patient.patient_number]
        lines = [
            {"text": patient.name, "bold": True},
            {"text": "   ".join(filter(None, words))},
            {"code128": patient.patient_number, "align": "center"},
        ]
        job = self.env["clinic.iot.job"]._give(
            desk.printer_id,
            "label",
            {"lines": lines},
            deadline=fields.Datetime.now() + timedelta(minutes=2),
        )
        return job.id

    def _kick(self, desk, key, asked=False):
        device = desk._drawer_device()
        if not device or not (desk.opens_drawer or asked):
            return self.env["clinic.iot.job"]
        return self.env["clinic.iot.job"]._give(
            device,
            "drawer",
            {},
            key=key,
            deadline=fields.Datetime.now() + timedelta(seconds=20),
        )

    @api.model
    def _shut_drawer(self, desk):
        """Return why the drawer stayed shut the last time; False once it has worked.

        Nobody else sees it: the job is asked for by the screen, and the drawer may
        stand in another room. What is older than a working day is no news.
        """
        device = desk._drawer_device()
        last = device and self.env["clinic.iot.job"].search(
            [
                ("device_id", "=", device.id),
                ("kind", "=", "drawer"),
                ("state", "in", ("done", "failed", "unknown")),
                ("create_date", ">", fields.Datetime.now() - DRAWER_NEWS),
            ],
            order="id desc",
            limit=1,
        )
        if not last or last.state == "done":
            return False
        return {"job_id": last.id, "message": last.message or ""}

    # The shift ----------------------------------------------------------------

    @api.model
    def shift_open(self, desk_id):
        """Open a shift at the desk."""
        desk = self._desk(desk_id)
        desk._choose()
        self.env["clinic.cash.shift"]._start(desk)
        return self.state(desk.id)

    @api.model
    def shift_figures(self, desk_id):
        """Return what the drawer should hold now, for the count."""
        shift = self._desk(desk_id)._open_shift()
        expected = shift._book_balance() if shift else 0.0
        known = shift.opening_amount + shift.cash_in - shift.cash_out
        known += shift.brought_in - shift.taken_out
        return {
            "opening": shift.opening_amount,
            "cash_in": shift.cash_in,
            "cash_out": shift.cash_out,
            "card_in": shift.card_in,
            "card_out": shift.card_out,
            "brought_in": shift.brought_in,
            "taken_out": shift.taken_out,
            # What the accountant has booked to this drawer meanwhile.
            "other": round(expected - known, 2),
            "expected": expected,
            "register": self._register_cash(shift) if shift else False,
        }

    @api.model
    def shift_ask_register(self, desk_id):
        """Ask the register what it counts in its drawer, beside the books."""
        desk = self._desk(desk_id)
        shift, register = desk._open_shift(), desk.register_id
        # One that is away has no answer, and nobody wants to hear of it later.
        works = register.is_online and not register.condition_code
        return shift._ask_register().id if shift and works else False

    @api.model
    def cash_move(self, values):
        """Book change that is brought or cash that is taken away; return the desk.

        :param values: ``key`` (sent twice, it is booked once), ``desk_id``, ``kind``
            (in, out), ``amount``, ``note``
        """
        desk = self._desk(values["desk_id"])
        shift = desk._open_shift()
        if not shift:
            raise UserError(self.env._("No shift is open at this desk."))
        self.env["clinic.cash.move"]._book(
            shift,
            "out" if values["kind"] == "out" else "in",
            to_kopecks(values.get("amount") or 0),
            values.get("note"),
            f"desk:{values['key']}",
        )
        self._kick(desk, f"drawer:{values['key']}")
        return self.state(desk.id)

    @api.model
    def shift_x(self, desk_id):
        """Print an X report."""
        desk = self._desk(desk_id)
        if not desk.register_id:
            raise UserError(self.env._("This desk has no fiscal register."))
        shift = desk._open_shift()
        if not shift:
            raise UserError(self.env._("No shift is open at this desk."))
        return self.job(shift._ask_register("x_report").id)

    @api.model
    def shift_close(self, desk_id, notes, reason=None):
        """Close the shift with the drawer counted; return it and the desk."""
        desk = self._desk(desk_id)
        shift = desk._open_shift()
        if not shift:
            raise UserError(self.env._("No shift is open at this desk."))
        shift._close(notes, reason)
        return {
            "shift_id": shift.id,
            "difference": shift.difference,
            "desk": self.state(desk.id),
        }
