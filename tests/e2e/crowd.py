"""Many visitors at once on the web site: questions, search, a held window, the money.

Each is a session of its own that walks the pages over HTTP as a browser would, and all
want the first windows of the same few specialists. What came of it is counted from the
database.
"""

import html
import random
import re
import statistics
import time
import urllib.parse
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

from launcher.testing.stack import RpcError

from .visitor import Site, new_person

WINDOW = re.compile(r'href="([^"]*/clinic/book/confirm\?[^"]+)"')
CONFIRM = re.compile(r'action="[^"]*/clinic/book"')
HELD = re.compile(r"/my/clinic/appointment/(\d+)/\w+")
FORM = re.compile(r'<form id="o_payment_form"([^>]*)>', re.DOTALL)
OPTION = re.compile(r'<input[^>]*name="o_payment_radio"[^>]*>', re.DOTALL)
DATA = re.compile(r'data-([\w-]+)="([^"]*)"')
PROBLEM = re.compile(r'name="problem"\s+value="(\d+)"|value="(\d+)"\s+name="problem"')
BOXES = re.compile(r'name="(consent_\w+)"\s+value="(\d+)"')
RESULT = re.compile(r'data-result="(\w+)"')
TRIES = 12
# What the site counts for each address: the crowd comes from one.
LIMITS = ("register", "book", "screening", "search", "code", "code_check")

# Two visits of the crowd with one specialist at one time, where no group comes.
OVERLAPS = """
    WITH visit AS (
        SELECT visit.* FROM clinic_appointment visit
          JOIN product_product service ON service.id = visit.service_id
          JOIN product_template template ON template.id = service.product_tmpl_id
         WHERE visit.id IN ({ids}) AND visit.state NOT IN ('cancelled', 'noshow')
           AND template.group_size = 1)
    SELECT count(*) FROM visit one JOIN visit two
        ON one.id < two.id AND one.specialist_id = two.specialist_id
       AND one.start < two.stop AND two.start < one.stop"""


class Patient(Site):
    """A session that waits as long as people do when many stand in the queue."""

    def open(self, path, data=None, headers=None, timeout=600):
        return super().open(path, data, headers, timeout)


class Visitor:
    """One of the crowd; remembers how long each step took and what went wrong."""

    def __init__(self, server):
        self.site = Patient(server)
        self.person = new_person()
        self.times = defaultdict(list)
        self.errors = []
        self.refused = 0
        self.visit_id = None
        self.result = None

    def step(self, name, action, /, *args, **kwargs):
        begun = time.monotonic()
        try:
            return action(*args, **kwargs)
        finally:
            self.times[name].append(time.monotonic() - begun)
            if self.site.status and self.site.status >= 500:
                self.errors.append(f"{name}: {self.site.status}")

    def walk(self):
        try:
            self.ask()
            self.register()
            self.hold()
            if self.visit_id:
                self.pay()
        except Exception as error:  # counted, whatever it is
            self.errors.append(repr(error))
        return self

    def ask(self):
        """Look around, answer the questions, see who fits."""
        site = self.site
        self.step("home", site.get, "/")
        self.step("search", site.get, "/clinic/specialists", q="терапевт")
        site.get("/clinic/screening")
        problems = [one or other for one, other in PROBLEM.findall(site.text)]
        self.step(
            "screening",
            site.post,
            "/clinic/screening",
            problem=random.choice(problems[:3]) if problems else "other",
            birthdate=self.person["birthdate"],
            gender=self.person["gender"],
        )
        self.windows = self.find_windows()

    def find_windows(self):
        return list(dict.fromkeys(map(html.unescape, WINDOW.findall(self.site.text))))

    def register(self):
        site = self.site
        site.get("/clinic/register")
        boxes = dict(BOXES.findall(site.text))
        fields = {**self.person, **boxes, "redirect": "/my/clinic"}
        self.step("register", site.post, "/clinic/register", **fields)

    def hold(self):
        """Hold the earliest window that others have not taken meanwhile."""
        site = self.site
        for _try in range(TRIES):
            if not self.windows:
                self.step("search", site.get, "/clinic/specialists")
                self.windows = self.find_windows()
            if not self.windows:
                return
            address = self.windows.pop(0)
            self.step("window", site.get, address[address.index("/clinic/book") :])
            query = urllib.parse.urlsplit(address).query
            fields = dict(urllib.parse.parse_qsl(query))
            if 'name="patient"' in site.text:
                patient = re.search(r'name="patient"[^>]*value="(\d+)"', site.text)
                fields |= {"patient": patient[1]} if patient else {}
            if not CONFIRM.search(site.text):
                self.refused += 1
                continue
            self.step("hold", site.post, "/clinic/book", **fields, pay="now")
            if "o_clinic_countdown" in site.text:
                self.visit_id = int(HELD.search(site.text)[1])
                return
            self.refused += 1
            self.windows = self.windows or self.find_windows()

    def pay(self):
        """Pay as Odoo's form does; the demo bank agrees."""
        site = self.site
        base = f"/my/clinic/appointment/{self.visit_id}"
        site.get(f"{base}/pay")
        form = attributes(FORM.search(site.text)[1])
        option = attributes(OPTION.search(site.text)[0])
        values = self.step(
            "pay",
            site.rpc,
            form["transaction-route"],
            provider_id=int(option["provider-id"]),
            payment_method_id=int(option["payment-option-id"]),
            token_id=None,
            amount=float(form["amount"]),
            flow="direct",
            tokenization_requested=False,
            landing_route=form["landing-route"],
            is_validation=False,
            access_token=form["access-token"],
        )
        site.rpc(
            "/payment/demo/simulate_payment",
            reference=values["reference"],
            payment_details="1234",
            simulated_state="done",
        )
        site.get("/payment/status")
        self.step("booked", self.wait_for_the_bank)
        self.step("paid", site.get, f"{base}/paid")
        found = RESULT.search(site.text)
        self.result = found and found[1]

    def wait_for_the_bank(self):
        """Ask as Odoo's page does: while another job has the payment, once more."""
        for _try in range(TRIES):
            try:
                return self.site.rpc("/payment/status/poll")
            except RpcError as busy:
                if str(busy) != "retry":
                    raise
                time.sleep(2)
        raise AssertionError("The payment was being worked on all the time.")


def attributes(tag):
    return {name: html.unescape(value) for name, value in DATA.findall(tag)}


def come(server, number):
    """Let so many visitors walk at once; return what happened, by name."""
    admin = server.client("admin")
    for name in LIMITS:
        admin.call(
            "ir.config_parameter", "set_param", f"clinic_portal.limit_{name}", "0"
        )
    server.client().open("/clinic/screening")
    begun = time.monotonic()
    with ThreadPoolExecutor(number) as pool:
        crowd = list(pool.map(Visitor.walk, [Visitor(server) for _ in range(number)]))
    took = time.monotonic() - begun
    ids = [one.visit_id for one in crowd if one.visit_id]
    visits = admin.search_read(
        "clinic.appointment", [["id", "in", ids]], ["state", "payment_state"]
    )
    states = Counter(visit["state"] for visit in visits)
    paid = {visit["id"] for visit in visits if visit["payment_state"] == "paid"}
    told = {one.visit_id for one in crowd if one.result == "paid"}
    listed = ", ".join(map(str, ids)) or "0"
    [[doubles]] = server.query(OVERLAPS.format(ids=listed))
    times = defaultdict(list)
    for one in crowd:
        for name, values in one.times.items():
            times[name] += values
    return {
        "visitors": number,
        "seconds": round(took, 1),
        "errors": sum(len(one.errors) for one in crowd),
        "kinds": dict(Counter(error for one in crowd for error in one.errors)),
        "held": len(set(ids)),
        "without_a_window": number - len(ids),
        "refused": sum(one.refused for one in crowd),
        "booked": states["booked"] + states["confirmed"],
        "paid": len(paid),
        "lost": len(told ^ paid),
        "doubles": int(doubles) + len(ids) - len(set(ids)),
        "times": {name: spread(values) for name, values in times.items()},
    }


def spread(values):
    """Return the median, the 95th percentile (seconds) and the number."""
    ordered = sorted(values)
    late = ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
    return [round(statistics.median(ordered), 2), round(late, 2), len(ordered)]
