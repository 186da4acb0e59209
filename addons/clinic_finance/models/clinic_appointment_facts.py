from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

HOUR = 3600
NOSHOW_DAYS = 365
# Whoever opened the payment page so shortly ago may be paying just now.
PAYING_MINUTES = 20


class ClinicAppointmentFacts(models.Model):
    """What the rules ask about visits, read for many of them at once."""

    _inherit = "clinic.appointment"

    def _finance_facts(self, now=None):
        """Return ``{visit id: facts}`` in plain values; called in sudo mode.

        The same number of queries for one visit and for a thousand. The names are
        those of ``tools/rules.py``; ``is_…`` ones are for its limits.
        """
        now = now or fields.Datetime.now()
        payers = {visit.id: visit._finance_payer() for visit in self}
        everybody = self.env["res.partner"].union(*payers.values())
        money = self._finance_money(everybody)
        noshows = self._finance_counts("noshow", now - timedelta(days=NOSHOW_DAYS))
        came = self._finance_counts("fulfilled")
        risks = self.env["clinic.debt.risk"]._of(self.patient_id)
        blocked = self.patient_id._financially_blocked(self.company_id)
        lifted = self.patient_id._financial_block_lifted(self.company_id)
        paying = self._finance_paying(now)
        called = self._finance_called()
        return {
            visit.id: visit._finance_facts_of(
                now,
                payers[visit.id],
                money[payers[visit.id].id, visit.company_id.id],
                risks.get((visit.patient_id.id, visit.company_id.id)),
            )
            | {
                "noshows": noshows.get(visit.patient_id.id, 0),
                "patient_kind": (
                    "returning" if came.get(visit.patient_id.id) else "new"
                ),
                "is_paying": visit.id in paying,
                "is_called": visit.patient_id.id in called,
                "blocked": (
                    "yes"
                    if (visit.patient_id.id, visit.company_id.id) in blocked
                    else "no"
                ),
                "is_blocked": (visit.patient_id.id, visit.company_id.id) in blocked,
                "is_lifted": (visit.patient_id.id, visit.company_id.id) in lifted,
            }
            for visit in self
        }

    def _finance_payer(self):
        """Return whose account the visit is on."""
        self.ensure_one()
        return self._get_private_payer().commercial_partner_id

    def _finance_facts_of(self, now, payer, money, risk):
        """Return the facts of one visit that need nothing read any more."""
        patient, service = self.patient_id, self.service_id
        due = self.amount_due
        # What a programme covers is not the patient's to pay.
        total = self.price_copay if self.price_payer_id else self.amount_total
        paid = total - due if self.payment_state in ("partial", "paid") else 0.0
        is_cash_enough = bool(due) and money["free"] >= due
        is_paid = (
            self.payment_state in ("paid", "partial")
            or is_cash_enough
            or self.id in money["visits"]
        )
        asked = self.prepay_asked_at
        # Of whom little is known, there is no number to judge by.
        is_told = risk and risk.level != "unknown"
        return {
            "state": self.state,
            "hours_left": (self.start - now).total_seconds() / HOUR,
            "days_since": (now - self.start).total_seconds() / HOUR / 24,
            "hours_booked": (now - self.create_date).total_seconds() / HOUR,
            "hours_asked": asked and (now - asked).total_seconds() / HOUR,
            "due": due,
            "price": total,
            "paid_share": 100 * paid / total if total else None,
            "debt": money["debt"],
            "debt_days": money["days"],
            "risk": 100 * risk.probability if is_told else None,
            "risk_level": risk and risk.level,
            "age": patient.age if patient.birthdate_date else None,
            "payer_kind": (
                "company"
                if payer.is_company or self.price_payer_id
                else "self"
                if payer == patient
                else "family"
            ),
            "source": self.origin,
            "policy": service.prepayment,
            "tags": frozenset(patient.category_id.ids),
            "services": frozenset(service.ids),
            "branches": frozenset(self.branch_id.ids),
            "is_urgent": self.is_urgent,
            "is_paid": is_paid,
            "is_paid_in_full": self.payment_state == "paid" or is_cash_enough,
            # An employer or insurer pays later, and is asked by nobody here.
            "is_free": self.currency_id.is_zero(due)
            and not is_paid
            or bool(self.price_payer_id)
            and self.currency_id.is_zero(self.price_copay),
            "is_asked": service.prepayment in ("full", "deposit")
            or self.prepay_state == "asked",
            "is_waived": self.prepay_state == "waived",
        }

    @api.model
    def _finance_money(self, payers):
        """Return ``{(payer id, company id): {debt, days, free, visits}}``.

        ``debt`` is what is overdue, ``free`` is money that pays nothing yet, and
        ``visits`` are those it was given for.
        """
        found = defaultdict(
            lambda: {"debt": 0.0, "days": 0, "free": 0.0, "visits": set()}
        )
        lines = self.env["account.move.line"].search_fetch(
            payers._clinic_open_items_domain() & Domain("amount_residual", "!=", 0),
            [
                "partner_id",
                "company_id",
                "amount_residual",
                "date_maturity",
                "date",
                "payment_id",
            ],
        )
        today = fields.Date.context_today(self)
        for line in lines:
            account = found[line.partner_id.id, line.company_id.id]
            if line.amount_residual < 0:
                account["free"] -= line.amount_residual
                account["visits"].update(line.payment_id.clinic_appointment_id.ids)
                continue
            days = (today - (line.date_maturity or line.date)).days
            if days > 0:
                account["debt"] += line.amount_residual
                account["days"] = max(account["days"], days)
        return found

    def _finance_counts(self, state, since=None):
        """Return ``{patient id: visits in that state}``."""
        domain = Domain("patient_id", "in", self.patient_id.ids) & Domain(
            "state", "=", state
        )
        if since:
            domain &= Domain("start", ">=", since)
        return {
            patient.id: count
            for patient, count in self._read_group(domain, ["patient_id"], ["__count"])
        }

    def _finance_paying(self, now):
        """Return the ids of those for which a payment is on its way.

        Begun on the provider's page, being processed, or done and not yet booked.
        """
        invoices = self.invoice_id
        transactions = self.env["payment.transaction"].search(
            Domain("invoice_ids", "in", invoices.ids)
            & (
                Domain("state", "in", ("pending", "authorized"))
                | Domain("state", "=", "draft")
                & Domain("create_date", ">=", now - timedelta(minutes=PAYING_MINUTES))
                | Domain("state", "=", "done") & Domain("is_post_processed", "=", False)
            )
        )
        # Sent by bank transfer and the like, "pending" may last for ever.
        waiting = transactions.filtered(
            lambda tx: (
                tx.provider_code not in ("none", "custom") or tx.state != "pending"
            )
        ).invoice_ids
        return set(self.filtered(lambda visit: visit.invoice_id in waiting).ids)

    def _finance_called(self):
        """Return the ids of the patients the reception is to call already."""
        visits = self._search([("patient_id", "in", self.patient_id.ids)])
        calls = self.env["mail.activity"].search_fetch(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", visits),
                (
                    "activity_type_id",
                    "=",
                    self.env.ref("mail.mail_activity_data_call").id,
                ),
            ],
            ["res_id"],
        )
        return set(self.browse(calls.mapped("res_id")).patient_id.ids)

    def _decision_vals(self):
        """Return what a decision keeps of the visit."""
        self.ensure_one()
        return {
            "appointment_id": self.id,
            "visit_start": self.start,
            "branch_id": self.branch_id.id,
            "amount_due": self.amount_due,
            "is_paid": self.payment_state in ("paid", "partial"),
            "is_urgent": self.is_urgent,
        }
