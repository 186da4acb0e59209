from datetime import datetime, time
from fractions import Fraction

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.pricing import (
    HUNDRED,
    Book,
    Item,
    Programme,
    Request,
    Service,
    Terms,
    resolve_all,
)
from .clinic_price_profile import PriceDecision

NOON = time(12)


class ClinicPriceSource(models.AbstractModel):
    """Reads all that prices follow from, at once, and asks ``tools/pricing.py``.

    Six queries: services, lists, their rules, terms, memberships, what is used of
    their limits. Raw SQL, for the ORM would need one for every table and relation.
    """

    _name = "clinic.price.source"
    _description = "What Prices Follow From"

    @api.model
    def _decide(self, requests, without=()):
        """Return a :class:`PriceDecision` for each request, in their order.

        :param without: ids of visits that count for no limit: they are decided anew.
        """
        if not requests:
            return []
        self._flush_sources()
        services = self._read_services({r.service_id for r in requests})
        patients = {r.patient_id for r in requests if r.patient_id}
        specialists = {r.specialist_id for r in requests if r.specialist_id}
        branches = {r.branch_id for r in requests if r.branch_id}
        programmes, programme_names = self._read_programmes(patients, without)
        lists, list_names = self._read_lists(patients, branches)
        terms, term_names = self._read_terms(patients, specialists, services)
        list_ids = {list_id for _kind, _key, list_id in lists}
        list_ids |= {p.list_id for p in programmes if p.list_id}
        book = Book(
            terms=terms,
            programmes=programmes,
            items=self._read_items(list_ids, services),
            base_list_id=next((li for kind, _k, li in lists if kind == "base"), None),
            branch_lists={key: li for kind, key, li in lists if kind == "branch"},
            patient_lists={key: li for kind, key, li in lists if kind == "patient"},
        )
        names = {**list_names, **programme_names, **term_names}
        plain = [self._request(request, services) for request in requests]
        return [
            self._decision(decision, names) for decision in resolve_all(plain, book)
        ]

    # Reading ------------------------------------------------------------------

    @api.model
    def _flush_sources(self):
        """Let the database know what this transaction has changed of the prices."""
        for model in (
            "product.template",
            "product.product",
            "product.category",
            "product.pricelist",
            "product.pricelist.item",
            "product.template.attribute.value",
            "clinic.price.profile",
            "clinic.price.programme",
            "clinic.price.programme.member",
            "clinic.branch",
            "clinic.appointment",
        ):
            self.env[model].flush_model()
        self.env["res.partner"].flush_model(
            ["name", "specific_property_product_pricelist"]
        )
        self.env["res.company"].flush_model(["clinic_pricelist_id"])

    @api.model
    def _minor(self, amount):
        """Return an amount of the company's currency in whole minor units."""
        scale = 10**self.env.company.currency_id.decimal_places
        return int(round(Fraction(str(amount or 0)) * scale))

    @api.model
    def _major(self, minor):
        places = self.env.company.currency_id.decimal_places
        return round(minor / 10**places, places)

    @api.model
    def _read_services(self, service_ids):
        company = str(self.env.company.id)
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT product.id, product.product_tmpl_id AS template_id,
                       template.list_price + COALESCE((
                           SELECT SUM(value.price_extra)
                             FROM product_variant_combination variant
                             JOIN product_template_attribute_value value
                               ON value.id
                                  = variant.product_template_attribute_value_id
                            WHERE variant.product_product_id = product.id
                       ), 0) AS price,
                       product.standard_price ->> %(company)s AS cost,
                       category.parent_path
                  FROM product_product product
                  JOIN product_template template
                    ON template.id = product.product_tmpl_id
             LEFT JOIN product_category category ON category.id = template.categ_id
                 WHERE product.id IN %(ids)s
                """,
                company=company,
                ids=tuple(service_ids),
            )
        )
        return {
            row["id"]: Service(
                id=row["id"],
                price=self._minor(row["price"]),
                template_id=row["template_id"],
                category_ids=tuple(
                    int(part) for part in (row["parent_path"] or "").split("/") if part
                ),
                cost=self._minor(row["cost"]),
            )
            for row in rows
        }

    @api.model
    def _read_lists(self, patient_ids, branch_ids):
        """Return rows (kind, key, list) and the names of the lists, in one query."""
        company = self.env.company
        lang = self.env.lang or "en_US"
        rows = self.env.execute_query(
            SQL(
                """
                SELECT source.kind, source.key, list.id,
                       COALESCE(list.name ->> %(lang)s, list.name ->> 'en_US')
                  FROM (
                    SELECT 'base' AS kind, id AS key, clinic_pricelist_id AS list_id
                      FROM res_company WHERE id = %(company)s
                     UNION ALL
                    SELECT 'branch', id, pricelist_id
                      FROM clinic_branch WHERE id IN %(branches)s
                     UNION ALL
                    SELECT 'patient', id,
                           (specific_property_product_pricelist ->> %(key)s)::int
                      FROM res_partner WHERE id IN %(patients)s
                  ) source
                  JOIN product_pricelist list ON list.id = source.list_id
                 WHERE list.active
                """,
                lang=lang,
                company=company.id,
                key=str(company.id),
                branches=tuple(branch_ids) or (0,),
                patients=tuple(patient_ids) or (0,),
            )
        )
        lists = [(kind, key, list_id) for kind, key, list_id, _name in rows]
        sources = {"base": "base", "branch": "branch", "patient": "patient_list"}
        return lists, {
            (sources[kind], list_id): {"name": name}
            for kind, _key, list_id, name in rows
        }

    @api.model
    def _read_items(self, list_ids, services):
        """Return the rules of the lists, and of lists they stand upon, that may fit."""
        if not list_ids:
            return []
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH RECURSIVE lists(id) AS (
                    SELECT id FROM product_pricelist WHERE id IN %(lists)s AND active
                     UNION
                    SELECT item.base_pricelist_id
                      FROM product_pricelist_item item
                      JOIN lists ON lists.id = item.pricelist_id
                     WHERE item.base = 'pricelist'
                       AND item.base_pricelist_id IS NOT NULL
                )
                SELECT item.*
                  FROM product_pricelist_item item
                  JOIN lists ON lists.id = item.pricelist_id
                 WHERE COALESCE(item.min_quantity, 0) <= 1
                   AND (item.product_tmpl_id IS NULL
                        OR item.product_tmpl_id IN %(templates)s)
                   AND (item.product_id IS NULL OR item.product_id IN %(products)s)
                 ORDER BY item.applied_on, item.min_quantity DESC,
                          item.categ_id DESC, item.id DESC
                """,
                lists=tuple(list_ids),
                templates=tuple({s.template_id for s in services.values()}) or (0,),
                products=tuple(services) or (0,),
            )
        )
        return [self._item(rank, row) for rank, row in enumerate(rows)]

    def _item(self, rank, row):
        by = row["applied_on"]
        kind = row["compute_price"]
        if kind == "percentage":
            discount, base = row["percent_price"], row["base"]
        elif row["base"] == "standard_price":
            discount, base = -(row["price_markup"] or 0), "standard_price"
        else:
            discount, base = row["price_discount"], row["base"]
        rate = self._rate(row["currency_id"])

        def minor(name):
            return self._minor(Fraction(str(row[name] or 0)) * rate)

        return Item(
            id=row["id"],
            list_id=row["pricelist_id"],
            rank=rank,
            product_id=row["product_id"] if by == "0_product_variant" else None,
            template_id=row["product_tmpl_id"]
            if by in ("0_product_variant", "1_product")
            else None,
            category_id=row["categ_id"] if by == "2_product_category" else None,
            start=row["date_start"],
            stop=row["date_end"],
            kind=kind,
            amount=minor("fixed_price"),
            discount=Fraction(str(discount or 0)),
            rounding=Fraction(self._minor(row["price_round"])),
            surcharge=minor("price_surcharge"),
            min_margin=minor("price_min_margin"),
            max_margin=minor("price_max_margin"),
            base=base or "list_price",
            base_list_id=row["base_pricelist_id"],
        )

    def _rate(self, currency_id):
        """Return what a unit of a list's currency is worth in the company's today."""
        company = self.env.company
        if not currency_id or currency_id == company.currency_id.id:
            return Fraction(1)
        currency = self.env["res.currency"].browse(currency_id)
        today = fields.Date.context_today(self)
        rate = currency._get_conversion_rate(
            currency, company.currency_id, company, today
        )
        return Fraction(str(rate))

    @api.model
    def _read_terms(self, patient_ids, specialist_ids, services):
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT terms.id, terms.patient_id, terms.specialist_id,
                       terms.service_id, terms.is_price_fixed, terms.price,
                       terms.discount, terms.is_percent_fixed,
                       terms.specialist_percent, terms.date_from, terms.date_to,
                       CONCAT_WS(', ', specialist.name, terms.note) AS name
                  FROM clinic_price_profile terms
             LEFT JOIN clinic_specialist specialist
                    ON specialist.id = terms.specialist_id
                 WHERE terms.active AND terms.company_id = %(company)s
                   AND (terms.patient_id IS NULL OR terms.patient_id IN %(patients)s)
                   AND (terms.specialist_id IS NULL
                        OR terms.specialist_id IN %(specialists)s)
                   AND (terms.service_id IS NULL OR terms.service_id IN %(services)s)
                """,
                company=self.env.company.id,
                patients=tuple(patient_ids) or (0,),
                specialists=tuple(specialist_ids) or (0,),
                services=tuple(services) or (0,),
            )
        )
        names = {
            (source, row["id"]): {"name": row["name"]}
            for row in rows
            for source in ("specialist", "profile", "percent")
        }
        return [self._terms(row) for row in rows], names

    @api.model
    def _read_programmes(self, patient_ids, without=()):
        """Return memberships with what is left of their limits, and names."""
        if not patient_ids:
            return [], {}
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT member.id AS member_id, member.patient_id,
                       GREATEST(member.date_from, programme.date_from) AS date_from,
                       LEAST(member.date_to, programme.date_to) AS date_to,
                       programme.id AS programme_id, programme.name,
                       programme.sequence, programme.discount,
                       programme.coverage, programme.visit_limit,
                       programme.member_limit, programme.member_visits,
                       programme.partner_id AS payer_id, payer.name AS payer,
                       list.id AS pricelist_id,
                       ARRAY(SELECT service_id FROM clinic_price_programme_service_rel
                              WHERE programme_id = programme.id) AS service_ids,
                       ARRAY(SELECT service_id FROM clinic_price_programme_except_rel
                              WHERE programme_id = programme.id) AS excluded_ids,
                       ARRAY(SELECT category_id FROM clinic_price_programme_categ_rel
                              WHERE programme_id = programme.id) AS category_ids,
                       ARRAY(SELECT branch_id FROM clinic_price_programme_branch_rel
                              WHERE programme_id = programme.id) AS branch_ids
                  FROM clinic_price_programme_member member
                  JOIN clinic_price_programme programme
                    ON programme.id = member.programme_id
                  JOIN res_partner payer ON payer.id = programme.partner_id
             LEFT JOIN product_pricelist list
                    ON list.id = programme.pricelist_id AND list.active
                 WHERE member.active AND programme.active
                   AND programme.company_id = %(company)s
                   AND member.patient_id IN %(patients)s
                 ORDER BY programme.sequence, programme.id, member.id
                """,
                company=self.env.company.id,
                patients=tuple(patient_ids),
            )
        )
        limited = [
            row["member_id"]
            for row in rows
            if row["member_limit"] or row["member_visits"]
        ]
        used = self._read_used(limited, without)
        names = {}
        for row in rows:
            name = {"name": row["name"]}
            names["programme", row["member_id"]] = name
            names["payer", row["member_id"]] = {**name, "payer": row["payer"]}
        return [self._programme(row, used) for row in rows], names

    @api.model
    def _read_used(self, member_ids, without):
        """Return {member: (amount, visits)} of the visits that count."""
        if not member_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT price_member_id, SUM(price_covered), COUNT(*)
                  FROM clinic_appointment
                 WHERE price_member_id IN %(members)s
                   AND state NOT IN ('cancelled', 'noshow')
                   AND id NOT IN %(without)s
                 GROUP BY price_member_id
                """,
                members=tuple(member_ids),
                without=tuple(without) or (0,),
            )
        )
        return {member: (amount, visits) for member, amount, visits in rows}

    # To plain data and back -----------------------------------------------------

    def _terms(self, row):
        return Terms(
            id=row["id"],
            patient_id=row["patient_id"],
            specialist_id=row["specialist_id"],
            service_id=row["service_id"],
            price=self._minor(row["price"]) if row["is_price_fixed"] else None,
            discount=Fraction(str(row["discount"] or 0)),
            percent=Fraction(str(row["specialist_percent"] or 0))
            if row["is_percent_fixed"]
            else None,
            date_from=row["date_from"],
            date_to=row["date_to"],
        )

    def _programme(self, row, used):
        amount, visits = used.get(row["member_id"], (0, 0))
        return Programme(
            member_id=row["member_id"],
            programme_id=row["programme_id"],
            payer_id=row["payer_id"],
            patient_id=row["patient_id"],
            rank=row["sequence"] or 0,
            discount=Fraction(str(row["discount"] or 0)),
            list_id=row["pricelist_id"],
            coverage=Fraction(str(row["coverage"]))
            if row["coverage"] is not None
            else HUNDRED,
            service_ids=frozenset(row["service_ids"]),
            category_ids=frozenset(row["category_ids"]),
            excluded_ids=frozenset(row["excluded_ids"]),
            branch_ids=frozenset(row["branch_ids"]),
            date_from=row["date_from"],
            date_to=row["date_to"],
            visit_limit=self._minor(row["visit_limit"]) or None,
            amount_left=self._minor(row["member_limit"]) - self._minor(amount)
            if row["member_limit"]
            else None,
            visits_left=row["member_visits"] - visits if row["member_visits"] else None,
        )

    def _request(self, request, services):
        day = request.date or fields.Date.context_today(self)
        return Request(
            service=services[request.service_id],
            day=day,
            moment=request.moment or datetime.combine(day, NOON),
            patient_id=request.patient_id or None,
            specialist_id=request.specialist_id or None,
            branch_id=request.branch_id or None,
        )

    def _decision(self, decision, names):
        steps = [self._step(step, names) for step in decision.chain]
        return PriceDecision(
            price=self._major(decision.price),
            percent=float(decision.percent),
            payer_id=decision.payer_id,
            member_id=decision.member_id,
            covered=self._major(decision.covered),
            copay=self._major(decision.copay),
            chain=[step for step in steps if step["source"] != "percent"],
            percent_chain=[step for step in steps if step["source"] == "percent"],
        )

    def _step(self, step, names):
        """Return the step as a dict that can be stored; empty keys are left out."""
        values = {
            "source": step.source,
            "id": step.record_id,
            "price": None if step.price is None else self._major(step.price),
            "percent": None if step.percent is None else float(step.percent),
            "discount": None if step.discount is None else float(step.discount),
            "covered": None if step.covered is None else self._major(step.covered),
            "skipped": step.skipped,
            **names.get((step.source, step.record_id), {}),
        }
        return {key: value for key, value in values.items() if value is not None}
