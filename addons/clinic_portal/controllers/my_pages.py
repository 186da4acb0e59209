from odoo import fields
from odoo.fields import Domain
from odoo.http import request

from .common import PRIVATE_HEADERS
from .registration import ClinicPerson

NO_WORDS = ("", "muted")
BADGES = {
    "hold": "warning",
    "booked": "info",
    "confirmed": "success",
    "arrived": "success",
    "in_progress": "success",
    "fulfilled": "success",
    "cancelled": "secondary",
    "noshow": "secondary",
}


class ClinicMyPages(ClinicPerson):
    """What the pages of a signed-in patient share.

    Whatever the address asks for is looked up among what belongs to the visitor and
    the wards; all else does not exist for these pages.
    """

    def _my_visits_domain(self):
        return request.env["clinic.appointment"]._clinic_family_domain(self._me_sudo())

    def _listed_visits_domain(self):
        """Return the domain of the visits to list: times only offered are no visits.

        They are held for who waits for them, and stand among the offers.
        """
        offered = Domain("state", "=", "hold") & Domain("origin", "=", "waitlist")
        return self._my_visits_domain() & ~offered

    def _wish_values(self, wish):
        """Return what is shown of a wish of the waiting list and its offer."""
        offer = wish.pending_offer_id
        mine = wish.patient_id == self._me_sudo()
        return {
            **wish._portal_values(),
            "patient": "" if mine else wish.patient_id.name,
            # it is held until an hour of that branch's clock, too
            "zone": self._zone(offer.branch_id, offer.start) if offer else "",
        }

    def _my_visit_sudo(self, appointment_id):
        """Return the visit, or 404 if it is not of the visitor or a ward."""
        # Sudo for the invoice and the service of the visit; the domain is the check.
        visit_sudo = (
            request.env["clinic.appointment"]
            .sudo()
            .search(
                self._my_visits_domain() & Domain("id", "=", appointment_id), limit=1
            )
        )
        if not visit_sudo:
            raise request.not_found()
        return visit_sudo

    # -- the clock of the cabinet

    def _home_branch(self):
        """Return the branch by whose clock the cabinet goes: that of the last visit.

        Never the browser's clock: it may be that of a journey, or of nowhere. What was
        done in a branch is told by the clock of that one.
        """
        # asked for each moment on a page, found out once
        if not hasattr(request, "clinic_home_branch"):
            # sudo: one's own visits
            visits_sudo = request.env["clinic.appointment"].sudo()
            last = visits_sudo.search(
                self._my_visits_domain(), order="start desc", limit=1
            )
            request.clinic_home_branch = last.branch_id or self._web_branches()[:1]
        return request.clinic_home_branch

    def _local(self, moment, branch=None):
        """Return naive UTC as the wall time of the branch, else of the cabinet."""
        branch = branch or self._home_branch()
        return branch._localize(moment) if branch else moment

    def _moment(self, moment, branch=None):
        return self._local(moment, branch).strftime("%d.%m.%Y %H:%M")

    # -- what is the visitor's

    def _my_invoices_domain(self):
        """Return the domain of the invoices the visitor may see.

        That of a ward paid by somebody else is shown to the guardian, that of an adult
        paid by the employer to the patient.
        """
        family = self._family_sudo()
        return (
            Domain("state", "=", "posted")
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & (
                Domain("clinic_patient_id", "in", family.ids)
                | Domain("partner_id", "in", family.ids)
            )
        )

    def _my_invoice_sudo(self, invoice_id):
        """Return the invoice, or 404 if it is not of the visitor or a ward."""
        invoice_sudo = (
            request.env["account.move"]
            .sudo()
            .search(self._my_invoices_domain() & Domain("id", "=", invoice_id), limit=1)
        )
        if not invoice_sudo:
            raise request.not_found()
        return invoice_sudo

    def _my_payments_domain(self):
        return (
            Domain("partner_id", "in", self._family_sudo().ids)
            & Domain("partner_type", "=", "customer")
            & Domain("state", "in", ("in_process", "paid"))
        )

    def _my_records_sudo(self):
        """Return the medical records the visitor may read.

        That of a ward is shown to the guardian unless the chief physician has closed
        it: then it is shown to the patient alone.
        """
        me = self._me_sudo()
        records_sudo = (
            request.env["clinic.medical.record"]
            .sudo()
            .search([("patient_id", "in", self._record_family_sudo().ids)])
        )
        closures_sudo = request.env["clinic.record.closure"].sudo()
        closed = closures_sudo.search(
            closures_sudo._current_domain()
            & Domain("record_id", "in", records_sudo.ids)
        )
        hidden = closed.record_id.filtered(lambda record: record.patient_id != me)
        return records_sudo - hidden

    def _waiting_sudo(self, domain=Domain.TRUE):
        """Return the documents that wait for the visitor's signature."""
        me = self._me_sudo()
        # sudo: patients have no rights on documents; the domain is the check
        documents_sudo = (
            request.env["clinic.document"]
            .sudo()
            .search(
                domain
                & Domain("state", "=", "draft")
                & Domain("web_offered_at", "!=", False)
                & Domain("template_id.web_signing", "in", ("tick", "signature"))
                & (
                    Domain("record_id", "in", self._my_records_sudo().ids)
                    | Domain("patient_id", "in", self._family_sudo().ids)
                    & Domain("is_medical", "=", False)
                ),
                order="web_offered_at desc, id desc",
                limit=20,
            )
        )
        return documents_sudo.filtered(lambda one: me in one.possible_signer_ids)

    def _my_page(self, template, values):
        values.setdefault("back_url", "/my/clinic")
        values.setdefault("back_label", request.env._("My visits"))
        return self._render(template, values, private=True)

    def _state_words(self, visit):
        env = request.env
        if visit.state == "hold" and not visit._clinic_is_held():
            return env._("not paid in time")
        return {
            "hold": env._("waits for payment"),
            "booked": env._("booked"),
            "confirmed": env._("confirmed"),
            "arrived": env._("you are at the clinic"),
            "in_progress": env._("in progress"),
            "fulfilled": env._("took place"),
            "cancelled": env._("cancelled"),
            "noshow": env._("did not take place"),
        }[visit.state]

    def _money_words(self, visit):
        """Return in words whether the visit is paid, and a colour."""
        env = request.env
        if visit.state in ("cancelled", "noshow") and not visit.amount_due:
            return NO_WORDS
        due = self._money(visit.amount_due)
        return {
            "none": NO_WORDS,
            "later": (env._("to be paid after the visit"), "muted"),
            "not_paid": (env._("not paid yet"), "warning-emphasis"),
            "partial": (
                env._("partly paid, %(due)s left", due=due),
                "warning-emphasis",
            ),
            "paid": (env._("paid"), "success"),
            "programme": (env._("paid by your programme"), "success"),
            "reversed": NO_WORDS,
        }[visit.payment_state]

    def _can_pay(self, visit):
        return visit.amount_due > 0 and (
            visit.state not in ("hold", "cancelled") or visit._clinic_is_held()
        )

    def _price(self, visit):
        return visit.amount_total or visit._get_price()

    def _visit_values(self, visit):
        """Return the values of ``clinic_portal.visit_card``."""
        branch = visit.branch_id
        money, colour = self._money_words(visit)
        return {
            "id": visit.id,
            "when": self._when(branch, visit.start),
            "when_inside": self._when(branch, visit.start, inside=True),
            "zone": self._zone(branch, visit.start),
            "state": self._state_words(visit),
            "badge": BADGES[visit.state],
            "service": visit.service_id.name,
            "specialist": visit.specialist_id.name,
            "specialties": ", ".join(visit.specialist_id.specialty_ids.mapped("name")),
            "branch": branch.name,
            "address": self._address(branch),
            "phone": branch.phone,
            "patient": (
                visit.patient_id.name if visit.patient_id != self._me_sudo() else ""
            ),
            "price": self._money(self._price(visit)),
            "money": money,
            "money_colour": colour,
            "due": self._money(visit.amount_due),
            "pay_url": (
                f"/my/clinic/appointment/{visit.id}/pay" if self._can_pay(visit) else ""
            ),
            "can_confirm": visit._clinic_can_confirm(),
            "can_cancel": visit._clinic_can_cancel(),
            "can_move": visit._clinic_can_move(),
            "is_ahead": visit.state in ("booked", "confirmed")
            and visit.stop > self._now(),
            "act_url": (
                f"/my/clinic/appointment/{visit.id}/act"
                if visit.state == "fulfilled" and visit.amount_total
                else ""
            ),
        }

    def _visit_summary(self, visit):
        return self._summary(
            visit.service_id,
            visit.specialist_id,
            visit.branch_id,
            visit.start,
            self._price(visit),
            visit.patient_id,
        )

    # -- money in words

    def _balances(self, me, family):
        """Return in words what each account of the family stands at."""
        rows = []
        for person in family.filtered(lambda p: p == me or p._clinic_payer() == p):
            words = self._balance_words(person)
            if person != me and not words[0][1]:
                continue
            rows += [
                {
                    "name": "" if person == me or number else person.name,
                    "words": sentence,
                    "amount": amount,
                }
                for number, (sentence, amount) in enumerate(words)
            ]
        return rows

    def _balance_words(self, person):
        """Return sentences and amounts of one account: kept, late, for visits ahead."""
        env = request.env
        balance, currency = person.clinic_balance, person.clinic_currency_id
        if currency.compare_amounts(balance, 0) > 0:
            words = env._("We keep your money for future visits:")
            return [(words, self._money(balance, currency))]
        overdue = person.clinic_overdue
        ahead = max(-balance - overdue, 0.0)
        lines = [
            (env._("Overdue:"), overdue),
            (env._("To pay for visits ahead:"), ahead),
        ]
        return [
            (words, self._money(amount, currency))
            for words, amount in lines
            if not currency.is_zero(amount)
        ] or [(env._("Nothing is owed: all is paid for."), "")]

    def _invoice_values(self, invoice):
        env = request.env
        visit = invoice.clinic_appointment_id
        due = self._money(invoice.amount_residual)
        states = {
            "paid": (env._("paid"), "success"),
            "in_payment": (env._("paid"), "success"),
            "reversed": (env._("cancelled by a credit note"), "muted"),
            "partial": (
                env._("%(due)s left to pay", due=due),
                "warning-emphasis",
            ),
        }
        state, colour = states.get(
            invoice.payment_state, (env._("not paid"), "warning-emphasis")
        )
        if invoice.clinic_is_covered and invoice.payment_state in (
            "not_paid",
            "partial",
        ):
            state = env._("to be paid by %(payer)s", payer=invoice.partner_id.name)
            colour = "muted"
        if invoice.move_type == "out_refund":
            state, colour = env._("credit note"), "muted"
        payable = invoice.move_type == "out_invoice" and invoice._has_to_be_paid()
        url = f"/my/clinic/invoice/{invoice.id}"
        pay_url = ""
        if payable:
            pay_url = (
                f"/my/clinic/appointment/{visit.id}/pay"
                if visit and self._can_pay(visit)
                else url
            )
        about = [fields.Date.to_date(invoice.invoice_date).strftime("%d.%m.%Y")]
        if invoice.clinic_patient_id and invoice.clinic_patient_id != self._me_sudo():
            about.append(invoice.clinic_patient_id.name)
        return {
            "name": invoice.name,
            "about": ", ".join(about),
            "total": self._money(invoice.amount_total, invoice.currency_id),
            "due": due,
            "pdf_url": f"{url}/pdf",
            "state": state,
            "colour": colour,
            "url": url,
            "pay_url": pay_url,
        }

    def _payment_values(self, payment):
        returned = payment.payment_type == "outbound"
        amount = self._money(payment.amount, payment.currency_id)
        method = (
            request.env._("online")
            if payment.payment_transaction_id
            else payment.journal_id.name
        )
        return {
            "date": payment.date.strftime("%d.%m.%Y"),
            "method": request.env._("returned") if returned else method,
            "amount": f"−{amount}" if returned else amount,
            "receipt_url": f"/my/clinic/payment/{payment.id}/receipt",
        }

    # -- files

    def _pdf(self, report, record_sudo):
        """Return a document of a record that is known to be theirs.

        Its name is the record's number: nothing of health is in the address or name.
        """
        content, kind = (
            request.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf(report, record_sudo.ids)
        )
        mimetype = "application/pdf" if kind == "pdf" else "text/html; charset=utf-8"
        return request.make_response(
            content,
            [
                ("Content-Type", mimetype),
                (
                    "Content-Disposition",
                    f'inline; filename="document-{record_sudo.id}.{kind}"',
                ),
                *PRIVATE_HEADERS.items(),
            ],
        )
