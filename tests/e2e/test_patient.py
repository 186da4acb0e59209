"""Each path of a patient, on a phone 360 pixels wide and on a desktop, in Russian.

Whoever has been at the clinic before finds a specialist, books, proves the e-mail by a
code, pays, and then uses the whole cabinet. Each page on the way is looked at (see
``looks``) and kept as a picture.
"""

import json
import re
import time
from datetime import datetime, timedelta

import pytest

from .conftest import DESK
from .looks import Looks, axe_source
from .test_chain import let_the_day_come, sign_in
from .visitor import Site, new_person
from .walk import Walk

SIZES = {"phone": {"width": 360, "height": 740}, "desk": DESK}
DOCTOR = "doctor"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
FRONT = (
    "/",
    "/clinic/services",
    "/clinic/problems",
    "/clinic/branches",
    "/clinic/book",
    "/clinic/register/code",
    "/web/login",
)
# What the cabinet of a patient with a history holds.
CABINET = (
    "/my/clinic",
    "/my/clinic/visits",
    "/my/clinic/account",
    "/my/clinic/documents",
    "/my/clinic/health",
    "/my/clinic/measurements/pressure",
    "/my/clinic/questions",
    "/my/clinic/waiting",
    "/my/clinic/calendar",
    "/my/clinic/family",
    "/my/clinic/family/child",
    "/my/clinic/profile",
    "/my/clinic/record-looks",
)
# On a desktop the pages of two columns; the others are the same there.
PAGES = {"phone": CABINET, "desk": CABINET[:6]}


class PatientWalk(Walk):
    """A walk on which each page is looked at."""

    def __init__(self, server, size, open_page, shots, specialist_id, person):
        super().__init__(open_page(SIZES[size]), shots, specialist_id, person)
        self.server = server
        self.name = f"patient-{size}"
        self.looks = Looks(self.page, server.url)

    def shot(self, name):
        self.looks.check()
        super().shot(name)

    def look(self, path):
        self.page.goto(path)
        self.shot(path.strip("/").replace("/", "-") or "home")

    def prove_the_card(self):
        """Take a code by e-mail; the letter is read from the server's outbox."""
        page = self.page
        page.click(".o_clinic_to_register")
        page.click(".o_clinic_to_code")
        page.fill("input[name=contact]", self.person["email"])
        page.click(".o_clinic_code_contact button[type=submit]")
        page.wait_for_selector("input[name=code]")
        self.shot("code")
        page.fill("input[name=code]", self.code_in_the_letter())
        page.click(".o_clinic_code_check button[type=submit]")
        self.fill_in(("name", "phone", "birthdate", "password"))

    def code_in_the_letter(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            rows = self.server.query(
                "SELECT translate(body_html, E'\\n|', '  ') FROM mail_mail"
                f" WHERE email_to = '{self.person['email']}' ORDER BY id DESC LIMIT 1"
            )
            if rows and (code := re.search(r">\s*(\d{6})\s*<", rows[0][0])):
                return code[1]
            time.sleep(0.3)
        raise AssertionError("no letter with a code")

    def draw(self):
        """Sign on the pad as a finger would."""
        box = self.page.locator(".o_clinic_pad canvas").bounding_box()
        mouse = self.page.mouse
        mouse.move(box["x"] + 30, box["y"] + 90)
        mouse.down()
        for step in range(1, 12):
            mouse.move(box["x"] + 30 + step * 15, box["y"] + 90 - (step % 3) * 30)
        mouse.up()


@pytest.fixture(scope="module")
def reception(server):
    return server.client("reception")


@pytest.fixture(scope="module")
def doctor(server):
    return server.client(DOCTOR)


@pytest.fixture(scope="module")
def specialist_id(doctor):
    [specialist] = doctor.search_read(
        "clinic.specialist", [["user_id", "=", doctor.uid]], ["name"]
    )
    return specialist["id"]


@pytest.fixture(scope="module", params=SIZES)
def walk(request, server, open_page, shots, reception, specialist_id):
    """Return the walk of somebody the clinic knows, up to the paid visit."""
    person = new_person()
    [card_id] = reception.call(
        "res.partner",
        "create",
        [
            {
                "name": person["name"],
                "email": person["email"],
                "phone": person["phone"],
                "birthdate_date": person["birthdate"],
                "gender": person["gender"],
                "is_patient": True,
            }
        ],
    )
    walk = PatientWalk(server, request.param, open_page, shots, specialist_id, person)
    walk.card_id = card_id
    walk.answer_screening()
    walk.choose_window()
    walk.prove_the_card()
    walk.book_and_pay()
    return walk


@pytest.fixture
def page(walk):
    return walk.page


@pytest.fixture(scope="module")
def visit(walk, reception):
    [visit] = reception.search_read(
        "clinic.appointment",
        [["id", "=", walk.appointment_id]],
        ["patient_id", "state", "start"],
    )
    return visit


def test_axe_looks_at_the_pages():
    if not axe_source():
        pytest.skip("axe-core is not here: npm could not fetch it")


@pytest.mark.parametrize("size", SIZES)
def test_front_pages(server, open_page, shots, specialist_id, size):
    """Nobody is signed in; links lead on to the pages of each kind."""
    walk = PatientWalk(server, size, open_page, shots, specialist_id, None)
    page = walk.page
    for path in FRONT:
        walk.look(path)
    page.goto("/clinic/specialists")
    page.fill(".o_clinic_search input[name=q]", "терапевт")
    page.click(".o_clinic_search .input-group button")
    walk.shot("search")
    page.locator(".o_clinic_specialist_card h3 a").first.click()
    walk.shot("specialist")
    assert page.locator(".o_clinic_window").count()
    for kind in ("service", "problem", "branch"):
        page.goto(f"/clinic/{kind}s".replace("branchs", "branches"))
        page.locator(f"a[href*='/clinic/{kind}/']").first.click()
        page.wait_for_url(re.compile(f"/clinic/{kind}/"))
        walk.shot(kind)
    page.goto("/clinic/specialists?q=нетникоготакого")
    walk.shot("search-empty")
    # For people to read: how long it takes depends on what else the machine does.
    paints = json.dumps(walk.looks.paints, indent=1)
    (shots / f"{walk.name}-first-paint-ms.json").write_text(paints)


@pytest.mark.parametrize("size", SIZES)
def test_cabinet_of_a_patient_with_a_history(server, open_page, shots, size):
    walk = PatientWalk(server, size, open_page, shots, None, None)
    sign_in(walk.page, "patient")
    for path in PAGES[size]:
        walk.look(path)
    page = walk.page
    page.goto("/my/clinic/measurements/pressure")
    assert page.locator(".o_clinic_chart polyline").count() == 2
    page.goto("/my/clinic")
    page.locator("section.o_clinic_past a.o_clinic_row").first.click()
    walk.shot("visit")
    page.goto("/my/clinic/documents")
    address = page.locator("a[href*='/my/clinic/document/']").first.get_attribute(
        "href"
    )
    answer = page.context.request.get(address)
    assert answer.ok and answer.body().startswith(b"%PDF")


def test_card_is_the_one_the_clinic_had(walk, visit):
    assert visit["patient_id"][0] == walk.card_id
    assert visit["state"] in ("booked", "confirmed")


def test_visit_is_confirmed_with_one_tap(walk, page, visit):
    page.goto("/my/clinic")
    confirm = page.locator(".o_clinic_visit_confirm")
    if visit["state"] == "booked":
        confirm.click()
        page.wait_for_selector(".o_clinic_notice.alert-success")
        walk.shot("confirmed")
    assert not confirm.count()


def test_visit_is_moved(walk, page, visit, reception):
    page.goto("/my/clinic")
    page.click(".o_clinic_visit_move")
    page.wait_for_selector(".o_clinic_move")
    walk.shot("move")
    page.locator(".o_clinic_move button[name=start]").nth(1).click()
    page.wait_for_selector(".o_clinic_notice.alert-success")
    walk.shot("moved")
    [moved] = reception.search_read(
        "clinic.appointment",
        [["id", "=", visit["id"]]],
        ["start"],
    )
    assert moved["start"] != visit["start"]


def test_visit_in_the_calendar(walk, page):
    page.goto("/my/clinic/calendar")
    page.click("button[name=switch][value=on]")
    address = page.locator(".o_clinic_address").inner_text().strip()
    walk.shot("calendar")
    feed = page.context.request.get(address[address.index("/clinic/") :])
    assert "BEGIN:VEVENT" in feed.text()


def test_wish_for_the_waiting_list(walk, page):
    page.goto("/my/clinic/waiting/new")
    service = page.locator("select[name=service]")
    if service.count():
        service.select_option(index=1)
        page.locator(".o_clinic_page form button[type=submit]").first.click()
    page.wait_for_selector(".o_clinic_wish_form")
    walk.shot("wish")
    page.click(".o_clinic_wish_form button[type=submit]")
    page.wait_for_selector(".o_clinic_wish")
    walk.shot("waiting")


def test_question_with_a_file(walk, page):
    page.goto("/my/clinic/questions/new")
    page.check("input[name=kind][value=desk]")
    page.fill("textarea[name=body]", "Подойдёт ли эта справка?")
    page.set_input_files(
        "input[name=files]",
        {"name": "справка.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"},
    )
    page.click(".o_clinic_ask button[type=submit]")
    page.wait_for_selector("#files_error")
    assert page.input_value("textarea[name=body]") == "Подойдёт ли эта справка?"
    walk.shot("question-refused")
    page.set_input_files(
        "input[name=files]",
        {"name": "справка.pdf", "mimeType": "application/pdf", "buffer": PDF},
    )
    page.click(".o_clinic_ask button[type=submit]")
    file = page.locator(".o_clinic_files a")
    file.wait_for()
    assert file.inner_text().strip() == "справка.pdf"
    walk.shot("question")


def test_leave_is_given_and_taken_back(walk, page):
    page.goto("/my/clinic/family")
    page.fill("input[name=email]", "husband@example.com")
    page.click(".o_clinic_invite button[type=submit]")
    page.wait_for_selector(".o_clinic_notice.alert-success")
    walk.shot("family")
    page.locator(".o_clinic_given form[action*='/end'] button").first.click()
    page.wait_for_selector(".o_clinic_notice.alert-success")
    assert not page.locator(".o_clinic_given form[action*='/end']").count()


def test_consent_is_signed_by_hand(walk, page, doctor):
    [template, *_] = doctor.search_read(
        "clinic.document.template",
        [["kind", "=", "consent"], ["web_signing", "=", "signature"]],
        ["name"],
    )
    [document_id] = doctor.call(
        "clinic.document",
        "create",
        [{"patient_id": walk.card_id, "template_id": template["id"]}],
        context={"lang": "ru_RU"},
    )
    doctor.call("clinic.document", "action_offer_on_web", [document_id])
    page.goto("/my/clinic")
    page.click("a.o_clinic_todo[href='/my/clinic/documents']")
    page.click(".o_clinic_to_sign a.btn")
    page.wait_for_selector(".o_clinic_sign_pad")
    sign = page.locator(".o_clinic_sign_pad button[type=submit]")
    assert sign.is_disabled()
    page.check("input[name=agree]")
    walk.draw()
    walk.shot("sign")
    sign.click()
    page.wait_for_selector(".o_clinic_notice.alert-success")
    [document] = doctor.search_read(
        "clinic.document", [["id", "=", document_id]], ["state", "signed_by_id"]
    )
    assert document["state"] == "issued"
    assert document["signed_by_id"][0] == walk.card_id


def test_account_shows_how_the_balance_came(walk, page):
    page.goto("/my/clinic/account")
    assert page.locator(".o_clinic_row_payment").count()
    assert page.locator(".o_clinic_row_match").count()
    walk.shot("account")
    page.fill(".o_clinic_topup input[name=amount]", "500")
    page.click(".o_clinic_topup button[type=submit]")
    page.wait_for_selector("#o_payment_form")
    walk.shot("topup")


def test_visit_that_was_is_rated(server, walk, page, visit, reception, doctor):
    let_the_day_come(server, visit["id"])
    reception.call("clinic.appointment", "action_arrive", [visit["id"]])
    # With the first visit the medical record begins, which the measurements need.
    doctor.call("clinic.appointment", "action_open_encounter", [visit["id"]])
    doctor.call("clinic.appointment", "action_fulfil", [visit["id"]])
    page.goto("/my/clinic")
    page.click("a.o_clinic_todo[href*='#rate']")
    page.check("input[name=score][value='5']")
    page.fill("textarea[name=comment]", "Спасибо, всё объяснили")
    walk.shot("rate")
    page.click(".o_clinic_rate button[type=submit]")
    page.wait_for_selector(".o_clinic_notice.alert-success")
    assert not page.locator(".o_clinic_rate").count()
    rows = server.query(
        f"SELECT score FROM clinic_visit_rating WHERE appointment_id = {visit['id']}"
    )
    assert rows == [["5"]]


def test_own_measurement(walk, page):
    page.goto("/my/clinic/measurements/pressure")
    for name, value in (("systolic", "124"), ("diastolic", "82")):
        page.fill(f"input[name={name}]", value)
    page.locator("form:has(input[name=systolic]) button[type=submit]").click()
    row = page.locator(".o_clinic_readings tbody tr").first
    row.wait_for()
    assert "124/82" in row.inner_text()
    walk.shot("measured")


def test_visit_is_cancelled(walk, page, reception):
    """Another one: the paid one has taken place."""
    visit_id = book_far_away(reception, walk)
    page.goto(f"/my/clinic/appointment/{visit_id}")
    page.click(".o_clinic_visit_cancel")
    page.wait_for_selector(".o_clinic_cancel_sure")
    walk.shot("cancel")
    page.click(".o_clinic_cancel_sure")
    page.wait_for_selector(".o_clinic_notice.alert-success")
    [visit] = reception.search_read(
        "clinic.appointment", [["id", "=", visit_id]], ["state"]
    )
    assert visit["state"] == "cancelled"


def test_another_session_sees_nothing_of_it(server, walk):
    """The address of the visit alone opens nothing."""
    stranger = Site(server).sign_in("patient2")
    stranger.get(f"/my/clinic/appointment/{walk.appointment_id}")
    assert stranger.status == 404
    assert walk.person["name"] not in stranger.text


def book_far_away(reception, walk):
    """Book a visit the reception takes, more than two weeks ahead."""
    start = datetime.utcnow() + timedelta(days=8)
    services = reception.search_read(
        "product.product",
        [["is_clinic_service", "=", True], ["prepayment", "=", "none"]],
        ["name"],
    )
    for service in services:
        slots = reception.call(
            "clinic.appointment",
            "find_slots",
            service["id"],
            f"{start:%Y-%m-%d %H:%M:%S}",
            f"{start + timedelta(days=12):%Y-%m-%d %H:%M:%S}",
            None,
            None,
            walk.card_id,
        )
        if slots:
            slot = slots[0]
            return reception.call(
                "clinic.appointment",
                "book",
                walk.card_id,
                service["id"],
                slot["specialist_id"],
                slot["start"],
                slot["room_id"] or None,
            )
    raise AssertionError("nothing is free")
