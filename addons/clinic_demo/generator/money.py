from datetime import timedelta

from odoo.fields import Command

ADVANCES = (("person010", 5000, "card"), ("person016", 3000, "cash"))


class Money:
    """Takes the planned payments: at the desk, by card or through the web."""

    def __init__(self, env, now, bookings):
        self.env = env
        self.now = now
        self.bookings = bookings

    def take_early(self):
        """Take what was paid before the visit, and two sums left for later visits."""
        for visit, payment in self._payments():
            if payment.method == "online":
                self._pay_online(self.bookings.records[visit], payment)
            elif payment.days_before:
                self._pay_at_desk(visit, payment)
        for key, amount, method in ADVANCES:
            patient = self.bookings.patients.records[key]
            self._take(patient, {"amount": amount, "method": method})

    def take_at_desk(self):
        for visit, payment in self._payments():
            if payment.method != "online" and not payment.days_before:
                self._pay_at_desk(visit, payment)

    def _payments(self):
        return [
            (visit, payment)
            for visit in self.bookings.plan
            for payment in visit.payments
        ]

    def _pay_at_desk(self, visit, payment):
        appointment = self.bookings.records[visit]
        day = appointment.day - timedelta(days=payment.days_before)
        self._take(
            appointment.patient_id,
            {
                "appointment_id": appointment.id,
                "amount": payment.amount,
                "method": payment.method,
                "date": min(day, self.now.date()),
            },
        )

    def _take(self, patient, vals):
        wizard = self.env["clinic.payment.wizard"].create(
            {
                "partner_id": patient._clinic_payer().id,
                "patient_id": patient.id,
                **vals,
            }
        )
        wizard._take()

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
