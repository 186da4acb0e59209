"""What the demo clinic is made of: branches, rooms, specialties, services, staff."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

CONTENT = Path(__file__).parent.parent / "content"


@dataclass(frozen=True)
class Branch:
    key: str
    name: str
    city: str
    street: str
    zip: str
    phone: str
    email: str
    tz: str
    rooms: tuple[str, ...]


@dataclass(frozen=True)
class Service:
    key: str
    name: str
    name_en: str
    specialties: tuple[str, ...]
    minutes: int
    price: int
    kind: str  # first | repeat | procedure
    prepaid: bool = False


@dataclass(frozen=True)
class Problem:
    """What a patient comes with, in the patient's words."""

    name: str
    name_en: str
    specialties: tuple[str, ...]


@dataclass(frozen=True)
class Week:
    """Hours that come back each week: in which room, on which weekdays (0 = Monday)."""

    branch: str
    room: str
    weekdays: tuple[int, ...]
    hours: tuple[tuple[float, float], ...]
    parity: str = "all"


@dataclass(frozen=True)
class Specialist:
    key: str
    surname: str
    first: str
    patronymic: str
    gender: str
    specialties: tuple[str, ...]
    job: str
    since: int
    age_min: int
    age_max: int
    patient_gender: str
    about: str
    about_en: str
    weeks: tuple[Week, ...]
    busy: float  # share of the working time that is taken today

    @property
    def name(self) -> str:
        return f"{self.surname} {self.first} {self.patronymic}"


COMPANY = {
    "name": "Клиника «Исток»",
    "street": "ул. Малышева, д. 84",
    "city": "Екатеринбург",
    "zip": "620014",
    "phone": "+7 343 000-01-00",
    "email": "info@istok.example.com",
    # Invented, with true check digits: documents and payment codes look as they should.
    "vat": "6670000014",
    "clinic_kpp": "667001001",
    "company_registry": "1266600000017",
    "clinic_okpo": "00000017",
    "clinic_license": "Л041-00000-66/00000017 от 12.01.2026",
    "clinic_director_name": "Орлов П. С.",
    "clinic_accountant_name": "Белова И. Н.",
}
BANK = {
    "name": "АО «Демонстрационный банк», г. Екатеринбург",
    "bic": "046577999",
    "clinic_correspondent_account": "30101810900000000999",
}
BANK_ACCOUNT = "40702810600000000001"

BRANCHES = (
    Branch(
        key="malysheva",
        name="Исток на Малышева",
        city="Екатеринбург",
        street="ул. Малышева, д. 84",
        zip="620014",
        phone="+7 343 000-01-01",
        email="malysheva@istok.example.com",
        tz="Asia/Yekaterinburg",
        rooms=("101", "102", "103", "104", "105", "106"),
    ),
    Branch(
        key="uralmash",
        name="Исток на Уралмаше",
        city="Екатеринбург",
        street="пр-т Орджоникидзе, д. 12",
        zip="620012",
        phone="+7 343 000-01-02",
        email="uralmash@istok.example.com",
        tz="Asia/Yekaterinburg",
        rooms=("1", "2", "3"),
    ),
    Branch(
        key="taganka",
        name="Исток на Таганке",
        city="Москва",
        street="ул. Таганская, д. 26",
        zip="109004",
        phone="+7 495 000-01-03",
        email="taganka@istok.example.com",
        tz="Europe/Moscow",
        rooms=("201", "202", "203", "204"),
    ),
)

# code: (Russian, English)
SPECIALTIES = {
    "THER": ("Терапия", "General medicine"),
    "PED": ("Педиатрия", "Paediatrics"),
    "CARD": ("Кардиология", "Cardiology"),
    "NEUR": ("Неврология", "Neurology"),
    "GYN": ("Акушерство и гинекология", "Obstetrics and gynaecology"),
    "DERM": ("Дерматовенерология", "Dermatology"),
    "ENT": ("Оториноларингология", "Otolaryngology"),
    "PSY": ("Психотерапия", "Psychotherapy"),
}


FIRST, REPEAT, PROCEDURE = "first", "repeat", "procedure"


@dataclass(frozen=True)
class Staff:
    login: str
    name: str
    job: str
    branch: str
    group: str


STAFF = (
    Staff(
        "reception",
        "Хасанова Алина Рустамовна",
        "Администратор регистратуры",
        "malysheva",
        "group_reception",
    ),
    Staff(
        "callcenter",
        "Орлова Ксения Дмитриевна",
        "Оператор колл-центра",
        "malysheva",
        "group_callcenter",
    ),
    Staff(
        "cashier",
        "Бабкина Светлана Ивановна",
        "Кассир",
        "malysheva",
        "group_cashier",
    ),
    Staff(
        "finance",
        "Шилова Вера Геннадьевна",
        "Главный бухгалтер",
        "malysheva",
        "group_finance",
    ),
    Staff(
        "storekeeper",
        "Зуев Николай Фёдорович",
        "Кладовщик",
        "uralmash",
        "group_storekeeper",
    ),
    Staff(
        "director",
        "Истомин Виктор Сергеевич",
        "Директор",
        "malysheva",
        "group_director",
    ),
    Staff(
        "nurse",
        "Котова Людмила Андреевна",
        "Медицинская сестра",
        "malysheva",
        "group_nurse",
    ),
    Staff(
        "lab",
        "Сафин Евгений Маратович",
        "Лаборант",
        "uralmash",
        "group_lab",
    ),
    Staff(
        "chief",
        "Астахова Галина Петровна",
        "Главный врач",
        "malysheva",
        "group_chief_physician",
    ),
)
# Log-ins of the specialists who have one.
SPECIALIST_LOGINS = {"sokolova": "doctor", "vorontsov": "doctor2"}
# In which languages they receive, where not in Russian alone: in English, in Russian.
LANGUAGES = {
    "sokolova": ("Russian, English", "русский, английский"),
    "vorontsov": ("Russian, German", "русский, немецкий"),
    "belov": ("Russian, English", "русский, английский"),
}


def _read(name: str) -> str:
    return (CONTENT / name).read_text(encoding="utf-8")


def services() -> tuple[Service, ...]:
    return tuple(
        Service(
            key=row["key"],
            name=row["name"],
            name_en=row["name_en"],
            specialties=tuple(row["specialties"].split()),
            minutes=int(row["minutes"]),
            price=int(row["price"]),
            kind=row["kind"],
            prepaid=bool(row["prepaid"]),
        )
        for row in csv.DictReader(_read("services.csv").splitlines())
    )


def problems() -> tuple[Problem, ...]:
    return tuple(
        Problem(row["name"], row["name_en"], tuple(row["specialties"].split()))
        for row in csv.DictReader(_read("problems.csv").splitlines())
    )


def specialists() -> tuple[Specialist, ...]:
    return tuple(
        Specialist(
            **{
                **row,
                "specialties": tuple(row["specialties"]),
                "weeks": tuple(
                    Week(
                        branch=week["branch"],
                        room=week["room"],
                        weekdays=tuple(week["weekdays"]),
                        hours=tuple(tuple(pair) for pair in week["hours"]),
                        parity=week.get("parity", "all"),
                    )
                    for week in row["weeks"]
                ),
            }
        )
        for row in json.loads(_read("specialists.json"))
    )
