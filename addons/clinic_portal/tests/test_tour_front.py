from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_portal.models import clinic_portal_code

from .common import PortalCommon

# The words are put in by hand: the test passes in whatever language the database has.
MENU_IS_OPEN = """
const menu = document.querySelector("header#top nav:not(.o_header_mobile) .top_menu");
const shown = [...menu.querySelectorAll(":scope > li")];
const folded = menu.querySelector(".o_extra_menu_items");
if (shown.length < 4 || folded || document.querySelector(".o_extra_menu_items")) {
    console.error("folded: " + menu.innerText);
} else {
    console.log("test successful");
}
"""
WITHIN_THE_CARD = """
const words = {female: "Женский", male: "Мужской"};
const inputs = [...document.querySelectorAll("input[name=gender]")];
for (const input of inputs) {
    input.parentElement.querySelector("div").textContent = words[input.value];
}
const edge = document.getElementById("email").getBoundingClientRect().right;
const out = inputs.filter(
    (input) => input.parentElement.getBoundingClientRect().right > edge + 0.5
);
if (inputs.length !== 2 || out.length) {
    console.error("stick out: " + out.length + " of " + inputs.length);
} else {
    console.log("test successful");
}
"""


@tagged("post_install", "-at_install")
class TestLaptop(PortalCommon):
    """The pages 1280 px wide, in long Russian words."""

    browser_size = "1280x800"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = {
            "/clinic/screening": "Подобрать специалиста",
            "/clinic/book": "Записаться",
            "/clinic/specialists": "Врачи",
            "/clinic/services": "Услуги и цены",
        }
        menus = cls.website.menu_id.child_id
        for menu in menus:
            for lang, _name in cls.env["res.lang"].get_installed():
                if menu.url in names:
                    menu.with_context(lang=lang).name = names[menu.url]
        menus.filtered(lambda menu: menu.url not in names).unlink()
        cls.company.phone = "+7 343 000-01-00"
        cls.patient.name = "Константинопольская Александра Владимировна"
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.website.language_ids |= cls.env["res.lang"]._lang_get("fr_FR")

    def test_menu_is_not_folded(self):
        for login in (None, self.user.login):
            with self.subTest(login=login):
                self.browser_js("/", MENU_IS_OPEN, login=login)

    def test_choice_of_sex_keeps_to_the_card(self):
        self.browser_js("/clinic/register", WITHIN_THE_CARD)


MISSING_IS_SEEN = """
const field = document.querySelector("main input[name=name]");
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
(async () => {
    field.form.querySelector("button[type=submit]").scrollIntoView();
    await wait(300);
    field.form.reportValidity();
    // the browser may scroll smoothly: look when it stands still
    for (let tries = 0, before = null; tries < 30; tries++) {
        await wait(200);
        const now = field.getBoundingClientRect().top;
        if (now === before && now > 0) {
            break;
        }
        before = now;
    }
    // it hides while one scrolls down, and is back at once when one scrolls up
    const header = document.querySelector("header#top nav:not(.d-none)").offsetHeight;
    const box = field.getBoundingClientRect();
    if (document.activeElement !== field || box.top < header + 10) {
        console.error("hidden: " + box.top + " under " + header);
    } else {
        console.log("test successful");
    }
})();
"""


@tagged("post_install", "-at_install")
class TestPhone(PortalCommon):
    browser_size = "375x667"

    def test_what_is_missing_is_not_under_the_header(self):
        self.browser_js("/clinic/register", MISSING_IS_SEEN)


@tagged("post_install", "-at_install")
class TestFrontTour(PortalCommon):
    """The front door in a browser."""

    def test_old_patient_from_search_to_booking(self):
        card = self._create_patient(
            name="Known Nina",
            phone="+79122000077",
            birthdate_date="1991-07-08",
            gender="female",
            email="nina@example.com",
        )
        with patch.object(clinic_portal_code.codes, "new_code", lambda: "123456"):
            self.start_tour("/clinic/specialists", "clinic_portal_front", timeout=120)
        self.assertEqual(card.user_ids.login, "nina@example.com")
        visit = self._visits(card)
        self.assertRecordValues(
            visit, [{"origin": "web", "specialist_id": self.specialist.id}]
        )

    def test_family(self):
        self.start_tour(
            "/my/clinic/family", "clinic_portal_family", login="portal_patient"
        )
        child = self.patient.ward_ids - self.ward
        self.assertEqual(child.name, "Small Petr")
        leave = self.env["clinic.proxy"].search([("patient_id", "=", self.patient.id)])
        self.assertEqual(leave.state, "ended")

    def test_what_is_wrong_is_heard(self):
        self.start_tour(
            "/my/clinic/questions/new", "clinic_portal_errors", login="portal_patient"
        )

    def test_button_is_dropped_on_a_page(self):
        editor = new_test_user(
            self.env,
            login="portal_editor",
            password="portal_editor",
            groups="base.group_user,website.group_website_designer",
        )
        page = self.env["website"].with_context(website_id=self.website.id)
        page = page.new_page("Clinic Editor Test")
        self.start_tour(
            self.env["website"].get_client_action_url(page["url"], True),
            "clinic_portal_editor",
            login=editor.login,
            timeout=120,
        )
        tree = self._page(self._get(page["url"]))
        [button] = self._found(tree, "s_clinic_book")
        self.assertTrue(button.get("href").endswith("/clinic/book"))
        # where it was dropped: among the words of a text, not as a block beside it
        self.assertTrue(button.xpath("ancestor::section[@data-snippet='s_text_block']"))
