import logging
from datetime import timedelta

from psycopg2.errors import (
    DeadlockDetected,
    LockNotAvailable,
    SerializationFailure,
)

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools.account_number import account_number

_logger = logging.getLogger(__name__)

# What staff may change; the rest is the machine's.
EDITABLE = {"family_ids", "family_consent"}
# Payers matched in one transaction of the mass run: small locks, quick retries.
PORTION = 150
# An account that was matched by itself a short while ago needs no mass run.
FRESH = timedelta(hours=12)
ATTEMPTS = 3


class ClinicAccount(models.Model):
    """The personal account of a person in a company.

    The balance is not here: it is read from the ledger. The row is what writers of one
    person's money meet at. Whoever is about to match, or has made money or a debt for
    the person, first raises ``version``: of two transactions at once, the later one
    fails and is tried again on what the first has left. A lock alone would not do, as
    its waiter goes on with a snapshot older than the lock.
    """

    _name = "clinic.account"
    _description = "Personal Account"
    _rec_name = "number"
    _order = "number, company_id"

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    number = fields.Char(
        required=True,
        readonly=True,
        help="Named in a bank payment, it tells whose money it is.",
    )
    version = fields.Integer(readonly=True, required=True, default=1, aggregator=None)
    matched_at = fields.Datetime(
        readonly=True, help="When open payments and invoices were compared last."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    balance = fields.Monetary(compute="_compute_balance", compute_sudo=True)
    family_ids = fields.Many2many(
        "res.partner",
        "clinic_account_family_rel",
        "account_id",
        "partner_id",
        string="Pays For",
        help="What this person's own charges leave of a payment goes to the charges of "
        "these people, if the person has agreed to that.",
    )
    family_consent = fields.Boolean(
        string="Agreed to Pay for Them",
        help="The payer said so. Without it nobody else's charges are touched.",
    )
    family_consent_at = fields.Datetime(string="Agreed On", readonly=True)
    family_consent_by_id = fields.Many2one(
        "res.users", string="Noted By", readonly=True
    )

    _partner_unique = models.Constraint(
        "UNIQUE(company_id, partner_id)", "A person has one account in a company."
    )
    _number_unique = models.Constraint(
        "UNIQUE(company_id, number)", "There is an account with this number already."
    )

    @api.depends_context("company")
    def _compute_balance(self):
        for company, accounts in self.grouped("company_id").items():
            balances = accounts.partner_id._clinic_balances(company)
            for account in accounts:
                account.balance = balances.get(account.partner_id.id, 0.0)

    @api.constrains("family_ids")
    def _check_family(self):
        for account in self:
            if account.partner_id in account.family_ids:
                raise ValidationError(
                    self.env._(
                        "%(name)s pays for their own charges anyway; choose others.",
                        name=account.partner_id.name,
                    )
                )

    def write(self, vals):
        if not self.env.su and not vals.keys() <= EDITABLE:
            raise AccessError(
                self.env._("Of a personal account only the family can be changed.")
            )
        if "family_consent" in vals:
            agreed = vals["family_consent"]
            vals = {
                **vals,
                "family_consent_at": agreed and fields.Datetime.now(),
                "family_consent_by_id": agreed and self.env.uid,
            }
        result = super().write(vals)
        if vals.keys() & EDITABLE:
            # Sudo: an agreement may concern money that waits already.
            self.sudo().partner_id._clinic_match_later()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A personal account is kept for ever."))

    # Writers meet here -----------------------------------------------------------

    @api.model
    def _touch(self, keys, matched=False):
        """Make the writers of these accounts meet; a missing account is opened.

        :param keys: ``(company id, partner id)`` pairs
        :param matched: note that their open items are being compared
        """
        if not keys:
            return
        self.flush_model()
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, 1, %s, %s, %s, %s, %s)",
                company_id,
                partner_id,
                account_number(partner_id),
                fields.Datetime.now() if matched else None,
                self.env.uid,
                self.env.uid,
                fields.Datetime.now(),
                fields.Datetime.now(),
            )
            # One order for everybody: no deadlocks.
            for company_id, partner_id in sorted(set(keys))
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO clinic_account
                       (company_id, partner_id, number, version, matched_at,
                        create_uid, write_uid, create_date, write_date)
                   VALUES %s
                   ON CONFLICT (company_id, partner_id) DO UPDATE
                   SET version = clinic_account.version + 1,
                       matched_at = coalesce(
                           excluded.matched_at, clinic_account.matched_at)""",
                rows,
            )
        )
        self.invalidate_model(["version", "matched_at"])

    @api.model
    def _households(self, partner_ids):
        """Return ``{payer id: set of those paid for}`` around these partners."""
        self.flush_model(["partner_id", "family_consent", "family_ids"])
        rows = self.env.execute_query(
            SQL(
                """WITH RECURSIVE pays AS (
                       SELECT a.company_id, a.partner_id AS payer,
                              r.partner_id AS member
                         FROM clinic_account a
                         JOIN clinic_account_family_rel r ON r.account_id = a.id
                        WHERE a.family_consent
                   ), around(id) AS (
                       SELECT unnest(%s::int[])
                       UNION
                       SELECT CASE WHEN payer = id THEN member ELSE payer END
                         FROM pays JOIN around ON id IN (payer, member)
                   )
                   SELECT company_id, payer, member FROM pays
                    WHERE payer IN (SELECT id FROM around)""",
                list(partner_ids),
            )
        )
        families = {}
        for company_id, payer, member in rows:
            families.setdefault(company_id, {}).setdefault(payer, set()).add(member)
        return families

    # The mass run ----------------------------------------------------------------

    @api.model
    def _cron_match(self):
        """Match whatever is open on both sides, a portion of payers a transaction.

        Where it was interrupted it goes on next time: an account says when it was
        compared last.
        """
        waiting = self._partners_to_match()
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for start in range(0, len(waiting), PORTION):
            portion = waiting[start : start + PORTION]
            self._match_portion(portion)
            if not self.env["ir.cron"]._commit_progress(len(portion)):
                break

    def _match_portion(self, partner_ids):
        """Match one portion; who races with us is left for the next run."""
        for attempt in range(ATTEMPTS):
            try:
                # Sudo mode: the cron's own work on everybody's accounts.
                self.env["res.partner"].browse(partner_ids).sudo()._clinic_allocate()
                self.env.cr.flush()
            except (SerializationFailure, DeadlockDetected, LockNotAvailable):
                self.env.cr.rollback()
                self.env.transaction.reset()
                _logger.info("Matching: somebody else's turn, attempt %s", attempt + 1)
            else:
                return

    @api.model
    def _partners_to_match(self):
        """Return the ids of payers with both money and charges open, in order."""
        self.env["account.move.line"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """WITH open AS (
                       SELECT l.company_id, l.partner_id,
                              bool_or(l.amount_residual > 0) AS owes,
                              bool_or(l.amount_residual < 0) AS has
                         FROM account_move_line l
                         JOIN account_account a ON a.id = l.account_id
                        WHERE l.reconciled IS NOT TRUE
                          AND l.parent_state = 'posted'
                          AND a.account_type = 'asset_receivable'
                          AND l.partner_id IS NOT NULL
                        GROUP BY 1, 2
                   )
                   SELECT DISTINCT o.partner_id
                     FROM open o
                LEFT JOIN clinic_account a ON a.company_id = o.company_id
                                          AND a.partner_id = o.partner_id
                    WHERE (a.matched_at IS NULL OR a.matched_at < %s)
                      AND o.has
                      AND (o.owes OR a.family_consent AND EXISTS (
                              SELECT FROM clinic_account_family_rel r
                                JOIN open m ON m.partner_id = r.partner_id
                               WHERE r.account_id = a.id AND m.owes))
                    ORDER BY 1""",
                fields.Datetime.now() - FRESH,
            )
        )
        return [partner_id for [partner_id] in rows]
