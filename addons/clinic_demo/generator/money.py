from dataclasses import replace
from datetime import timedelta

from odoo.fields import Command

# Sums left on the account for later visits: patient, amount, way of paying.
ADVANCES = (
    ("person010", 5000, "card"),
    ("person016", 3000, "cash"),
    ("person040", 12000, "card"),
    ("person061", 2000, "cash"),
)


class Money:
    """Takes the planned payments: at the desk, by card or through the web."""

    def __init__(self, env, now, bookings):
        self.env = env
        self.now = now
        self.bookings = bookings

    def take_early(self):
        """Take what was paid before the visit, and the sums left for later visits."""
        self._take_at_desk(early=True)
        for visit, payment in self._payments():
            if payment.method == "online":
                self._pay_online(self.bookings.records[visit], payment)

    def take_at_desk(self):
        self._take_at_desk(early=False)

    def _payments(self):
        """Return what patients pay; what an insurer or employer pays comes later."""
        return [
            (visit, replace(payment, amount=amount))
            for visit in self.bookings.plan
            for payment in visit.payments
            if (amount := self._own_amount(visit, payment))
        ]

    def _own_amount(self, visit, payment):
        appointment = self.bookings.records[visit]
        if not appointment.price_member_id:
            return payment.amount
        return min(payment.amount, appointment.price_copay)

    def _take_at_desk(self, early):
        """Take all these payments on the payment screen, at one go."""
        vals_list = [
            self._visit_vals(visit, payment)
            for visit, payment in self._payments()
            if payment.method != "online" and bool(payment.days_before) == early
        ]
        if early:
            patients = self.bookings.patients.records
            vals_list += [
                self._vals(patients[key], self.now.date(), amount, method)
                for key, amount, method in ADVANCES
            ]
        self.env["clinic.payment.wizard"].create(vals_list)._take()

    def _visit_vals(self, visit, payment):
        appointment = self.bookings.records[visit]
        day = appointment.day - timedelta(days=payment.days_before)
        return self._vals(
            appointment.patient_id,
            min(day, self.now.date()),
            payment.amount,
            payment.method,
            appointment,
        )

    def _vals(self, patient, day, amount, method, appointment=None):
        return {
            "partner_id": patient._clinic_payer().commercial_partner_id.id,
            "patient_id": patient.id,
            "appointment_id": appointment and appointment.id,
            "amount": amount,
            "method": method,
            "date": day,
        }

    def _pay_online(self, appointment, payment):
        """Go the way of the web site: transaction, notice of the provider, books."""
        provider = self.env.ref("payment.payment_provider_demo")
        invoice = appointment.invoice_id
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "reference": f"{appointment.name}-web",
                "amount": payment.amount,
                "currency_id": invoice.currency_id.id,
                "partner_id": invoice.partner_id.id,
                "operation": "online_direct",
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
        transaction.action_demo_set_done()
        transaction._post_process()
