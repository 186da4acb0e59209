from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_portal.models import clinic_portal_code

from .common import PortalCommon


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
