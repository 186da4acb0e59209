"""Two hands on one person's money: what test_race_money.py runs in an Odoo shell.

Each story is played in two threads with transactions of their own, by the users of the
demo clinic. Both have taken their snapshot of the database before either begins, so
that neither can see what the other does: the hardest case. Odoo's own ``retrying``
repeats the later one, as it does for a request. The stories are in the other files of
this folder; all are sent to the shell as one script.
"""

# ruff: noqa: F821 - the shell gives env

import json
import logging
import threading
from collections import Counter

from odoo import Command, api
from odoo.exceptions import UserError
from odoo.service.model import retrying

ROUNDS = 2
company = env.company
registry = env.registry
users = {
    user.login: user.id
    for user in env["res.users"].search(
        [("login", "in", ["reception", "cashier", "finance", "director"])]
    )
}
root = env["clinic.payment.match"]
STORIES = []
ODOO_WORDS = "nothing left to pay for the selected journal items"


def story(play):
    STORIES.append(play)
    return play


# The stage -----------------------------------------------------------------------


def at_once(*acts):
    """Play ``(login, function of an env)`` at once; return what each came to.

    That is ``("ok", value)`` or ``(name of the exception, its words)``.
    """
    gate = threading.Barrier(len(acts))
    ends = [None] * len(acts)

    def play(number, login, act):
        tries = 0

        def attempt():
            nonlocal tries
            tries += 1
            if tries == 1:
                own.cr.execute("SELECT 1")  # the snapshot is taken here
                gate.wait(30)
            return act(own)

        try:
            with registry.cursor() as cr:
                own = api.Environment(cr, users[login], {"lang": "ru_RU"})
                ends[number] = ("ok", retrying(attempt, own))
        except Exception as error:  # told by the test, not lost in a thread
            ends[number] = (type(error).__name__, str(error))
        retries[play_name] += max(tries - 1, 0)

    threads = [
        threading.Thread(target=play, args=(number, *act))
        for number, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    fresh()
    return ends


def fresh():
    """See what others have committed."""
    root.env.cr.rollback()
    root.env.invalidate_all()


def commit():
    root.env.cr.commit()


numbers = iter(range(1, 10_000))
retries = Counter()
play_name = ""


def make_patient():
    return root.env["res.partner"].create(
        {"name": f"Гонка денег {next(numbers)}", "is_patient": True}
    )


def make_invoice(patient, amount):
    """Return a posted invoice; the money that waits has not met it yet."""
    invoice = root.env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": patient.id,
            "invoice_line_ids": [
                Command.create({"name": "Приём", "price_unit": amount, "tax_ids": []})
            ],
        }
    )
    invoice.with_context(clinic_match_later=False).action_post()
    return invoice


def make_payment(patient, amount):
    """Return money taken before, which waits on the account."""
    screen = root.env["clinic.payment.wizard"].create(
        {"partner_id": patient.id, "amount": amount}
    )
    return screen._take()


def line(document):
    move = document if document._name == "account.move" else document.move_id
    return move.line_ids.filtered(lambda one: one.account_type == "asset_receivable")


# What people do -------------------------------------------------------------------


def take(patient, amount, key=None):
    def act(own):
        values = {"partner_id": patient.id, "amount": amount}
        if key:
            values["key"] = key
        return own["clinic.payment.wizard"].create(values)._take().id

    return act


def give_back(patient, amount, payment=None, key=None, credit=False):
    def act(own):
        values = {
            "partner_id": patient.id,
            "payment_id": payment.id if payment else False,
            "amount": amount,
            "reason": "Передумал",
            "method": "cash",
            "credit": credit,
        }
        if key:
            values["key"] = key
        return own["clinic.refund.wizard"].create(values)._refund().id

    return act


def allocate(patient):
    return lambda own: own["res.partner"].browse(patient.id).clinic_allocate()


def by_hand(invoice, payment):
    pair = line(invoice).id, line(payment).id
    return lambda own: own["clinic.payment.match"].match_by_hand(*pair)


def undo(match):
    return lambda own: own["clinic.payment.match"].browse(match.id).undo("Не тот счёт")


# What must hold --------------------------------------------------------------------


class Look:
    """What the books say of a patient, and whether it may be so."""

    def __init__(self, patient, ends):
        self.problems = []
        self.ends = ends
        self.oks = [value for kind, value in ends if kind == "ok"]
        lines = root.env["account.move.line"].search(
            [
                ("partner_id", "=", patient.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        payments = root.env["account.payment"].search(
            [("partner_id", "=", patient.id), ("state", "in", ["in_process", "paid"])]
        )
        inbound = payments.filtered(lambda one: one.payment_type == "inbound")
        self.taken = sum(inbound.mapped("amount"))
        self.returned = sum((payments - inbound).mapped("amount"))
        self.payments = len(inbound)
        self.balance = patient._clinic_balance_in(company)
        self.matches = root.search(
            [("partner_id", "=", patient.id), ("partial_id", "!=", False)]
        )
        self.matched = sum(self.matches.mapped("amount"))
        self.check_books(lines, payments)
        self.check_words()

    def check_books(self, lines, payments):
        of_money = lines.filtered("move_id.origin_payment_id")
        self.want("the ledger of money", -sum(of_money.mapped("balance")), self.net)
        cash = payments.move_id.line_ids - lines
        self.want("the cash desk", sum(cash.mapped("balance")), self.net)
        self.want("the balance", self.balance, -sum(lines.mapped("balance")))
        for one in lines:
            partials = one.matched_debit_ids | one.matched_credit_ids
            used = sum(partials.mapped("amount"))
            if used > abs(one.balance) + 0.001:
                self.problems.append(f"{one.move_name} is matched beyond its sum")
            self.want(
                "what is left",
                one.amount_residual,
                sign(one.balance) * (abs(one.balance) - used),
            )
        written = (lines.matched_debit_ids | lines.matched_credit_ids) - (
            self.matches.partial_id
        )
        if written:
            self.problems.append(f"{len(written)} matches without an explanation")

    def check_words(self):
        """Whoever comes second is told so in a sentence of the clinic's language."""
        for kind, words in self.ends:
            if kind == "ok":
                continue
            if kind not in ("UserError", "ValidationError"):
                self.problems.append(f"{kind}: {words}")
            elif len(words) > 400 or (
                not any("а" <= letter <= "я" for letter in words)
                and ODOO_WORDS not in words  # not translated by Odoo itself
            ):
                self.problems.append(f"not a kind sentence: {words}")

    @property
    def net(self):
        return self.taken - self.returned

    def want(self, what, is_, wanted):
        if abs(is_ - wanted) > 0.001:
            self.problems.append(f"{what}: {is_} instead of {wanted}")

    def want_oks(self, wanted):
        if len(self.oks) != wanted:
            self.problems.append(f"{len(self.oks)} succeeded: {self.ends}")


def sign(number):
    return (number > 0) - (number < 0)


def main():
    global play_name
    logging.disable(logging.ERROR)
    root.env["clinic.finance.rule"].search([]).active = False
    company.clinic_bill_queue = True
    commit()
    told = {}
    for play in STORIES:
        play_name = play.__name__
        told[play_name] = {"problems": [], "ends": Counter()}
        for _round in range(ROUNDS):
            try:
                look = play()
            except UserError as error:
                told[play_name]["problems"].append(f"the scene: {error}")
                fresh()
                continue
            told[play_name]["problems"] += look.problems
            for kind, words in look.ends:
                said = kind if kind == "ok" else f"{kind}: {words}"
                told[play_name]["ends"][said] += 1
        told[play_name]["retries"] = retries[play_name]
    print("RESULT " + json.dumps(told), flush=True)
