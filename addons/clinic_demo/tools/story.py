"""The people with log-ins and what must be seen of them, whatever is drawn by lot."""

from datetime import date, timedelta

from .agenda import Wish
from .names import FEMALE, MALE, FullName
from .people import EKATERINBURG, MOSCOW, Person, snils


def _born(today: date, years: int, days: int) -> date:
    return today - timedelta(days=int(years * 365.25) + days)


def people_with_logins(today: date) -> tuple[Person, ...]:
    home = {"city": EKATERINBURG, "street": "ул. Бажова, д. 74, кв. 31"}
    return (
        Person(
            key="patient",
            name=FullName("Кузнецова", "Мария", "Андреевна"),
            gender=FEMALE,
            birthdate=_born(today, 34, 120),
            city=EKATERINBURG,
            street="ул. Фурманова, д. 35, кв. 108",
            zip="620144",
            phone="+79120000034",
            snils=snils(699_000_034),
            email="patient@example.com",
        ),
        Person(
            key="patient2",
            name=FullName("Громов", "Алексей", "Петрович"),
            gender=MALE,
            birthdate=_born(today, 52, 40),
            city=MOSCOW,
            street="ул. Талалихина, д. 8, кв. 17",
            zip="109029",
            phone="+79160000052",
            snils=snils(699_000_052),
            email="patient2@example.com",
        ),
        Person(
            key="parent",
            name=FullName("Лаптева", "Ольга", "Дмитриевна"),
            gender=FEMALE,
            birthdate=_born(today, 37, 200),
            zip="620075",
            phone="+79220000037",
            snils=snils(699_000_037),
            email="parent@example.com",
            **home,
        ),
        Person(
            key="ward",
            name=FullName("Лаптев", "Михаил", "Сергеевич"),
            gender=MALE,
            birthdate=_born(today, 7, 90),
            zip="620075",
            phone=None,
            snils=snils(699_000_007),
            guardians=("parent",),
            payer="parent",
            **home,
        ),
        Person(
            key="ward2",
            name=FullName("Лаптева", "Софья", "Сергеевна"),
            gender=FEMALE,
            birthdate=_born(today, 3, 15),
            zip="620075",
            phone=None,
            snils=snils(699_000_003),
            guardians=("parent",),
            payer="parent",
            **home,
        ),
    )


WISHES = (
    Wish("patient", "sokolova", "ther_first", -19, "fulfilled", "full"),
    Wish("patient", "sokolova", "ther_repeat", -12, "fulfilled", "part", "cash"),
    Wish("patient", "melnikova", "derm_first", -15, "cancelled"),
    Wish("patient", "vorontsov", "neur_first", -5, "fulfilled"),
    Wish("patient", "vorontsov", "neur_repeat", 3, "booked"),
    Wish("patient", "gordeeva", "gyn_first", 9, "confirmed", "online"),
    Wish("patient2", "romanov", "ther_first", -22, "noshow"),
    Wish("patient2", "romanov", "card_first", -16, "fulfilled", "over"),
    Wish("patient2", "romanov", "card_echo", -9, "fulfilled", "early"),
    Wish("patient2", "romanov", "card_repeat", 4, "booked"),
    Wish("ward", "lebedeva", "ped_first", -13, "fulfilled", "full"),
    Wish("ward", "lebedeva", "ped_repeat", -6, "fulfilled", "part"),
    Wish("ward", "ershova", "ped_first", 5, "booked"),
    Wish("ward2", "ershova", "ped_vaccine", 2, "confirmed", "online"),
    Wish("parent", "kravtsov", "ent_first", -8, "fulfilled", "full", "cash"),
)

# Prepaid services that are being held for somebody who has not paid yet:
# the specialist, the service, in how many days.
HOLDS = (
    ("sokolova", "ther_checkup", 2),
    ("melnikova", "derm_removal", 3),
    ("frolova", "psy_first", 5),
)


def holds(people: dict[str, tuple[Person, ...]]) -> tuple[Wish, ...]:
    """Choose the holders among those who may come to each specialist."""
    wishes, taken = [], set()
    for specialist, service, offset in HOLDS:
        holder = next(
            person
            for person in people[specialist]
            if person.key.startswith("person") and person.key not in taken
        )
        taken.add(holder.key)
        wishes.append(Wish(holder.key, specialist, service, offset, "hold"))
    return tuple(wishes)
