from odoo import api, fields, models


class ClinicAppointment(models.Model):
    """Of many regular visits the patient is told once: a year is no year of messages.

    One notice speaks for the others, which it counts (``body_values``); reminders come
    for each visit.
    """

    _inherit = "clinic.appointment"

    def _of_one_series(self):
        """Yield these visits in groups: those of one series together, by start."""
        for series, visits in self.grouped("series_id").items():
            if series:
                yield visits.sorted("start")
            else:
                yield from visits

    def _tell_of_booking(self):
        if len(self) < 2:
            return super()._tell_of_booking()
        for visits in self._is_news()._of_one_series():
            first, rest = visits[0], visits[1:]
            first._tell("booked", body_values=_speaks_for(rest))
        return None

    def _tell_of_cancel(self):
        super()._tell_of_cancel()
        self._tell_once()

    def _tell_once(self):
        """Let one waiting notice of each kind speak for all visits of a series."""
        if len(self) < 2:
            return
        # sudo: the outbox is written by nobody but the rules
        waiting_sudo = (
            self.env["clinic.notice"]
            .sudo()
            .search(
                [
                    ("appointment_id", "in", self.ids),
                    ("state", "=", "waiting"),
                    ("kind", "in", ("booked", "moved", "cancelled")),
                ]
            )
        )
        for visits in self._of_one_series():
            if len(visits) < 2:
                continue
            own_sudo = waiting_sudo.filtered(
                lambda notice, visits=visits: notice.appointment_id in visits
            )
            for same_sudo in own_sudo.grouped(lambda n: (n.kind, n.channel)).values():
                same_sudo.sorted("visit_start")._speak_once()

    def _drop_waiting(self, reason):
        """What a dropped notice spoke for is told by the next one."""
        dropped_sudo = super()._drop_waiting(reason)
        for notice_sudo in dropped_sudo:
            ids = (notice_sudo.body_values or {}).get("silent_ids")
            silent_sudo = notice_sudo.browse(ids or ()).exists()
            silent_sudo = silent_sudo.filtered(
                lambda notice: notice.state == "skipped" and notice.reason == "series"
            )
            silent_sudo.write({"state": "waiting", "reason": False})
            silent_sudo.sorted("visit_start")._speak_once()
        return dropped_sudo


class ClinicNotice(models.Model):
    _inherit = "clinic.notice"

    @api.model
    def _reasons(self):
        return {
            **super()._reasons(),
            "series": self.env._("Told with another of the regular visits."),
        }

    def _speak_once(self):
        """Let the first of these speak for all; the others are not sent."""
        first, rest = self[:1], self[1:]
        if not rest:
            return
        values = _speaks_for(rest.appointment_id)
        first.body_values = {
            **(first.body_values or {}),
            **values,
            "silent_ids": rest.ids,
        }
        rest._skip("series")

    @api.depends("body_values")
    def _compute_words(self):
        super()._compute_words()
        for notice in self:
            values = notice.body_values or {}
            if not values.get("more") or not notice.visit_time:
                continue
            branch = notice.branch_id.with_context(lang=notice.lang)
            last = branch._localize(fields.Datetime.to_datetime(values["last"]))
            visits = notice.appointment_id.with_context(lang=notice.lang)
            notice.visit_time = branch.env._(
                "%(time)s (and %(count)s more visits, the last on %(last)s)",
                time=notice.visit_time,
                count=values["more"],
                last=visits._say_time(last, branch),
            )


def _speaks_for(visits):
    """Return what a notice keeps of the visits it speaks for as well."""
    if not visits:
        return None
    return {"more": len(visits), "last": str(max(visits.mapped("start")))}
