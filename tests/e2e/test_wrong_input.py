"""What is wrong is told in a sentence, and nothing is lost or made by it."""

import html
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from launcher.testing.stack import RpcError

from .visitor import Site, new_person

THERAPIST = "Приём терапевта первичный"
PSYCHOTHERAPIST = "Первая консультация психотерапевта"
REFUSED = ("UserError", "ValidationError", "AccessError", "MissingError")
NONSENSE = ["", "abc", "-1", "0", "999999999", "1 OR 1=1", "1'; DROP TABLE x; --", "😀"]


@pytest.fixture(scope="module")
def reception(server):
    return server.client("reception")


@pytest.fixture(scope="module")
def finance(server):
    return server.client("finance")


@pytest.fixture(scope="module")
def services(reception):
    """Return the services by name."""
    rows = reception.search_read(
        "product.product",
        [["is_clinic_service", "=", True]],
        ["name", "lst_price", "duration"],
        context={"lang": "ru_RU"},
    )
    return {row["name"]: row for row in rows}


@pytest.fixture(scope="module")
def member(server):
    """Return a site with a visitor who has just registered, and who it is."""
    site, person = Site(server), new_person()
    register(site, person)
    assert "/my/clinic" in site.get("/my/clinic").text, site.notices
    [row] = server.client("admin").search_read(
        "res.users", [["login", "=", person["email"]]], ["partner_id"]
    )
    return site, row["partner_id"][0]


@pytest.fixture
def window(reception, services):
    """Return a function that finds a free window of a service, each time another."""

    def window():
        start = datetime.utcnow().replace(microsecond=0) + timedelta(days=2)
        slots = reception.call(
            "clinic.appointment",
            "find_slots",
            services[THERAPIST]["id"],
            str(start),
            str(start + timedelta(days=18)),
        )
        return slots[uuid.uuid4().int % len(slots)]

    return window


def register(site, person, **changes):
    site.get("/clinic/register")
    boxes = re.findall(r'name="(consent_\w+)"\s+value="(\d+)"', site.text)
    return site.post("/clinic/register", **{**person, **dict(boxes), **changes})


def fields_of(slot, service, **changes):
    """Return what the form of the last step sends."""
    return {
        "service": service["id"],
        "specialist": slot["specialist_id"],
        "branch": slot["branch_id"],
        "start": slot["start"][:16].replace(" ", "T"),
        "pay": "later",
        **changes,
    }


def count_visits(reception, patient_id):
    domain = [["patient_id", "=", patient_id], ["state", "!=", "cancelled"]]
    return reception.call("clinic.appointment", "search_count", domain)


def assert_kind(site):
    """The answer is a page with a sentence, not a failure of the server."""
    assert site.status < 500
    assert "Traceback" not in site.text
    assert site.notices or site.field_errors or site.status in (403, 404)


def assert_sentence(refused):
    assert refused.value.name in REFUSED
    text = str(refused.value)
    assert len(text) > 10
    assert "Traceback" not in text and "psycopg2" not in text


# === Registration and screening === #


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "позвоните мне"},
        {"phone": "123"},
        {"birthdate": "2199-01-01"},
        {"birthdate": "1801-01-01"},
        {"birthdate": "позавчера"},
        {"gender": "кошка"},
        {"email": "не почта"},
        {"password": "1"},
        {"name": "Ж"},
        {"consent_personal_data": ""},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_registration_says_what_is_wrong(server, site, changes):
    person = new_person()
    register(site, person, **changes)
    assert site.status == 200
    assert site.field_errors
    admin = server.client("admin")
    assert not admin.call(
        "res.users", "search_count", [["login", "=", person["email"]]]
    )
    assert not admin.call(
        "res.partner", "search_count", [["email", "=", person["email"]]]
    )


def test_screening_refuses_a_birth_date_in_the_future(site):
    site.post(
        "/clinic/screening",
        form_page="/clinic/screening",
        problem="other",
        birthdate="2199-01-01",
        gender="female",
    )
    assert site.status == 200
    assert site.field_errors


def test_form_without_the_token_is_refused(site):
    site.text = ""
    site.post("/clinic/screening", birthdate="1990-01-01", gender="female")
    assert site.status == 400


# === Booking on the web site === #


def test_past_time(member, reception, services, window):
    site, patient_id = member
    before = count_visits(reception, patient_id)
    service = services[THERAPIST]
    past = fields_of(window(), service, start="2020-01-01T10:00", patient=patient_id)
    site.get("/clinic/book/confirm", **past)
    assert_kind(site)
    site.post("/clinic/book", form_page="/clinic/screening", **past)
    assert_kind(site)
    assert count_visits(reception, patient_id) == before


def test_service_the_specialist_does_not_do(member, reception, services, window):
    site, patient_id = member
    before = count_visits(reception, patient_id)
    wrong = fields_of(window(), services[PSYCHOTHERAPIST], patient=patient_id)
    site.post("/clinic/book", form_page="/clinic/screening", **wrong)
    assert_kind(site)
    assert count_visits(reception, patient_id) == before


@pytest.mark.parametrize(
    "field", ["service", "specialist", "branch", "start", "patient"]
)
def test_tampered_ids(member, reception, services, window, field):
    site, patient_id = member
    before = count_visits(reception, patient_id)
    right = fields_of(window(), services[THERAPIST], patient=patient_id)
    for text in NONSENSE:
        site.post(
            "/clinic/book", form_page="/clinic/screening", **{**right, field: text}
        )
        assert_kind(site)
    assert count_visits(reception, patient_id) == before


def test_somebody_elses_patient(server, member, reception, services, window):
    site, _patient_id = member
    [stranger] = reception.search_read(
        "res.partner", [["email", "=", "patient2@example.com"]], ["name"]
    )
    before = count_visits(reception, stranger["id"])
    wrong = fields_of(window(), services[THERAPIST], patient=stranger["id"])
    site.post("/clinic/book", form_page="/clinic/screening", **wrong)
    assert_kind(site)
    assert stranger["name"] not in site.text
    assert count_visits(reception, stranger["id"]) == before


def test_tampered_price(member, finance, services, window):
    site, patient_id = member
    service = services[THERAPIST]
    cheap = {"price": 1, "amount": 1, "price_unit": 1, "discount": 100, "duration": 5}
    form = fields_of(window(), service, patient=patient_id, **cheap)
    site.post("/clinic/book", form_page="/clinic/screening", **form)
    visit = last_visit(finance, patient_id)
    assert visit["amount_total"] == service["lst_price"]
    assert visit["duration"] == service["duration"]


def test_somebody_elses_visit(server, member, reception):
    site, patient_id = member
    [visit] = reception.search_read(
        "clinic.appointment",
        [["patient_id", "!=", patient_id], ["state", "in", ["booked", "confirmed"]]],
        ["name", "state"],
        limit=1,
    )
    for page in ("", "/pay", "/paid", "/cancel"):
        site.get(f"/my/clinic/appointment/{visit['id']}{page}")
        assert visit["name"] not in site.text
        assert site.status in (200, 403, 404)
    for action in ("cancel", "confirm", "later", "balance"):
        site.post(
            f"/my/clinic/appointment/{visit['id']}/{action}",
            form_page="/clinic/screening",
        )
        assert site.status in (200, 403, 404)
    [after] = reception.search_read(
        "clinic.appointment", [["id", "=", visit["id"]]], ["state"]
    )
    assert after["state"] == visit["state"]


# === Paying === #


def last_visit(client, patient_id):
    fields = ["state", "amount_total", "amount_due", "duration", "invoice_id", "start"]
    [visit] = client.search_read(
        "clinic.appointment",
        [["patient_id", "=", patient_id]],
        fields,
        order="id desc",
        limit=1,
    )
    return visit


def hold(member, finance, service, slot):
    """Book with payment at once; return the held visit, the page of payment open."""
    site, patient_id = member
    form = fields_of(slot, service, patient=patient_id, pay="now")
    site.post("/clinic/book", form_page="/clinic/screening", **form)
    visit = last_visit(finance, patient_id)
    assert visit["state"] == "hold", site.notices
    return visit


def begin_payment(site, amount):
    """Do what Odoo's payment form does; return the reference of the transaction."""
    data = dict(re.findall(r'data-([a-z-]+)="([^"]*)"', site.text))
    values = site.rpc(
        html.unescape(data["transaction-route"]),
        provider_id=int(data["provider-id"]),
        payment_method_id=int(data["payment-option-id"]),
        token_id=None,
        amount=amount,
        flow="direct",
        tokenization_requested=False,
        landing_route=html.unescape(data["landing-route"]),
        access_token=html.unescape(data["access-token"]),
    )
    return values["reference"]


def notice_of_provider(site, reference):
    site.rpc(
        "/payment/demo/simulate_payment",
        reference=reference,
        payment_details="4242",
        simulated_state="done",
    )


def payments_of(finance, patient_id):
    return finance.search_read(
        "account.payment", [["partner_id", "=", patient_id]], ["amount", "state"]
    )


def balance_of(finance, patient_id):
    [row] = finance.search_read(
        "res.partner", [["id", "=", patient_id]], ["clinic_balance"]
    )
    return row["clinic_balance"]


@pytest.fixture
def payer(server):
    """Return a new visitor for each test about money: a site and the patient's id."""
    site, person = Site(server), new_person()
    register(site, person)
    [row] = server.client("admin").search_read(
        "res.users", [["login", "=", person["email"]]], ["partner_id"]
    )
    return site, row["partner_id"][0]


@pytest.mark.parametrize("amount", [1.0, -5.0, 0.0, 1e9, "дёшево"])
def test_tampered_amount_is_not_taken(payer, finance, services, window, amount):
    site, patient_id = payer
    visit = hold(payer, finance, services[THERAPIST], window())
    with pytest.raises(RpcError) as refused:
        begin_payment(site, amount)
    assert_sentence(refused)
    assert not payments_of(finance, patient_id)
    assert last_visit(finance, patient_id)["state"] == visit["state"]


def test_notice_of_the_provider_twice(payer, finance, services, window):
    site, patient_id = payer
    service = services[THERAPIST]
    hold(payer, finance, service, window())
    reference = begin_payment(site, service["lst_price"])
    for _time in range(2):
        notice_of_provider(site, reference)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _n: poll(site), range(4)))
    notice_of_provider(site, reference)
    poll(site)
    [payment] = payments_of(finance, patient_id)
    assert payment["amount"] == service["lst_price"]
    visit = last_visit(finance, patient_id)
    assert visit["state"] == "booked"
    assert visit["amount_due"] == 0
    assert balance_of(finance, patient_id) == 0


def poll(site):
    """Ask how the payment went, as the page that waits for it does."""
    try:
        return site.rpc("/payment/status/poll")
    except RpcError as busy:
        # Odoo's own answer when another process does the same: ask again later.
        assert "retry" in str(busy)


def expire(server, visit):
    server.query(
        f"""UPDATE clinic_appointment SET hold_until = now() AT TIME ZONE 'UTC'
                   - interval '1 minute' WHERE id = {int(visit["id"])};
            UPDATE clinic_claim SET hold_until = now() AT TIME ZONE 'UTC'
                   - interval '1 minute' WHERE appointment_id = {int(visit["id"])};"""
    )


def test_expired_hold_says_so(server, payer, finance, services, window):
    site, patient_id = payer
    visit = hold(payer, finance, services[THERAPIST], window())
    expire(server, visit)
    site.get(f"/my/clinic/appointment/{visit['id']}/pay")
    assert site.status == 200
    assert 'data-result="expired"' in site.text
    site.post(
        f"/my/clinic/appointment/{visit['id']}/later", form_page="/clinic/screening"
    )
    assert site.status < 500
    assert last_visit(finance, patient_id)["state"] in ("hold", "cancelled")


def test_payment_after_the_hold_has_gone(
    server, payer, reception, finance, services, window
):
    """The window has been sold to another: the money is kept on the account."""
    site, patient_id = payer
    service, slot = services[THERAPIST], window()
    visit = hold(payer, finance, service, slot)
    reference = begin_payment(site, service["lst_price"])
    expire(server, visit)
    [rival_id] = reception.call(
        "res.partner", "create", [{"name": "Соперник Иван", "is_patient": True}]
    )
    reception.call(
        "clinic.appointment",
        "book",
        rival_id,
        service["id"],
        slot["specialist_id"],
        visit["start"],
    )
    notice_of_provider(site, reference)
    poll(site)
    assert last_visit(finance, patient_id)["state"] == "cancelled"
    assert balance_of(finance, patient_id) == service["lst_price"]
    assert last_visit(finance, rival_id)["state"] == "booked"
    site.get(f"/my/clinic/appointment/{visit['id']}/paid")
    assert 'data-result="kept"' in site.text


def test_payment_after_the_hold_while_the_time_is_free(
    server, payer, finance, services, window
):
    site, patient_id = payer
    service = services[THERAPIST]
    visit = hold(payer, finance, service, window())
    reference = begin_payment(site, service["lst_price"])
    expire(server, visit)
    notice_of_provider(site, reference)
    poll(site)
    assert last_visit(finance, patient_id)["state"] == "booked"
    assert balance_of(finance, patient_id) == 0


# === The same by RPC, as the reception's programs would === #


@pytest.mark.parametrize(
    "values",
    [
        {"phone": "позвоните мне"},
        {"phone": "8 912"},
        {"birthdate_date": "2199-01-01"},
        {"birthdate_date": "1801-01-01"},
        {"snils": "112-233-445 96"},
        {"is_company": True},
    ],
    ids=lambda values: "-".join(map(str, values.values())),
)
def test_patient_card_refuses(reception, values):
    card = {"name": "Ошибкин Пётр", "is_patient": True}
    with pytest.raises(RpcError) as refused:
        reception.call("res.partner", "create", [{**card, **values}])
    assert_sentence(refused)
    [patient_id] = reception.call("res.partner", "create", [card])
    with pytest.raises(RpcError) as refused:
        reception.call("res.partner", "write", [patient_id], values)
    assert_sentence(refused)


@pytest.fixture
def patient_id(reception):
    card = {
        "name": "Записалов Олег",
        "is_patient": True,
        "birthdate_date": "1980-02-03",
    }
    [patient_id] = reception.call("res.partner", "create", [card])
    return patient_id


def book(client, patient_id, service, slot, **changes):
    arguments = {
        "patient_id": patient_id,
        "service_id": service["id"],
        "specialist_id": slot["specialist_id"],
        "start": slot["start"],
        **changes,
    }
    return client.call("clinic.appointment", "book", **arguments)


@pytest.mark.parametrize(
    "changes",
    [
        {"start": "2020-01-01 10:00:00"},
        {"start": "2198-01-01 10:00:00"},
        {"patient_id": 999_999_999},
        {"service_id": 999_999_999},
        {"specialist_id": 999_999_999},
        {"hold_minutes": -5},
        {"hold_minutes": 10**9},
    ],
    ids=lambda changes: "-".join(f"{k}={v}" for k, v in changes.items()),
)
def test_booking_refuses(reception, services, window, patient_id, changes):
    with pytest.raises(RpcError) as refused:
        book(
            reception,
            **{
                "patient_id": patient_id,
                "service": services[THERAPIST],
                "slot": window(),
                **changes,
            },
        )
    assert_sentence(refused)
    assert count_visits(reception, patient_id) == 0


def test_booking_refuses_another_specialty(reception, services, window, patient_id):
    with pytest.raises(RpcError) as refused:
        book(reception, patient_id, services[PSYCHOTHERAPIST], window())
    assert_sentence(refused)


def test_booking_refuses_a_taken_window(reception, services, window, patient_id):
    slot, service = window(), services[THERAPIST]
    book(reception, patient_id, service, slot)
    [other_id] = reception.call(
        "res.partner", "create", [{"name": "Опоздалова Нина", "is_patient": True}]
    )
    with pytest.raises(RpcError) as refused:
        book(reception, other_id, service, slot)
    assert_sentence(refused)
    assert count_visits(reception, other_id) == 0


@pytest.mark.parametrize("login", ["patient", "director", "storekeeper", "lab"])
def test_booking_needs_the_right(server, services, window, patient_id, login):
    with pytest.raises(RpcError) as refused:
        book(server.client(login), patient_id, services[THERAPIST], window())
    assert_sentence(refused)
