import random

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestChargeFlows(FinanceCommon):
    """Whatever people do with visits, no money is made and none is lost."""

    SEEDS = 4
    STEPS = 10

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extra = cls._create_service(name="Test extra", list_price=333.33)
        cls.after = cls._create_service(
            name="Test after", list_price=1500.0, prepayment="after"
        )
        cls.deposit = cls._create_service(
            name="Test deposit", list_price=2500.0, prepayment="deposit"
        )
        policy = cls.env["clinic.cancel.policy"].create(
            {"name": "Flows", "noshow_percent": 40, "grace_minutes": 0}
        )
        policy.step_ids = [(0, 0, {"hours": 24 * 60, "percent": 35})]
        cls.company.clinic_cancel_policy_id = policy

    def _steps(self, rng, visit):
        """Return what may be tried with ``visit``."""
        standing = visit.charge_ids._standing()
        return {
            "add": lambda: visit.add_charge(self.extra.id, quantity=rng.randint(1, 3)),
            "drop": lambda: rng.choice(standing).drop("test"),
            "pay": lambda: self._paid(visit, rng.randint(1, 400_000) / 100),
            "cancel": lambda: visit.action_cancel("test"),
            "undo": visit.action_undo,
            "fulfil": lambda: self._fulfil(visit),
            "payer": lambda: visit.change_payer(
                rng.choice(visit._possible_payers()).id
            ),
            "together": lambda: (
                rng.choice([self.visits, self.visits[:2]])
                .filtered(lambda v: v.amount_due)
                .invoice_together()
            ),
        }

    def _paid(self, visit, amount):
        self._pay(visit, amount=amount)
        self.money += amount

    def test_random_lives_conserve_money(self):
        guardian = self._create_patient(name="Test Guardian", phone="+7 912 200-00-09")
        self.patient.guardian_ids = guardian
        for seed in range(self.SEEDS):
            rng = random.Random(seed)
            done = []
            with self.subTest(seed=seed), self.cr.savepoint() as life:
                self.money = 0.0
                before = self._balance() + self._balance(guardian)
                self.visits = self.env["clinic.appointment"]
                for hour, service in ((9, self.service), (11, self.after)):
                    self.visits |= self._book(hour, service_id=service.id)
                self.visits |= self._book(13, service_id=self.deposit.id)
                for _step in range(self.STEPS):
                    visit = rng.choice(self.visits)
                    steps = self._steps(rng, visit)
                    name = rng.choice(sorted(steps))
                    try:
                        with self.cr.savepoint():
                            steps[name]()
                    except (UserError, IndexError):
                        continue
                    done.append((name, visit.name))
                    self.assertConserved(self.visits)
                    self._assert_ledger(guardian, before, done)
                self.assertGreater(len(done), 2, "too little happened")
                life.rollback()
            self.env.invalidate_all()

    def _assert_ledger(self, guardian, before, done):
        """The ledger says: money taken less what is charged, of both payers."""
        posted = self.visits.invoice_ids.filtered(lambda move: move.state == "posted")
        charged = sum(posted.mapped("amount_total_signed"))
        balance = self._balance() + self._balance(guardian) - before
        self.assertAlmostEqual(balance, self.money - charged, 2, done)
        due = sum(self.visits.mapped("amount_due"))
        self.assertGreaterEqual(round(due, 2), 0.0, done)
        self.assertLessEqual(round(due - charged, 2), 0.0, done)
