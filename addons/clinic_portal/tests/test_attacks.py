from odoo import http
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import uploads
from .common import PortalCommon

FORM_FIELDS = (
    *("name", "phone", "birthdate", "gender", "email", "password", "contact", "code"),
    *("kind", "body", "patient", "pay", "start", "service", "specialist", "branch"),
    *("scope", "until", "amount", "mark", "words", "when", "systolic", "reason"),
    *("redirect", "problem", "screening", "signature", "digest", "representative"),
)


@tagged("post_install", "-at_install")
class TestPortalAttacks(PortalCommon):
    """Each route of the cabinet, found in the registry, so that new ones are tried too:
    as anonymous, as another patient, as an ex-guardian.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        person = cls.ward
        visit = cls._book(10, patient_id=person.id)
        done = cls._book(11, patient_id=person.id)
        cls._pay(done)
        cls._fulfil(done)
        record = cls.env["clinic.medical.record"]._of_patients_sudo(person)
        encounter = cls.env["clinic.encounter"]._open(visit)
        encounter.recommendations = "Secret advice"
        encounter._lock(visit.stop)
        template = cls.env["clinic.document.template"].create(
            {
                "name": "Consent",
                "kind": "consent",
                "body": "<p>x</p>",
                "web_signing": "tick",
            }
        )
        document = cls.env["clinic.document"].create(
            {"patient_id": person.id, "template_id": template.id}
        )
        document.action_offer_on_web()
        observation = cls.env["clinic.observation"].create(
            {
                "record_id": record.id,
                "code": "pulse",
                "name": "Pulse",
                "value_number": 70,
                "source": "patient",
            }
        )
        wish = cls.env["clinic.waitlist"].create(
            {"patient_id": person.id, "service_id": cls.service.id}
        )
        questions = cls.env["clinic.question"]
        question = questions._ask(person, cls.patient, "medical", "Secret question")
        secret = uploads.check([("secret.pdf", b"%PDF-1.4 Secret file")])
        question._add("Secret file", cls.patient, True, secret)
        proxy = cls.env["clinic.proxy"].create(
            {"patient_id": person.id, "email": "trusted@example.com"}
        )
        payment = cls.env["account.payment"].search(
            [("partner_id", "=", done.invoice_id.partner_id.id)], limit=1
        )
        cls.targets = {
            "appointment_id": visit.id,
            "invoice_id": visit.invoice_id.id,
            "payment_id": payment.id,
            "document_id": document.id,
            "encounter_id": encounter.id,
            "observation_id": observation.id,
            "wish_id": wish.id,
            "question_id": question.id,
            "file_id": question._files().id,
            "proxy_id": proxy.id,
        }
        cls.ticked = str(done.invoice_id.id)
        cls.records = [visit, document, observation, wish, question, proxy]

    def _routes(self):
        """Yield ``(path, routing, names, known)`` of each route of the cabinet."""
        for path, routing, names in self._cabinet_routes(self.ticked):
            yield path, routing, names, all(name in self.targets for name in names)

    def _filled(self, path, **targets):
        return super()._filled(path, **{**self.targets, **targets})

    def _state(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return [
            [record.read(load=None)[0][name] for name in ("write_date",)]
            for record in self.records
        ]

    def _call(self, path, routing):
        """Call the route by each of its methods; yield the answers."""
        if routing["type"] == "jsonrpc":
            yield self.url_open(path, json={"params": {}})
            return
        for method in routing.get("methods") or ("GET",):
            if method == "GET":
                yield self._get(path, allow_redirects=False)
            else:
                yield self._post(path, {"offer": "1"}, allow_redirects=False)

    def test_every_route_is_known_to_this_test(self):
        unknown = [
            path for path, _routing, _names, known in self._routes() if not known
        ]
        self.assertFalse(unknown, "say above what these routes would be tried with")

    @mute_logger("odoo.http")
    def test_anonymous_is_sent_to_sign_in(self):
        self._sign_out()
        before = self._state()
        for path, routing, _names, _known in self._routes():
            path = self._filled(path)
            with self.subTest(path=path):
                self.assertEqual(routing["auth"], "user")
                for response in self._call(path, routing):
                    self.assertNotIn("Secret", response.text)
                    if routing["type"] == "jsonrpc":
                        self.assertIn("error", response.json())
                    else:
                        self.assertIn(response.status_code, (303, 301, 302))
        self.assertEqual(self._state(), before)

    def _assert_closed(self):
        before = self._state()
        for path, routing, names, _known in self._routes():
            path = self._filled(path)
            with self.subTest(path=path):
                for response in self._call(path, routing):
                    self.assertNotIn("Secret", response.text)
                    self.assertNotIn(self.ward.name, response.text)
                    if routing["type"] == "jsonrpc":
                        answer = response.json()
                        self.assertTrue(
                            "error" in answer or "error" in answer["result"]
                        )
                    elif names:
                        self.assertEqual(response.status_code, 404)
        self.assertEqual(self._state(), before)

    @mute_logger("odoo.http")
    def test_another_patient_finds_nothing(self):
        self._sign_in(self.stranger_user)
        self._assert_closed()

    @mute_logger("odoo.http")
    def test_ex_guardian_finds_nothing(self):
        self._sign_in()
        # what the guardian had seen before does not help
        self._get(f"/my/clinic/health?person={self.ward.id}")
        self._get("/my/clinic")
        self.ward.guardian_ids = False
        self.ward.payer_id = False
        self._assert_closed()

    @mute_logger("odoo.http")
    def test_ids_that_are_none(self):
        self._sign_in()
        for path, routing, names, _known in self._routes():
            if not names or routing["type"] == "jsonrpc":
                continue
            for number in (0, 999999999, 2**40):
                filled = self._filled(path, **dict.fromkeys(names, number))
                with self.subTest(path=filled):
                    for response in self._call(filled, routing):
                        self.assertEqual(response.status_code, 404)

    def test_addresses_no_browser_writes(self):
        """Odoo's own page for what is not found fails at them."""
        self._sign_in()
        for tail in ("%00", "..%2F..%2Fetc%2Fpasswd", "%D1%8F%D1"):
            for path in (
                "/clinic/branch/",
                "/clinic/problem/",
                "/my/clinic/appointment/",
                "/nothing/",
            ):
                with self.subTest(path=path + tail):
                    response = self._get(path + tail, allow_redirects=False)
                    self.assertEqual(response.status_code, 404)

    def test_files_and_zeros_instead_of_text(self):
        token = http.Request.csrf_token
        for sign in (self._sign_out, self._sign_in):
            sign()
            for path, _routing, _names in self._public_and_cabinet_forms():
                for evil in ("file", "zero"):
                    with self.subTest(path=path, evil=evil, sign=sign.__name__):
                        data = {"csrf_token": token(self)}
                        files = None
                        if evil == "file":
                            files = {name: ("x.pdf", b"MZ") for name in FORM_FIELDS}
                        else:
                            data.update(dict.fromkeys(FORM_FIELDS, "a\0b"))
                        response = self.url_open(
                            self._filled(path),
                            data=data,
                            files=files,
                            allow_redirects=False,
                        )
                        self.assertLess(response.status_code, 500)

    def _public_and_cabinet_forms(self):
        """Yield the forms of both parts of the site."""
        for rule in self.env["ir.http"].routing_map().iter_rules():
            routing = rule.endpoint.routing
            if routing["type"] == "http" and routing.get("methods") == ["POST"]:
                if rule.rule.startswith("/clinic/"):
                    yield rule.rule, routing, []
        for path, routing, names, _known in self._routes():
            if routing["type"] == "http" and routing.get("methods") == ["POST"]:
                yield path, routing, names

    def test_address_of_a_form_leads_to_its_page(self):
        """After a reload, or a sign-in on the way: never a bare “Not Allowed”."""
        self._sign_in()
        seen = 0
        for path, routing, _names, _known in self._routes():
            if (routing.get("methods") or ()) != ["POST"] or routing["type"] != "http":
                continue
            filled = self._filled(path, appointment_id=999999999)
            with self.subTest(path=filled):
                response = self._get(filled, allow_redirects=False)
                # some have a page of the same address, all the others lead to one
                self.assertNotEqual(response.status_code, 405)
                if response.status_code == 303:
                    seen += 1
                    above = response.headers["Location"].partition("?")[0]
                    self.assertNotEqual(above.rstrip("/"), filled)
        self.assertGreater(seen, 5)

    @mute_logger("odoo.http")
    def test_forms_without_their_token_are_refused(self):
        self._sign_in()
        before = self._state()
        for path, routing, _names, _known in self._routes():
            if "POST" not in (routing.get("methods") or ()):
                continue
            if routing["type"] == "jsonrpc":
                continue
            with self.subTest(path=path):
                for token in (None, http.Request.csrf_token(self)[:-3] + "abc"):
                    data = {"csrf_token": token} if token else {"x": "1"}
                    response = self.url_open(self._filled(path), data=data)
                    self.assertEqual(response.status_code, 400)
        self.assertEqual(self._state(), before)
