from collections import Counter

from odoo.tests import tagged

from .common import PortalCommon

CONTROLS = (
    "//input[not(@type='hidden') and not(@type='submit')] | //select | //textarea"
)


@tagged("post_install", "-at_install")
class TestAccessible(PortalCommon):
    """What a screen reader and a keyboard need, on each page of the cabinet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._book(10)
        cls.env["clinic.medical.record"]._of_patients_sudo(cls.patient)

    def _content(self, path):
        return self._found(self._page(self._get(path)), "o_clinic_page")[0]

    def _label(self, tree, element):
        """Return what a screen reader calls the field."""
        if element.get("aria-label"):
            return element.get("aria-label")
        labels = [
            label.text_content()
            for label in tree.xpath("//label")
            if label.get("for") == (element.get("id") or "-")
        ]
        labels += [label.text_content() for label in element.iterancestors("label")]
        return " ".join(labels).strip()

    def _name(self, tree, element):
        """Return what a screen reader calls the field, the button or the link."""
        words = f"{self._label(tree, element)} {element.text_content()}"
        return words.strip()

    def test_logo_is_called_by_the_name_of_the_clinic(self):
        logo = self._page(self._get("/clinic/book")).xpath(
            "//header//a[contains(@class, 'logo')]//*[@role='img']"
        )
        self.assertTrue(logo)
        for image in logo:
            self.assertEqual(image.get("aria-label"), self.website.name)

    def test_buttons_beside_passwords_have_names(self):
        self._sign_out()
        pages = [self._page(self._get("/web/login"))]
        self._sign_in()
        pages.append(self._page(self._get("/my/security")))
        for page in pages:
            eyes = self._found(page, "o_show_password")
            self.assertTrue(eyes)
            for eye in eyes:
                self.assertTrue(eye.get("aria-label"))

    def test_pages_of_odoo_can_be_heard(self):
        self._sign_in()
        for path in ("/my", "/my/account"):
            with self.subTest(path=path):
                page = self._found(self._page(self._get(path)), "o_portal_wrap")[0]
                self.assertEqual(len(page.xpath(".//h1")), 1)
                for control in page.xpath(CONTROLS.replace("//", ".//")):
                    name = control.get("name")
                    self.assertTrue(self._label(page, control), name)
                self.assertFalse(page.xpath(".//img[not(@alt)]"))

    def test_headings_skip_no_level(self):
        self._sign_out()
        problem = self.website._clinic_problems()[:1]
        for path in (
            "/",
            "/clinic/specialists",
            f"/clinic/problem/{problem.id}",
            "/clinic/branches",
            "/clinic/book",
        ):
            with self.subTest(path=path):
                page = self._page(self._get(path))
                levels = [
                    int(heading.tag[1])
                    for heading in page.xpath(
                        "//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5]"
                    )
                ]
                for above, below in zip(levels, levels[1:], strict=False):
                    self.assertLessEqual(below, above + 1, levels)

    def test_pages_can_be_heard_and_tabbed_through(self):
        self._sign_in()
        base = f"/my/clinic/appointment/{self.visit.id}"
        for path in (
            "/my/clinic",
            "/my/clinic/visits",
            base,
            f"{base}/move",
            f"{base}/cancel",
            "/my/clinic/account",
            "/my/clinic/documents",
            "/my/clinic/health",
            "/my/clinic/measurements/pressure",
            "/my/clinic/questions",
            "/my/clinic/questions/new",
            "/my/clinic/waiting",
            f"/my/clinic/waiting/new?service={self.service.id}",
            "/my/clinic/calendar",
            "/my/clinic/profile",
            "/my/clinic/record-looks",
        ):
            with self.subTest(path=path):
                page = self._content(path)
                self.assertEqual(len(page.xpath(".//h1")), 1)
                ids = Counter(page.xpath(".//@id"))
                self.assertFalse([name for name, count in ids.items() if count > 1])
                for control in page.xpath(CONTROLS.replace("//", ".//")):
                    self.assertTrue(self._name(page, control), control.get("name"))
                for button in page.xpath(".//button | .//a[@href]"):
                    self.assertTrue(
                        self._name(page, button), button.get("href") or "button"
                    )
                self.assertFalse(page.xpath(".//img[not(@alt)]"))
                self.assertFalse(page.xpath(".//*[number(@tabindex) > 0]"))
                self.assertFalse(page.xpath(".//div[@onclick] | .//span[@onclick]"))
                self.assertTrue(page.xpath(".//nav[@aria-label]//a[@aria-current]"))
                for address in page.xpath(".//@src | .//link/@href"):
                    self.assertFalse(address.startswith(("http:", "https:", "//")))
