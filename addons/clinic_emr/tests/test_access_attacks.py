"""Every way known to reach medical data, tried by everybody who must not have it."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.clinic_medical_mixin import MEDICAL_GROUPS
from .common import NOT_MEDICAL, SECRET, EmrCommon

TEXT_FIELD = {
    "clinic.medical.record": "allergy_note",
    "clinic.encounter": "complaint",
    "clinic.encounter.addendum": "text",
    "clinic.diagnosis": "note",
    "clinic.episode": "outcome",
    "clinic.care.item": "name",
    "clinic.encounter.remark": "item_name",
    "clinic.service.request": "reason",
    "clinic.medication.request": "note",
    "clinic.care.plan": "goal",
    "clinic.care.plan.line": "note",
    "clinic.allergy": "reaction",
    "clinic.immunization": "reaction",
    "clinic.media": "note",
    "clinic.observation": "value_text",
}
# the reception reads those that are not medical: test_document.py
PARTLY_OPEN = {"clinic.document"}


class AttackCommon(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["clinic.care.standard"].create(
            {
                "name": "Test standard",
                "icd10_ids": [Command.set(cls.icd_otitis.ids)],
                "line_ids": [Command.create({"name": f"{SECRET} item"})],
            }
        )
        cls.encounter = cls._create_encounter(finished=True)
        cls.record = cls.encounter.record_id
        cls.diagnosis = cls.encounter.diagnosis_ids
        cls.addendum = cls.env["clinic.encounter.addendum"].create(
            {"encounter_id": cls.encounter.id, "text": f"{SECRET} addendum"}
        )
        cls.appointment = cls.encounter.appointment_id
        order = {
            "encounter_id": cls.encounter.id,
            "specialist_id": cls.specialist.id,
        }
        cls.request = cls.env["clinic.service.request"].create(
            {**order, "service_id": cls.service.id, "reason": f"{SECRET} reason"}
        )
        cls.prescription = cls.env["clinic.medication.request"].create(
            {
                **order,
                "medication_id": cls.env["clinic.medication"]
                .create({"name": "Testomox"})
                .id,
                "note": f"{SECRET} note",
            }
        )
        cls.plan = cls.env["clinic.care.plan"].create(
            {
                "record_id": cls.record.id,
                "specialist_id": cls.specialist.id,
                "title": f"{SECRET} plan",
                "goal": f"{SECRET} goal",
                "line_ids": [
                    Command.create(
                        {"service_id": cls.service.id, "note": f"{SECRET} note"}
                    )
                ],
            }
        )
        cls.victims = {
            record._name: record
            for record in (
                cls.record,
                cls.encounter,
                cls.diagnosis,
                cls.addendum,
                cls.encounter.episode_id,
                cls.encounter.care_item_ids,
                cls.encounter.remark_ids,
                cls.request,
                cls.prescription,
                cls.plan,
                cls.plan.line_ids,
            )
        }
        for model, values in {
            "clinic.allergy": {"substance": SECRET, "reaction": SECRET},
            "clinic.immunization": {"vaccine": SECRET, "reaction": SECRET},
            "clinic.media": {"file": "U0VDUkVU", "file_name": "x.txt", "note": SECRET},
            "clinic.observation": {
                "code": "secret",
                "name": SECRET,
                "kind": "text",
                "value_text": SECRET,
            },
        }.items():
            cls.victims[model] = cls.env[model].create(
                {"record_id": cls.record.id, **values}
            )
        cls.intruders = {role: cls._user(role) for role in NOT_MEDICAL}
        for name, group in [
            ("employee", "base.group_user"),
            ("system", "base.group_system"),
            ("portal", "base.group_portal"),
            ("public", "base.group_public"),
        ]:
            cls.intruders[name] = new_test_user(
                cls.env, login=f"clinic_test_{name}", groups=group
            )
        export = cls.env.ref("base.group_allow_export")
        for name, user in cls.intruders.items():
            if name not in ("portal", "public"):
                user.group_ids += export

    def _attack(self, attempt):
        """Run an attempt as a request of its own and return what came out."""
        self.env.invalidate_all()
        return attempt()

    def _assert_refused(self, attempt, *errors, fresh=True):
        """Check that an attempt ends with one of the errors, AccessError by default.

        Not assertRaises: that makes a savepoint each time, and we try a thousand ways.

        :param fresh: forget the cache before; a refused attempt leaves nothing in it
        """
        try:
            result = self._attack(attempt) if fresh else attempt()
        except (AccessError, *errors):
            return
        self.fail(f"Not refused, came out: {result!r}")


@tagged("post_install", "-at_install")
class TestAttacksOfNonMedical(AttackCommon):
    def test_every_medical_model_is_under_attack(self):
        names = self.env.registry.descendants(["clinic.medical.mixin"], "_inherit")
        concrete = {name for name in names if not self.env.registry[name]._abstract}
        own = {
            name
            for name in concrete
            if self.env.registry[name]._original_module == "clinic_emr"
        }
        self.assertEqual(own - PARTLY_OPEN, set(TEXT_FIELD))

    def test_models_give_nothing(self):
        for model, text in TEXT_FIELD.items():
            victim = self.victims[model]
            spec = {text: {}, "display_name": {}}
            found = [(text, "ilike", SECRET)]
            attempts = {
                "search": lambda r: r.search([]),
                "search by text": lambda r, d=found: r.search(d),
                "search_count": lambda r: r.search_count([]),
                "read": lambda r, f=text: r.read([f]),
                "read all": lambda r: r.read(),
                "web_read": lambda r, s=spec: r.web_read(s),
                "search_read": lambda r, f=text: r.search_read([], [f]),
                "web_search_read": lambda r, s=spec: r.web_search_read([], s),
                "attribute": lambda r, f=text: r[f],
                "display_name": lambda r: r.display_name,
                "mapped": lambda r, f=text: r.mapped(f),
                "name_search": lambda r: r.name_search(""),
                "web_name_search": lambda r: r.web_name_search("", {"id": {}}),
                "formatted_read_group": lambda r: r.formatted_read_group(
                    [], ["create_date:month"], ["__count"]
                ),
                "grouping sets": lambda r: r.formatted_read_grouping_sets(
                    [], [["create_date:month"], []], ["__count"]
                ),
                "web_read_group": lambda r: r.web_read_group(
                    [], ["create_date:month"], ["__count"]
                ),
                "progress bar": lambda r: r.read_progress_bar(
                    [], "create_date:month", {"field": "id", "colors": {}}
                ),
                "export": lambda r, f=text: r.export_data([f]),
                "write": lambda r, f=text: r.write({f: "hacked"}),
                "create": lambda r: r.create({}),
                "copy": lambda r: r.copy(),
                "unlink": lambda r: r.unlink(),
                "onchange": lambda r, f=text: r.onchange({}, [f], {f: {}}),
                "onchange of a new one": lambda r, f=text: r.browse().onchange(
                    {}, [], {f: {}}
                ),
            }
            for who, user in self.intruders.items():
                self.env.invalidate_all()
                for way, attempt in attempts.items():
                    target = victim.with_user(user)
                    # refusals for everybody: to export, to change an addendum
                    worded = way == "export" or (
                        (model, way) == ("clinic.encounter.addendum", "write")
                    )
                    errors = (UserError,) if worded else ()
                    with self.subTest(model=model, who=who, way=way):
                        self._assert_refused(
                            lambda a=attempt, t=target: a(t), *errors, fresh=False
                        )
        self.env.invalidate_all()
        self.assertEqual(self.encounter.complaint, f"{SECRET} complaint")

    def test_buttons_give_nothing(self):
        attempts = {
            "finish": lambda u: self.encounter.with_user(u).action_finish(),
            "addendum": lambda u: self.encounter.with_user(u).action_add_addendum(),
            "open": lambda u: self.appointment.with_user(u).action_open_encounter(),
            "record": lambda u: self.appointment.with_user(
                u
            ).action_open_medical_record(),
            "patient": lambda u: self.patient.with_user(
                u
            ).action_clinic_medical_record(),
        }
        for who, user in self.intruders.items():
            for way, attempt in attempts.items():
                with self.subTest(who=who, way=way):
                    try:
                        result = self._attack(lambda a=attempt, u=user: a(u))
                    except (AccessError, UserError):
                        continue
                    self.assertEqual(way, "addendum", "only an empty form may open")
                    self.assertNotIn(SECRET, str(result))

    def test_appointment_leads_nowhere(self):
        spec = {"encounter_ids": {"fields": {"complaint": {}}}}
        attempts = {
            "read": lambda r: r.read(["encounter_ids"]),
            "flag": lambda r: r.read(["has_encounter"]),
            "web_read": lambda r: r.web_read(spec),
            "web_search_read": lambda r: r.web_search_read([], spec),
            "attribute": lambda r: r.encounter_ids,
            "dotted domain": lambda r: r.search(
                [("encounter_ids.complaint", "ilike", SECRET)]
            ),
            "two steps": lambda r: r.search(
                [("encounter_ids.diagnosis_ids.icd10_id.code", "=", "H66.0")]
            ),
            "any": lambda r: r.search(
                [("encounter_ids", "any", [("complaint", "ilike", SECRET)])]
            ),
            "exists": lambda r: r.search([("encounter_ids", "!=", False)]),
            "count": lambda r: r.search_count([("encounter_ids", "!=", False)]),
            "filtered": lambda r: r.filtered_domain(
                [("encounter_ids.complaint", "ilike", SECRET)]
            ),
            "group": lambda r: r.formatted_read_group([], ["encounter_ids"], []),
            "dotted group": lambda r: r.formatted_read_group(
                [], ["encounter_ids.state"], []
            ),
            "aggregate": lambda r: r.formatted_read_group(
                [], [], ["encounter_ids:array_agg"]
            ),
            "export": lambda r: r.export_data(["encounter_ids/complaint"]),
            "from the patient": lambda r: r.search(
                [("patient_id.medical_record_ids.allergy_note", "ilike", SECRET)]
            ),
        }
        for who, user in self.intruders.items():
            for way, attempt in attempts.items():
                target = self.appointment.with_user(user)
                with self.subTest(who=who, way=way):
                    self._assert_refused(
                        lambda a=attempt, t=target: a(t), UserError, ValueError
                    )

    def test_no_field_of_the_suite_points_at_medical_data(self):
        """A field to a medical model, where others read, needs the medical groups."""
        medical = set(
            self.env.registry.descendants(["clinic.medical.mixin"], "_inherit")
        )
        allowed = set(MEDICAL_GROUPS.split(","))
        exempt = medical | {"clinic.record.access"}
        open_fields = [
            f"{name}.{field.name}"
            for name, model in self.env.registry.items()
            if name not in exempt and not model._abstract
            for field in model._fields.values()
            if field.comodel_name in medical
            and not (field.groups and set(field.groups.split(",")) <= allowed)
        ]
        self.assertFalse(open_fields)

    def test_sorting_and_grouping_the_log_gives_no_content(self):
        """The administrator reads the log and nothing through it."""
        self.encounter.with_user(self._user("chief_physician")).read(["complaint"])
        log = self.env["clinic.record.access"].with_user(self._user("admin"))
        for way, attempt in {
            "dotted": lambda: log.search([("record_id.allergy_note", "ilike", SECRET)]),
            "deep": lambda: log.search(
                [("record_id.diagnosis_ids.icd10_id.code", "=", "H66.0")]
            ),
            "spec": lambda: log.search([]).web_read(
                {"record_id": {"fields": {"allergy_note": {}}}}
            ),
            "export": lambda: log.search([]).export_data(["record_id/allergy_note"]),
            "group": lambda: log.formatted_read_group(
                [], ["record_id.allergy_note"], []
            ),
        }.items():
            with self.subTest(way=way):
                self._assert_refused(attempt, ValueError)

    def test_attachments_follow_the_visit(self):
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{SECRET}.txt",
                "raw": SECRET.encode(),
                "res_model": "clinic.encounter",
                "res_id": self.encounter.id,
            }
        )
        for who, user in self.intruders.items():
            Attachment = self.env["ir.attachment"].with_user(user)
            with self.subTest(who=who):
                found = self._attack(
                    lambda a=Attachment: (
                        a.has_access("read") and a.search([("name", "ilike", SECRET)])
                    )
                )
                self.assertFalse(found)
                self._assert_refused(
                    lambda a=Attachment: a.browse(attachment.id).read()
                )
                self._assert_refused(
                    lambda a=Attachment: a.create(
                        {
                            "name": "x",
                            "raw": b"x",
                            "res_model": "clinic.encounter",
                            "res_id": self.encounter.id,
                        }
                    )
                )
        mine = attachment.with_user(self.doctor)
        self.assertEqual(self._attack(lambda: mine.raw), SECRET.encode())

    def test_nothing_medical_in_messages(self):
        """Followers get messages by e-mail, past every rule of access."""
        self.env.flush_all()
        for model, columns in {
            "mail.message": ("body", "subject"),
            "mail.mail": ("body_html",),
            "mail.tracking.value": ("old_value_char", "new_value_text"),
            "mail.activity": ("summary", "note"),
            "sms.sms": ("body",),
            "calendar.event": ("name", "description"),
        }.items():
            if model not in self.env:
                continue
            for column in columns:
                if not self.env[model]._fields.get(column):
                    continue
                for words in (SECRET, "H66.0"):
                    with self.subTest(model=model, column=column):
                        self.assertFalse(
                            self.env[model].search_count([(column, "ilike", words)])
                        )
        for record in self.victims.values():
            self.assertNotIn("message_ids", record._fields)

    def test_summary_is_not_printed_for_them(self):
        for who, user in self.intruders.items():
            Report = self.env["ir.actions.report"].with_user(user)
            with self.subTest(who=who):
                self._assert_refused(
                    lambda r=Report: r._render_qweb_html(
                        "clinic_emr.report_encounter", self.encounter.ids
                    )
                )

    def test_menus_and_actions_of_the_record_are_not_theirs(self):
        for who in ("reception", "director"):
            menus = self.env["ir.ui.menu"].with_user(self.intruders[who])
            visible = menus._visible_menu_ids()
            for name in ("my_day", "encounter", "medical_record", "diagnosis"):
                menu = self.env.ref(f"clinic_emr.menu_clinic_{name}")
                with self.subTest(who=who, menu=name):
                    self.assertNotIn(menu.id, visible)


@tagged("post_install", "-at_install")
class TestAttacksOverHttp(HttpCase, AttackCommon):
    def test_over_http(self):
        url = f"/report/html/clinic_emr.report_encounter/{self.encounter.id}"
        pdf = url.replace("/html/", "/pdf/")
        visit = f"/web/?/clinic.encounter/{self.encounter.id}"
        for who in ("reception", "cashier", "director", "system", "portal"):
            login = f"clinic_test_{who}"
            self.authenticate(login, login)
            for way, address in {
                "report": url,
                "pdf": pdf,
                "content": f"{visit.replace('?', 'content')}/complaint",
                "image": f"{visit.replace('?', 'image')}/complaint",
            }.items():
                with (
                    self.subTest(who=who, way=way),
                    mute_logger("odoo.http", "odoo.addons.web.controllers.report"),
                ):
                    response = self.url_open(address)
                    self.assertNotIn(SECRET, response.text)
            for method, args in {
                "read": [self.encounter.ids, ["complaint"]],
                "search_read": [[]],
                "web_search_read": [[], {"complaint": {}}],
            }.items():
                with (
                    self.subTest(who=who, method=method),
                    mute_logger("odoo.http"),
                ):
                    answer = self.url_open(
                        "/web/dataset/call_kw",
                        json={
                            "params": {
                                "model": "clinic.encounter",
                                "method": method,
                                "args": args,
                                "kwargs": {},
                            }
                        },
                    )
                    self.assertNotIn(SECRET, answer.text)
                    self.assertIn("error", answer.json())


@tagged("post_install", "-at_install")
class TestAttacksOfSpecialists(AttackCommon):
    """A specialist has rights on the models, but not on other people's patients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the intruder treats a patient of his own
        cls.own = cls._create_encounter(
            patient_id=cls.patient2.id, specialist=cls.specialist2
        )
        cls.own.complaint = "own"
        cls.own.record_id.allergy_note = "own"

    def test_foreign_records_are_closed(self):
        for model, text in TEXT_FIELD.items():
            victim = self.victims[model].with_user(self.other_doctor)
            for way, attempt in {
                "read": lambda v=victim, f=text: v.read([f]),
                "web_read": lambda v=victim, f=text: v.web_read({f: {}}),
                "attribute": lambda v=victim, f=text: v[f],
                "export": lambda v=victim, f=text: v._export_rows([[f]]),
                "write": lambda v=victim, f=text: v.write({f: "x"}),
                "onchange": lambda v=victim, f=text: v.onchange({}, [f], {f: {}}),
            }.items():
                with self.subTest(model=model, way=way):
                    self._assert_refused(attempt, UserError)
            with self.subTest(model=model, way="search"):
                found = self._attack(lambda v=victim: v.search([]))
                self.assertNotIn(victim, found)
                groups = self._attack(
                    lambda v=victim, f=text: v.formatted_read_group(
                        [(f, "ilike", SECRET)], [], ["__count"]
                    )
                )
                own = 1 if model in ("clinic.diagnosis", "clinic.care.item") else 0
                self.assertEqual(groups[0]["__count"], own)

    def test_unsaved_forms_do_not_fetch_foreign_data(self):
        """``onchange`` takes any ids in the values: it must not read through them."""
        spec = {"fields": {"complaint": {}, "allergy_note": {}, "display_name": {}}}
        attempts = {
            "own visit, foreign record": lambda: self.own.with_user(
                self.other_doctor
            ).onchange(
                {"record_id": self.record.id},
                ["record_id"],
                {
                    "allergy_note": {},
                    "chronic_note": {},
                    "previous_ids": spec,
                    "record_id": {"fields": {"allergy_note": {}}},
                },
            ),
            "new diagnosis, foreign visit": lambda: (
                self.env["clinic.diagnosis"]
                .with_user(self.other_doctor)
                .onchange(
                    {"encounter_id": self.encounter.id},
                    ["encounter_id"],
                    {"encounter_id": spec, "summary": {}, "kind": {}, "date": {}},
                )
            ),
            "new addendum, foreign visit": lambda: (
                self.env["clinic.encounter.addendum"]
                .with_user(self.other_doctor)
                .onchange(
                    {"encounter_id": self.encounter.id},
                    ["encounter_id"],
                    {"encounter_id": spec, "text": {}},
                )
            ),
        }
        for way, attempt in attempts.items():
            with self.subTest(way=way):
                try:
                    result = self._attack(attempt)
                except AccessError:
                    continue
                self.assertNotIn(SECRET, str(result))

    def test_foreign_lines_are_not_linked_in(self):
        own = self.own.with_user(self.other_doctor)
        for command in (
            Command.link(self.diagnosis.id),
            Command.set(self.diagnosis.ids),
            Command.update(self.diagnosis.id, {"note": "x"}),
            Command.delete(self.diagnosis.id),
        ):
            with self.subTest(command=command):
                self._assert_refused(
                    lambda c=command: own.write({"diagnosis_ids": [c]}),
                    UserError,
                )

    def test_visits_are_not_made_by_hand(self):
        intruder = self.env(user=self.other_doctor)
        for model in ("clinic.encounter", "clinic.medical.record"):
            with self.subTest(model=model):
                self._assert_refused(
                    lambda m=model: intruder[m].create({"patient_id": self.patient.id})
                )
        vals = {"encounter_id": self.encounter.id, "icd10_id": self.icd_cold.id}
        self._assert_refused(
            lambda: intruder["clinic.diagnosis"].create(vals), UserError
        )

    def test_record_of_a_stranger_is_not_opened(self):
        self._assert_refused(
            self.patient.with_user(self.other_doctor).action_clinic_medical_record
        )
