from urllib.parse import urlsplit

from odoo import http
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.account_payment.controllers.payment import PaymentPortal
from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..tools import forms
from .my_pages import ClinicMyPages

ROWS_A_PAGE = 20
UNPAID_SHOWN = 20
MOST_TOPUP = 1_000_000


class ClinicMoney(ClinicMyPages, PortalAccount, PaymentPortal):
    """The personal account: what it stands at, how it came to be, paying."""

    # -- the account

    @http.route(
        ["/my/clinic/account", "/my/clinic/account/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_account(self, page=1, person=None, amount=None, **_params):
        return self._account_page(page, person, {"amount": amount})

    def _account_page(self, page=1, person=None, values=None, errors=None):
        me, family = self._me_sudo(), self._family_sudo()
        accounts = self._accounts(me, family)
        owner = self._web_record(accounts, person) or me
        items_sudo, domain = self._items(owner)
        pager = portal_pager(
            "/my/clinic/account",
            items_sudo.search_count(domain),
            page=page,
            step=ROWS_A_PAGE,
            url_args={"person": owner.id} if owner != me else {},
        )
        items = items_sudo.search(domain, limit=ROWS_A_PAGE, offset=pager["offset"])
        unpaid = self._unpaid_sudo()
        return self._my_page(
            "clinic_portal.my_account",
            {
                "page_title": request.env._("Personal account"),
                "accounts": accounts,
                "owner": owner,
                "me": me,
                "balance": self._balances(owner, owner),
                "number": owner.clinic_account_number,
                "rows": [self._row_values(item) for item in items],
                "pager": pager,
                "unpaid": [self._invoice_values(invoice) for invoice in unpaid],
                "unpaid_ids": unpaid.ids,
                "values": values or {},
                "errors": errors or {},
            },
        )

    def _accounts(self, me, family):
        """Return whose accounts the visitor sees: the own one and the wards'."""
        return family.filtered(lambda p: p == me or p._clinic_payer() == p)

    def _items(self, owner):
        # sudo: the statement is for the staff; the domain is one person of the family
        items_sudo = request.env["clinic.account.item"].sudo()
        return items_sudo, (
            Domain("partner_id", "=", owner.commercial_partner_id.id)
            & Domain("company_id", "=", request.website.company_id.id)
        )

    def _row_values(self, item):
        env = request.env
        visit = item.appointment_id
        kinds = {
            "charge": env._("Invoice"),
            "payment": env._("Payment"),
            "refund": env._("Money returned"),
            "credit": env._("Credit note"),
            "entry": env._("Correction by the accountant"),
            "match": env._("Which payment paid what"),
        }
        if item.kind == "match":
            about = item.match_id.reason or ""
        elif visit:
            about = env._(
                "%(service)s, %(when)s",
                service=visit.service_id.name,
                when=self._when(visit.branch_id, visit.start, inside=True),
            )
        else:
            about = ""
        change = item.paid - item.charged
        if item.kind == "match" and not change:
            amount, colour = self._money(item.matched, item.currency_id), "muted"
        else:
            sign = "+" if change > 0 else "−"
            amount = f"{sign}{self._money(abs(change), item.currency_id)}"
            colour = "success" if change > 0 else "body"
        return {
            "kind": item.kind,
            "title": kinds[item.kind],
            "document": "" if item.kind in ("match", "entry") else item.document,
            "date": item.date.strftime("%d.%m.%Y"),
            "about": about,
            "amount": amount,
            "colour": colour,
            "balance": self._signed(item.balance, item.currency_id),
            "open": (
                env._(
                    "%(due)s left to pay",
                    due=self._money(item.residual, item.currency_id),
                )
                if item.kind == "charge" and item.residual > 0
                else ""
            ),
        }

    def _signed(self, amount, currency):
        words = self._money(abs(amount), currency)
        return f"−{words}" if currency.compare_amounts(amount, 0) < 0 else words

    @http.route(
        "/my/clinic/account/statement",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_statement(self, person=None, date_from=None, date_to=None, **_params):
        """Give the statement of a period as PDF."""
        me = self._me_sudo()
        accounts = self._accounts(me, self._family_sudo())
        owner = self._web_record(accounts, person) or me
        vals = {"partner_id": owner.id, "company_id": request.website.company_id.id}
        for name, text in (("date_from", date_from), ("date_to", date_to)):
            if day := forms.read_date(text):
                vals[name] = day
        try:
            # sudo: made, printed and forgotten
            wizard_sudo = (
                request.env["clinic.statement.wizard"]
                .sudo()
                .create({**vals, "with_matches": True})
            )
        except ValidationError as error:
            return self._account_page(person=person, errors={"period": error.args[0]})
        return self._pdf("clinic_finance.report_statement", wizard_sudo)

    # -- an invoice

    @http.route(
        "/my/clinic/invoice/<int:invoice_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_invoice(self, invoice_id, **_params):
        """Lead to Odoo's own page of the invoice, once it is known to be theirs."""
        return request.redirect(self._my_invoice_sudo(invoice_id).get_portal_url())

    # -- paying several, or in advance

    def _unpaid_sudo(self, ids=None):
        """Return what the visitor may pay now, oldest first."""
        domain = (
            self._my_invoices_domain()
            & Domain("move_type", "=", "out_invoice")
            & Domain("payment_state", "in", ("not_paid", "partial"))
            & Domain("partner_id", "in", self._family_sudo().ids)
        )
        if ids is not None:
            domain &= Domain("id", "in", ids)
        return (
            request.env["account.move"]
            .sudo()
            .search(domain, order="invoice_date_due, id", limit=UNPAID_SHOWN)
            .filtered(lambda invoice: invoice._has_to_be_paid())
        )

    def _one_payer_problem(self, invoices):
        """Return why these invoices cannot be paid at once, if so."""
        env = request.env
        if not invoices:
            return env._("Tick what you would like to pay.")
        if len(invoices.partner_id) > 1 or len(invoices.company_id) > 1:
            return env._(
                "These invoices are made out to different persons. Please pay those of "
                "each person separately."
            )
        if len(invoices.currency_id) > 1:
            return env._("These invoices are in different currencies.")
        return ""

    @http.route(
        "/my/clinic/pay", type="http", auth="user", website=True, methods=["GET"]
    )
    def my_pay(self, **_params):
        """Show the payment form for the invoices that were ticked."""
        ids = forms.read_ids(request.httprequest.args.getlist("invoice"))
        invoices = self._unpaid_sudo(ids)
        if problem := self._one_payer_problem(invoices):
            self._notify("warning", problem)
            return request.redirect("/my/clinic/account")
        amount = sum(invoices.mapped("amount_residual"))
        ticked = "-".join(str(invoice_id) for invoice_id in invoices.ids)
        form_values = self._get_common_page_view_values(
            invoices_data={
                "partner": invoices.partner_id,
                "company": invoices.company_id,
                "total_amount": amount,
                "currency": invoices.currency_id,
                "amount_residual": amount,
                "landing_route": "/my/clinic/pay/done",
                "transaction_route": f"/my/clinic/pay/transaction/{ticked}",
            }
        )
        return self._my_page(
            "clinic_portal.my_pay",
            {
                **form_values,
                "page_title": request.env._("Payment"),
                "back_url": "/my/clinic/account",
                "back_label": request.env._("Personal account"),
                "invoices": [self._invoice_values(invoice) for invoice in invoices],
                "amount": amount,
                "due_words": self._money(amount, invoices.currency_id),
                "can_pay_online": bool(form_values["payment_methods_sudo"]),
            },
        )

    @http.route(
        "/my/clinic/pay/transaction/<string:ticked>", type="jsonrpc", auth="user"
    )
    def my_pay_transaction(self, ticked, **kwargs):
        """Make the transaction; what is paid and how much is the server's."""
        invoices = self._unpaid_sudo(forms.read_ids(ticked.split("-")))
        if problem := self._one_payer_problem(invoices):
            raise ValidationError(problem)
        kwargs.pop("amount", None)
        kwargs["landing_route"] = "/my/clinic/pay/done"
        self._validate_transaction_kwargs(kwargs)
        return self._process_transaction(
            request.env.user.partner_id.id,
            invoices.currency_id.id,
            invoices.ids,
            None,
            amount=sum(invoices.mapped("amount_residual")),
            **kwargs,
        )

    @http.route(
        "/my/clinic/pay/done", type="http", auth="user", website=True, methods=["GET"]
    )
    def my_pay_done(self, **_params):
        """Say how the payment ended, on the account; the provider's form leads here."""
        env = request.env
        # sudo: of the visitor's own payments, which portal users may not read
        tx_sudo = (
            env["payment.transaction"]
            .sudo()
            .search(
                [("partner_id", "=", self._me_sudo().id), ("invoice_ids", "!=", False)],
                order="id desc",
                limit=1,
            )
        )
        amount = self._money(tx_sudo.amount, tx_sudo.currency_id) if tx_sudo else ""
        if tx_sudo.state == "done":
            words = env._("%(amount)s received. Thank you!", amount=amount)
            self._notify("success", words)
        elif tx_sudo.state in ("pending", "authorized"):
            self._notify("warning", env._("The payment is being processed"))
        elif tx_sudo.state in ("cancel", "error"):
            words = env._("The payment did not go through. No money was taken.")
            self._notify("warning", words)
        return request.redirect("/my/clinic/account")

    @http.route(
        "/my/clinic/account/topup",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_topup(self, amount=None, person=None, **_post):
        """Lead to the payment of a sum onto the account."""
        me = self._me_sudo()
        accounts = self._accounts(me, self._family_sudo())
        owner = self._web_record(accounts, person) or me
        company = request.website.company_id.sudo()
        wanted = forms.read_amount(amount)
        if not wanted or wanted > MOST_TOPUP:
            return self._account_page(
                person=person,
                values={"amount": amount},
                errors={
                    "amount": request.env._(
                        "Enter a sum from 1 to %(most)s.",
                        most=self._money(MOST_TOPUP, company.currency_id),
                    )
                },
            )
        # Whatever name the site was opened by: the visitor stays signed in.
        url = urlsplit(owner._clinic_topup_url(float(wanted), company))
        return request.redirect(f"{url.path}?{url.query}")

    # -- receipts

    @http.route(
        "/my/clinic/payment/<int:payment_id>/receipt",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_receipt(self, payment_id, **_params):
        payment_sudo = (
            request.env["account.payment"]
            .sudo()
            .search(self._my_payments_domain() & Domain("id", "=", payment_id), limit=1)
        )
        if not payment_sudo:
            raise request.not_found()
        return self._pdf("account.report_payment_receipt", payment_sudo)

    @http.route(
        "/my/clinic/invoice/<int:invoice_id>/pdf",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_bill(self, invoice_id, **_params):
        return self._pdf(
            "clinic_finance.report_clinic_bill", self._my_invoice_sudo(invoice_id)
        )
