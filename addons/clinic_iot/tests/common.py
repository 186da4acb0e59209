from odoo import fields

from odoo.addons.clinic_finance.tests.common import FinanceCommon
from odoo.addons.clinic_iot.iot_handlers.clinic_devices import signature

TOKEN = "a token of a test"


class IotCommon(FinanceCommon):
    """The clinic with a paired box at its first branch: a register and a scanner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.box = cls._create_box("box-of-tests")
        cls.register = cls._create_device(cls.box, "kassa1")
        cls.scanner = cls._create_device(cls.box, "scanner1", type="scanner", kinds=[])

    @classmethod
    def _create_box(cls, identifier, branch=None, token=TOKEN):
        """Return a box as it is after its pairing."""
        box = cls.env["clinic.iot.box"].create(
            {
                "name": identifier,
                "identifier": identifier,
                "branch_id": (branch or cls.branch).id,
                "paired_at": fields.Datetime.now(),
                "last_seen": fields.Datetime.now(),
            }
        )
        cls.env["clinic.iot.secret"]._pair(box, token)
        return box

    @classmethod
    def _create_device(cls, box, identifier, **values):
        return cls.env["clinic.iot.device"].create(
            {
                "box_id": box.id,
                "identifier": identifier,
                "name": f"Device {identifier}",
                "type": "fiscal_data_module",
                "kinds": ["receipt", "find", "drawer"],
                **values,
            }
        )

    @classmethod
    def _give(cls, kind="receipt", device=None, **values):
        values.setdefault("payload", {"total": 150000})
        return cls.env["clinic.iot.job"]._give(device or cls.register, kind, **values)

    def _next(self, box=None, have=()):
        """Return the jobs that the box fetches."""
        jobs = self.env["clinic.iot.job"].sudo()
        return jobs._next_for(box or self.box, have)

    def _begin(self, job, journal="journal"):
        return job.sudo()._begin(job.box_id, job.uuid, journal)

    def _report(self, job, state, settled=True, **result):
        job.sudo()._report(job.box_id, job.uuid, state, settled, result)

    def _keys(self, box=None, token=TOKEN):
        return signature.derive_keys(token, (box or self.box).identifier)
