import contextlib
from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.age import age_on, is_plausible_birthdate, latest_birthdate
from ..tools.names import may_be_same_person, name_key
from ..tools.phone import (
    PhoneError,
    normalise_phone,
    phone_for_people,
    phone_search_terms,
)
from ..tools.snils import SnilsError, normalise_snils, snils_digits


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_patient = fields.Boolean(index="btree_not_null")
    patient_number = fields.Char(
        readonly=True,
        copy=False,
        help="Given once and printed on the patient's card as a barcode.",
    )
    birthdate_date = fields.Date(string="Birth Date")
    age = fields.Integer(compute="_compute_age", search="_search_age")
    gender = fields.Selection(
        [("male", "Male"), ("female", "Female"), ("other", "Other")], string="Sex"
    )
    snils = fields.Char(
        string="SNILS", copy=False, help="Insurance number, e.g. 112-233-445 95."
    )
    payer_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        help="Who pays for the patient; leave empty if the patient does.",
    )
    guardian_ids = fields.Many2many(
        "res.partner",
        "res_partner_clinic_guardian_rel",
        "ward_id",
        "guardian_id",
        string="Guardians",
        help="Parents or other legal representatives. They see the patient in their "
        "personal account and may give consents.",
    )
    ward_ids = fields.Many2many(
        "res.partner",
        "res_partner_clinic_guardian_rel",
        "guardian_id",
        "ward_id",
        string="Wards",
    )
    clinic_consent_ids = fields.One2many(
        "clinic.consent", "patient_id", string="Consents"
    )
    clinic_name_key = fields.Char(
        compute="_compute_clinic_name_key",
        store=True,
        index="btree_not_null",
        help="The words of the name in alphabetical order, to find duplicates.",
    )
    clinic_duplicate_ids = fields.Many2many(
        "res.partner",
        string="Possible Duplicates",
        compute="_compute_clinic_duplicate_ids",
    )
    clinic_duplicate_count = fields.Integer(
        string="Number of Possible Duplicates",
        compute="_compute_clinic_duplicate_ids",
        search="_search_clinic_duplicate_count",
    )
    clinic_phone_display = fields.Char(
        string="Phone, Formatted",
        compute="_compute_clinic_phone_display",
        inverse="_inverse_clinic_phone_display",
    )
    patient_barcode_url = fields.Char(
        string="Barcode Picture", compute="_compute_patient_barcode_url"
    )

    _patient_number_uniq = models.UniqueIndex(
        "(patient_number) WHERE patient_number IS NOT NULL",
        "Another patient has this number already.",
    )
    _patient_on_top = models.Constraint(
        "CHECK(is_patient IS NOT TRUE OR parent_id IS NULL)",
        "A patient is a person of their own, not a contact of a company: "
        "clear the company of the contact first.",
    )
    # for duplicates and for search by a whole number
    _clinic_phone_idx = models.Index(
        "(phone_sanitized) WHERE phone_sanitized IS NOT NULL"
    )

    @api.depends("birthdate_date")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for partner in self:
            born = partner.birthdate_date
            partner.age = age_on(born, today) if born and born <= today else 0

    def _search_age(self, operator, value):
        today = fields.Date.context_today(self)

        def at_least(age):
            return Domain("birthdate_date", "<=", latest_birthdate(age, today))

        if operator == "in":
            return Domain.OR(
                at_least(age) & ~at_least(age + 1)
                if age is not False
                else Domain("birthdate_date", "=", False)
                for age in value
            )
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        value = int(value)
        known = Domain("birthdate_date", "!=", False)
        return (
            known
            & {
                ">=": at_least(value),
                ">": at_least(value + 1),
                "<": Domain("birthdate_date", ">", latest_birthdate(value, today)),
                "<=": Domain("birthdate_date", ">", latest_birthdate(value + 1, today)),
            }[operator]
        )

    @api.depends("name", "is_patient")
    def _compute_clinic_name_key(self):
        for partner in self:
            partner.clinic_name_key = partner.is_patient and name_key(partner.name)

    @api.depends(
        "is_patient",
        "phone_sanitized",
        "clinic_name_key",
        "birthdate_date",
        "snils",
        "guardian_ids",
        "ward_ids",
    )
    def _compute_clinic_duplicate_ids(self):
        for partner in self:
            partner.clinic_duplicate_ids = partner.is_patient and self.search(
                partner._clinic_duplicate_domain(), limit=10
            )
            partner.clinic_duplicate_count = len(partner.clinic_duplicate_ids)

    def _search_clinic_duplicate_count(self, operator, value):
        """Search only for "has some" and "has none", which is what people ask."""
        some = (operator, value) in ((">", 0), (">=", 1), ("!=", 0), ("not in", {0}))
        if not some and (operator, value) not in (("=", 0), ("<=", 0), ("<", 1)):
            return NotImplemented
        self.flush_model(
            ["is_patient", "active", "phone_sanitized", "birthdate_date"]
            + ["clinic_name_key", "snils", "guardian_ids"]
        )
        duplicated = SQL(
            """(
            WITH pair AS (
                SELECT a.id AS a, b.id AS b, TRUE AS by_phone
                  FROM res_partner a JOIN res_partner b USING (phone_sanitized)
                 WHERE a.is_patient AND b.is_patient AND a.active AND b.active
                   AND a.id < b.id
                   AND COALESCE(a.birthdate_date = b.birthdate_date, TRUE)
                UNION ALL
                SELECT a.id, b.id, FALSE
                  FROM res_partner a JOIN res_partner b
                 USING (clinic_name_key, birthdate_date)
                 WHERE a.is_patient AND b.is_patient AND a.active AND b.active
                   AND a.id < b.id
                UNION ALL
                SELECT a.id, b.id, FALSE
                  FROM res_partner a JOIN res_partner b USING (snils)
                 WHERE a.is_patient AND b.is_patient AND a.active AND b.active
                   AND a.id < b.id
            )
            SELECT unnest(ARRAY[pair.a, pair.b]) FROM pair
             WHERE NOT by_phone OR NOT EXISTS (
                SELECT FROM res_partner_clinic_guardian_rel g
                 WHERE (g.ward_id, g.guardian_id) IN ((a, b), (b, a))
             ))"""
        )
        return Domain("id", "in" if some else "not in", duplicated)

    @api.depends("phone", "phone_sanitized")
    def _compute_clinic_phone_display(self):
        for partner in self:
            partner.clinic_phone_display = (
                phone_for_people(partner.phone_sanitized) or partner.phone
            )

    def _inverse_clinic_phone_display(self):
        for partner in self:
            partner.phone = partner.clinic_phone_display

    @api.onchange("clinic_phone_display")
    def _onchange_clinic_phone_display(self):
        # So that the duplicates show while the card is still being filled in. What is
        # wrong with a number is said when it is saved: the user may still be typing.
        phone = self.clinic_phone_display
        with contextlib.suppress(PhoneError):
            self.phone = phone and normalise_phone(phone, self._clinic_phone_region())

    @api.depends("patient_number")
    def _compute_patient_barcode_url(self):
        for partner in self:
            number = partner.patient_number
            partner.patient_barcode_url = (
                number
                and f"/report/barcode/Code128/{quote(number)}?width=440&height=72"
            )

    @api.depends("is_patient", "patient_number", "birthdate_date", "phone")
    def _compute_display_name(self):
        super()._compute_display_name()
        # Only in the lists of suggestions: namesakes are told apart by these.
        if not self.env.context.get("formatted_display_name"):
            return
        for patient in self.filtered("is_patient"):
            details = " · ".join(patient._clinic_suggestion_details())
            patient.display_name = f"{patient.display_name} \t --{details}--"

    def _clinic_suggestion_details(self):
        """Return the words that tell a patient from namesakes. Extend to add some."""
        self.ensure_one()
        born = self.birthdate_date
        details = [
            self.patient_number,
            born and born.strftime("%d.%m.%Y"),
            self.clinic_phone_display,
        ]
        return [detail for detail in details if detail]

    @api.constrains("birthdate_date")
    def _check_birthdate_date(self):
        today = fields.Date.context_today(self)
        for partner in self.filtered("birthdate_date"):
            born = partner.birthdate_date
            if not is_plausible_birthdate(born, today):
                reason = (
                    self.env._(
                        "The birth date of %(name)s is in the future: %(date)s.",
                        name=partner.name,
                        date=born.strftime("%d.%m.%Y"),
                    )
                    if born > today
                    else self.env._(
                        "The birth date of %(name)s is too long ago: %(date)s.",
                        name=partner.name,
                        date=born.strftime("%d.%m.%Y"),
                    )
                )
                raise ValidationError(reason)

    @api.constrains("is_patient", "is_company")
    def _check_patient_is_person(self):
        for partner in self:
            if partner.is_patient and partner.is_company:
                raise ValidationError(
                    self.env._(
                        "%(name)s is a company and cannot be a patient.",
                        name=partner.name,
                    )
                )

    @api.constrains("guardian_ids", "ward_ids")
    def _check_guardians(self):
        for partner in self:
            if partner in partner.guardian_ids:
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot be their own guardian.", name=partner.name
                    )
                )

    @api.onchange("snils")
    def _onchange_snils(self):
        with contextlib.suppress(SnilsError):  # said when it is saved
            self.snils = self.snils and normalise_snils(self.snils)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            is_patient = vals.get(
                "is_patient", self.env.context.get("default_is_patient")
            )
            self._clinic_normalise_vals(vals, is_patient)
            if is_patient and not vals.get("patient_number"):
                vals["patient_number"] = self._clinic_next_number()
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("phone") and "is_patient" not in vals:
            patients = self.filtered("is_patient")
            if patients and patients != self:
                (self - patients).write(vals)
                return patients.write(vals)
        vals = dict(vals)
        is_patient = vals.get("is_patient", bool(self.filtered("is_patient")))
        self._clinic_normalise_vals(vals, is_patient)
        result = super().write(vals)
        if vals.get("is_patient"):
            self._clinic_become_patients(keep_phone="phone" in vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_patient(self):
        # Merging deletes the duplicates with superuser rights.
        if self.env.su or self.env.user.has_group("base.group_erp_manager"):
            return
        patients = self.filtered("is_patient")
        if patients:
            raise UserError(
                self.env._(
                    "Patients are not deleted: %(names)s. Archive the card, or merge "
                    "it with the right one.",
                    names=", ".join(patients.mapped("name")),
                )
            )

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if operator not in ("ilike", "like", "=", "=ilike") or not isinstance(
            value, str
        ):
            return domain
        return Domain.OR([domain, *self._clinic_search_domains(value)])

    def action_clinic_duplicates(self):
        """Show the patient together with the possible duplicates."""
        self.ensure_one()
        duplicates = self.search(self._clinic_duplicate_domain())
        action = self.env["ir.actions.actions"]._for_xml_id(
            "clinic_base.action_patient_duplicates"
        )
        action["domain"] = [("id", "in", (self | duplicates).ids)]
        return action

    def action_clinic_open_patient(self):
        """Open the page of the patient in the clinic application."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("clinic_base.view_patient_form").id, "form")],
        }

    def action_clinic_portal_access(self):
        """Open Odoo's own dialog that gives portal log-ins by an e-mailed link."""
        wizard = self.env["portal.wizard"].with_context(active_ids=self.ids)
        return wizard.action_open_wizard()

    def action_clinic_register_consent(self):
        """Open a new consent of the patient, in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register a Consent"),
            "res_model": "clinic.consent",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_patient_id": self.id,
                "default_template_id": self._clinic_missing_consent_text().id,
                "default_given_by_id": self._clinic_usual_signer().id,
            },
        }

    def action_clinic_merge(self):
        """Open Odoo's own merging of contacts for the selected patients."""
        if not 2 <= len(self) <= 3:
            raise UserError(
                self.env._("Select two or three cards of one person to merge them.")
            )
        view = self.env.ref("clinic_base.view_patient_merge_form")
        return {
            "type": "ir.actions.act_window",
            "res_model": "base.partner.merge.automatic.wizard",
            "name": self.env._("Merge Patients"),
            "views": [(view.id, "form")],
            "target": "new",
            "context": {"active_model": "res.partner", "active_ids": self.ids},
        }

    def _clinic_payer(self):
        """Return who pays for the patient: the payer, or the patient."""
        self.ensure_one()
        return self.payer_id or self

    def _clinic_family(self):
        """Return the persons themselves and their wards."""
        return self | self.ward_ids

    @api.model
    def _clinic_find_or_create_patient(self, vals):
        """Return the patient with this phone and birth date, or a new one.

        Never found by the name alone. A name that contradicts (a twin: the same
        phone, the same birth date) is another patient; staff merge what is one.

        :param vals: values of the new patient; ``name``, ``phone`` and
            ``birthdate_date`` also find an existing one
        """
        phone = vals.get("phone") and self._clinic_phone_e164(vals["phone"])
        born = fields.Date.to_date(vals.get("birthdate_date"))
        if phone and born:
            candidates = self.search(
                [
                    ("is_patient", "=", True),
                    ("phone_sanitized", "=", phone),
                    ("birthdate_date", "=", born),
                ],
                order="id",
            )
            for candidate in candidates:
                if may_be_same_person(candidate.name, vals.get("name")):
                    return candidate
        return self.create({**vals, "is_patient": True})

    def _clinic_missing_consent_text(self):
        """Return the first text in force the patient has not agreed to."""
        self.ensure_one()
        Template = self.env["clinic.consent.template"]
        given = self.clinic_consent_ids._is_in_force()
        for kind in dict(Template._fields["kind"].selection):
            text = Template._current(kind)
            if text and text not in given.template_id:
                return text
        return Template

    def _clinic_duplicate_domain(self):
        """Return the domain of other patients who may be the same person.

        The same phone counts unless birth dates contradict or they are family; the
        same name counts with the same birth date; the same insurance number always.
        """
        self.ensure_one()
        ways = []
        if self.phone_sanitized:
            same_phone = Domain("phone_sanitized", "=", self.phone_sanitized)
            if self.birthdate_date:
                same_phone &= Domain(
                    "birthdate_date", "in", [self.birthdate_date, False]
                )
            family = self.guardian_ids | self.ward_ids
            ways.append(same_phone & Domain("id", "not in", family._origin.ids))
        if self.clinic_name_key and self.birthdate_date:
            ways.append(
                Domain("clinic_name_key", "=", self.clinic_name_key)
                & Domain("birthdate_date", "=", self.birthdate_date)
            )
        if self.snils:
            ways.append(Domain("snils", "=", self.snils))
        if not ways:
            return Domain.FALSE
        return (
            Domain("is_patient", "=", True)
            & Domain("id", "not in", self._origin.ids)
            & Domain.OR(ways)
        )

    def _clinic_search_domains(self, text):
        """Return domains that find a patient by number, phone or insurance number."""
        text = text.strip()
        domains = []
        if text:
            domains.append(Domain("patient_number", "=ilike", text))
        words = text.split()
        if len(words) > 1 and not any(char.isdigit() for char in text):
            domains.append(Domain.AND(Domain("name", "ilike", word) for word in words))
        whole, runs = phone_search_terms(text, self._clinic_phone_region())
        if whole:
            domains.append(Domain("phone_sanitized", "=", whole))
        domains += [Domain("phone_sanitized", "like", run) for run in runs]
        digits = snils_digits(text)
        if len(digits) == 11 and digits.isdecimal():
            spelled = f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"
            domains.append(Domain("snils", "=", spelled))
        return domains

    @api.model
    def _clinic_normalise_vals(self, vals, is_patient):
        """Bring phone and insurance number into their one spelling, in place."""
        if vals.get("snils"):
            vals["snils"] = self._clinic_snils(vals["snils"])
        if is_patient and vals.get("phone"):
            vals["phone"] = self._clinic_phone_e164(vals["phone"])

    def _clinic_become_patients(self, keep_phone):
        for patient in self:
            vals = {}
            if not patient.patient_number:
                vals["patient_number"] = self._clinic_next_number()
            if patient.phone and not keep_phone:
                vals["phone"] = self._clinic_phone_e164(patient.phone)
            if vals:
                patient.write(vals)

    @api.model
    def _clinic_next_number(self):
        # Whoever may create a patient may take the next number.
        return self.env["ir.sequence"].sudo().next_by_code("clinic.patient")

    @api.model
    def _clinic_phone_region(self):
        """Return the country whose numbers are written without the plus."""
        return self.env.company.sudo().country_id.code or "RU"

    @api.model
    def _clinic_phone_e164(self, phone):
        """Return the number in E.164, or raise a sentence the desk understands."""
        try:
            return normalise_phone(phone, self._clinic_phone_region())
        except PhoneError as error:
            raise ValidationError(
                {
                    "letters": self.env._(
                        "“%(phone)s” is not a phone number: write it in digits, "
                        "e.g. +7 912 345-67-89.",
                        phone=phone,
                    ),
                    "too_short": self.env._(
                        "The phone number %(phone)s has too few digits.", phone=phone
                    ),
                    "too_long": self.env._(
                        "The phone number %(phone)s has too many digits.", phone=phone
                    ),
                }.get(
                    error.code,
                    self.env._(
                        "There is no phone number %(phone)s. Please check the digits; "
                        "a foreign number begins with + and the country code.",
                        phone=phone,
                    ),
                )
            ) from error

    @api.model
    def _clinic_snils(self, snils):
        """Return the insurance number as it is printed, or raise a sentence."""
        try:
            return normalise_snils(snils)
        except SnilsError as error:
            raise ValidationError(
                self.env._("SNILS %(snils)s does not have 11 digits.", snils=snils)
                if error.code == "format"
                else self.env._(
                    "SNILS %(snils)s is mistyped: its control digits do not fit.",
                    snils=snils,
                )
            ) from error
