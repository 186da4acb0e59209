"""The way of a new visitor in a browser: questions, a window, an account, the money."""

import re

from .visitor import new_person

PROBLEM = "Простуда"


class Walk:
    """One walk through the web site, step by step; screenshots on the way."""

    name = "chain"

    def __init__(self, page, shots, specialist_id, person=None):
        self.page = page
        self.shots = shots
        self.specialist_id = specialist_id
        self.person = person or new_person()

    def shot(self, name):
        self.page.screenshot(
            path=self.shots / f"{self.name}-{name}.png", full_page=True
        )

    def answer_screening(self):
        page = self.page
        page.goto("/clinic/screening")
        page.wait_for_selector(".o_clinic_stepping")
        self.shot("1-screening")
        while not page.is_visible(".o_clinic_steps_submit"):
            self.answer_step()
            page.click(".o_clinic_steps_next")
        self.answer_step()
        page.click(".o_clinic_steps_submit")

    def answer_step(self):
        """Answer the question on the screen, if it is one that matters here."""
        page, step = self.page, ".o_clinic_step_active "
        problem = page.locator(f"{step}label", has_text=PROBLEM)
        if problem.count():
            problem.first.click()
        if page.locator(f"{step}input[name=birthdate]").count():
            page.fill(f"{step}input[name=birthdate]", self.person["birthdate"])
            page.check(f"{step}input[value={self.person['gender']}]")

    def choose_window(self):
        """Take the first window of the doctor who has a log-in."""
        page = self.page
        match = page.locator(f".o_clinic_match[data-specialist='{self.specialist_id}']")
        match.wait_for()
        assert match.locator(".o_clinic_reasons li").count()
        self.shot("2-matches")
        match.locator(".o_clinic_window").first.click()
        page.wait_for_selector(".o_clinic_to_register")
        self.shot("3-window")

    def register(self):
        self.page.click(".o_clinic_to_register")
        self.fill_in(("name", "phone", "birthdate", "email", "password"))

    def fill_in(self, names):
        """Fill in what is asked of who registers."""
        page = self.page
        page.wait_for_selector(".o_clinic_register")
        for name in names:
            page.fill(f".o_clinic_register input[name={name}]", self.person[name])
        page.check(f".o_clinic_register input[value={self.person['gender']}]")
        for box in page.locator(".o_clinic_register input[type=checkbox]").all():
            box.check()
        self.shot("4-register")
        page.click(".o_clinic_register button[type=submit]")

    def book_and_pay(self):
        page = self.page
        page.wait_for_selector(".o_clinic_confirm")
        page.check(".o_clinic_confirm input[name=pay][value=now]")
        self.shot("5-confirm")
        page.click(".o_clinic_confirm button[type=submit]")
        page.wait_for_selector(".o_clinic_countdown")
        self.shot("6-payment")
        self.appointment_id = int(re.search(r"/appointment/(\d+)/pay", page.url)[1])
        page.click("#o_payment_form button[name=o_payment_submit_button]:enabled")
        page.wait_for_selector(".o_clinic_result[data-result=paid]")
        self.shot("7-paid")
        page.goto("/my/clinic")
        self.shot("8-cabinet")
