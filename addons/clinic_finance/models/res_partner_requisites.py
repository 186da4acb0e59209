from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import requisites


class ResPartner(models.Model):
    """INN, KPP and OGRN of those who pay by invoice, checked by their check digits."""

    _inherit = "res.partner"

    clinic_kpp = fields.Char(
        string="KPP",
        help="Of an organisation or its branch: nine characters, printed on invoices.",
    )

    @api.constrains("vat", "clinic_kpp", "company_registry", "country_id")
    def _check_clinic_requisites(self):
        """Checks Russian organisations and persons only."""
        for partner in self:
            if partner.country_id.code != "RU" or partner.parent_id:
                continue
            for value, check, name in (
                (partner.vat, requisites.is_inn, self.env._("INN")),
                (partner.clinic_kpp, requisites.is_kpp, self.env._("KPP")),
                (partner.company_registry, requisites.is_ogrn, self.env._("OGRN")),
            ):
                if value and value != "/" and not check(requisites.digits(value)):
                    raise ValidationError(
                        self.env._(
                            "%(name)s %(value)s of %(partner)s is mistyped: its check "
                            "digit is wrong. Compare it with the document.",
                            name=name,
                            value=value,
                            partner=partner.name,
                        )
                    )

    def _clinic_requisites_text(self):
        """Return name, INN, KPP and address in one line, for documents."""
        self.ensure_one()
        parts = [self.name]
        if self.vat and self.vat != "/":
            parts.append(f"ИНН {self.vat}")
        if self.clinic_kpp:
            parts.append(f"КПП {self.clinic_kpp}")
        address = [self.zip, self.city, self.street, self.street2]
        parts += [part for part in address if part]
        if self.phone and self.is_company:
            parts.append(f"тел.: {self.phone}")
        return ", ".join(parts)
