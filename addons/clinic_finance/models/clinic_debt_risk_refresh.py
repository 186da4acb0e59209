from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import risk

# So many days back the clinic learns from.
HISTORY_DAYS = 3 * 365


class ClinicDebtRiskRefresh(models.Model):
    """Counts the risks anew each night from the invoices of the clinic."""

    _inherit = "clinic.debt.risk"

    @api.model
    def _cron_refresh(self):
        """Refresh company by company; a company is one transaction."""
        companies = self.env["res.company"].search([])
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            self._refresh(company)
            if not cron._commit_progress(1):
                break

    @api.model
    def _refresh(self, company):
        """Learn from the invoices of a company; write each patient's risk."""
        today = fields.Date.context_today(self)
        invoices = self._read_invoices(company, today)
        if not invoices:
            return self.env["clinic.debt.risk.model"]
        noshows = self._read_noshows(company)
        model = risk.train(invoices, noshows)
        fit = self.env["clinic.debt.risk.model"].create(
            {
                "company_id": company.id,
                "kind": model.kind,
                "invoices": model.quality["invoices"],
                "base_rate": model.quality.get("base", model.prior.mean),
                "auc": model.quality.get("auc", 0.0),
                "ece": model.quality.get("ece", 0.0),
                "table": model.quality.get("table"),
                "parameters": model.as_json(),
            }
        )
        self._write_risks(
            company, risk.assess(model, invoices, noshows, today), fit, today
        )
        return fit

    @api.model
    def _read_invoices(self, company, today):
        """Return the invoices of persons as plain data, in one query.

        Not those that were credited, nor those that an organisation pays.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(move.clinic_patient_id, move.partner_id),
                       move.invoice_date,
                       coalesce(move.invoice_date_due, move.invoice_date),
                       round(move.amount_total_signed * 100)::bigint,
                       move.payment_state IN ('paid', 'in_payment'),
                       (SELECT max(part.max_date)
                          FROM account_move_line line
                          JOIN account_partial_reconcile part
                            ON part.debit_move_id = line.id
                         WHERE line.move_id = move.id),
                       move.partner_id <> coalesce(
                           move.clinic_patient_id, move.partner_id),
                       coalesce(visit.origin IN ('web', 'portal'), FALSE)
                  FROM account_move move
                  JOIN res_partner payer ON payer.id = move.partner_id
                  LEFT JOIN clinic_appointment visit
                         ON visit.id = move.clinic_appointment_id
                 WHERE move.company_id = %(company)s
                   AND move.move_type = 'out_invoice'
                   AND move.state = 'posted'
                   AND move.payment_state <> 'reversed'
                   AND move.amount_total_signed > 0
                   AND payer.is_company IS NOT TRUE
                   AND move.invoice_date > %(since)s
                   AND move.invoice_date <= %(today)s""",
                company=company.id,
                since=today - timedelta(days=HISTORY_DAYS),
                today=today,
            )
        )
        late_days = timedelta(days=company.clinic_late_days)
        found = []
        for patient, day, due, amount, is_paid, last, other, web in rows:
            paid = (last or due) if is_paid else None
            limit = due + late_days
            known = limit + timedelta(days=1)
            late = None if known > today else not (paid and paid <= limit)
            found.append(
                risk.Invoice(
                    patient, day, due, amount, late, known, paid, bool(other), web
                )
            )
        return found

    @api.model
    def _read_noshows(self, company):
        found = defaultdict(list)
        for patient, day in self.env["clinic.appointment"]._read_group(
            [
                ("company_id", "=", company.id),
                ("state", "=", "noshow"),
            ],
            ["patient_id", "day:day"],
        ):
            found[patient.id].append(day)
        return found

    @api.model
    def _write_risks(self, company, risks, fit, today):
        known = {
            one.patient_id.id: one
            for one in self.search([("company_id", "=", company.id)])
        }
        new = []
        for patient_id, found in risks.items():
            vals = {
                # Of whom nothing can be said yet, no number is kept: it would be shown
                # and sorted as if it meant something.
                "probability": (
                    0.0 if found.level == "unknown" else round(found.probability, 4)
                ),
                "level": found.level,
                "invoices": found.invoices,
                "late": found.late,
                "factors": [list(factor) for factor in found.factors],
                "model_id": fit.id,
                "date": today,
            }
            if patient_id in known:
                known[patient_id].write(vals)
            else:
                new.append({"patient_id": patient_id, "company_id": company.id, **vals})
        self.create(new)
