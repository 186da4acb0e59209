from collections import defaultdict
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import ledger_history, rules

HOUR = 3600
EPOCH = datetime(2000, 1, 1)
# Of visits written down after they began (an import), nobody knows when they were
# agreed.
ASSUMED_LEAD = timedelta(days=3)
BEHIND = timedelta(days=90)


class ClinicFinanceHistory(models.AbstractModel):
    """Replays rules on visits of the past, with what was known at each moment."""

    _name = "clinic.finance.history"
    _description = "Rules Tried on the Past"

    @api.model
    def _replay(self, rule_records, visits):
        """Return ``{visit: [(moment, decision)…]}`` of what the rules would have done.

        Called in sudo mode. Queries do not grow with the number of visits. What is
        not kept of the past is taken as it is today: the risk, the tags, the price.
        """
        plain = rule_records._as_rules()
        thresholds = rules.clock_thresholds(plain)
        debt_days = {
            condition.value
            for rule in plain
            for condition in rule.conditions
            if condition.fact == "debt_days"
        }
        past = self._read(visits)
        found = {}
        for visit in visits:
            booked, start, until = past.span(visit)
            if until < booked:
                continue
            events = past.events(visit)
            events += [start + 24 * days + 25 for days in debt_days]
            when = rules.moments(thresholds, booked, start, events, until)
            decided = rules.replay(plain, past.facts_of(visit), when)
            if decided:
                found[visit] = [
                    (_from_hours(moment), decision) for moment, decision in decided
                ]
        return found

    @api.model
    def _read(self, visits):
        payers = {visit.id: visit._finance_payer() for visit in visits}
        accounts = self._accounts(self.env["res.partner"].union(*payers.values()))
        return _Past(
            visits._finance_facts(),
            payers,
            accounts,
            self._payments(visits.invoice_id),
            self._lives(visits.patient_id),
            self._blocks(visits.patient_id),
            fields.Datetime.now(),
        )

    @api.model
    def _accounts(self, payers):
        """Return ``{(payer id, company id): [Item…]}``."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.partner_id, line.company_id,
                       round(line.balance * 100)::bigint, line.date,
                       coalesce(line.date_maturity, line.date),
                       array_agg(part.max_date) FILTER (WHERE part.id IS NOT NULL),
                       array_agg(round(part.amount * 100)::bigint)
                           FILTER (WHERE part.id IS NOT NULL)
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  LEFT JOIN account_partial_reconcile part
                         ON part.debit_move_id = line.id
                         OR part.credit_move_id = line.id
                 WHERE line.partner_id = ANY(%s)
                   AND line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
                   AND line.balance <> 0
                 GROUP BY line.id""",
                list(payers.ids),
            )
        )
        found = defaultdict(list)
        for payer_id, company_id, amount, day, due, dates, parts in rows:
            found[payer_id, company_id].append(
                ledger_history.Item(
                    amount,
                    day,
                    due,
                    tuple(zip(dates or (), parts or (), strict=True)),
                )
            )
        return found

    @api.model
    def _payments(self, invoices):
        """Return ``{invoice id: [(day, kopecks)…]}`` of the money that paid them."""
        found = defaultdict(list)
        for match in self.env["clinic.payment.match"].search_fetch(
            [
                ("debit_line_id.move_id", "in", invoices.ids),
                ("rule", "!=", "reversal"),
                ("undone_at", "=", False),
            ],
            ["debit_line_id", "credit_line_id", "amount"],
        ):
            day = match.credit_line_id.date
            if day:
                found[match.debit_line_id.move_id.id].append(
                    (day, round(match.amount * 100))
                )
        return found

    @api.model
    def _lives(self, patients):
        """Return ``{patient id: [(start, state)…]}`` of what visits came to."""
        found = defaultdict(list)
        for visit in self.env["clinic.appointment"].search_fetch(
            [
                ("patient_id", "in", patients.ids),
                ("state", "in", ("fulfilled", "noshow")),
            ],
            ["patient_id", "start", "state"],
        ):
            found[visit.patient_id.id].append((visit.start, visit.state))
        return found

    @api.model
    def _blocks(self, patients):
        """Return ``{(patient id, company id): [(from, to)…]}``."""
        found = defaultdict(list)
        for block in (
            self.env["clinic.financial.block"]
            .with_context(active_test=False)
            .search([("patient_id", "in", patients.ids)])
        ):
            ends = block.lifted_at and block.lifted_at.date() or block.date_until
            found[block.patient_id.id, block.company_id.id].append((block.date, ends))
        return found


class _Past:
    """The facts of visits at moments of the past."""

    def __init__(self, facts, payers, accounts, payments, lives, blocks, now):
        self.facts = facts
        self.payers = payers
        self.accounts = accounts
        self.payments = payments
        self.lives = lives
        self.blocks = blocks
        self.now = now

    def span(self, visit):
        """Return the hours of booking, start and the last moment of interest."""
        booked = min(visit.create_date, visit.start - timedelta(minutes=5))
        if visit.create_date >= visit.start:
            booked = visit.start - ASSUMED_LEAD
        until = min(self.now, visit.start + BEHIND)
        if visit.state == "cancelled":
            ends = visit.cancelled_at or visit.start
            # Written down later than it was: then nobody knows, and the start counts.
            until = min(until, ends if ends > booked else visit.start)
        return _hours(booked), _hours(visit.start), _hours(until)

    def events(self, visit):
        stamps = [visit.confirmed_at, visit.stop]
        events = [_hours(stamp) for stamp in stamps if stamp]
        for day, _amount in self.payments.get(visit.invoice_id.id, ()):
            midnight = fields.Datetime.to_datetime(day)
            events.append(_hours(midnight) + 24)
        return events

    def facts_of(self, visit):
        """Return the function of a moment that gives the facts of the visit."""
        today = self.facts[visit.id]
        booked, start, _until = self.span(visit)
        account = self.accounts.get((self.payers[visit.id].id, visit.company_id.id), ())
        payments = self.payments.get(visit.invoice_id.id, ())
        lives = self.lives.get(visit.patient_id.id, ())
        blocks = self.blocks.get((visit.patient_id.id, visit.company_id.id), ())
        total = round(visit.amount_total * 100)

        def facts_at(moment, asked):
            when = _from_hours(moment)
            day = visit.branch_id._localize(when).date()
            paid = min(ledger_history.paid_by(payments, day), total)
            due = total - paid
            if moment > start and not due:
                return None
            # The money of that day counts as there: in doubt for the patient.
            then = ledger_history.state_on(account, day)
            is_cash_enough = bool(due) and then.free >= due
            before = [one for one in lives if one[0] < when and one[0] != visit.start]
            year = when - timedelta(days=365)
            is_blocked = any(
                first <= day and (not last or day < last) for first, last in blocks
            )
            return {
                **today,
                "state": self.state_at(visit, when),
                "hours_left": start - moment,
                "hours_booked": moment - booked,
                "hours_asked": None if asked is None else moment - asked,
                "due": due / 100,
                "price": total / 100,
                "paid_share": 100 * paid / total if total else None,
                "debt": then.overdue / 100,
                "debt_days": then.days,
                "noshows": sum(s == "noshow" and at > year for at, s in before),
                "patient_kind": (
                    "returning" if any(s == "fulfilled" for _, s in before) else "new"
                ),
                "blocked": "yes" if is_blocked else "no",
                "is_blocked": is_blocked,
                "days_since": (moment - start) / 24,
                "is_paying": False,
                "is_called": False,
                "is_paid": bool(paid) or is_cash_enough,
                "is_paid_in_full": not due or is_cash_enough,
                "is_free": not total,
                "is_asked": visit.service_id.prepayment in ("full", "deposit")
                or asked is not None,
            }

        return facts_at

    def state_at(self, visit, when):
        """Return the state then, as far as the stamps tell."""
        if when >= visit.stop and visit.state in ("fulfilled", "noshow"):
            return visit.state
        if when >= visit.start and visit.state in ("arrived", "in_progress"):
            return visit.state
        if visit.confirmed_at and visit.confirmed_at <= when:
            return "confirmed"
        return "booked"


def _hours(moment):
    return (moment - EPOCH).total_seconds() / HOUR


def _from_hours(hours):
    return EPOCH + timedelta(seconds=round(hours * HOUR))
