"""The population of the demo clinic: families, ages, phones, numbers, addresses.

Everything is drawn from one seeded generator and is relative to a day, so the same
day always gives the same people. The numbers are invented: telephone numbers are of
the ``000`` series of a regional code and СНИЛС begin above the issued ones, so that
nothing here belongs to a living person, while both pass the usual checks.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from .names import (
    FEMALE,
    MALE,
    PATRONYMICS,
    SURNAMES,
    FullName,
    first_names_of,
    patronymic_for,
    surname_for,
)

EKATERINBURG = "Екатеринбург"
MOSCOW = "Москва"
STREETS = {
    EKATERINBURG: (
        "ул. Малышева",
        "ул. Белинского",
        "ул. Шейнкмана",
        "ул. Фурманова",
        "ул. Токарей",
        "ул. Бажова",
        "ул. Восточная",
        "ул. Краснолесья",
        "пр-т Ленина",
        "пр-т Орджоникидзе",
        "ул. Бакинских Комиссаров",
        "ул. Кировградская",
        "ул. Победы",
        "ул. Сыромолотова",
    ),
    MOSCOW: (
        "ул. Таганская",
        "ул. Талалихина",
        "ул. Нижегородская",
        "ул. Марксистская",
        "Волгоградский пр-т",
        "ул. Сергия Радонежского",
        "ул. Рабочая",
        "Абельмановская ул.",
    ),
}
PHONE_CODES = {
    EKATERINBURG: ("902", "904", "912", "922", "950", "982"),
    MOSCOW: ("903", "916", "925", "985"),
}
POSTCODES = {EKATERINBURG: 620014, MOSCOW: 109004}


@dataclass(frozen=True)
class Person:
    key: str
    name: FullName
    gender: str
    birthdate: date
    city: str
    street: str
    zip: str
    phone: str | None
    snils: str
    email: str | None = None
    guardians: tuple[str, ...] = ()
    payer: str | None = None

    def age_on(self, day: date) -> int:
        birthday_to_come = (day.month, day.day) < (
            self.birthdate.month,
            self.birthdate.day,
        )
        return day.year - self.birthdate.year - birthday_to_come


def snils(number: int) -> str:
    """Return the nine-digit number with its check digits, as it is printed."""
    digits = f"{number:09d}"
    total = sum(
        int(digit) * weight
        for digit, weight in zip(digits, range(9, 0, -1), strict=True)
    )
    check = total % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02d}"


def snils_is_right(text: str) -> bool:
    digits = "".join(filter(str.isdigit, text))
    return len(digits) == 11 and snils(int(digits[:9])) == text


class Population:
    """Draw families until there are ``size`` people."""

    def __init__(self, rng: Random, today: date):
        self.rng = rng
        self.today = today
        self.people: list[Person] = []
        self._surnames = rng.sample(SURNAMES, len(SURNAMES))
        self._phones: set[str] = set()
        self._snils = rng.sample(range(700_000_000, 999_000_000), 400)

    def draw(self, size: int) -> list[Person]:
        kinds = (self._parents_and_children,) * 6 + (
            self._single,
            self._single,
            self._single,
            self._single,
            self._couple,
            self._couple,
            self._old_couple,
            self._old_couple,
            self._mother_and_child,
        )
        while len(self.people) < size:
            self.rng.choice(kinds)(size - len(self.people))
        return self.people

    # Kinds of households. Each takes how many people are still wanted.

    def _single(self, room: int):
        home = self._home()
        gender = self.rng.choice((MALE, FEMALE, FEMALE))
        self._add(home, self._surname(), gender, self.rng.randint(18, 80))

    def _couple(self, room: int, ages: tuple[int, int] = (24, 58)):
        if room < 2:
            return self._single(room)
        home, surname = self._home(), self._surname()
        age = self.rng.randint(*ages)
        self._add(home, surname, MALE, age)
        self._add(home, surname, FEMALE, max(20, age - self.rng.randint(-2, 4)))

    def _old_couple(self, room: int):
        self._couple(room, ages=(60, 82))

    def _mother_and_child(self, room: int):
        if room < 2:
            return self._single(room)
        home, surname = self._home(), self._surname()
        age = self.rng.randint(24, 44)
        mother = self._add(home, surname, FEMALE, age)
        father = self.rng.choice(sorted(PATRONYMICS))
        self._child(home, surname, father, (mother,), age)

    def _parents_and_children(self, room: int):
        if room < 4:
            return self._couple(room)
        home, surname = self._home(), self._surname()
        age = self.rng.randint(25, 45)
        mother = self._add(home, surname, FEMALE, age)
        father = self._add(home, surname, MALE, age + self.rng.randint(0, 5))
        for _child in range(self.rng.choice((1, 1, 2, 2, 3)[: room - 1])):
            self._child(home, surname, father.name.first, (mother, father), age)
        if room > 6 and self.rng.random() < 0.2:
            self._grandmother(home, surname, father, age)

    def _child(self, home, surname, father, parents, mother_age):
        gender = self.rng.choice((MALE, FEMALE))
        age = self.rng.randint(0, min(17, mother_age - 21))
        child = self._add(home, surname, gender, age, father=father)
        self._replace(
            child,
            guardians=tuple(parent.key for parent in parents),
            payer=self.rng.choice(parents).key,
        )

    def _grandmother(self, home, surname, son, mother_age):
        age = mother_age + self.rng.randint(24, 32)
        grandmother = self._add(home, surname, FEMALE, age)
        self._replace(grandmother, payer=son.key)

    # What everybody has

    def _add(self, home, surname, gender, age, father=None) -> Person:
        city, street, postcode = home
        born = self.today - timedelta(days=int(age * 365.25) + self.rng.randint(5, 350))
        father = father or self.rng.choice(sorted(PATRONYMICS))
        taken = {str(person.name) for person in self.people}
        name = None
        while name is None or str(name) in taken:
            name = FullName(
                surname_for(surname, gender),
                self.rng.choice(self._names(gender, born.year)),
                patronymic_for(father, gender),
            )
        key = f"person{len(self.people) + 1:03d}"
        person = Person(
            key=key,
            name=name,
            gender=gender,
            birthdate=born,
            city=city,
            street=street,
            zip=postcode,
            phone=self._phone(city) if age >= 14 else None,
            snils=snils(self._snils.pop()),
            email=f"{key}@example.com" if 18 <= age < 70 else None,
        )
        self.people.append(person)
        return person

    def _names(self, gender, year):
        names = first_names_of(gender, year)
        # A father's name must have a patronymic for his children.
        grown = gender == MALE and self.today.year - year > 20
        return [name for name in names if not grown or name in PATRONYMICS]

    def _replace(self, person: Person, **values):
        self.people[self.people.index(person)] = replace(person, **values)

    def _surname(self) -> str:
        return self._surnames.pop() if self._surnames else self.rng.choice(SURNAMES)

    def _home(self) -> tuple[str, str, str]:
        city = EKATERINBURG if self.rng.random() < 0.7 else MOSCOW
        street = self.rng.choice(STREETS[city])
        house, flat = self.rng.randint(2, 140), self.rng.randint(1, 180)
        postcode = str(POSTCODES[city] + self.rng.randint(0, 60))
        return city, f"{street}, д. {house}, кв. {flat}", postcode

    def _phone(self, city: str) -> str:
        while True:
            code = self.rng.choice(PHONE_CODES[city])
            phone = f"+7{code}000{self.rng.randint(0, 9999):04d}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone
