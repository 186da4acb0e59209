from odoo.tests import HttpCase, tagged

from .test_price import PriceCommon


@tagged("post_install", "-at_install")
class TestPriceTours(PriceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.specialist.employee_id.name = "Tour Price Doctor"
        cls.patient.name = "Tour Price Patient"

    def test_accountant_agrees_with_all(self):
        self._book()
        user = self._user("finance")
        self.start_tour(
            "/odoo/clinic-agreed-prices",
            "clinic_price_generate_tour",
            login=user.login,
        )
        self.assertEqual(self.patient.clinic_price_profile_ids.price, 2000.0)

    def test_reception_sees_why(self):
        self._agree(price=1500, specialist_percent=40, note="contract 77")
        visit = self._book()
        self.start_tour(
            f"/odoo/m-clinic.appointment/{visit.id}",
            "clinic_price_why_tour",
            login=self._user("reception").login,
        )
