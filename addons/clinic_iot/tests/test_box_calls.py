import io
import json
import urllib.parse
import zipfile
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import renewal, signature
from odoo.addons.clinic_iot.tools import handlers

from .common import TOKEN, IotCommon


class BoxCase(IotCommon, HttpCase):
    """A box that calls over HTTP as a real one does."""

    def setUp(self):
        super().setUp()
        # what the box answers to
        self.journal = "journal-1"

    def _setup(self, identifier="new-box", token="", devices=None):
        about = {
            "identifier": identifier,
            "mac": "02:00:00:00:00:01",
            "ip": "192.168.1.77",
            "token": token,
            "version": "L25.01-19.0",
        }
        answer = self.url_open(
            "/iot/setup",
            json.dumps({"params": {"iot_box": about, "devices": devices or {}}}),
            headers={"Content-Type": "application/json"},
        )
        self.env.invalidate_all()
        return answer.json()["result"]

    def _post(self, path, values=None, box=None, token=TOKEN, headers=None, **changes):
        """Post as the box would; ``changes`` spoil the headers."""
        identifier = (box or self.box).identifier
        keys = signature.derive_keys(token, identifier)
        said = {"identifier": identifier, "journal": self.journal, **(values or {})}
        body = json.dumps(said).encode()
        headers = headers or signature.request_headers(
            keys["request"], identifier, path, body
        )
        headers = {**headers, "Content-Type": "application/json", **changes}
        answer = self.url_open(path, body, headers=headers)
        self.env.invalidate_all()
        return answer

    def _call(self, path, values=None, **options):
        """Post and return the answer, which is signed by the server."""
        sent = self._post(path, values, **options)
        keys = self._keys(options.get("box"), options.get("token", TOKEN))
        nonce = sent.request.headers[signature.HEADER_NONCE]
        signature.check_reply(
            keys["reply"],
            nonce,
            sent.status_code,
            sent.content,
            sent.headers[signature.HEADER_SIGNATURE],
        )
        return sent.status_code, sent.json()

    def _ask(self, have=(), devices=None, **options):
        if devices is None:
            devices = {
                "kassa1": {"type": "fiscal_data_module", "kinds": ["receipt", "find"]},
                "scanner1": {"type": "scanner", "kinds": []},
            }
        values = {"have": list(have), "devices": devices, "wait": 25}
        return self._call("/clinic_iot/jobs/next", values, **options)


@tagged("post_install", "-at_install")
class TestPairing(BoxCase):
    def _wizard(self, **values):
        values = {"branch_id": self.branch.id, "name": "Desk 1", **values}
        values.setdefault("address", "http://clinic.example:8069")
        pairs = self.env["clinic.iot.pair"].with_user(self._user("admin"))
        pair = pairs.create(values)
        pair.action_start()
        return pair

    def _token(self, pair):
        query = urllib.parse.urlsplit(pair.link).query
        values = urllib.parse.parse_qs(query, keep_blank_values=True)
        return values["token"][0]

    def test_a_box_pairs_and_registers_its_devices(self):
        pair = self._wizard()
        url, _mark, query = pair.link.partition("?")
        self.assertEqual(url, "http://clinic.example:8069")
        values = urllib.parse.parse_qs(query, keep_blank_values=True)
        # the box refuses any other form of it
        self.assertEqual(
            set(values), {"token", "db_uuid", "enterprise_code", "db_name"}
        )
        self.assertEqual(values["db_name"], [self.env.cr.dbname])
        self.assertTrue(pair.code)
        token = self._token(pair)
        channel = self._setup(token=token)
        self.assertTrue(channel)
        box = self.env["clinic.iot.box"].search([("identifier", "=", "new-box")])
        self.assertRecordValues(
            box,
            [
                {
                    "name": "Desk 1",
                    "branch_id": self.branch.id,
                    "ip": "192.168.1.77",
                    "version": "L25.01-19.0",
                    "state": "online",
                }
            ],
        )
        self.assertEqual(pair.state, "paired")
        self.assertFalse(pair.link, "the token is shown no more")
        self.assertFalse(pair.sudo().token)
        # again, after its devices are there: the same box is known by its token
        printer = {"name": "Printer", "type": "printer", "manufacturer": "X"}
        odd = {"name": "Thing", "type": "no such type"}
        again = self._setup(token=token, devices={"p1": printer, "t1": odd})
        self.assertEqual(again, channel)
        self.assertEqual(sorted(box.device_ids.mapped("type")), ["other", "printer"])

    def test_address_that_a_box_in_the_network_reaches(self):
        pairs = self.env["clinic.iot.pair"].with_user(self._user("admin"))
        # sudo: the setting of the server
        params_sudo = self.env["ir.config_parameter"].sudo()
        tools = "odoo.addons.clinic_iot.tools.address"
        here, there = "http://127.0.0.1:8069", "http://10.0.0.5:8069"
        cases = (
            ("https://clinic.example", True, "https://clinic.example", False),
            ("http://localhost:8069", True, there, "network"),
            ("http://127.0.0.1:8069", True, there, "network"),
            ("http://[::1]:8069", True, there, "network"),
            # It listens to its own computer only.
            ("http://localhost:8069", False, here, "here"),
        )
        for url, listens, expected, guessed in cases:
            params_sudo.set_param("web.base.url", url)
            with (
                self.subTest(url=url, listens=listens),
                patch(f"{tools}.own_address", return_value="10.0.0.5"),
                patch(f"{tools}.answers", return_value=listens),
            ):
                pair = pairs.create({"branch_id": self.branch.id, "name": "Desk 1"})
                self.assertEqual(pair.address, expected)
                self.assertEqual(pair.address_guessed, guessed)

    def test_a_token_is_used_once(self):
        token = self._token(self._wizard())
        self.assertTrue(self._setup(token=token))
        self.assertFalse(self._setup("thief", token=token))
        boxes = self.env["clinic.iot.box"]
        self.assertFalse(boxes.search([("identifier", "=", "thief")]))

    def test_a_token_ends_after_a_quarter_of_an_hour(self):
        pair = self._wizard()
        token = self._token(pair)
        pair.sudo().expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual(pair.state, "expired")
        self.assertFalse(pair.link)
        self.assertFalse(self._setup(token=token))

    def test_a_stranger_gets_no_channel(self):
        for token in ("", "guess", self.box.identifier):
            self.assertFalse(self._setup("stranger", token=token))
            self.assertFalse(self._setup(self.box.identifier, token=token))

    def test_paired_anew_the_old_keys_die(self):
        pair = self._wizard(box_id=self.box.id)
        token = self._token(pair)
        self.assertEqual(self._ask()[0], 200, "not yet")
        channel = self.box._secret_sudo().channel
        # a new computer takes the place of the old one
        self.assertTrue(self._setup("another", token=token))
        self.assertEqual(self.box.identifier, "another")
        self.assertNotEqual(self.box._secret_sudo().channel, channel)
        self.assertEqual(self._ask(token=token)[0], 200)
        self.assertEqual(self._post("/clinic_iot/jobs/next").status_code, 401)
        self.assertFalse(self._setup("another", token=TOKEN))

    def test_a_box_is_not_taken_for_another(self):
        other = self._create_box("box-of-others")
        pair = self._wizard(box_id=self.box.id)
        self.assertFalse(self._setup("box-of-others", token=self._token(pair)))
        self.assertIn("box-of-others", pair.trouble)
        self.assertTrue(other._secret_sudo()._knows(TOKEN))

    def test_known_box_without_choice_is_paired_anew(self):
        token = self._token(self._wizard())
        self.assertTrue(self._setup(self.box.identifier, token=token))
        self.assertFalse(self.box._secret_sudo()._knows(TOKEN))

    def test_who_may_pair(self):
        for role in ("reception", "cashier", "finance"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.env["clinic.iot.pair"].with_user(self._user(role)).create(
                    {"branch_id": self.branch.id, "name": "x", "address": "http://x"}
                )
        with self.assertRaisesRegex(UserError, "localhost"):
            self._wizard(address="http://localhost:8069")
        with self.assertRaisesRegex(UserError, "http"):
            self._wizard(address="clinic.example")

    def test_nobody_reads_the_keys(self):
        admin = self._user("admin")
        admin.group_ids += self.env.ref("base.group_system")
        secret = self.box._secret_sudo().with_user(admin)
        pair = self._wizard()
        for record, names in (
            (secret, ["job_key"]),
            (secret, ["channel"]),
            (pair.with_user(admin), ["token"]),
            (pair.with_user(admin), ["token_digest"]),
        ):
            self.env.invalidate_all()
            with self.subTest(names=names), self.assertRaises(AccessError):
                record.read(names)
        with self.assertRaises(AccessError):
            self.env["clinic.iot.secret"].with_user(admin).search([])

    def test_unpaired_the_box_is_a_stranger(self):
        self.box.with_user(self._user("admin")).action_unpair()
        self.assertEqual(self.box.state, "unpaired")
        self.assertEqual(self._post("/clinic_iot/jobs/next").status_code, 401)
        self.assertFalse(self._setup(self.box.identifier, token=TOKEN))

    def test_handlers(self):
        def get(identifier, **headers):
            data = {"identifier": identifier, "auto": "True"}
            return self.url_open("/iot/get_handlers", data, headers=headers)

        answer = get(self.box.identifier)
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        self.assertIn("drivers/clinic_shtrih.py", names)
        self.assertIn("interfaces/clinic_ports.py", names)
        self.assertIn("clinic_devices/signature.py", names)
        self.assertIn("drivers/printer_driver_base.py", names)
        self.assertFalse([one for one in names if "serial_" in one or "l10n_" in one])
        etag = answer.headers["ETag"].strip('"')
        again = get(self.box.identifier, **{"If-None-Match": etag})
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(get(self.box.identifier).headers["ETag"].strip('"'), etag)
        self.assertFalse(get("stranger").content)
        files = {"a.py": b"1", "b.py": b"2"}
        self.assertEqual(
            handlers.pack(files), handlers.pack(dict(sorted(files.items())))
        )
        self.assertNotEqual(handlers.etag(files), handlers.etag({"a.py": b"12"}))

    def test_log_and_the_calls_that_are_not_believed(self):
        lines = b"identifier box-of-tests<log/>\n30,Printer is gone<log/>\n"
        self.url_open("/iot/log", lines, headers={"Content-Type": "text/plain"})
        self.env.invalidate_all()
        self.assertIn("Printer is gone", self.box.log)
        # The box sends it in chunks, without its length.
        chunks = iter([b"identifier box-of-tests<log/>\n", b"30,Paper is back<log/>\n"])
        self.url_open("/iot/log", chunks)
        self.env.invalidate_all()
        self.assertIn("Paper is back", self.box.log)
        # Each request that it serves is no news.
        quiet = b"identifier box-of-tests<log/>\n20,GET /<log/>\n"
        self.url_open("/iot/log", quiet, headers={"Content-Type": "text/plain"})
        self.env.invalidate_all()
        self.assertNotIn("GET", self.box.log)
        stranger = b"identifier stranger<log/>\n30,Hello<log/>\n"
        self.url_open("/iot/log", stranger, headers={"Content-Type": "text/plain"})
        self.env.invalidate_all()
        self.assertNotIn("Hello", self.box.log)
        job = self._give()
        said = {"iot_box_identifier": "box-of-tests", "status": "success"}
        for path in ("send_websocket", "webrtc_answer", "update_certificate_status"):
            answer = self.make_jsonrpc_request(f"/iot/box/{path}", said)
            self.assertTrue(answer)
        self.assertEqual(job.state, "queued")

    def test_history_is_told_by_the_clock_of_the_branch_and_in_words(self):
        self.branch.tz = "Asia/Vladivostok"
        with freeze_time("2026-11-23 20:30:00"):
            pair = self._wizard(name="Desk 2")
            self._setup(token=self._token(pair))
        box = self.env["clinic.iot.box"].search([("identifier", "=", "new-box")])
        self.assertTrue(box.told_online, "who has just come is not back again")
        box.told_online = False
        with freeze_time("2026-11-23 20:35:00"):
            box._heard()
        device = self._create_device(box, "kassa5")
        with freeze_time("2026-11-23 20:40:00"):
            device._set_condition({"code": "starting"})
            device._set_condition({})
            device._set_condition({"code": "no_paper", "message": "No paper"})
        with freeze_time("2026-11-23 20:41:00"):
            device._set_condition({})
        box.last_seen = "2026-11-23 20:41:30"
        with freeze_time("2026-11-23 20:50:00"):
            box._cron_watch()
        admin = self._user("admin")
        lines = box.with_user(admin).history.splitlines()
        self.assertEqual(
            [line[:16] for line in lines],
            ["24.11.2026 06:41", "24.11.2026 06:41", "24.11.2026 06:40"]
            + ["24.11.2026 06:35"]
            + ["24.11.2026 06:30"] * 2,
        )
        self.assertIn("There is no paper", lines[2])
        self.assertIn(pair.create_uid.name, lines[-1])
        self.assertNotIn("%", box.history)
        # Long past is forgotten.
        for _time in range(250):
            box._tell("silent")
        self.assertEqual(len(box.history.splitlines()), 200)
        self.env["res.lang"]._activate_lang("ru_RU")
        for code in box._words_of_events():
            box._tell(code)
            self.assertTrue(box.with_context(lang="ru_RU").history)


@tagged("post_install", "-at_install")
class TestSignedCalls(BoxCase):
    def test_a_job_from_its_giving_to_its_end(self):
        job = self._give(payload={"total": 150000, "name": "Приём"})
        status, answer = self._ask()
        self.assertEqual(status, 200)
        (envelope,) = answer["jobs"]
        keys = self._keys()
        signature.check_job(keys["job"], envelope["job"], envelope["signature"])
        self.assertEqual(
            json.loads(envelope["job"]),
            {
                "uuid": job.uuid,
                "device": "kassa1",
                "kind": "receipt",
                "payload": {"total": 150000, "name": "Приём"},
                "deadline": 0,
            },
        )
        self.assertEqual(job.state, "leased")
        self.assertFalse(self._ask([job.uuid])[1]["jobs"])
        go = self._call(f"/clinic_iot/jobs/{job.uuid}/ack")[1]["go"]
        self.assertEqual((go, job.state), (True, "running"))
        end = {"state": "done", "settled": True, "result": {"fd": 7}}
        for _time in range(2):  # the first answer was lost
            answer = self._call(f"/clinic_iot/jobs/{job.uuid}/result", end)
            self.assertTrue(answer[1]["ok"])
        self.assertEqual((job.state, job.result), ("done", {"fd": 7}))
        self.assertFalse(self._call(f"/clinic_iot/jobs/{job.uuid}/ack")[1]["go"])

    def test_strangers_are_refused(self):
        job = self._give()
        path = "/clinic_iot/jobs/next"
        values = {"have": [], "devices": {}, "wait": 0}
        other = self._create_box("box-of-others", token="another token")
        body = json.dumps({"identifier": self.box.identifier}).encode()
        theirs = signature.derive_keys("another token", other.identifier)["request"]
        forged = signature.request_headers(theirs, self.box.identifier, path, body)
        late = signature.HEADER_TIME
        cases = {
            "unsigned": self.url_open(path, b"{}"),
            "wrong key": self._post(path, values, token="guess"),
            "other box's key": self._post(path, values, headers=forged),
            "unknown box": self._post(path, values, **{signature.HEADER_BOX: "x"}),
            "time changed": self._post(path, values, **{late: "1"}),
            "no time": self._post(path, values, **{late: "now"}),
            "odd nonce": self._post(path, values, **{signature.HEADER_NONCE: "x"}),
        }
        for name, answer in cases.items():
            with self.subTest(name):
                self.assertEqual((answer.status_code, answer.text), (401, "{}"))
        self.assertEqual(job.state, "queued")
        self.assertEqual(self.url_open(path).status_code, 405, "not by GET")

    def test_what_was_said_cannot_be_played_back(self):
        job = self._give()
        path = "/clinic_iot/jobs/next"
        values = {"have": [], "devices": {}, "wait": 0}
        first = self._post(path, values)
        self.assertEqual(first.status_code, 200)
        job.sudo().state = "queued"
        names = (
            signature.HEADER_BOX,
            signature.HEADER_TIME,
            signature.HEADER_NONCE,
            signature.HEADER_SIGNATURE,
        )
        headers = {name: first.request.headers[name] for name in names}
        again = self._post(path, values, headers=headers)
        self.assertEqual((again.status_code, again.text), (401, "{}"))
        self.assertEqual(job.state, "queued")
        self.env["clinic.iot.nonce"]._cron_clean()
        self.assertEqual(self._post(path, values, headers=headers).status_code, 401)
        # and not on another path
        headers = {name: first.request.headers[name] for name in names}
        moved = self._post("/clinic_iot/events", values, headers=headers)
        self.assertEqual(moved.status_code, 401)

    def test_a_wrong_clock_is_told_the_time(self):
        path = "/clinic_iot/jobs/next"
        body = json.dumps(
            {"identifier": self.box.identifier, "journal": self.journal}
        ).encode()
        key = self._keys()["request"]
        headers = signature.request_headers(
            key, self.box.identifier, path, body, moment=1_000_000_000
        )
        status, answer = self._call(path, headers=headers)
        self.assertEqual((status, answer["error"]), (401, "clock"))
        self.assertGreater(answer["time"], 1_700_000_000)

    def test_another_box_cannot_touch_a_job(self):
        job = self._give()
        self._ask()
        other = self._create_box("box-of-others")
        end = {"state": "done", "settled": True, "result": {"fd": 7}}
        with mute_logger("odoo.addons.clinic_iot.models.clinic_iot_job_exchange"):
            answer = self._call(f"/clinic_iot/jobs/{job.uuid}/ack", box=other)
            self.assertFalse(answer[1]["go"])
            self._call(f"/clinic_iot/jobs/{job.uuid}/result", end, box=other)
        self.assertEqual(job.state, "leased")

    def test_odd_forms_are_refused_and_change_nothing(self):
        job = self._give()
        for values in (
            {},
            {"have": "x", "devices": {}},
            {"have": [], "devices": []},
            {"devices": {}},
            {"have": [], "devices": {}, "journal": 5},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.addons.clinic_iot.controllers.signed"),
            ):
                status, answer = self._call("/clinic_iot/jobs/next", values)
                self.assertEqual((status, answer["error"]), (400, "form"))
        self.assertEqual(job.state, "queued")

    def test_devices_and_their_troubles(self):
        paper = {"code": "no_paper", "message": "No paper"}
        kassa = {"type": "fiscal_data_module", "kinds": ["receipt"]}
        new = {"type": "payment", "kinds": ["payment"], "condition": {}}
        self._ask(devices={"kassa1": kassa | {"condition": paper}, "card1": new})
        self.assertEqual(self.register.condition_code, "no_paper")
        self.assertEqual(self.register.kinds, ["receipt"])
        card = self.box.device_ids.filtered(lambda one: one.identifier == "card1")
        self.assertRecordValues(
            card, [{"type": "payment", "works": "yes", "kinds": ["payment"]}]
        )
        self._ask(devices={"card1": new})
        self.assertEqual(self.register.condition_code, "missing")
        self._ask(devices={"kassa1": kassa, "card1": new})
        self.assertFalse(self.register.condition_code)

    def test_a_device_is_named_on_its_box_until_a_person_names_it(self):
        kassa = {"type": "fiscal_data_module", "kinds": ["receipt"]}
        self._ask(devices={"kassa2": kassa})
        device = self.box.device_ids.filtered(lambda one: one.identifier == "kassa2")
        self.assertEqual(device.name, "kassa2")
        self._ask(devices={"kassa2": kassa | {"name": "Front desk"}})
        self.assertEqual(device.name, "Front desk")
        device.name = "Reception"
        self._ask(devices={"kassa2": kassa | {"name": "Front desk"}})
        self.assertEqual(device.name, "Reception")

    def test_events_come_once(self):
        heard = []
        self.patch(
            type(self.scanner),
            "_on_event",
            lambda device, kind, values: heard.append((device.id, kind, values)),
        )
        scan = {"device": "scanner1", "kind": "scan", "values": {"text": "A1"}}
        events = [{"id": "e1", **scan}, {"id": "e2", "device": "gone", "kind": "scan"}]
        for _time in range(2):
            answer = self._call("/clinic_iot/events", {"events": events})
            self.assertTrue(answer[1]["ok"])
        self.assertEqual(heard, [(self.scanner.id, "scan", {"text": "A1"})])

    def test_the_box_hears_which_drivers_the_server_has(self):
        data = {"identifier": self.box.identifier, "auto": "True"}
        got = self.url_open("/iot/get_handlers", data)
        etag = got.headers["ETag"].strip('"')
        _status, answer = self._ask()
        self.assertEqual(answer["handlers"], etag)
        files = renewal.unpack(got.content, etag)  # by which the box knows them
        self.assertIn("clinic_devices/renewal.py", files)
        box_says = {"have": [], "devices": {}, "wait": 25}
        for drivers in ("old", "old", etag):
            said = {**box_says, "handlers": drivers}
            self._call("/clinic_iot/jobs/next", said)
        told = [line for line in self.box.history.splitlines() if "drivers" in line]
        self.assertEqual(len(told), 2, "once each")

    def test_a_new_memory(self):
        job = self._give()
        self._ask()
        self._call(f"/clinic_iot/jobs/{job.uuid}/ack")
        self.journal = "journal-2"
        self._ask()
        self.assertEqual((job.state, job.settled), ("unknown", True))

    def test_a_call_with_nothing_to_do_is_cheap(self):
        self._ask()
        self._ask()
        with self.assertQueryCount(40):
            self.box._take_state(
                self.box._secret_sudo(),
                self.journal,
                {
                    "kassa1": {"kinds": ["receipt", "find"]},
                    "scanner1": {"kinds": []},
                },
            )
            self._next()
