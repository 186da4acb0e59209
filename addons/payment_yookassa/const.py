API_URL = "https://api.yookassa.ru/v3/"
CURRENCY = "RUB"

# Codes of payment methods: Odoo's, and what YooKassa calls them.
METHOD_TYPES = {
    "card": "bank_card",
    "sbp": "sbp",
    "sberpay": "sberbank",
    "yoomoney": "yoo_money",
}
DEFAULT_METHODS = {"card", "sbp"}

# The longest description that YooKassa accepts.
DESCRIPTION_LENGTH = 128

# YooKassa repeats a notice for a day; what is still open then is asked about by us,
# from a few minutes after its making to the end of its life.
ASK_AFTER_MINUTES = 10
ASK_FOR_DAYS = 7

# How often a request is sent, with the same key, when no answer comes.
ATTEMPTS = 3
