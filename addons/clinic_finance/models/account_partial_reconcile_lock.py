from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class LockReason(str):
    """A reason given by our own code: a client can send nothing but a plain string."""


class AccountPartialReconcile(models.Model):
    """What was open and what was paid on a closed day stays as it was reported.

    Odoo lets anybody match and unmatch items of a closed period. Here a match belongs
    to the later of its two dates: an old debt paid today is a match of today, a match
    of two items of the closed period belongs to that period and is refused there.
    """

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._check_clinic_lock()
        return partials

    def unlink(self):
        self._check_clinic_lock()
        return super().unlink()

    def _check_clinic_lock(self):
        """Refuse matches of customers inside a closed period.

        An accounting manager may pass with a reason (context ``clinic_lock_reason``),
        and so may our own documents that follow from a visit, with a ``LockReason``;
        the reason stays in the history of both documents. What is locked for good is
        changed by nobody.
        """
        for company, partials in self.grouped("company_id").items():
            lock = company._clinic_lock_date()
            if not lock:
                continue
            locked = partials.filtered(
                lambda partial, lock=lock: (
                    partial.max_date <= lock
                    and partial.debit_move_id.account_type == "asset_receivable"
                )
            )
            if locked:
                locked._pass_clinic_lock(company, lock)

    def _pass_clinic_lock(self, company, lock):
        reason = (self.env.context.get("clinic_lock_reason") or "").strip()
        allowed = self.env.su or self.env.user.has_group(
            "account.group_account_manager"
        )
        final = company.user_hard_lock_date
        if not (reason and allowed) or any(item.max_date <= final for item in self):
            moves = (self.debit_move_id | self.credit_move_id).move_id
            raise UserError(
                self.env._(
                    "%(documents)s belong to the period closed on %(date)s: they can "
                    "no longer be matched with each other, nor taken apart. The "
                    "accountant can open the period for a while, with a reason, in "
                    "Closing of Periods.",
                    documents=", ".join(moves.mapped("display_name")),
                    date=format_date(self.env, lock),
                )
            )
        for move in (self.debit_move_id | self.credit_move_id).move_id:
            move._message_log(
                body=self.env._(
                    "Matching changed in a closed period: %(reason)s", reason=reason
                )
            )
