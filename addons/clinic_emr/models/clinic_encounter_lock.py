import hashlib
import json

from odoo import fields, models
from odoo.tools import SQL

from .clinic_encounter import CONTENT_FIELDS

# What the database itself refuses to change once the visit is finished. The record and
# the patient are not here: merging two cards of one person moves the visits along.
FROZEN = {
    "clinic_encounter": [
        *CONTENT_FIELDS,
        "appointment_id",
        "specialist_id",
        "branch_id",
        "service_id",
        "start",
        "stop",
        "state",
        "template_version_id",
        "signed_by_id",
        "signed_warning",
        "signature",
    ],
    "clinic_diagnosis": ["encounter_id", "icd10_id", "kind", "status", "note"],
    "clinic_observation": [
        "encounter_id",
        "code",
        "name",
        "kind",
        "value_text",
        "value_number",
        "value_date",
        "value_boolean",
        "unit_id",
        "interpretation",
        "reference",
    ],
    "clinic_encounter_addendum": ["encounter_id", "text", "author_id", "date"],
}


# plpgsql: the first argument is the column that holds the visit, the rest are frozen
FUNCTION = """
    CREATE OR REPLACE FUNCTION clinic_frozen() RETURNS trigger AS $$
    DECLARE
        visit integer := (to_jsonb(OLD) ->> TG_ARGV[0])::integer;
        finished boolean;
        name text;
    BEGIN
        SELECT state = 'finished' INTO finished FROM clinic_encounter WHERE id = visit;
        IF finished AND TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'clinic: a finished visit is not deleted';
        ELSIF finished THEN
            FOREACH name IN ARRAY TG_ARGV[1:] LOOP
                IF to_jsonb(OLD) -> name IS DISTINCT FROM to_jsonb(NEW) -> name THEN
                    RAISE EXCEPTION USING MESSAGE =
                        'clinic: a finished visit is not changed: ' || name;
                END IF;
            END LOOP;
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$ LANGUAGE plpgsql
"""


def guard_table(cr, table):
    """Let the database guard the rows of finished visits in a table (``FROZEN``)."""
    key = "id" if table == "clinic_encounter" else "encounter_id"
    arguments = SQL(", ").join(SQL("%s", name) for name in [key, *FROZEN[table]])
    cr.execute(SQL(FUNCTION))
    cr.execute(
        SQL(
            "CREATE OR REPLACE TRIGGER %(name)s BEFORE UPDATE OR DELETE ON %(table)s "
            "FOR EACH ROW EXECUTE FUNCTION clinic_frozen(%(arguments)s)",
            name=SQL.identifier(f"{table}_frozen"),
            table=SQL.identifier(table),
            arguments=arguments,
        )
    )


class ClinicEncounter(models.Model):
    """Signing: what is finished can't be changed, not even past the program."""

    _inherit = "clinic.encounter"

    signed_by_id = fields.Many2one(
        "res.users", string="Signed by", readonly=True, ondelete="restrict"
    )
    signed_warning = fields.Text(
        string="Warnings of That Day",
        readonly=True,
        copy=False,
        help="Allergies and warnings as they stood when the visit was finished.",
    )
    signature = fields.Char(
        readonly=True,
        copy=False,
        help="SHA-256 of all that was written, made when the visit was finished.",
    )

    def init(self):
        super().init()
        guard_table(self.env.cr, self._table)

    def _lock(self, when):
        """What waits to be written goes first, or the guard would meet it."""
        self.env.flush_all()
        result = super()._lock(when)
        self.env.flush_all()
        return result

    def _prepare_lock_vals(self, when):
        self.ensure_one()
        warning = self.record_id.warning or False
        return {
            **super()._prepare_lock_vals(when),
            "signed_by_id": self.specialist_id.user_id.id or self.env.uid,
            "signed_warning": warning,
            "signature": self._content_hash(warning),
        }

    def _content_hash(self, warning):
        """Return the SHA-256 of what is written in the visit."""
        self.ensure_one()
        content = {
            "texts": {name: self[name] or "" for name in CONTENT_FIELDS},
            "diagnoses": sorted(
                [line.icd10_id.code or "", line.kind, line.status, line.note or ""]
                for line in self.diagnosis_ids
            ),
            "values": sorted(
                [line.code, line.name, str(line._json_value()), line.unit_id.code or ""]
                for line in self.observation_ids
            ),
        }
        if warning:
            content["warning"] = warning
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _printed_warning(self):
        """Return the warnings of the day of the visit; today's while it goes on."""
        self.ensure_one()
        return self.signed_warning if self.state == "finished" else self.warning

    def _is_as_signed(self):
        """Return whether the visit still says what it said when it was signed."""
        self.ensure_one()
        return self.signature == self._content_hash(self.signed_warning)


class ClinicDiagnosis(models.Model):
    _inherit = "clinic.diagnosis"

    def init(self):
        super().init()
        guard_table(self.env.cr, self._table)


class ClinicObservation(models.Model):
    _inherit = "clinic.observation"

    def init(self):
        super().init()
        guard_table(self.env.cr, self._table)


class ClinicEncounterAddendum(models.Model):
    _inherit = "clinic.encounter.addendum"

    def init(self):
        super().init()
        guard_table(self.env.cr, self._table)
