from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .clinic_medical_record import TREATING_STATES

# an appointment in one of these states: the patient is in the clinic right now
PRESENT_STATES = ("arrived", "in_progress")


class ClinicMedicalRecord(models.Model):
    """Who reads a record besides those who receive the patient.

    Whom the patient is referred to, the care team and whoever is on duty, a specialist
    who took emergency access; and who does not, though he treats: those not named in a
    closed record.
    """

    _inherit = "clinic.medical.record"

    _medical_record_path = ""
    _medical_author_path = "encounter_ids.specialist_id.user_id"

    is_closed_to_me = fields.Boolean(
        compute="_compute_is_closed_to_me",
        search="_search_is_closed_to_me",
        help="The record is closed and the current user is not among its readers.",
    )

    @api.depends_context("uid")
    def _compute_is_closed_to_me(self):
        # sudo: the rules of medical models are made of this very field
        closed = self.sudo().search(
            Domain("id", "in", self.ids) & self._closed_to_me_domain()
        )
        for record in self:
            record.is_closed_to_me = record._origin in closed

    def _search_is_closed_to_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._closed_to_me_domain()
        if True not in value:
            return ~domain
        return domain if False not in value else Domain.TRUE

    @api.model
    def _closed_to_me_domain(self):
        """Return the domain of records closed to the current user.

        Who is receiving the patient at this moment needs the record, named or not.
        """
        # sudo: nobody but the chief physician may know which records are closed
        closures = self.env["clinic.record.closure"].sudo()
        closed = closures._search(
            closures._current_domain() & Domain("reader_ids", "not in", [self.env.uid])
        )
        # sudo: whose appointment it is decides, not who may see appointments
        received = (
            self.env["clinic.appointment"]
            .sudo()
            ._search(
                [
                    ("specialist_id.user_id", "=", self.env.uid),
                    ("state", "in", PRESENT_STATES),
                ]
            )
        )
        return Domain("id", "in", closed.subselect("record_id")) & Domain(
            "patient_id", "not in", received.subselect("patient_id")
        )

    @api.model
    def _treated_by_me_domain(self):
        return (
            super()._treated_by_me_domain()
            | self._referral_domain()
            | self._team_domain()
            | self._duty_domain()
            | self._emergency_domain()
        )

    @api.model
    def _referral_domain(self):
        """Return the domain of records of patients referred to the current user.

        From the moment the referral is given and while it stands; when the patient
        has come, the appointment is the ground.
        """
        # sudo: that a colleague refers the patient to me decides, not what I may read
        requests = (
            self.env["clinic.service.request"]
            .sudo()
            ._search(
                [
                    ("performer_id.user_id", "=", self.env.uid),
                    ("state", "=", "active"),
                    # rules are evaluated with withdrawn rows in sight
                    ("active", "=", True),
                ]
            )
        )
        return Domain("id", "in", requests.subselect("record_id"))

    @api.model
    def _team_domain(self):
        """Return the domain of records shared with the current user's care teams."""
        # sudo: teams are the chief physician's to see; that I am in one is mine
        Team = self.env["clinic.care.team"].sudo()
        teams = Team._search(Team._mine_domain() & Domain("kind", "=", "patients"))
        patients = (
            self.env["clinic.care.team.patient"]
            .sudo()
            ._search([("team_id", "in", teams)])
        )
        return Domain(
            "patient_id", "in", patients.subselect("patient_id")
        ) | self._colleagues_domain(Team)

    @api.model
    def _colleagues_domain(self, Team):
        """Return the domain of patients of those who share theirs with the user."""
        shared = Team._search(Team._mine_domain() & Domain("kind", "=", "colleagues"))
        Member = Team.member_ids
        fellows = Member._search(
            Member._current_domain() & Domain("team_id", "in", shared)
        )
        appointments = (
            self.env["clinic.appointment"]
            .sudo()
            ._search(
                Domain("specialist_id.user_id", "in", fellows.subselect("user_id"))
                & Domain("state", "in", TREATING_STATES)
            )
        )
        return Domain("patient_id", "in", appointments.subselect("patient_id"))

    @api.model
    def _duty_domain(self):
        """Return the domain of patients who are where the current user is on duty."""
        Team = self.env["clinic.care.team"].sudo()
        duties = Team._search(Team._mine_domain() & Domain("kind", "=", "duty"))
        present = (
            self.env["clinic.appointment"]
            .sudo()
            ._search(
                Domain("branch_id", "in", duties.subselect("branch_id"))
                & Domain("state", "in", PRESENT_STATES)
            )
        )
        return Domain("patient_id", "in", present.subselect("patient_id"))

    @api.model
    def _emergency_domain(self):
        """Return the domain of records opened by emergency access that still lasts."""
        Grant = self.env["clinic.record.grant"].sudo()
        grants = Grant._search(
            Grant._current_domain() & Domain("user_id", "=", self.env.uid)
        )
        return Domain("id", "in", grants.subselect("record_id"))

    def _reading_bases(self):
        """Return ``{record id: on what ground the current user reads it}``.

        Asked in the order of how near the reader stands to the patient; one query for
        each ground, and none once every record has its own.
        """
        # sudo: nobody but the chief physician may know which records are closed
        closures_sudo = self.env["clinic.record.closure"].sudo()
        named = closures_sudo.search(
            closures_sudo._current_domain()
            & Domain("record_id", "in", self.ids)
            & Domain("reader_ids", "in", [self.env.uid])
        ).record_id
        bases = dict.fromkeys(named.ids, "named")
        has_group = self.env.user.has_group
        grounds = []
        if has_group("clinic_base.group_specialist"):
            grounds += [
                ("treatment", super()._treated_by_me_domain),
                ("referral", self._referral_domain),
                ("team", self._team_domain),
                ("duty", self._duty_domain),
                ("emergency", self._emergency_domain),
            ]
        if has_group("clinic_base.group_nurse"):
            grounds.append(("nursing", self._nursed_by_me_domain))
        for basis, get_domain in grounds:
            if rest := [id_ for id_ in self.ids if id_ not in bases]:
                # sudo: the ground is found past the rules that are made of it
                found = self.sudo().search(Domain("id", "in", rest) & get_domain())
                bases.update(dict.fromkeys(found.ids, basis))
        last = "chief" if has_group("clinic_base.group_chief_physician") else "other"
        return {id_: bases.get(id_, last) for id_ in self.ids}

    @api.model
    def _nursed_by_me_domain(self):
        return Domain("encounter_ids.nurse_ids", "in", [self.env.uid])

    def _archive_with_reason(self, reason):
        raise UserError(
            self.env._("A medical record stays: withdraw what is wrong in it.")
        )

    def _access_log_for_patient(self, limit=500):
        """Return who opened the record and why, newest first, for the patient to see.

        One entry a reader, day and ground: ``{date, name, specialty, basis, ground,
        count}``, plain values. The caller has checked that the patient is asking.
        """
        if not self:
            return []
        self.ensure_one()
        # sudo: a patient has no right on the log but to know what is in it on himself
        Access = self.env["clinic.record.access"].sudo()
        rows = Access._read_group(
            [("record_id", "=", self.id)],
            ["date:day", "user_id", "basis"],
            ["__count", "date:max"],
            order="date:max desc",
            limit=limit,
        )
        users = self.env["res.users"].browse({user.id for _d, user, *_r in rows})
        specialists = {
            specialist.user_id.id: specialist
            for specialist in self.env["clinic.specialist"]
            .sudo()
            .with_context(active_test=False)
            .search([("user_id", "in", users.ids)])
        }
        grounds = dict(Access._fields["basis"]._description_selection(self.env))
        return [
            {
                "date": last,
                "name": (specialists.get(user.id) or user).sudo().name,
                "specialty": ", ".join(
                    specialists[user.id].specialty_ids.mapped("name")
                )
                if user.id in specialists
                else "",
                "basis": basis,
                "ground": grounds.get(basis, ""),
                "count": count,
            }
            for _day, user, basis, count, last in rows
        ]

    def _absorb(self, other):
        """Take over what any addon hung on the other record, before it is dropped."""
        other.encounter_ids._move_to_record(self)
        self.env["clinic.record.closure"].search(
            [("record_id", "in", other.ids)]
        )._move_to_record(self)
        self.env.flush_all()
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._update_foreign_keys_generic(self._name, other, self)
        self.env.invalidate_all()
        return super()._absorb(other)
