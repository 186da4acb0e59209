"""A visitor of the web site without a browser: forms, tokens, notices."""

import html
import re
import urllib.parse
import uuid

from launcher.testing.stack import Client

CSRF = re.compile(r'name="csrf_token"\s+value="([^"]+)"')
TAGS = re.compile(r"<[^>]+>")
NOTICE = re.compile(r'class="alert alert-[^>]*>(.*?)</div>', re.DOTALL)
FIELD_ERROR = re.compile(r'class="invalid-feedback[^>]*>(.*?)</div>', re.DOTALL)


class Site(Client):
    """Opens pages and sends forms; remembers the last answer."""

    def __init__(self, server):
        super().__init__(server.url, server.database)
        self.status = None
        self.text = ""

    def get(self, path, **params):
        query = f"?{urllib.parse.urlencode(params)}" if params else ""
        self.status, self.text = self.open(path + query)
        return self

    def post(self, path, form_page=None, **fields):
        """Send a form; the token is that of ``form_page`` or of the last page."""
        if form_page:
            self.get(form_page)
        token = CSRF.search(self.text)
        if token:
            fields.setdefault("csrf_token", token[1])
        data = urllib.parse.urlencode(fields, doseq=True).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.status, self.text = self.open(path, data, headers)
        return self

    @property
    def notices(self):
        return [words(part) for part in NOTICE.findall(self.text)]

    @property
    def field_errors(self):
        return [words(part) for part in FIELD_ERROR.findall(self.text)]

    def sign_in(self, login):
        self.login(login)
        return self


def words(markup):
    """Return the text of a piece of HTML."""
    return " ".join(html.unescape(TAGS.sub(" ", markup)).split())


def new_person(gender="female"):
    """Return a visitor nobody knows yet."""
    number = uuid.uuid4().int
    rare = "".join("абвгдежзиклмнопр"[int(digit, 16)] for digit in uuid.uuid4().hex[:8])
    return {
        "name": f"Проверкина-{rare.capitalize()} Анна Петровна",
        "phone": f"+7999000{number % 10_000:04d}",
        "birthdate": f"19{70 + number % 29}-05-{1 + number % 27:02d}",
        "gender": gender,
        "email": f"visitor-{uuid.uuid4().hex[:10]}@example.com",
        "password": "правильный-Пароль-19",
    }
