from odoo.fields import Command

# Hours before the visit, and what is then kept of its price, in percent.
CANCEL_STEPS = ((6, 20), (2, 50))
BLOCK_REASON = "Визит не оплачен, на напоминания не отвечает"


class Decisions:
    """The rules at work, the risk of late payment, and one patient blocked.

    From today on late cancellations cost something; those of the past were free.
    """

    def __init__(self, env, now):
        self.env = env
        self.now = now
        self.company = env.company

    def make(self):
        self._make_cancel_policy()
        self.env["clinic.debt.risk"]._refresh(self.company)
        self._block_worst()
        rules = self.env["clinic.finance.rule"].with_context(active_test=False)
        rules.search([("company_id", "=", self.company.id)]).active = True
        engine = self.env["clinic.finance.engine"]
        for visit_id in engine._concerned():
            engine._decide(self.env["clinic.appointment"].browse(visit_id))

    def _make_cancel_policy(self):
        self.company.clinic_cancel_policy_id = self.env["clinic.cancel.policy"].create(
            {
                "name": "Отмена визита",
                "base": "price",
                "noshow_percent": 50,
                "step_ids": [
                    Command.create({"hours": hours, "percent": percent})
                    for hours, percent in CANCEL_STEPS
                ],
            }
        )

    def _block_worst(self):
        """Block who owes and pays late most often, but nobody who has a log-in."""
        risks = self.env["clinic.debt.risk"].search(
            [("late", ">", 0), ("company_id", "=", self.company.id)],
            order="probability desc, patient_id",
        )
        balances = risks.patient_id._clinic_balances(self.company)
        for risk in risks:
            patient = risk.patient_id
            if balances.get(patient.id, 0.0) < 0 and not patient.user_ids:
                accountant = self.env["res.users"].search([("login", "=", "finance")])
                # Sudo goes on, but it is the accountant who has decided.
                patient.with_user(accountant).sudo()._set_financial_block(BLOCK_REASON)
                self.env["clinic.finance.decision"]._log(
                    "block", patient, note=BLOCK_REASON
                )
                return patient
        return None
