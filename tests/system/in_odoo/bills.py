"""Races for a bill to pay."""

# ruff: noqa: F821 - one script with stage.py before it

from odoo import Command, fields


class Bills(Look):
    """What the books say of a supplier whose bills of 5000 are paid."""

    def __init__(self, request, ends):
        self.problems = []
        self.ends = ends
        self.oks = [value for kind, value in ends if kind == "ok"]
        self.request = request
        payments = root.env["account.payment"].search(
            [("partner_id", "=", request.partner_id.id)]
        )
        self.paid = sum(payments.mapped("amount"))
        bills = root.env["account.move"].search(
            [
                ("partner_id", "=", request.partner_id.id),
                ("move_type", "=", "in_invoice"),
                ("state", "=", "posted"),
            ]
        )
        self.billed = sum(bills.mapped("amount_total"))
        self.left = sum(bills.mapped("amount_residual"))
        self.check_words()


def make_request(approved=False):
    request = root.env["clinic.bill.request"].create(
        {
            "partner_id": root.env["res.partner"]
            .create({"name": f"Поставщик {next(numbers)}"})
            .id,
            "number": f"Г-{next(numbers)}",
            "bill_date": fields.Date.today(),
            "amount": 5000,
            "description": "Бумага",
        }
    )
    request.action_submit()
    if approved:
        request.with_user(users["director"]).action_approve()
    commit()
    return request


def do(request, method, *args):
    return lambda own: getattr(own[request._name].browse(request.id), method)(*args)


def pay(request):
    def act(own):
        screen = own["clinic.bill.pay"].create(
            {"request_ids": [Command.set(request.ids)]}
        )
        return screen._pay().ids

    return act


@story
def two_people_approve_one_bill():
    request = make_request()
    look = Bills(
        request,
        at_once(
            ("finance", do(request, "action_approve")),
            ("director", do(request, "action_approve")),
        ),
    )
    look.want_oks(1)
    if request.state != "approved":
        look.problems.append(f"the bill is {request.state}")
    return look


@story
def one_approves_and_another_refuses():
    request = make_request()
    look = Bills(
        request,
        at_once(
            ("finance", do(request, "action_approve")),
            ("director", do(request, "action_refuse", "Дорого")),
        ),
    )
    # A refusal takes an approval back, an approval of the refused is not possible.
    if request.state != "refused":
        look.problems.append(f"the bill is {request.state}")
    return look


@story
def two_people_pay_one_bill():
    request = make_request(approved=True)
    look = Bills(request, at_once(("finance", pay(request)), ("finance", pay(request))))
    look.want_oks(1)
    look.want("paid", look.paid, 5000)
    look.want("billed", look.billed, 5000)
    look.want("left to pay", look.left, 0)
    return look


@story
def one_pays_and_another_refuses():
    request = make_request(approved=True)
    look = Bills(
        request,
        at_once(
            ("finance", pay(request)),
            ("director", do(request, "action_refuse", "Передумали")),
        ),
    )
    look.want_oks(1)
    refused = request.approval == "refused"
    look.want("paid", look.paid, 0 if refused else 5000)
    look.want("billed", look.billed, 0 if refused else 5000)
    return look


@story
def the_list_and_the_bill_itself_are_paid():
    """The accountant pays from the list, a colleague in Odoo's own screen."""
    request = make_request(approved=True)
    request._ensure_bills()
    commit()
    bill = request.move_id

    def register(own):
        screen = (
            own["account.payment.register"]
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create({})
        )
        return screen._create_payments().ids

    look = Bills(request, at_once(("finance", pay(request)), ("finance", register)))
    look.want_oks(1)
    look.want("paid", look.paid, 5000)
    look.want("left to pay", look.left, 0)
    return look
