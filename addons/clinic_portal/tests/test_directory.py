import json

from odoo.tests import BaseCase, tagged

from .. import hooks
from ..tools import lookup
from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestDirectory(PortalCommon):
    """The pages search engines and visitors find the clinic by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # who else is there, in a clinic with demo data, is in the way
        everybody = cls.env["clinic.specialist"].search([])
        (everybody - cls.specialist).on_website = False
        cls.specialist.write(
            {
                "experience_since": 2010,
                "languages": "Russian, English",
                "about": "<p>Studied in Kazan</p>",
            }
        )

    def setUp(self):
        super().setUp()
        self._sign_out()

    def _path_of(self, record):
        kind = {
            "clinic.specialist": "specialist",
            "product.product": "service",
            "clinic.problem": "problem",
            "clinic.branch": "branch",
        }[record._name]
        return f"/clinic/{kind}/{lookup.slug(record.name, record.id)}"

    def _names(self, tree):
        cards = self._found(tree, "o_clinic_specialist_card")
        return [card.xpath(".//h3")[0].text_content().strip() for card in cards]

    def _list(self, query=""):
        return self._names(self._page(self._get(f"/clinic/specialists{query}")))

    def _data(self, tree):
        """Return the structured data of the page."""
        return json.loads(tree.xpath("//script[@type='application/ld+json']")[0].text)

    # -- who is found

    def test_specialist_is_found_by_whatever_one_knows(self):
        name = self.specialist.name
        word = name.split()[-1]
        for query in (
            "",
            f"?q={word}",
            f"?q={word.upper()}",
            f"?q={self.specialty.name}",
            f"?q={self.service.name.split()[0]}",
            f"?q={self.problem.name.split()[0]}",
            f"?specialty={self.specialty.id}",
            f"?service={self.service.id}",
            f"?problem={self.problem.id}",
            f"?branch={self.branch.id}",
            "?part=morning",
            # what nobody offers is as if it were not asked
            "?branch=x&specialty=99999999&part=night",
        ):
            with self.subTest(query=query):
                self.assertIn(name, self._list(query))

    def test_who_does_not_fit_is_not_found(self):
        name = self.specialist.name
        other = self.env["clinic.specialty"].create({"name": "Test Nothing"})
        self._create_specialist("Test Nobody", other)
        for query in (
            "?q=zzzzzz",
            f"?specialty={other.id}",
            "?part=evening",
            f"?q={name.split()[-1]}+zzzzzz",
        ):
            with self.subTest(query=query):
                self.assertNotIn(name, self._list(query))
        tree = self._page(self._get("/clinic/specialists?q=zzzzzz"))
        self.assertTrue(self._found(tree, "o_clinic_nobody"))

    def test_who_is_off_the_website_is_nowhere_on_it(self):
        path = self._path_of(self.specialist)
        self.specialist.on_website = False
        self.assertNotIn(self.specialist.name, self._list())
        self.assertEqual(self._get(path).status_code, 404)
        tree = self._page(self._get(f"/clinic/book?service={self.service.id}"))
        self.assertNotIn(self.specialist.name, tree.text_content())

    def test_morning_shows_morning_only(self):
        tree = self._page(self._get("/clinic/specialists?part=morning"))
        windows = self._found(tree, "o_clinic_window")
        self.assertTrue(windows)
        for window in windows:
            hour = int(window.text.split()[-1].split(":")[0])
            self.assertLess(hour, 12)

    def test_window_of_the_list_can_be_booked(self):
        tree = self._page(self._get(self._path_of(self.specialist)))
        window = self._found(tree, "o_clinic_window")[0]
        page = self._page(self._get(window.get("href")))
        self.assertTrue(self._found(page, "o_clinic_to_register"))

    # -- what is on the pages

    def test_pages_have_title_description_and_one_address(self):
        records = (self.specialist, self.service, self.problem, self.branch)
        pages = [self._path_of(record) for record in records]
        pages += [f"/clinic/{name}" for name in ("specialists", "services")]
        pages += [f"/clinic/{name}" for name in ("problems", "branches")]
        for path in pages:
            with self.subTest(path=path):
                tree = self._page(self._get(path))
                self.assertEqual(len(tree.xpath("//h1")), 1)
                self.assertTrue(tree.xpath("//title")[0].text.strip())
                for meta in (
                    "//meta[@name='description']/@content",
                    "//meta[@property='og:description']/@content",
                ):
                    self.assertTrue(tree.xpath(meta)[0].strip())
                canonical = tree.xpath("//link[@rel='canonical']/@href")[0]
                self.assertTrue(canonical.endswith(path), canonical)
                self.assertFalse(tree.xpath("//meta[@name='robots']"))

    def _head(self, tree):
        """Return title and description of the page, and what is shared of it."""
        return {
            tree.xpath("//title")[0].text.partition(" | ")[0],
            *tree.xpath("//meta[@property='og:title']/@content"),
            *tree.xpath("//meta[@name='twitter:title']/@content"),
        }, {
            *tree.xpath("//meta[@name='description']/@content"),
            *tree.xpath("//meta[@property='og:description']/@content"),
            *tree.xpath("//meta[@name='twitter:description']/@content"),
        }

    def _home_view(self):
        views = self.env["ir.ui.view"].search([("key", "=", "website.homepage")])
        return views.filtered(lambda v: v.website_id == self.website) or views[:1]

    def test_home_page_and_booking_say_what_they_are(self):
        hooks._drop_sample_description(self.env)
        for path in ("/", "/clinic/screening", "/clinic/book"):
            with self.subTest(path=path):
                titles, descriptions = self._head(self._page(self._get(path)))
                # of one voice, whatever the language, and none of it Odoo's
                [title], [description] = titles, descriptions
                self.assertNotEqual(title, "Home")
                self.assertNotIn(hooks.SAMPLE_DESCRIPTION, description)

    def test_only_the_sample_of_the_home_page_is_dropped(self):
        view = self._home_view()
        view.website_meta_description = hooks.SAMPLE_DESCRIPTION
        hooks._drop_sample_description(self.env)
        self.assertFalse(view.website_meta_description)
        own = {"website_meta_title": "Own title", "website_meta_description": "Own"}
        view.write(own)
        hooks._drop_sample_description(self.env)
        titles, descriptions = self._head(self._page(self._get("/")))
        self.assertEqual((titles, descriptions), ({"Own title"}, {"Own"}))

    def test_name_of_the_clinic_keeps_its_own_quotes_only(self):
        self.company.name = "Клиника «Тест»"
        for code in ("en", *self.env["res.lang"].search([]).mapped("url_code")):
            for name in ("specialists", "services", "branches", "book"):
                with self.subTest(code=code, name=name):
                    page = self._get(f"/{code}/clinic/{name}")
                    _titles, descriptions = self._head(self._page(page))
                    for description in descriptions:
                        self.assertIn("Клиника «Тест»", description)
                        self.assertEqual(description.count("«"), 1, description)

    def test_specialist_page_says_what_one_chooses_by(self):
        self.specialist.age_min = 18
        tree = self._page(self._get(self._path_of(self.specialist)))
        text = tree.text_content()
        for words in (
            self.specialist.name,
            "2010",
            "Russian, English",
            "Studied in Kazan",
            self.service.name,
            "18",
        ):
            self.assertIn(words, text)
        data = self._data(tree)
        self.assertEqual(data["@type"], "Physician")
        self.assertEqual(data["name"], self.specialist.name)
        self.assertEqual(data["medicalSpecialty"], [self.specialty.name])
        self.assertEqual(data["knowsLanguage"], ["Russian", "English"])
        self.assertEqual(data["address"][0]["@type"], "PostalAddress")

    def test_branch_is_a_clinic_to_search_engines(self):
        data = self._data(self._page(self._get(self._path_of(self.branch))))
        self.assertEqual(data["@type"], "MedicalClinic")
        self.assertEqual(data["name"], self.branch.name)

    def test_structured_data_cannot_leave_its_script(self):
        self.branch.street = "</script><script>alert(1)</script>"
        response = self._get(self._path_of(self.branch))
        self.assertNotIn("<script>alert", response.text)
        data = self._data(self._page(response))
        self.assertEqual(data["address"]["streetAddress"], self.branch.street)

    def test_old_address_leads_to_the_new_one(self):
        path = f"/clinic/specialist/former-name-{self.specialist.id}"
        response = self._get(path)
        # whatever the language of the visitor adds
        self.assertIn(301, [step.status_code for step in response.history])
        self.assertTrue(response.url.endswith(self._path_of(self.specialist)))
        for slug in ("nobody-99999999", "nobody", "-", "x-0"):
            self.assertEqual(self._get(f"/clinic/specialist/{slug}").status_code, 404)

    def test_price_is_what_the_booking_asks(self):
        tree = self._page(self._get(self._path_of(self.service)))
        shown = self._found(tree, "o_clinic_money")[0].text_content().strip()
        confirm = "&".join(f"{k}={v}" for k, v in self._window().items())
        page = self._page(self._get(f"/clinic/book/confirm?{confirm}"))
        booked = self._found(page, "o_clinic_price")[0].text_content().strip()
        self.assertEqual(shown, booked)

    def test_sitemap_names_the_pages(self):
        locs = {
            page["loc"]
            for page in self.website.with_user(self.website.user_id)._enumerate_pages()
        }
        records = (self.specialist, self.service, self.problem, self.branch)
        for record in records:
            self.assertIn(self._path_of(record), locs)
        self.assertIn("/clinic/specialists", locs)
        self.assertNotIn("/clinic/register/code", locs)

    def test_blocks_of_the_editor_are_filled(self):
        services = self.env["product.product"]._clinic_web_services()
        (services - self.service).sale_ok = False  # a block shows the first few
        self.assertIn(self.specialist.name, self._get("/clinic/block/specialists").text)
        self.assertIn(self.service.name, self._get("/clinic/block/services").text)
        self.assertIn(self.problem.name, self._get("/clinic/block/problems").text)
        self.assertEqual(self._get("/clinic/block/layout").status_code, 404)

    def test_cabinet_can_be_kept_on_the_first_screen(self):
        link = self._page(self._get("/")).xpath("//link[@rel='manifest']/@href")[0]
        manifest = self._get(link).json()
        self.assertEqual(manifest["start_url"], "/my/clinic")
        for icon in manifest["icons"]:
            self.assertEqual(self._get(icon["src"]).status_code, 200)

    def test_blocks_can_be_dropped_on_the_home_page(self):
        """The editor drops into a structure that is branded as part of a view."""
        views = self.env["ir.ui.view"].with_context(
            inherit_branding=True, website_id=self.website.id
        )
        arch = views._get_template_view("website.homepage")._get_combined_arch()
        views.distribute_branding(arch)
        places = self._found(arch, "oe_structure")
        names = [place.get("id") for place in places if place.get("data-oe-model")]
        self.assertEqual(
            names, [f"oe_structure_clinic_home_{number}" for number in (1, 2, 3)]
        )

    def test_what_is_not_there_leads_on(self):
        tree = self._page(self._get("/clinic/nothing"), status=404)
        [place] = self._found(tree, "o_clinic_not_found")
        links = place.xpath(".//a/@href")
        self.assertTrue([link for link in links if link.endswith("/my/clinic")])
        self.assertFalse([link for link in links if "contactus" in link])

    def test_searches_are_limited(self):
        self.env["ir.config_parameter"].set_param("clinic_portal.limit_search", "1")
        self.assertFalse(self._list("?q=zzzzzz"))
        tree = self._page(self._get("/clinic/specialists?q=zzzzzz"))
        self.assertTrue(self._found(tree, "o_clinic_notice"))

    def test_queries_do_not_grow_with_the_clinic(self):
        paths = [
            "/clinic/specialists",
            "/clinic/specialists?q=test",
            "/clinic/services",
            "/clinic/problems",
            "/clinic/branches",
            *map(
                self._path_of,
                (self.specialist, self.service, self.problem, self.branch),
            ),
        ]
        before = [self._count_queries(path) for path in paths]
        for number in range(6):
            specialist = self._create_specialist(
                f"Test Therapist {number}", self.specialty, branch_ids=self.branch.ids
            )
            self._create_shift(specialist)
            self._create_service(name=f"Test service {number}", is_first_visit=True)
        after = [self._count_queries(path) for path in paths]
        for path, few, many in zip(paths, before, after, strict=True):
            with self.subTest(path=path, few=few, many=many):
                self.assertLessEqual(many, few + 3)
                self.assertLessEqual(many, 60)


@tagged("post_install", "-at_install")
class TestLookup(BaseCase):
    def test_words_find_their_forms(self):
        texts = ["Кардиолог", "Соколова Елена", "Боль в спине", "УЗИ сердца"]
        for query, expected in (
            ("", True),
            ("кардиолога", True),
            ("КАРДИО", True),
            ("соколова", True),
            ("соколову елену", True),
            ("спина", True),
            ("узи", True),
            ("невролог", False),
            ("кардиолог иванов", False),
        ):
            with self.subTest(query=query):
                self.assertEqual(lookup.found(query, texts), expected)

    def test_addresses_come_back(self):
        for name, address in (
            ("Соколова Елена", "sokolova-elena-7"),
            ("Щёголев-Ъ  Юлий", "shchegolev-yuliy-7"),
            ("", "7"),
            ("李", "7"),
        ):
            self.assertEqual(lookup.slug(name, 7), address)
            self.assertEqual(lookup.slug_id(address), 7)
        for text in ("", None, "x", "x-", "x-0", "x-99999999999"):
            self.assertIsNone(lookup.slug_id(text))
