from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestAccount(PortalCommon):
    """The balance and how it came to be, paying, documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._book(10)
        cls.ward_visit = cls._book(11, patient_id=cls.ward.id)
        cls.foreign_visit = cls._book(12, patient_id=cls.stranger.id)
        cls.provider = cls._online_provider()
        cls.method = cls.env.ref("payment.payment_method_unknown")
        cls.provider.payment_method_ids = cls.method
        cls.method.active = True

    def setUp(self):
        super().setUp()
        self._sign_in()

    def _pay_page(self, *visits):
        ids = "&".join(f"invoice={visit.invoice_id.id}" for visit in visits)
        return self._page(self._get(f"/my/clinic/pay?{ids}"))

    def _form(self, tree):
        return tree.xpath("//form[@id='o_payment_form']")

    def _order(self, route, **values):
        return self.url_open(
            route,
            json={
                "params": {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.method.id,
                    "token_id": None,
                    "amount": None,
                    "flow": "direct",
                    "tokenization_requested": False,
                    "landing_route": "https://evil.example.com/",
                    **values,
                }
            },
        ).json()

    # -- the statement

    def test_statement_says_what_happened_and_why(self):
        self._pay(self.visit)
        tree = self._page(self._get("/my/clinic/account"))
        ledger = self._found(tree, "o_clinic_ledger")[0]
        self.assertEqual(len(self._found(ledger, "o_clinic_row_charge")), 1)
        self.assertEqual(len(self._found(ledger, "o_clinic_row_payment")), 1)
        match = self._found(ledger, "o_clinic_row_match")[0]
        self.assertIn(self.visit.invoice_id.name, match.text_content())
        self.assertNotIn(self.foreign_visit.invoice_id.name, ledger.text_content())

    def test_foreign_account_is_the_own_one(self):
        tree = self._page(self._get(f"/my/clinic/account?person={self.stranger.id}"))
        text = tree.text_content()
        self.assertIn(self.visit.invoice_id.name, text)
        self.assertNotIn(self.foreign_visit.invoice_id.name, text)
        self.assertNotIn(self.stranger.name, text)

    def test_statement_of_a_period(self):
        for query in ("", "?date_from=2020-01-01&date_to=2030-12-31"):
            response = self._get(f"/my/clinic/account/statement{query}")
            self.assertEqual(response.status_code, 200)
            self.assertIn("no-store", response.headers["Cache-Control"])
        tree = self._page(
            self._get(
                "/my/clinic/account/statement?date_from=2030-01-01&date_to=2020-01-01"
            )
        )
        self.assertTrue(tree.xpath("//*[@id='period_error']"))

    # -- paying several

    def test_several_invoices_are_paid_at_once(self):
        second = self._book(13)
        tree = self._pay_page(self.visit, second)
        form = self._form(tree)[0]
        total = (self.visit | second).invoice_id
        self.assertEqual(
            float(form.get("data-amount")), sum(total.mapped("amount_residual"))
        )
        answer = self._order(form.get("data-transaction-route"), amount=1.0)
        tx = self.env["payment.transaction"].search(
            [("reference", "=", answer["result"]["reference"])]
        )
        self.assertEqual(tx.invoice_ids, total)
        self.assertEqual(tx.amount, sum(total.mapped("amount_residual")))
        self.assertEqual(tx.partner_id, self.patient)
        self.assertTrue(tx.landing_route.startswith("/my/clinic"))
        tx._set_done()
        tx._post_process()
        self.assertEqual(set(total.mapped("payment_state")), {"paid"})
        self.assertEqual(self._balance(), 0.0)
        # the way back from the provider: the patient reads how it ended
        response = self._get(tx.landing_route, allow_redirects=False)
        self.assertEqual(self._path(response)[0], "/my/clinic/account")
        tree = self._page(self._get("/my/clinic/account"))
        self.assertEqual(len(tree.xpath("//*[contains(@class, 'alert-success')]")), 1)
        tx.state = "error"
        tree = self._page(self._get(tx.landing_route))
        self.assertEqual(len(tree.xpath("//*[contains(@class, 'alert-warning')]")), 1)

    def test_foreign_or_paid_invoices_are_not_payable(self):
        foreign = self.foreign_visit.invoice_id.id
        self.assertFalse(self._form(self._pay_page(self.foreign_visit)))
        tree = self._pay_page(self.visit, self.foreign_visit)
        amount = float(self._form(tree)[0].get("data-amount"))
        self.assertEqual(amount, self.visit.invoice_id.amount_residual)
        answer = self._order(f"/my/clinic/pay/transaction/{foreign}")
        self.assertIn("error", answer)
        self._pay(self.visit)
        self.assertFalse(self._form(self._pay_page(self.visit)))
        self.assertIn("error", self._order("/my/clinic/pay/transaction/x-0--1"))
        self.assertFalse(self.foreign_visit.invoice_id.transaction_ids)

    # -- topping up

    def test_topping_up_leads_to_a_signed_payment(self):
        response = self._post(
            "/my/clinic/account/topup", {"amount": "1 500,50"}, allow_redirects=False
        )
        path, query = self._path(response)
        self.assertEqual(path, "/payment/pay")
        self.assertEqual(float(query["amount"]), 1500.5)
        self.assertEqual(int(query["partner_id"]), self.patient.id)
        self.assertTrue(query["access_token"])

    def test_topping_up_the_account_of_a_stranger_is_one_for_oneself(self):
        response = self._post(
            "/my/clinic/account/topup",
            {"amount": "100", "person": self.stranger.id},
            allow_redirects=False,
        )
        self.assertEqual(int(self._path(response)[1]["partner_id"]), self.patient.id)

    def test_senseless_sums_are_refused(self):
        for amount in ("", "0", "-5", "abc", "1e9", "99999999", "1.234"):
            with self.subTest(amount=amount):
                tree = self._page(
                    self._post("/my/clinic/account/topup", {"amount": amount})
                )
                self.assertTrue(tree.xpath("//*[@id='amount_error']"))

    # -- documents

    def test_documents_of_the_family(self):
        self._pay(self.visit)
        self._fulfil(self.visit)
        tree = self._page(self._get("/my/clinic/documents"))
        links = tree.xpath("//main//a/@href | //div[@id='wrap']//a/@href")
        payment = self.env["account.payment"].search(
            [("partner_id", "=", self.patient.id)], limit=1
        )
        for path in (
            f"/my/clinic/appointment/{self.visit.id}/act",
            f"/my/clinic/invoice/{self.visit.invoice_id.id}/pdf",
            f"/my/clinic/payment/{payment.id}/receipt",
        ):
            with self.subTest(path=path):
                self.assertIn(path, links)
                response = self._get(path)
                self.assertEqual(response.status_code, 200)
                self.assertIn("no-store", response.headers["Cache-Control"])

    def test_papers_of_others_do_not_exist(self):
        self._pay(self.foreign_visit)
        self._fulfil(self.foreign_visit)
        payment = self.env["account.payment"].search(
            [("partner_id", "=", self.stranger.id)], limit=1
        )
        self.assertTrue(payment)
        for path in (
            f"/my/clinic/appointment/{self.foreign_visit.id}/act",
            f"/my/clinic/appointment/{self.visit.id}/act",
            f"/my/clinic/invoice/{self.foreign_visit.invoice_id.id}/pdf",
            f"/my/clinic/payment/{payment.id}/receipt",
            "/my/clinic/document/999999999",
        ):
            with self.subTest(path=path):
                self.assertEqual(self._get(path).status_code, 404)

    def _document(self, patient, medical):
        template = self.env["clinic.document.template"].create(
            {
                "name": "Paper",
                "kind": "certificate",
                "is_medical": medical,
                "body": "<p>Certified</p>",
            }
        )
        document = self.env["clinic.document"].create(
            {"patient_id": patient.id, "template_id": template.id}
        )
        document.action_issue()
        return document

    def test_issued_documents_are_the_patients_and_the_guardians(self):
        mine, wards, foreign = (
            self._document(person, medical=True)
            for person in (self.patient, self.ward, self.stranger)
        )
        draft = self.env["clinic.document"].create(
            {"patient_id": self.patient.id, "template_id": mine.template_id.id}
        )
        for document, status in (
            (mine, 200),
            (wards, 200),
            (foreign, 404),
            (draft, 404),
        ):
            with self.subTest(document=document.id):
                path = f"/my/clinic/document/{document.id}"
                self.assertEqual(self._get(path).status_code, status)

    def test_closed_record_of_a_ward_is_closed_to_the_guardian(self):
        wards = self._document(self.ward, medical=True)
        contract = self._document(self.ward, medical=False)
        self.env["clinic.record.closure"].create(
            {"patient_id": self.ward.id, "ground": "request"}
        )
        self.assertEqual(self._get(f"/my/clinic/document/{wards.id}").status_code, 404)
        self.assertEqual(
            self._get(f"/my/clinic/document/{contract.id}").status_code, 200
        )
