"""The demo clinic, made step by step through the business methods of the suite."""

import logging
import time
from contextlib import contextmanager
from datetime import datetime
from random import Random

from odoo import api, fields

from .accounts import Accounts
from .agenda import Bookings
from .decisions import Decisions
from .desk import Desk
from .forms import Forms
from .money import Money
from .network import Network
from .office import Office
from .people import Patients
from .site import Site
from .terms import Terms
from .visits import Visits

_logger = logging.getLogger(__name__)

SEED = 19
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_activity_automation_skip": True,
    "no_reset_password": True,
    "lang": "ru_RU",
}


def make_clinic(env: api.Environment, now: datetime | None = None):
    """Make the whole demo clinic; the same moment gives the same clinic.

    :param now: naive UTC, the moment the clinic is seen at
    """
    began = time.monotonic()
    now = now or fields.Datetime.now()
    env = env(su=True, context={**env.context, **QUIET})
    rng = Random(SEED)
    with _step("company, web site and languages"):
        Site(env).make()
    with _step("branches, services, specialists and their weeks"):
        network = Network(env, now).make()
    with _step("patients"):
        patients = Patients(env, rng, now).make()
    with _step("log-ins"):
        Accounts(env, network, patients).make()
    with _step("shares of specialists, an insurer and an employer"):
        terms = Terms(env, now, network, patients).make()
    with _step("appointments and their invoices"):
        bookings = Bookings(env, rng, now, network, patients)
        bookings.make()
    with _step("payments in advance"):
        money = Money(env, now, bookings)
        money.take_early()
    with _step("visit templates, phrases and standards"):
        Forms(env, network).make()
    with _step("visits and medical records"):
        Visits(env, rng, now, bookings).make()
    with _step("payments at the desk"):
        money.take_at_desk()
    with _step("agreed prices, budget and bills"):
        Office(env, now, network, terms).make()
    with _step("devices, wishes and what has to be moved"):
        Desk(env, now, network, bookings).make()
    with _step("rules on unpaid visits and the risk of late payment"):
        Decisions(env, now).make()
    env.flush_all()
    _logger.info(
        "The demo clinic is ready in %.0f s: %s patients, %s appointments.",
        time.monotonic() - began,
        len(patients.records),
        len(bookings.records),
    )


@contextmanager
def _step(title: str):
    _logger.info("Demo clinic: %s…", title)
    began = time.monotonic()
    yield
    _logger.info("Demo clinic: %s: %.1f s", title, time.monotonic() - began)
