from collections import defaultdict

from odoo import api, models
from odoo.fields import Command, Domain

from odoo.addons.clinic_finance.tools.charges import to_kopecks

from ..tools import fiscal


class ClinicFiscalReceipt(models.Model):
    """Which receipts are missing: the books are read, ``tools/fiscal.py`` decides.

    Asked at the end of every transaction that posts a payment, makes or undoes a match,
    or ends a visit, for just these documents.
    """

    _inherit = "clinic.fiscal.receipt"

    @api.model
    def _make_later(self, payments=None, moves=None):
        """Write what is missing for these at the end of the transaction."""
        if not self.env["clinic.cash.desk"]._with_register():
            return
        precommit = self.env.cr.precommit
        waiting = precommit.data.get("clinic.fiscal")
        if waiting is None:
            waiting = precommit.data["clinic.fiscal"] = (set(), set())
            # Sudo mode: what follows from the books, whoever wrote them.
            precommit.add(self.env["clinic.fiscal.receipt"].sudo()._make_waiting)
        waiting[0].update(payments.ids if payments else ())
        waiting[1].update(moves.ids if moves else ())

    @api.model
    def _make_waiting(self):
        """Write now what was put off; returns the receipts (sudo)."""
        # What is matched at the end of the transaction is to be seen here.
        self.env["res.partner"].sudo()._clinic_match_waiting()
        waiting = self.env.cr.precommit.data.pop("clinic.fiscal", None)
        if not waiting:
            return self.browse()
        payments = self.env["account.payment"].browse(sorted(waiting[0])).exists()
        moves = self.env["account.move"].browse(sorted(waiting[1])).exists()
        return self.sudo()._make(payments.sudo(), moves.sudo())

    @api.model
    def _make(self, payments, moves):
        """Write the receipts that are missing for these documents, and print them."""
        companies = self.env["clinic.cash.desk"]._with_register()
        payments = payments.filtered(
            lambda payment: (
                payment.company_id.id in companies
                and payment.state in ("in_process", "paid")
                and payment.partner_type == "customer"
                and not payment.clinic_receipt_id
                and payment._clinic_fiscal_desk()
            )
        )
        moves = moves.filtered(
            lambda move: (
                move.company_id.id in companies and move.move_type == "out_invoice"
            )
        )
        receipts = self.browse()
        # Money taken together is on one receipt.
        groups = payments.grouped(
            lambda payment: (
                payment._clinic_fiscal_desk(),
                payment.partner_id,
                payment.payment_type,
                payment.clinic_receipt_contact,
                payment.payment_transaction_id,
            )
        )
        for (desk, *_same), together in groups.items():
            receipts |= self._make_for(together, moves.browse(), desk)
        for company_moves in moves.grouped("company_id").values():
            receipts |= self._make_for(payments.browse(), company_moves, None)
        receipts._print()
        return receipts

    def _make_for(self, fresh, moves, desk, lend=False):
        # In the clinic's language, whoever was at work in which one.
        company = (fresh.company_id or moves.company_id)[:1]
        lang = company.partner_id.lang or self.env.lang
        books = FiscalBooks(
            self.with_context(lang=lang).env,
            fresh.with_context(lang=lang),
            moves.with_context(lang=lang),
            lend=lend,
        )
        drafts = fiscal.plan(
            books.moneys(),
            books.charges(),
            books.backs(),
            touched=set(books.touched.ids),
            advance=books.advance(),
        )
        vals_list = []
        numbers = self._next_numbers(drafts)
        for draft in drafts:
            vals = books.values(draft, desk)
            if vals:
                vals["key"] = vals["key"] or (
                    f"{vals['kind']}:{vals['move_id']}:"
                    f"{next(numbers[vals['kind'], vals['move_id']])}"
                )
                vals_list.append(vals)
        receipts = self.create(vals_list)
        for receipt, vals in zip(receipts, vals_list, strict=True):
            receipt.payload = receipt._payload(vals["payload"])
        return receipts

    def _next_numbers(self, drafts):
        """Return counters by kind and charge: no two at once make the same receipt."""
        moves = {charge for draft in drafts for charge in draft.charges}
        groups = self._read_group(
            [("move_id", "in", sorted(moves))], ["kind", "move_id"], ["__count"]
        )
        found = {(kind, move.id): count for kind, move, count in groups}

        def counter(start):
            while True:
                start += 1
                yield start

        return _Counters(lambda key: counter(found.get(key, 0)))

    def _payload(self, payload):
        """Return the payload with what stands on every receipt of the desk."""
        self.ensure_one()
        desk = self.desk_id
        internet = desk.is_internet and bool(self.contact)
        partner = self.partner_id
        corporate = partner.is_company and bool(partner.vat)
        header = {
            "tax_system": int(desk.tax_system),
            "contact": self.contact or "",
            "electronic_only": internet,
            "internet_site": desk.site if internet else "",
            "cashier": self._cashier_name(),
            "customer": partner.name if corporate else "",
            "customer_inn": partner.vat if corporate else "",
            "open_drawer": desk.opens_drawer and payload["payments"]["cash"] > 0,
        }
        return {**payload, **{name: value for name, value in header.items() if value}}

    def _cashier_name(self):
        self.ensure_one()
        shift_user = self.desk_id._open_shift().user_id
        user = self.payment_ids.create_uid[:1] or shift_user or self.user_id
        if user == self.env.ref("base.user_root") and shift_user:
            user = shift_user
        self.user_id = user
        # What is paid on the Internet nobody has taken.
        return "" if user == self.env.ref("base.user_root") else user.name


class _Counters(dict):
    def __init__(self, make):
        super().__init__()
        self.make = make

    def __missing__(self, key):
        self[key] = self.make(key)
        return self[key]


class FiscalBooks:
    """The books around some payments and invoices, as plain data (all in sudo mode).

    A handful of queries, whatever the number of documents.
    """

    def __init__(self, env, fresh, moves, *, lend=False):
        self.env = env
        self.lend = lend
        self.fresh = fresh.filtered(lambda payment: payment.payment_type == "inbound")
        self.refunds = fresh - self.fresh
        self._read_matches(moves)
        self._read_places()

    def _read_matches(self, moves):
        """Find the money of the touched invoices, and all that this money pays."""
        Partial = self.env["account.partial.reconcile"]
        of_fresh = Partial.search(
            [("credit_move_id.payment_id", "in", self.fresh.ids)]
        ).debit_move_id.move_id
        of_refunds = Partial.search(
            [("debit_move_id.payment_id", "in", self.refunds.ids)]
        )
        self.sources = defaultdict(lambda: defaultdict(int))
        for partial in of_refunds:
            refund = partial.debit_move_id.payment_id
            source = partial.credit_move_id.payment_id
            self.sources[refund.id][source.id or 0] += to_kopecks(partial.amount)
        source_payments = of_refunds.credit_move_id.payment_id
        parts = self.env["clinic.fiscal.receipt.part"]
        invoices = moves | of_fresh.filtered(lambda m: m.move_type == "out_invoice")
        invoices |= parts.search([("payment_id", "in", source_payments.ids)]).move_id
        self.touched = invoices
        payments = (
            Partial.search(
                [("debit_move_id.move_id", "in", invoices.ids)]
            ).credit_move_id.payment_id
            | parts.search([("move_id", "in", invoices.ids)]).payment_id
            | source_payments
            | self.fresh
        )
        self.matched = defaultdict(lambda: defaultdict(int))
        others = self.env["account.move"]
        for partial in Partial.search(
            [("credit_move_id.payment_id", "in", payments.ids)]
        ):
            charge = partial.debit_move_id.move_id
            if charge.move_type == "out_invoice":
                payment = partial.credit_move_id.payment_id
                self.matched[payment.id][charge.id] += to_kopecks(partial.amount)
                others |= charge
        self.payments = payments
        self.moves = invoices | others

    def _read_places(self):
        groups = self.env["clinic.fiscal.receipt.part"]._read_group(
            Domain("payment_id", "in", self.payments.ids)
            | Domain("move_id", "in", self.moves.ids) & Domain("method", "=", "6"),
            ["payment_id", "move_id", "method"],
            ["amount:sum"],
        )
        self.places = defaultdict(dict)
        self.credits = defaultdict(int)
        for payment, move, method, amount in groups:
            kopecks = to_kopecks(amount)
            if method == "6":
                self.credits[move.id] += kopecks
            elif kopecks:
                self.places[payment.id][move.id or 0, int(method)] = kopecks
                self.moves |= move

    def moneys(self):
        for payment in self.payments.sorted("id"):
            yield fiscal.Money(
                payment.id,
                to_kopecks(payment.amount),
                payment._clinic_fiscal_way(),
                fresh=payment in self.fresh,
                given=to_kopecks(payment.clinic_cash_given),
                places=self.places.get(payment.id, {}),
                matched=dict(self.matched.get(payment.id, {})),
            )

    def charges(self):
        for move in self.moves.sorted("id"):
            yield fiscal.Charge(
                move.id,
                tuple(move._clinic_fiscal_lines()),
                provided=move._clinic_is_provided(),
                open=to_kopecks(move.amount_residual),
                credit=self.credits.get(move.id, 0),
                lend=self.lend,
            )

    def backs(self):
        for refund in self.refunds.sorted("id"):
            sources = dict(self.sources.get(refund.id, {}))
            missing = to_kopecks(refund.amount) - sum(sources.values())
            if missing > 0:
                sources[0] = sources.get(0, 0) + missing
            yield fiscal.Back(refund.id, refund._clinic_fiscal_way(), sources)

    def advance(self):
        """Return what money for nothing known is called, with the usual rate."""
        company = (self.fresh | self.refunds | self.payments).company_id[:1]
        tax = company.account_sale_tax_id
        rate = tax.amount if tax and tax.amount_type == "percent" else None
        return fiscal.Line(self.env._("Advance"), 0, vat=fiscal.vat_of(rate))

    def values(self, draft, desk):
        """Return the values of the receipt, None where it is nobody's to print."""
        payments = self.env["account.payment"]
        own = payments.browse(draft.own)
        involved = own or payments.browse(
            sorted({part.money for part in draft.parts if part.money})
        )
        charges = draft.charges
        if not own and not self.lend:
            desk = self._desk_of(involved)
        if not desk:
            return None
        kind = self._kind(draft, own)
        first = involved[:1]
        move = self.env["account.move"].browse(charges and [max(charges)])
        return {
            "kind": kind,
            "key": f"payment:{own[:1].id}" if own else None,
            "operation": draft.operation,
            "company_id": desk.company_id.id,
            "desk_id": desk.id,
            "partner_id": (first.partner_id or move.partner_id).id,
            "patient_id": (first.clinic_patient_id or move.clinic_patient_id).id,
            "move_id": move.id,
            "amount": draft.total / 100,
            "contact": self._contact(involved, desk),
            "payload": fiscal.payload(draft),
            "payment_ids": [Command.set(own.ids)] if own else [],
            "part_ids": [Command.create(vals) for vals in self._part_vals(draft)],
        }

    def _part_vals(self, draft):
        for part in draft.parts:
            yield {
                "payment_id": part.money or False,
                "move_id": part.charge or False,
                "method": str(part.method),
                "amount": part.amount / 100,
            }
        for charge, change in draft.credits.items():
            yield {"move_id": charge, "method": "6", "amount": change / 100}

    def _kind(self, draft, own):
        if draft.operation == "income_return":
            return "refund" if own else "return"
        return "payment" if own else "settlement"

    def _desk_of(self, payments):
        """Return the desk that prints an offset: of the money's own receipt."""
        desks = payments.clinic_receipt_id.desk_id or payments.mapped(
            lambda payment: payment._clinic_fiscal_desk()
        )
        return desks.filtered("register_id")[:1]

    def _contact(self, payments, desk):
        contacts = [c for c in payments.mapped("clinic_receipt_contact") if c]
        if contacts:
            return contacts[0]
        earlier = [c for c in payments.clinic_receipt_id.mapped("contact") if c]
        if earlier or not desk.is_internet:
            return earlier[0] if earlier else False
        partner = payments.partner_id[:1]
        return partner.email or partner.phone_sanitized or desk.company_id.email
