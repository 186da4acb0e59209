from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

# what one step of the time line brings
STEP = 40
MOST = 200


class ClinicMedicalRecord(models.Model):
    """All that happened to the patient on one line of time.

    Each source is asked for its next few events only, so opening a record of a
    thousand visits costs as many queries as one of ten.
    """

    _inherit = "clinic.medical.record"

    def timeline(self, before=None, kinds=None, words=None, limit=STEP):
        """Return the events of the record, the newest first.

        :param before: the ``cursor`` of an earlier answer, to go on from there
        :param kinds: codes of the sources wanted, all by default
        :param words: only events in which this is written
        :return: ``{events: [{kind, model, id, date, day, title, subtitle, text,
            draft}…], cursor}``; no cursor where there is nothing more
        """
        self.ensure_one()
        self.check_access("read")
        self._log_look("open")
        limit = max(1, min(int(limit), MOST))
        offsets = dict(before or {})
        sources = [
            source
            for source in self._timeline_sources()
            if not kinds or source["kind"] in kinds
        ]
        events = []
        for source in sources:
            found = self._timeline_search(source, offsets, words, limit + 1)
            events += [
                {"kind": source["kind"], "model": found._name, "id": record.id, **event}
                for record, event in zip(found, source["read"](found), strict=True)
            ]
        events.sort(key=lambda event: (event["date"], event["id"]), reverse=True)
        taken = events[:limit]
        for event in taken:
            offsets[event["kind"]] = offsets.get(event["kind"], 0) + 1
        return {"events": taken, "cursor": offsets if len(events) > limit else None}

    def _timeline_search(self, source, offsets, words, limit):
        domain = Domain("record_id", "=", self.id)
        if words:
            domain &= Domain.OR(
                [Domain(name, "ilike", words) for name in source["words"]]
            )
        return self.env[source["model"]].search(
            domain,
            order=f"{source['date']} desc, id desc",
            offset=int(offsets.get(source["kind"], 0)),
            limit=limit,
        )

    def _timeline_sources(self):
        """Return where events come from; overriders add models with a ``record_id``.

        Each is a dict: ``kind``, ``model``, ``date`` (the field to sort by), ``words``
        (fields to search in) and ``read``, which takes the records and returns their
        ``{date, day, title, subtitle, text, draft}`` in order, without a query each.
        """
        return [
            {
                "kind": "visit",
                "model": "clinic.encounter",
                "date": "start",
                "words": [
                    "complaint",
                    "anamnesis",
                    "examination",
                    "recommendations",
                    "diagnosis_ids.icd10_id",
                    "observation_ids.value_text",
                ],
                "read": self._timeline_visits,
            },
            {
                "kind": "vaccination",
                "model": "clinic.immunization",
                "date": "date",
                "words": ["vaccine", "disease"],
                "read": self._timeline_immunizations,
            },
            {
                "kind": "file",
                "model": "clinic.media",
                "date": "date",
                "words": ["name", "body_site", "note"],
                "read": self._timeline_media,
            },
        ]

    @api.model
    def _timeline_visits(self, encounters):
        # sudo: names of specialists and services, which every visit shows anyway
        names_sudo = encounters.sudo()
        names_sudo.specialist_id.mapped("display_name")
        # all at once: the few of each visit taken below are fetched by themselves
        encounters.observation_ids.mapped("value")
        events = []
        for encounter in encounters:
            text = [
                encounter[name]
                for name in ("complaint", "examination", "recommendations")
                if encounter[name]
            ]
            values = [
                f"{line.name}: {line.value}" for line in encounter.observation_ids[:12]
            ]
            critical = "critical" in encounter.observation_ids.mapped("interpretation")
            events.append(
                {
                    "date": fields.Datetime.to_string(encounter.start),
                    "day": encounter.local_time,
                    "title": encounter.diagnosis_summary or "",
                    "subtitle": " · ".join(
                        [
                            encounter.specialist_id.display_name or "",
                            encounter.service_id.display_name or "",
                        ]
                    ),
                    "text": "\n".join(text),
                    "values": "; ".join(values),
                    "critical": critical,
                    "draft": encounter.state != "finished",
                }
            )
        return events

    @api.model
    def _timeline_immunizations(self, lines):
        states = dict(lines._fields["state"]._description_selection(self.env))
        return [
            self._timeline_day(
                line.date,
                title=" · ".join(filter(None, [line.vaccine, line.disease, line.dose])),
                subtitle="" if line.state == "done" else states[line.state],
                text=line.reason or line.reaction or "",
            )
            for line in lines
        ]

    @api.model
    def _timeline_media(self, files):
        kinds = dict(files._fields["kind"]._description_selection(self.env))
        return [
            {
                **self._timeline_day(
                    media.date,
                    title=media.name or "",
                    subtitle=" · ".join(
                        filter(None, [kinds[media.kind], media.body_site])
                    ),
                    text=media.note or "",
                ),
                "image": media.is_image,
            }
            for media in files
        ]

    @api.model
    def _timeline_day(self, day, **event):
        """Return an event of a day without an hour."""
        return {
            "date": f"{day} 00:00:00",
            "day": format_date(self.env, day),
            "draft": False,
            **event,
        }
