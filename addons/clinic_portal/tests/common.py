import re
from urllib.parse import parse_qsl, urlsplit

from lxml import html

from odoo import Command, http
from odoo.tests import HttpCase, new_test_user

from odoo.addons.clinic_finance.tests.common import FinanceCommon

from ..tools import forms

# in the address of a route: what each argument names
NUMBER = re.compile(r"<int:(\w+)>")
WORDS = {
    '<any("pressure","pulse","glucose","weight","temperature"):kind>': "pulse",
    "<string:token>": "0" * 32,
    "<int:page>": "1",
}


class PortalCommon(FinanceCommon, HttpCase):
    """The clinic with books, a patient who can sign in, a ward and a stranger.

    Pages are asserted by their structure, not by sentences: the tests pass in any
    language the database has.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], limit=1)
        cls.website.company_id = cls.company
        cls.service.is_first_visit = True
        cls.patient.write({"gender": "male", "email": "patient@example.com"})
        cls.ward = cls._create_patient(
            name="Test Child",
            phone="+7 912 200-00-01",
            birthdate_date="2019-02-03",
            gender="female",
            guardian_ids=[Command.link(cls.patient.id)],
        )
        cls.stranger = cls._create_patient(
            name="Test Stranger",
            phone="+7 912 200-00-09",
            birthdate_date="1970-01-01",
            gender="female",
        )
        for person in cls.patient | cls.ward | cls.stranger:
            cls._agree(person)
        cls.user = cls._portal_user("portal_patient", cls.patient)
        cls.stranger_user = cls._portal_user("portal_stranger", cls.stranger)

    @classmethod
    def _agree(cls, person):
        cls.env["clinic.consent"]._give(person, "personal_data")

    @classmethod
    def _portal_user(cls, login, partner):
        return new_test_user(
            cls.env,
            login=login,
            password=login,
            groups="base.group_portal",
            partner_id=partner.id,
            name=partner.name,
        )

    def _sign_in(self, user=None):
        login = (user or self.user).login
        self.authenticate(login, login)

    def _sign_out(self):
        self.authenticate(None, None)

    def _get(self, path, **options):
        return self.url_open(path, **options)

    def _post(self, path, data, **options):
        data = {"csrf_token": http.Request.csrf_token(self), **data}
        return self.url_open(path, data=data, **options)

    def _page(self, response, status=200):
        """Return the page as a tree; it must be a page, not an error."""
        self.assertEqual(response.status_code, status, response.url)
        return html.fromstring(response.text)

    def _found(self, tree, css_class):
        """Return the elements with the class."""
        return tree.xpath(
            f"//*[contains(concat(' ', normalize-space(@class), ' '), ' {css_class} ')]"
        )

    def _value(self, tree, name):
        """Return what is written in the input of the name."""
        return tree.xpath(f"//input[@name='{name}']/@value")[0]

    def _path(self, response):
        """Return where a redirect leads: the path and the parameters."""
        parts = urlsplit(response.headers["Location"])
        # with several languages the address says which: /ru/web/login
        codes = "|".join(self.env["res.lang"].search([]).mapped("url_code"))
        path = re.sub(rf"^/({codes})(?=/)", "", parts.path)
        return path, dict(parse_qsl(parts.query))

    def _redirect(self, path):
        """Return the redirect of a page, after the one to the visitor's language."""
        response = self._get(path, allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        if self._path(response)[0] == path.partition("?")[0]:
            response = self._get(response.headers["Location"], allow_redirects=False)
            self.assertEqual(response.status_code, 303)
        return response

    def _window(self, hour=10, minute=0, service=None, specialist=None, **values):
        """Return the parameters of a window as the pages write them."""
        return {
            "service": (service or self.service).id,
            "specialist": (specialist or self.specialist).id,
            "branch": self.branch.id,
            "start": forms.write_start(self._at(hour, minute)),
            **values,
        }

    def _visits(self, patient=None):
        return self.env["clinic.appointment"].search(
            [("patient_id", "=", (patient or self.patient).id)]
        )

    def _cabinet_routes(self, ticked="0"):
        """Yield ``(path, routing, names)`` of each route of the cabinet; the path has
        its numbers yet to be filled in, ``names`` are theirs.
        """
        for rule in self.env["ir.http"].routing_map().iter_rules():
            if not rule.rule.startswith("/my/clinic"):
                continue
            path = rule.rule.replace("<string:ticked>", ticked)
            for argument, value in WORDS.items():
                path = path.replace(argument, value)
            yield path, rule.endpoint.routing, NUMBER.findall(path)

    def _filled(self, path, **targets):
        """Return the path with its numbers."""
        return NUMBER.sub(lambda found: str(targets[found[1]]), path)

    def _count_queries(self, path, alike=None):
        """Return the queries of a page whose templates are loaded already.

        By itself, or, where its first opening counts, by a page like it.
        """
        self._get(alike or path)
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self._page(self._get(path))
        return self.env.cr.sql_log_count - start
