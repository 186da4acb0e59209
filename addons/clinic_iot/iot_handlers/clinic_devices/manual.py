"""A card terminal that stands alone: the cashier types the amount into it.

The job only keeps what the slip says: the desk has one way for all terminals.
"""

from .backend import Backend, Note, Result
from .jobs import Job, Refused


class ManualTerminal(Backend):
    kinds = frozenset(("payment", "refund"))
    type = "payment"

    def check(self, job: Job) -> None:
        super().check(job)
        if not job.payload.get("reference"):
            raise Refused("no_reference", "The number of the slip (RRN) is missing")

    def perform(self, job: Job, note: Note) -> Result:
        return {
            "amount": job.payload.get("amount"),
            "reference": str(job.payload["reference"]),
        }

    def recover(self, job: Job, notes: Result, note: Note) -> Result:
        return self.perform(job, note)
