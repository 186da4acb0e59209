"""Sums of money in Russian words, as documents want them.

>>> in_words(250_000)
'Две тысячи пятьсот рублей 00 копеек'
>>> in_words(121)
'Один рубль 21 копейка'
"""

from num2words import num2words

ROUBLES = ("рубль", "рубля", "рублей")
KOPECKS = ("копейка", "копейки", "копеек")


def plural(number: int, forms: tuple[str, str, str]) -> str:
    """Return the form of the noun after ``number``: 1 рубль, 2 рубля, 5 рублей."""
    tens, units = number // 10 % 10, number % 10
    if tens == 1 or units == 0 or units > 4:
        return forms[2]
    return forms[0] if units == 1 else forms[1]


def number_in_words(number: int) -> str:
    """Return a non-negative integer in words, of masculine gender."""
    if number < 0:
        raise ValueError("a document has no negative sums")
    return num2words(number, lang="ru")


def roubles_in_words(kopecks: int) -> str:
    """Return the whole roubles in words, without the noun and with a capital."""
    text = number_in_words(kopecks // 100)
    return text[:1].upper() + text[1:]


def in_words(kopecks: int) -> str:
    """Return a sum in words, kopecks in figures."""
    roubles, rest = divmod(kopecks, 100)
    return (
        f"{roubles_in_words(kopecks)} {plural(roubles, ROUBLES)} "
        f"{rest:02d} {plural(rest, KOPECKS)}"
    )
