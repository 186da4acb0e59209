from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import table_exists


class ClinicSkill(models.Model):
    """Which specialist does which service: what every appointment must point at.

    A row is made for each specialist and service with a common specialty, and is
    closed when they have none any more. Nobody has to keep the list, but it may be
    tuned: an own duration, dated validity, a pause, a row opened or closed by hand.

    The table is there for the database: an appointment has a composite foreign key
    (specialist, service) to it, which a rule computed from two many-to-many tables
    could not have. So neither an import nor a program nor plain SQL can book a
    service with somebody who has never done it. What changes with the date (validity,
    pauses, closed rows) is for Python: former visits must stay valid.
    """

    _name = "clinic.skill"
    _description = "Service of a Specialist"
    _order = "specialist_id, service_id"

    specialist_id = fields.Many2one(
        "clinic.specialist", required=True, index=True, ondelete="cascade"
    )
    service_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_clinic_service", "=", True)],
    )
    product_tmpl_id = fields.Many2one(
        related="service_id.product_tmpl_id", store=True, index=True
    )
    company_id = fields.Many2one(
        related="specialist_id.company_id", store=True, index=True
    )
    duration = fields.Integer(
        string="Own Duration, Minutes",
        aggregator=None,
        help="What the service takes this specialist; 0 for the usual duration.",
    )
    date_from = fields.Date(string="Valid From", help="The first day of visits.")
    date_to = fields.Date(string="Valid To", help="The last day of visits.")
    pause_from = fields.Date(
        help="From this day on the specialist takes nobody for the service for now."
    )
    pause_to = fields.Date(help="The last day of the pause; empty for no end yet.")
    active = fields.Boolean(
        default=True, help="Closed: the specialist does not do the service."
    )
    manual = fields.Boolean(
        string="Set by Hand",
        help="Specialties neither open nor close this row any more.",
    )

    _pair_uniq = models.Constraint(
        "UNIQUE(specialist_id, service_id)",
        "The specialist has this service in the list already.",
    )
    _duration_range = models.Constraint(
        "CHECK(duration = 0 OR duration BETWEEN 5 AND 480)",
        "A clinic service takes from 5 minutes to 8 hours; 0 means the usual duration.",
    )
    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "The validity must end after it starts."
    )
    _pause_in_order = models.Constraint(
        "CHECK(pause_to IS NULL"
        " OR (pause_from IS NOT NULL AND pause_to >= pause_from))",
        "The pause must end after it starts.",
    )

    def init(self):
        # Before the foreign key of the appointments is made: see the class.
        self._sync()
        if table_exists(self.env.cr, "clinic_appointment"):
            self._keep_what_was_booked()

    @api.depends("specialist_id.name", "service_id.name")
    def _compute_display_name(self):
        for skill in self:
            names = (skill.specialist_id.name, skill.service_id.name)
            skill.display_name = " · ".join(name for name in names if name)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{"manual": True, **vals} for vals in vals_list])

    def write(self, vals):
        if "active" in vals:
            vals = {"manual": True, **vals}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        used = self._in_use()
        if used:
            raise UserError(
                self.env._(
                    "There are visits for: %(names)s. Close the row (archive it) "
                    "instead of deleting it.",
                    names=", ".join(used.mapped("display_name")),
                )
            )

    def _in_use(self):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM clinic_skill skill
                    WHERE id = ANY(%s) AND EXISTS (
                          SELECT FROM clinic_appointment visit
                           WHERE visit.specialist_id = skill.specialist_id
                             AND visit.service_id = skill.service_id)""",
                self.ids,
            )
        )
        return self.browse(row[0] for row in rows)

    # Kept in step with specialties --------------------------------------------

    @api.model
    def _sync(self, specialists=None, services=None):
        """Let the rows follow the common specialties of specialists and services.

        Rows set by hand stay as they are. A row that lost its reason is deleted if it
        says nothing of its own and no visit points at it, else closed.

        :param specialists: whose rows; all by default.
        :param services: variants whose rows; all by default.
        """
        self.env.flush_all()
        scope = SQL(
            "%s AND %s",
            SQL("s.id = ANY(%s)", specialists.ids) if specialists else SQL("TRUE"),
            SQL("p.id = ANY(%s)", services.ids) if services else SQL("TRUE"),
        )
        wanted = SQL(
            """SELECT DISTINCT s.id AS specialist_id, p.id AS service_id,
                      p.product_tmpl_id, s.company_id
                 FROM clinic_specialist s
                 JOIN clinic_specialist_clinic_specialty_rel has
                   ON has.clinic_specialist_id = s.id
                 JOIN clinic_service_specialty_rel needs
                   ON needs.specialty_id = has.clinic_specialty_id
                 JOIN product_template t
                   ON t.id = needs.product_tmpl_id AND t.is_clinic_service
                 JOIN product_product p ON p.product_tmpl_id = t.id
                WHERE %s""",
            scope,
        )
        now = SQL("now() AT TIME ZONE 'UTC'")
        self.env.cr.execute(
            SQL(
                """INSERT INTO clinic_skill (specialist_id, service_id,
                          product_tmpl_id, company_id, active, duration, manual,
                          create_uid, create_date, write_uid, write_date)
                   SELECT wanted.*, TRUE, 0, FALSE, %(uid)s, %(now)s, %(uid)s, %(now)s
                     FROM (%(wanted)s) wanted
                   ON CONFLICT (specialist_id, service_id)
                   DO UPDATE SET active = TRUE
                    WHERE NOT clinic_skill.active
                      AND clinic_skill.manual IS NOT TRUE""",
                uid=self.env.uid,
                now=now,
                wanted=wanted,
            )
        )
        groundless = SQL(
            """skill.manual IS NOT TRUE AND skill.active
               AND skill.specialist_id = s.id AND skill.service_id = p.id AND %s
               AND (skill.specialist_id, skill.service_id) NOT IN (
                   SELECT specialist_id, service_id FROM (%s) wanted)""",
            scope,
            wanted,
        )
        used = SQL("FALSE")
        if table_exists(self.env.cr, "clinic_appointment"):
            used = SQL(
                """EXISTS (SELECT FROM clinic_appointment visit
                            WHERE visit.specialist_id = skill.specialist_id
                              AND visit.service_id = skill.service_id)"""
            )
        tuned = SQL(
            """skill.duration > 0 OR num_nonnulls(skill.date_from, skill.date_to,
               skill.pause_from, skill.pause_to) > 0"""
        )
        self.env.cr.execute(
            SQL(
                """UPDATE clinic_skill skill SET active = FALSE
                     FROM clinic_specialist s, product_product p
                    WHERE %s AND (%s OR %s)""",
                groundless,
                used,
                tuned,
            )
        )
        self.env.cr.execute(
            SQL(
                """DELETE FROM clinic_skill skill
                    USING clinic_specialist s, product_product p
                    WHERE %s""",
                groundless,
            )
        )
        self.env.invalidate_all(flush=False)

    @api.model
    def _keep_what_was_booked(self):
        """Make closed rows for visits of pairs that have no common specialty now."""
        self.env.cr.execute(
            """INSERT INTO clinic_skill (specialist_id, service_id, product_tmpl_id,
                      company_id, active, duration, manual, create_date, write_date)
               SELECT DISTINCT v.specialist_id, v.service_id, p.product_tmpl_id,
                      s.company_id, FALSE, 0, FALSE,
                      now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                 FROM clinic_appointment v
                 JOIN clinic_specialist s ON s.id = v.specialist_id
                 JOIN product_product p ON p.id = v.service_id
               ON CONFLICT (specialist_id, service_id) DO NOTHING"""
        )
