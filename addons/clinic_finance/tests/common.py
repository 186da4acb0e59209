from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time

from odoo.addons.clinic_schedule.tests.common import ScheduleCommon


class FinanceCommon(ScheduleCommon):
    """The schedule's clinic with books in roubles and one online provider."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        if not cls.company.chart_template:
            cls.env["account.chart.template"].try_loading("ru_clinic", cls.company)
        cls.company.clinic_noshow_policy = "prepaid"

    @classmethod
    def _hold(cls, hour=10, minutes=15, **values):
        """Hold the prepaid service (60 minutes, 5000 roubles)."""
        values.setdefault("service_id", cls.service_prepaid.id)
        return cls._book(hour, hold_minutes=minutes, **values)

    @classmethod
    def _expire(cls, visit):
        """Let the time of a held visit run out and be released."""
        visit.claim_ids.hold_until = visit.hold_until = (
            fields.Datetime.now() - timedelta(minutes=1)
        )
        visit._expire()

    @classmethod
    def _wizard(cls, visit=None, user=None, **values):
        """Open the payment screen, for ``visit`` if given."""
        env = cls.env(user=user) if user else cls.env
        if visit:
            context = visit.with_env(env).action_take_payment()["context"]
        else:
            context = cls.patient.with_env(env).action_clinic_take_payment()["context"]
        return env["clinic.payment.wizard"].with_context(**context).create(values)

    @classmethod
    def _pay(cls, visit=None, user=None, **values):
        """Take a payment at the desk; return it."""
        return cls._wizard(visit, user=user, **values)._take()

    @classmethod
    def _online_provider(cls):
        """Return a provider whose payments say "done" when they are told to."""
        provider = cls.env["payment.provider"].search(
            [("code", "=", "none"), ("company_id", "=", cls.company.id)], limit=1
        ) or cls.env["payment.provider"].create({"name": "Test provider"})
        bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        provider.write({"state": "test", "is_published": True})
        method = cls.env["account.payment.method"].search(
            [("payment_type", "=", "inbound")], limit=1
        )
        if not bank.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == provider
        ):
            cls.env["account.payment.method.line"].create(
                {
                    "name": "Online",
                    "journal_id": bank.id,
                    "payment_method_id": method.id,
                    "payment_provider_id": provider.id,
                }
            )
        return provider

    @classmethod
    def _online_payment(cls, visit, **values):
        """Return a transaction for the invoice of ``visit``, not yet paid."""
        invoice = visit.invoice_id
        return cls.env["payment.transaction"].create(
            {
                "provider_id": cls._online_provider().id,
                "payment_method_id": cls.env["payment.method"].search([], limit=1).id,
                "reference": f"TEST-{visit.name}-{visit.id}",
                "amount": invoice.amount_total,
                "currency_id": invoice.currency_id.id,
                "partner_id": invoice.partner_id.id,
                "operation": "online_direct",
                "invoice_ids": [fields.Command.set(invoice.ids)],
                **values,
            }
        )

    @classmethod
    def _fulfil(cls, visits):
        """Let the visits take place, each at its time."""
        for visit in visits:
            with freeze_time(visit.start + timedelta(minutes=5)):
                visit.action_arrive()
                visit.action_start()
                visit.action_fulfil()

    def assertConserved(self, visits):
        """What stands charged equals the invoices less the credit notes."""
        charged = sum(visits.charge_ids._standing().mapped("amount"))
        documents = visits.invoice_ids.filtered(lambda move: move.state != "cancel")
        net = sum(documents.mapped("amount_total_signed"))
        self.assertAlmostEqual(charged, net, 2)

    def _balance(self, partner=None):
        partner = partner or self.patient
        partner.invalidate_recordset(["clinic_balance"])
        return partner.clinic_balance

    @classmethod
    def _open_payment(cls, amount, partner=None, **values):
        """Return a posted cash payment as an accountant makes it; not yet matched."""
        payment = cls.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or cls.patient).id,
                "amount": amount,
                "journal_id": cls.company.clinic_cash_journal_id.id,
                **values,
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def _receivable(cls, documents):
        """Return the items of these documents on the customers' account."""
        moves = documents if documents._name == "account.move" else documents.move_id
        return moves.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
