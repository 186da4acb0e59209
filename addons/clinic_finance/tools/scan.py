"""What a barcode scanner typed.

A scanner is a keyboard: where the Russian layout is on, ``V00012`` arrives as
``М00012``. The keys are the same, so they are read back.
"""

RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбю"
LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_TABLE = str.maketrans(RUSSIAN + RUSSIAN.upper(), LATIN + LATIN.upper())


def scanned(text: str | None) -> str:
    """Return the code on the paper, in capitals, whatever layout was on."""
    return "".join((text or "").split()).translate(_TABLE).upper()
