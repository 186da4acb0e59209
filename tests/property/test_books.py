"""Amounts in words, payment codes and requisites, over the whole range of values."""

import pytest
from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_finance.tools import requisites
from odoo.addons.clinic_finance.tools.amount_words import in_words, plural
from odoo.addons.clinic_finance.tools.bank_qr import (
    LENGTHS,
    BankQrError,
    Payee,
    bank_qr,
    parse,
)
from odoo.addons.clinic_finance.tools.scan import LATIN, RUSSIAN, scanned

# Amounts in words -----------------------------------------------------------------

WORDS = {
    word: number
    for number, words in {
        0: "ноль",
        1: "один одна",
        2: "два две",
        3: "три",
        4: "четыре",
        5: "пять",
        6: "шесть",
        7: "семь",
        8: "восемь",
        9: "девять",
        10: "десять",
        11: "одиннадцать",
        12: "двенадцать",
        13: "тринадцать",
        14: "четырнадцать",
        15: "пятнадцать",
        16: "шестнадцать",
        17: "семнадцать",
        18: "восемнадцать",
        19: "девятнадцать",
        20: "двадцать",
        30: "тридцать",
        40: "сорок",
        50: "пятьдесят",
        60: "шестьдесят",
        70: "семьдесят",
        80: "восемьдесят",
        90: "девяносто",
        100: "сто",
        200: "двести",
        300: "триста",
        400: "четыреста",
        500: "пятьсот",
        600: "шестьсот",
        700: "семьсот",
        800: "восемьсот",
        900: "девятьсот",
    }.items()
    for word in words.split()
}
SCALES = {"тысяч": 10**3, "миллион": 10**6, "миллиард": 10**9}


def read(text):
    """Read a sum back from its words, in kopecks: a person's reading, not ours."""
    *words, noun, kopecks, kopeck_noun = text.lower().split()
    total = group = 0
    for word in words:
        scale = [value for name, value in SCALES.items() if word.startswith(name)]
        if scale:
            total += group * max(scale)
            group = 0
        else:
            group += WORDS[word]
    assert noun.startswith("рубл") and kopeck_noun.startswith("копе")
    return (total + group) * 100 + int(kopecks)


@given(st.integers(0, 10**14 - 1))
@settings(max_examples=500)
def test_words_read_back_to_the_same_sum(kopecks):
    text = in_words(kopecks)
    assert read(text) == kopecks
    assert text[0].isupper() and text[1:] == text[1:].lower()


@pytest.mark.parametrize(
    ("kopecks", "expected"),
    [
        (0, "Ноль рублей 00 копеек"),
        (100, "Один рубль 00 копеек"),
        (101, "Один рубль 01 копейка"),
        (202, "Два рубля 02 копейки"),
        (1111, "Одиннадцать рублей 11 копеек"),
        (200_100, "Две тысячи один рубль 00 копеек"),
        (2_100_021, "Двадцать одна тысяча рублей 21 копейка"),
        (250_000, "Две тысячи пятьсот рублей 00 копеек"),
        (100_000_000_000, "Один миллиард рублей 00 копеек"),
    ],
)
def test_words_of_known_sums(kopecks, expected):
    assert in_words(kopecks) == expected


@given(st.integers(0, 10**9))
def test_nouns_repeat_by_the_hundred(number):
    forms = ("1", "2", "5")
    assert plural(number, forms) == plural(number + 100, forms)
    if 10 < number % 100 < 20:
        assert plural(number, forms) == "5"


def test_negative_sums_are_refused():
    with pytest.raises(ValueError):
        in_words(-1)


# Payment codes --------------------------------------------------------------------

text = st.text(st.characters(codec="utf-8"), max_size=80)
filled = text.filter(lambda value: value.strip() and " ".join(value.split()))
number = st.text("0123456789", min_size=20, max_size=20)


@given(
    name=filled,
    account=number,
    bank=filled,
    bic=st.text("0123456789", min_size=9, max_size=9),
    kopecks=st.one_of(st.none(), st.integers(1, 10**12)),
    purpose=text,
    pers=text,
)
@settings(max_examples=300)
def test_code_is_read_back(name, account, bank, bic, kopecks, purpose, pers):
    payee = Payee(name, account, bank, bic, correspondent=account)
    try:
        code = bank_qr(payee, kopecks, purpose, pers)
    except BankQrError:
        # Nothing but control characters, or every separator at once.
        return
    fields = parse(code)
    assert code.startswith("ST00012")
    assert fields["PersonalAcc"] == fields["CorrespAcc"] == account
    assert fields.get("Sum") == (str(kopecks) if kopecks else None)
    for key, value in fields.items():
        assert value and not any(ord(char) < 32 for char in value)
        assert len(value) <= LENGTHS.get(key, 1000)


def test_code_of_a_known_payment():
    payee = Payee(
        "ООО «Клиника»",
        "40702810900000000001",
        "АО «Банк»",
        "044525225",
        "30101810400000000225",
        inn="7707083893",
    )
    code = bank_qr(payee, 250_000, "Счёт 1 | визит", "0000123")
    assert code == (
        "ST00012~Name=ООО «Клиника»~PersonalAcc=40702810900000000001~BankName=АО «Банк»"
        "~BIC=044525225~CorrespAcc=30101810400000000225~Sum=250000"
        "~Purpose=Счёт 1 | визит~PayeeINN=7707083893~persAcc=0000123"
    )


def test_code_without_a_payee_or_with_a_wrong_sum_is_refused():
    payee = Payee("Клиника", "4" * 20, "Банк", "044525225")
    for wrong in (0, -1):
        with pytest.raises(BankQrError):
            bank_qr(payee, wrong)
    with pytest.raises(BankQrError, match="PersonalAcc"):
        bank_qr(Payee("Клиника", "", "Банк", "044525225"))


# Requisites -----------------------------------------------------------------------


@given(st.one_of(st.integers(1, 10**9 - 1), st.integers(10**9, 10**10 - 1)))
def test_inn_has_exactly_one_pair_of_check_digits(value):
    body = f"{value:09d}" if value < 10**9 else str(value)
    check = requisites.inn_check(body)
    assert requisites.is_inn(body + check)
    for wrong in range(10 ** len(check)):
        text = f"{wrong:0{len(check)}d}"
        if text != check:
            assert not requisites.is_inn(body + text)


@given(st.one_of(st.integers(10**11, 10**12 - 1), st.integers(10**13, 10**14 - 1)))
def test_ogrn_has_exactly_one_check_digit(value):
    right = [d for d in "0123456789" if requisites.is_ogrn(f"{value}{d}")]
    assert right == [requisites.ogrn_check(str(value))]


@given(st.integers(0, 10**20 - 1), st.integers(3, 999), st.integers(0, 19), st.data())
def test_any_wrong_digit_of_an_account_is_noticed(value, tail, place, data):
    bic = f"044525{tail:03d}"
    account = requisites.account_check(f"{value:020d}", bic[6:])
    assert requisites.is_account(account, bic)
    digit = data.draw(st.sampled_from("0123456789".replace(account[place], "")))
    assert not requisites.is_account(
        account[:place] + digit + account[place + 1 :], bic
    )


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (requisites.is_inn, "7707083893", "7707083894"),
        (requisites.is_inn, "500100732259", "500100732258"),
        (requisites.is_inn, "7830002293", "0000000000"),
        (requisites.is_kpp, "770701001", "77070100"),
        (requisites.is_kpp, "7707AB001", "77X701001"),
        (requisites.is_ogrn, "1027700132195", "1027700132194"),
        (requisites.is_ogrn, "304500116000157", "304500116000158"),
        (requisites.is_bic, "044525225", "944525225"),
    ],
)
def test_known_requisites(check, right, wrong):
    assert check(right)
    assert not check(wrong)


def test_known_correspondent_account():
    assert requisites.is_correspondent_account("30101810400000000225", "044525225")
    assert not requisites.is_correspondent_account("30101810400000000226", "044525225")
    assert not requisites.is_correspondent_account("40101810400000000225", "044525225")


def test_what_is_no_number_is_refused():
    for text in ("", "abc", "７７０７０８３８９３", "77 07", "²" * 10):
        assert not requisites.is_inn(text)
        assert not requisites.is_ogrn(text)
        assert not requisites.is_bic(text)
        assert not requisites.is_account(text, "044525225")
    assert requisites.digits(" 77 07-083\u00a0893 ") == "7707083893"


# Scanners -------------------------------------------------------------------------


@given(st.text(LATIN.strip("[];',.") + "0123456789/-", max_size=30))
def test_a_code_is_read_under_either_layout(code):
    typed = code.translate(str.maketrans(LATIN, RUSSIAN))
    assert scanned(typed) == scanned(code) == code.upper()
