"""Reads the statement that every Russian client-bank exports for 1C.

``1CClientBankExchange`` is a text file: a head, a section for each account with its
turnover, a section for each document. Nothing here knows of Odoo: bytes in, frozen
dataclasses out, sums in whole kopecks.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

HEAD = "1CClientBankExchange"
ENCODINGS = {"windows": "cp1251", "dos": "cp866"}


class ClientBankError(ValueError):
    """The file cannot be read; ``reason`` is a code, ``line`` where it is known."""

    def __init__(self, reason, line=None):
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Document:
    """One movement on the account of the file."""

    number: str
    day: date
    kopecks: int
    payer_account: str
    payer_inn: str
    payer_name: str
    payee_account: str
    payee_inn: str
    payee_name: str
    purpose: str
    received: date | None = None
    sent: date | None = None

    @property
    def key(self):
        """What tells this movement from any other, in whatever file it comes."""
        facts = (
            self.payee_account,
            self.payer_account,
            self.payer_inn,
            self.number,
            self.day.isoformat(),
            str(self.kopecks),
        )
        return hashlib.sha256("|".join(facts).encode()).hexdigest()[:40]


@dataclass(frozen=True)
class Turnover:
    """What the bank says of an account: checked against the documents."""

    account: str
    opening: int | None = None
    incoming: int | None = None
    outgoing: int | None = None
    closing: int | None = None


@dataclass(frozen=True)
class Statement:
    accounts: tuple[str, ...]
    turnovers: tuple[Turnover, ...]
    documents: tuple[Document, ...] = field(default=())

    @property
    def incoming(self):
        """The documents that brought money to the accounts of the file."""
        return tuple(
            document
            for document in self.documents
            if document.payee_account in self.accounts
            and document.payer_account not in self.accounts
        )

    @property
    def outgoing(self):
        return tuple(
            document
            for document in self.documents
            if document.payer_account in self.accounts
        )

    def difference(self):
        """Return the kopecks by which the bank's turnover and the documents differ."""
        said = [t.incoming for t in self.turnovers if t.incoming is not None]
        if not said:
            return 0
        # Between our own accounts both sides are in the file.
        into = sum(
            d.kopecks for d in self.documents if d.payee_account in self.accounts
        )
        return into - sum(said)


def parse(data):
    """Return the :class:`Statement` of a file.

    :raise ClientBankError: ``not_client_bank``, ``cut_off``, ``bad_sum``, ``bad_date``
    """
    lines = decode(data).splitlines()
    if not lines or lines[0].strip() != HEAD:
        raise ClientBankError("not_client_bank")
    accounts, turnovers, documents = [], [], []
    section, values, ended = None, {}, False
    for number, line in enumerate(lines[1:], start=2):
        name, _equals, value = (part.strip() for part in line.partition("="))
        if name == "КонецФайла":
            ended = True
        elif name in ("СекцияДокумент", "СекцияРасчСчет"):
            section, values = name, {}
        elif name == "КонецДокумента":
            documents.append(_document(values, number))
            section = None
        elif name == "КонецРасчСчет":
            turnovers.append(_turnover(values, number))
            section = None
        elif section:
            values.setdefault(name, value)
        elif name == "РасчСчет" and value:
            accounts.append(value)
    if section or not ended:
        raise ClientBankError("cut_off", len(lines))
    accounts += [t.account for t in turnovers if t.account]
    return Statement(tuple(dict.fromkeys(accounts)), tuple(turnovers), tuple(documents))


def decode(data):
    """Return the text of a file in the encoding it names, else as it looks."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", errors="replace")
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8")
    # The name of the encoding is in Cyrillic, so both are tried for it.
    for name, codec in ENCODINGS.items():
        text = data.decode(codec, errors="replace")
        if f"кодировка={name}" in text.lower():
            return text
    return data.decode("cp1251", errors="replace")


def kopecks(text, line=None):
    """Return a sum of the file in kopecks."""
    cleaned = text.replace(" ", "").replace("\xa0", "").replace(",", ".")
    try:
        value = Decimal(cleaned)
        if not value.is_finite() or value != value.quantize(Decimal("0.01")):
            raise ClientBankError("bad_sum", line)
    except InvalidOperation as error:
        raise ClientBankError("bad_sum", line) from error
    return int(value * 100)


def _day(text, line):
    if not text:
        return None
    for form in ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise ClientBankError("bad_date", line)


def _document(values, line):
    def first(*names):
        return next((values[name] for name in names if values.get(name)), "")

    day = _day(values.get("Дата", ""), line)
    if not day:
        raise ClientBankError("bad_date", line)
    parts = [values.get("НазначениеПлатежа", "")]
    if not parts[0]:
        parts = [values.get(f"НазначениеПлатежа{n}", "") for n in range(1, 7)]
    return Document(
        number=values.get("Номер", ""),
        day=day,
        kopecks=kopecks(values.get("Сумма", ""), line),
        payer_account=first("ПлательщикСчет", "ПлательщикРасчСчет"),
        payer_inn=values.get("ПлательщикИНН", ""),
        payer_name=first("Плательщик1", "Плательщик"),
        payee_account=first("ПолучательСчет", "ПолучательРасчСчет"),
        payee_inn=values.get("ПолучательИНН", ""),
        payee_name=first("Получатель1", "Получатель"),
        purpose=" ".join(part for part in parts if part),
        received=_day(values.get("ДатаПоступило", ""), line),
        sent=_day(values.get("ДатаСписано", ""), line),
    )


def _turnover(values, line):
    def amount(name):
        return kopecks(values[name], line) if values.get(name) else None

    return Turnover(
        account=values.get("РасчСчет", ""),
        opening=amount("НачальныйОстаток"),
        incoming=amount("ВсегоПоступило"),
        outgoing=amount("ВсегоСписано"),
        closing=amount("КонечныйОстаток"),
    )
