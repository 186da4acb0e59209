import logging
from datetime import timedelta

from psycopg2.errors import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools import rules

_logger = logging.getLogger(__name__)

# Visits so far ahead, and so long ago if something is still to be paid for them.
AHEAD_DAYS = 60
BEHIND_DAYS = 90
PORTION = 200


class ClinicFinanceEngine(models.AbstractModel):
    """Applies the rules: reads facts, asks ``tools/rules.py``, acts, writes down.

    ``_do_<action>(rule, visit)`` does an action in sudo mode and may return words for
    the log. To add an action: a choice of the rule's field and such a method.
    """

    _name = "clinic.finance.engine"
    _description = "Decisions on Unpaid Visits"

    # By the clock ---------------------------------------------------------------

    @api.model
    def _cron_decide(self):
        """Decide on all visits; each in a transaction of its own.

        The facts are read twice: for all visits at once, to find those that a rule
        may concern, and again for each of them after its row is locked, in a new
        snapshot. A payment that arrives between the two is seen; one that arrives
        after the lock waits, or makes this transaction fail and be tried again later.
        """
        self.env["clinic.financial.block"]._lift_expired()
        cron = self.env["ir.cron"]
        visit_ids = self._concerned()
        if not cron._commit_progress(remaining=len(visit_ids)):
            return
        for visit_id in visit_ids:
            try:
                self._decide_on(visit_id)
            except OperationalError:
                # Somebody pays, moves or cancels it right now: its turn comes again.
                self.env.cr.rollback()
                self.env.invalidate_all()
            if not cron._commit_progress(1):
                break

    @api.model
    def _decide_on(self, visit_id):
        """Lock one visit, read its facts anew, and act; return the decisions."""
        visit = self.env["clinic.appointment"].browse(visit_id)
        visit = visit.try_lock_for_update()
        if not visit:
            return self.env["clinic.finance.decision"]
        # What was read before the lock may be of the past.
        self.env.invalidate_all()
        return self._decide(visit)

    @api.model
    def _concerned(self):
        """Return the ids of the visits some rule has something to say about."""
        found = []
        for company in self.env["res.company"].search([]):
            company_rules = self.env["clinic.finance.rule"]._of_company(company)
            if not company_rules:
                continue
            visits = self.env["clinic.appointment"].search(
                self._visits_domain(company), order="start"
            )
            for first in range(0, len(visits), PORTION):
                portion = visits[first : first + PORTION]
                planned = self._plan(company_rules, portion)
                found += [visit.id for visit in portion if planned[visit.id]]
                self.env.invalidate_all()
        return found

    @api.model
    def _visits_domain(self, company):
        now = fields.Datetime.now()
        ahead = Domain("state", "in", ("hold", "booked", "confirmed")) & Domain(
            "start", ">", now
        )
        behind = (
            Domain("amount_due", ">", 0)
            & Domain("state", "!=", "cancelled")
            & Domain("start", ">", now - timedelta(days=BEHIND_DAYS))
        )
        return (
            Domain("company_id", "=", company.id)
            & Domain("start", "<", now + timedelta(days=AHEAD_DAYS))
            & (ahead | behind)
        )

    @api.model
    def _plan(self, company_rules, visits, now=None):
        """Return ``{visit id: decisions of the pure engine}``."""
        facts = visits.with_company(company_rules.company_id)._finance_facts(now)
        done = self.env["clinic.finance.decision"]._done_on(visits)
        plain = company_rules._as_rules()
        return {
            visit.id: rules.decide(plain, facts[visit.id], done.get(visit.id, set()))
            for visit in visits
        }

    # Acting ---------------------------------------------------------------------

    @api.model
    def _decide(self, visit):
        """Act on one visit by the rules of its company; return what was decided."""
        decided = self.env["clinic.finance.decision"]
        company_rules = self.env["clinic.finance.rule"]._of_company(visit.company_id)
        if not company_rules:
            return decided
        for decision in self._plan(company_rules, visit)[visit.id]:
            decided += self._act(decision, visit)
        return decided

    @api.model
    def _act(self, decision, visit):
        """Do one action and write it down; what fails is written down too."""
        rule = self.env["clinic.finance.rule"].browse(decision.rule_id)
        log = {
            "rule_id": rule.id,
            "rule_name": rule.name,
            "because": [_plain(item) for item in decision.because],
        }
        decisions = self.env["clinic.finance.decision"]
        sentence = ""
        try:
            with self.env.cr.savepoint():
                # First the log: its constraints are the last to judge.
                made = decisions._log(decision.action, visit.patient_id, visit, **log)
                self.env.flush_all()
                note = getattr(self, f"_do_{decision.action}")(rule, visit)
                if note:
                    made.note = note
                self.env.flush_all()
                return made
        except (UserError, ValidationError) as error:
            sentence = str(error).partition("\n")[0][:300]
            _logger.info("Rule %s failed on visit %s", rule.id, visit.id)
        if decisions._failed_today(rule, visit):
            return decisions
        return decisions._log(
            decision.action,
            visit.patient_id,
            visit,
            **log,
            state="failed",
            note=sentence,
        )

    def _do_remind(self, rule, visit):
        visit._send_payment_notice("pay_remind", occurrence=f"{rule.id} {visit.start}")

    def _do_link(self, rule, visit):
        visit._send_payment_notice("pay_link", occurrence=f"{rule.id} {visit.start}")

    def _do_prepayment(self, rule, visit):
        visit._ask_prepayment(rule.prepay_hours)

    def _do_suspend(self, rule, visit):
        visit.write({"is_suspended": True, "prepay_state": "asked"})

    def _do_block(self, rule, visit):
        until = (
            visit.branch_id._clinic_day() + timedelta(days=rule.block_days)
            if rule.block_days
            else False
        )
        visit.patient_id._set_financial_block(
            rule.note or rule.name, until, rule=rule, visit=visit
        )

    def _do_call(self, rule, visit):
        self._assign(
            "mail.mail_activity_data_call", visit._get_desk_user(), rule, visit
        )

    def _do_notify(self, rule, visit):
        for user in rule.user_ids:
            self._assign("mail.mail_activity_data_todo", user, rule, visit)

    def _assign(self, activity, user, rule, visit):
        """Schedule an activity, in the language of whose it is.

        Odoo writes the subject of its mail in the language of whoever schedules.
        """
        lang = user.lang or self.env.lang
        rule = rule.with_context(lang=lang)
        visit.with_context(lang=lang).activity_schedule(
            activity, summary=rule.note or rule.name, user_id=user.id
        )

    def _do_cancel(self, rule, visit):
        """Cancel; the waiting list is offered the time by the schedule itself.

        A payment that still comes takes the same time again, if it is free.
        """
        # The mark and the state in one write, for the constraint to see both.
        visit._move(
            "cancelled",
            force=True,
            cancel_reason=self.env._("Not paid in advance: %(rule)s", rule=rule.name),
            cancelled_by_rule=True,
            hold_expired=True,
        )


def _plain(item):
    """Return one (fact, operator, value, actual) for JSON."""
    return [
        sorted(part) if isinstance(part, frozenset | set) else part for part in item
    ]
