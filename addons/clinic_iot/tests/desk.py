from odoo.addons.clinic_iot.iot_handlers.clinic_devices.receipt import Receipt

from .common import IotCommon

KINDS = ["receipt", "find", "drawer", "shift_open", "shift_close", "x_report"]
KINDS += ["cash_in", "cash_out"]


class DeskCommon(IotCommon):
    """A desk with a register whose box does what a test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.register.kinds = KINDS
        cls.env["clinic.cash.desk"].search([]).active = False
        cls.desk = cls.env["clinic.cash.desk"].create(
            {
                "name": "Desk of tests",
                "branch_id": cls.branch.id,
                "register_id": cls.register.id,
                "scanner_id": cls.scanner.id,
            }
        )
        cls.cashier = cls._user("cashier")
        cls.fd = 100

    @classmethod
    def _screen(cls, user=None):
        return cls.env["clinic.cash.screen"].with_user(user or cls.cashier)

    def _pay_at_desk(self, visits=None, user=None, **values):
        """Pay on the cash screen; return what it answers."""
        patient = visits.patient_id if visits else self.patient
        return self._screen(user).pay(
            {
                "key": values.pop("key", f"test-{len(self._receipts())}"),
                "desk_id": self.desk.id,
                "partner_id": patient.id,
                "visit_ids": visits.ids if visits else [],
                **values,
            }
        )

    def _receipts(self):
        """Write what the end of the transaction would, and return all receipts."""
        receipts = self.env["clinic.fiscal.receipt"]
        self.env.flush_all()
        receipts._make_waiting()
        return receipts.search([("desk_id", "=", self.desk.id)], order="id")

    def _methods(self, receipt):
        """Return [(1214, 1212, roubles)] after the box has understood the receipt."""
        parsed = Receipt.parse(receipt.payload)
        self.assertEqual(parsed.total, round(receipt.amount * 100))
        return [(item.method, item.object, item.total / 100) for item in parsed.items]

    def _paid_by(self, receipt):
        return {
            way: amount / 100
            for way, amount in receipt.payload["payments"].items()
            if amount
        }

    def _work(self, state="done", **result):
        """Let the box do all jobs that wait; return their kinds."""
        kinds = []
        while envelopes := self._next():
            for _envelope in envelopes:
                pass
            jobs = self.env["clinic.iot.job"].search(
                [("state", "=", "leased"), ("box_id", "=", self.box.id)], order="id"
            )
            for job in jobs:
                kinds.append(job.kind)
                self._begin(job)
                type(self).fd += 1
                values = {
                    "fn": "9999078902000001",
                    "fd": self.fd,
                    "fp": 1234567890,
                    "moment": "2026-11-23T10:15:00",
                    "shift": 7,
                    "check": f"t=20261123T1015&s=1.00&fn=9999&i={self.fd}&fp=1&n=1",
                }
                self._report(job, state, **{**values, **result})
        return kinds
