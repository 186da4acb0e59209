"""Whole years between two dates, and the birth dates that have a given age."""

from datetime import date

OLDEST_AGE = 130


def age_on(birthdate: date, day: date) -> int:
    """Return the completed years of life on a day.

    Who was born on 29 February has the birthday on 1 March in other years.
    """
    return (
        day.year - birthdate.year - ((day.month, day.day) < birthdate.timetuple()[1:3])
    )


def latest_birthdate(age: int, day: date) -> date:
    """Return the last birth date of those who are at least so old on the day."""
    year = day.year - age
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February of a year that has none
        return date(year, 2, 28)


def is_plausible_birthdate(birthdate: date, day: date) -> bool:
    """Tell whether a living person may have been born on that date."""
    return birthdate <= day and age_on(birthdate, day) <= OLDEST_AGE
