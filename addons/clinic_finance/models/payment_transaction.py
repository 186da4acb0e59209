import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# Odoo's own job tries every ten minutes: what is left after this time is stuck.
STUCK_AFTER = timedelta(minutes=30)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    clinic_problem = fields.Char(
        string="Why It Is Not Booked",
        readonly=True,
        copy=False,
        help="The provider has the money, the books do not: what stood in the way.",
    )

    clinic_refund_reason = fields.Char(readonly=True, copy=False)
    clinic_refund_credit = fields.Boolean(
        readonly=True,
        copy=False,
        help="The service is not provided: its invoice is credited with the refund.",
    )

    # Two notices of one payment never become two payments, whoever writes them.
    _provider_reference_once = models.UniqueIndex(
        "(provider_id, provider_reference) WHERE state = 'done' "
        "AND provider_reference IS NOT NULL AND source_transaction_id IS NULL "
        "AND operation IS DISTINCT FROM 'validation' "
        "AND operation IS DISTINCT FROM 'refund'",
        "This payment of the provider is already booked.",
    )
    # Serves the sweeper.
    _done_unbooked_idx = models.Index(
        "(last_state_change) WHERE state = 'done' AND is_post_processed IS NOT TRUE"
    )

    # The provider says so ----------------------------------------------------

    def _set_done(self, *, state_message=None, extra_allowed_states=()):
        """Refuse a second transaction for one payment; book without delay."""
        twins = self.filtered(lambda tx: tx._clinic_twin())
        for tx in twins:
            tx._set_error(
                self.env._(
                    "The provider's payment %(number)s already belongs to %(other)s.",
                    number=tx.provider_reference,
                    other=tx._clinic_twin().reference,
                )
            )
        done = super(PaymentTransaction, self - twins)._set_done(
            state_message=state_message, extra_allowed_states=extra_allowed_states
        )
        if done:
            self.env.ref("payment.cron_post_process_payment_tx")._trigger()
        return done

    def _clinic_twin(self):
        """Return another transaction that is done by the same provider's payment."""
        self.ensure_one()
        if (
            not self.provider_reference
            or self.source_transaction_id
            or self.operation in ("validation", "refund")
        ):
            return self.browse()
        return self.search(
            [
                ("provider_id", "=", self.provider_id.id),
                ("provider_reference", "=", self.provider_reference),
                ("state", "=", "done"),
                ("source_transaction_id", "=", False),
                ("operation", "not in", ("validation", "refund")),
                ("id", "!=", self.id),
            ],
            limit=1,
        )

    # The money is booked -----------------------------------------------------

    def _post_process(self):
        """Let the money find its invoices, and the paid windows become bookings.

        A notice sent twice finds the transaction post-processed and books nothing.
        """
        fresh = self.filtered(lambda tx: not tx.is_post_processed)
        # Sudo: a visitor's browser may be the one that asks.
        fresh.sudo().invoice_ids.clinic_appointment_ids._meet_payers()
        # Matched below, when the visits have had their say.
        later = self.with_context(clinic_match_later=False)
        result = super(PaymentTransaction, later)._post_process()
        # A visitor's browser, a webhook or the cron may have called: what follows
        # is the clinic's own doing, whoever triggered it.
        for tx in fresh.with_user(SUPERUSER_ID):
            if tx.state == "done" and tx.payment_id:
                tx._clinic_settle()
        return result

    def _create_payment(self, **extra_create_values):
        """Book once a provider's payment: a repeat gets the first one."""
        self.ensure_one()
        company = self.company_id
        visits = self.invoice_ids.clinic_appointment_ids
        key = f"{self.provider_code}:{self.provider_reference or self.reference}"
        source = "refund" if self.operation == "refund" else "online"
        intent = self.env["clinic.payment.intent"]._claim(
            source,
            company,
            {
                key: {
                    "transaction": self.id,
                    "kopecks": round(self.amount * 100),
                    "currency": self.currency_id.name,
                    "partner_id": self.partner_id.id,
                }
            },
        )[key]
        if intent.payment_id:
            self.payment_id = intent.payment_id
            return self.payment_id
        payment = super()._create_payment(
            clinic_key=f"{source}:{key}",
            **{
                "date": visits.branch_id._clinic_day(company),
                **self._clinic_payment_vals(),
                **extra_create_values,
            },
        )
        intent._done(payment)
        return payment

    def _clinic_payment_vals(self):
        """Return what the payment of this transaction keeps of the clinic's."""
        source = self.source_transaction_id.payment_id
        if self.operation == "refund":
            return {
                "clinic_refund_of_id": source.id,
                "clinic_refund_reason": self.clinic_refund_reason or self.reference,
                "clinic_patient_id": source.clinic_patient_id.id,
                "clinic_appointment_id": source.clinic_appointment_id.id,
            }
        visits = self.invoice_ids.clinic_appointment_ids
        return {
            "clinic_patient_id": self.invoice_ids.clinic_patient_id[:1].id,
            "clinic_appointment_id": visits.id if len(visits) == 1 else False,
        }

    def _clinic_settle(self):
        """Tell the visits the payment was made for, then match what is left."""
        self.ensure_one()
        self.clinic_problem = False
        if self.operation == "refund":
            source = self.source_transaction_id.payment_id
            # money that went out; a provider may note a refund that brings money in
            if source and self.payment_id.payment_type == "outbound":
                credit = self.clinic_refund_credit
                source._clinic_take_back(self.payment_id, credit=credit)
            return
        self.invoice_ids.clinic_appointment_ids._after_payment(self.payment_id)
        partners = self.payment_id.partner_id | self.invoice_ids.partner_id
        partners.commercial_partner_id._clinic_allocate()

    # Nothing is lost ---------------------------------------------------------

    @api.model
    def _cron_book_stuck(self):
        """Book what the provider has and the books do not; say why it is stuck.

        Odoo's own job gives up after four days. This one does not: money is either
        booked, or stands in the accountant's list with the reason.
        """
        stuck = self.search(
            Domain("state", "=", "done")
            & Domain("is_post_processed", "=", False)
            & Domain("last_state_change", "<=", fields.Datetime.now() - STUCK_AFTER),
            order="last_state_change, id",
            limit=200,
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(stuck))
        for tx in stuck:
            # A locked row is being booked by somebody else.
            tx.try_lock_for_update()._clinic_book_stuck()
            if not cron._commit_progress(1):
                break

    def _clinic_book_stuck(self):
        """Try once more; what stands in the way is kept on the transaction."""
        for tx in self:
            try:
                with self.env.cr.savepoint():
                    tx._post_process()
            except OperationalError:
                raise  # two at one moment: the next run of the job finds it done
            except Exception as error:
                # Whatever it is, the next transaction must not wait for it.
                _logger.exception("Transaction %s could not be booked", tx.reference)
                first = not tx.clinic_problem
                tx.clinic_problem = str(error).partition("\n")[0][:300]
                if first:
                    tx._clinic_alarm()

    def _clinic_alarm(self):
        """Ask an accountant to look at it, once."""
        self.ensure_one()
        finance = self.env.ref("clinic_base.group_finance").all_user_ids
        user = finance.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        ).sorted("id")[:1]
        asked = self.with_context(lang=user.lang or self.env.lang)
        asked.partner_id.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=asked.env._("Paid online, but not booked"),
            note=asked.env._(
                "%(reference)s of %(amount)s is paid, yet the payment could not be "
                "booked: %(problem)s",
                reference=self.reference,
                amount=asked.currency_id.format(self.amount),
                problem=self.clinic_problem,
            ),
            user_id=(user or self.env.user).id,
        )

    def action_clinic_book(self):
        """Book these now, from the accountant's list."""
        self.check_access("read")
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(
                self.env._("Only an accountant can book online payments.")
            )
        # Sudo after the check, as the jobs do it.
        self.sudo()._clinic_book_stuck()
        return True
