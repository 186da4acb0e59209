from odoo import api, models
from odoo.tools import SQL


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def init(self):
        """Let the database itself refuse to use a rouble twice.

        Two matches together may not be of more than the item they use. Odoo counts
        that in Python; this holds for whatever writes here, at the end of a
        transaction. Items in another currency are left out: an exchange difference
        is matched beyond their amount for a moment.
        """
        super().init()
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION clinic_check_never_doubled()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (
                        SELECT FROM account_move_line l
                          JOIN account_account a ON a.id = l.account_id
                          JOIN res_company c ON c.id = l.company_id
                         WHERE l.id IN (NEW.debit_move_id, NEW.credit_move_id)
                           AND a.account_type = 'asset_receivable'
                           AND l.currency_id = c.currency_id
                           AND abs(l.balance) + 0.005 < (
                               SELECT sum(p.amount)
                                 FROM account_partial_reconcile p
                                WHERE CASE WHEN l.balance > 0
                                           THEN p.debit_move_id = l.id
                                           ELSE p.credit_move_id = l.id END)
                    ) THEN
                        RAISE EXCEPTION
                            'match %% uses more than its journal items have', NEW.id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                END $$;
                DROP TRIGGER IF EXISTS clinic_never_doubled
                    ON account_partial_reconcile;
                CREATE CONSTRAINT TRIGGER clinic_never_doubled
                    AFTER INSERT OR UPDATE OF amount, debit_move_id, credit_move_id
                    ON account_partial_reconcile
                    DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION clinic_check_never_doubled();
                """
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        """Write down every match of a customer's money, whoever made it."""
        partials = super().create(vals_list)
        if not self.env.context.get("clinic_accounts_touched"):
            partials._clinic_touch_accounts()
        # The log is append-only for everybody: nobody has rights to create it.
        self.env["clinic.payment.match"].sudo()._log_partials(partials)
        return partials

    def unlink(self):
        self._clinic_touch_accounts()
        # Sudo for the same reason: the log says itself who undid the match.
        self.env["clinic.payment.match"].sudo()._log_undone(self)
        return super().unlink()

    def _clinic_touch_accounts(self):
        """Meet whoever works with the same people's money at this moment."""
        lines = (self.debit_move_id | self.credit_move_id).filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        # Sudo: whoever matches has no rights of their own on accounts.
        customers = lines.partner_id.sudo()._clinic_has_account()
        self.env["clinic.account"].sudo()._touch(
            [
                (line.company_id.id, line.partner_id.id)
                for line in lines
                if line.partner_id in customers
            ]
        )
