import re

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.reference import find_references

# What a number of a document looks like in the words of a payer.
WORD = re.compile(r"[\w№/\-]{3,}")
# A bank writes a person as "//Name//address//".
NAME = re.compile(r"[^/]{5,}")
MOST_SUGGESTED = 5


class ClinicPaymentIntent(models.Model):
    """Whose money a bank statement tells of: known, or likely."""

    _inherit = "clinic.payment.intent"

    suggested_partner_ids = fields.Many2many(
        "res.partner",
        string="Perhaps",
        compute="_compute_suggested_partner_ids",
        help="Whose invoice has the number that the payer wrote, or who is called the "
        "same.",
    )

    @api.depends("state", "purpose", "payer_name")
    def _compute_suggested_partner_ids(self):
        waiting = self.filtered(lambda one: one.state == "waiting")
        (self - waiting).suggested_partner_ids = False
        for company, intents in waiting.grouped("company_id").items():
            by_number = self._invoices_by_number(company, intents.mapped("purpose"))
            namesakes = self._namesakes(intents.mapped("payer_name"))
            for intent in intents:
                invoices = by_number.get(intent.purpose or "", ())
                partners_sudo = namesakes.get(intent._person_name(intent.payer_name))
                found = {move.commercial_partner_id.id for move in invoices}
                found.update(partners_sudo.ids if partners_sudo else ())
                partners = self.env["res.partner"].browse(sorted(found))
                # Who may not see a person is not told of him.
                intent.suggested_partner_ids = partners._filtered_access("read")[
                    :MOST_SUGGESTED
                ]

    @api.model
    def _recognise_payers(self, company, documents):
        """Return {key: partner}: by account number, document's name, INN, its number.

        Whatever fits two people fits nobody. Five queries for any number of documents.

        :param dict documents: :class:`~.tools.client_bank.Document` by key
        """
        partners = self.env["res.partner"].sudo()
        words = {
            key: {word.strip("№-/") for word in WORD.findall(document.purpose)}
            for key, document in documents.items()
        }
        every = sorted(set().union(*words.values())) if words else []
        invoices = (
            self.env["account.move"]
            .sudo()
            .search(
                self._invoices_domain(company)
                & (
                    Domain("name", "in", every)
                    | Domain("clinic_appointment_ids.name", "in", every)
                )
            )
        )
        inns = {document.payer_inn for document in documents.values()} - {"", "0"}
        by_inn = partners.search([("vat", "in", list(inns)), ("parent_id", "=", False)])
        by_number = self._invoices_by_number(
            company, [document.purpose for document in documents.values()]
        )
        found = {}
        for key, document in documents.items():
            named = invoices.filtered(
                lambda move, key=key: (
                    move.name in words[key]
                    or words[key].intersection(
                        move.clinic_appointment_ids.mapped("name")
                    )
                )
            ).partner_id
            same_inn = by_inn.filtered(
                lambda partner, document=document: partner.vat == document.payer_inn
            )
            numbered = self._surely_meant(
                document, by_number.get(document.purpose, invoices.browse())
            )
            found[key] = next(
                (
                    people.commercial_partner_id
                    for people in (
                        partners._clinic_find_by_account_number(document.purpose),
                        named,
                        same_inn,
                        numbered.partner_id,
                    )
                    if len(people.commercial_partner_id) == 1
                ),
                partners.browse(),
            )
        return found

    @api.model
    def _invoices_domain(self, company):
        return Domain(
            [
                ("company_id", "=", company.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
            ]
        )

    @api.model
    def _invoices_by_number(self, company, texts):
        """Return {text: invoices in sudo mode} that the texts may mean; one query."""
        references = {text: find_references(text) for text in texts if text}
        serials = {one.serial for found in references.values() for one in found}
        if not serials:
            return {}
        invoices_sudo = (
            self.env["account.move"]
            .sudo()
            .search(
                self._invoices_domain(company)
                & Domain("sequence_number", "in", sorted(serials))
            )
        )
        return {
            text: invoices_sudo.filtered(
                lambda move, found=found: any(
                    one.fits(move.sequence_number, move.invoice_date) for one in found
                )
            )
            for text, found in references.items()
        }

    @api.model
    def _surely_meant(self, document, invoices):
        """Return those that are no guess: the year or day is said, or the sum agrees.

        A number alone is written for many a thing; then a person is asked.
        """
        bare = {ref.serial for ref in find_references(document.purpose) if ref.is_bare}
        if not bare.intersection(invoices.mapped("sequence_number")):
            return invoices
        agrees = any(
            round(100 * amount) == document.kopecks
            for move in invoices
            for amount in (move.amount_residual, move.amount_total)
        )
        return invoices if agrees else invoices.browse()

    @api.model
    def _person_name(self, text):
        """Return the name of a payer as it is compared."""
        found = NAME.search(text or "")
        return " ".join(found.group().casefold().split()) if found else ""

    @api.model
    def _namesakes(self, texts):
        """Return {name: people in sudo mode} who are called so; one query."""
        names = {self._person_name(text) for text in texts} - {""}
        if not names:
            return {}
        partners_sudo = self.env["res.partner"].sudo()
        found_sudo = partners_sudo.search(
            Domain("parent_id", "=", False)
            & Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "lower(%s) IN %s",
                    model._field_to_sql(alias, "name", query),
                    tuple(names),
                )
            )
        )
        return found_sudo.grouped(lambda partner: self._person_name(partner.name))
