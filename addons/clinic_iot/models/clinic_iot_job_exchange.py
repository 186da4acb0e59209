"""What a box asks about jobs, after its signature was found right."""

import logging

from odoo import SUPERUSER_ID, api, models

_logger = logging.getLogger(__name__)

# So many jobs of one device are with the box at a time; the others can be withdrawn.
AHEAD = 5


class ClinicIotJob(models.Model):
    _inherit = "clinic.iot.job"

    @api.model
    def _next_for(self, box, have):
        """Lease and return what the devices of ``box`` have to do, oldest first.

        Each device by itself: one that is stuck does not keep the others waiting.

        :param have: uuids of what the box has already
        """
        waiting = self.search(
            [
                ("box_id", "=", box.id),
                ("state", "in", ("queued", "leased")),
                ("settled", "=", False),
            ],
            order="id",
        )
        fresh = self.browse()
        for jobs in waiting.grouped("device_id").values():
            held = jobs.filtered(lambda job: job.uuid in have)
            room = max(AHEAD - len(held), 0)
            fresh |= (jobs - held).filtered(lambda job: not job._is_late())[:room]
        fresh = fresh.sorted("id")
        queued = fresh.filtered(lambda job: job.state == "queued")
        if queued:
            queued.write({"state": "leased", "leased_at": self.env.cr.now()})
            queued._notify()
        return fresh

    @api.model
    def _of_box(self, box, uuid):
        """Return the job, locked, if it is one of this box."""
        job = self.search([("uuid", "=", uuid), ("box_id", "=", box.id)])
        if job:
            job.lock_for_update()
        else:
            _logger.warning("Box %s asks for job %s, which it has not", box.id, uuid)
        return job

    @api.model
    def _begin(self, box, uuid, journal):
        """Return whether the box may begin this job now."""
        job = self._of_box(box, uuid)
        if not job or job.settled or job.state in ("done", "failed") or job._is_late():
            return False
        if job.state in ("running", "unknown") and job.journal != journal:
            return False
        job.write(
            {
                "state": "running",
                "journal": journal,
                "attempts": job.attempts + 1,
                "started_at": job.started_at or self.env.cr.now(),
            }
        )
        job._notify()
        return True

    @api.model
    def _report(self, box, uuid, state, settled, result):
        """Keep how a job has ended, as the box says."""
        job = self._of_box(box, uuid)
        if not job:
            return
        if not job.settled:
            # Heard before (the answer was lost on the way): not told a second time.
            if (job.state, job.result) != (state, result) or settled:
                job._end(state, result, settled)
        elif job.handled_by and job.state != state:
            job._contradicted(state, result)

    def _contradicted(self, state, result):
        """Keep what the box has found out after a person had decided otherwise."""
        self.ensure_one()
        if self.late_result:
            return
        self.late_result = {**result, "state": state}
        # A box has no user: it is said in the words of who has decided.
        lang = self.handled_by.lang or self.env.lang
        job = self.with_user(SUPERUSER_ID).with_context(lang=lang)
        states = dict(job._fields["state"]._description_selection(job.env))
        job.message_post(
            body=job.env._(
                "The box says otherwise now: %(state)s. Please look at it again.",
                state=states[state],
            )
        )
        self._notify()

    @api.model
    def _memory_lost(self, box, journal):
        """The box has a new memory: what it was doing nobody can tell by itself."""
        lost = self.search(
            [
                ("box_id", "=", box.id),
                ("settled", "=", False),
                ("state", "in", ("running", "unknown")),
                ("journal", "!=", journal),
            ]
        )
        message = self.env._("The box has lost its memory while it was doing this.")
        lost._end("unknown", {"code": "memory_lost", "message": message})
