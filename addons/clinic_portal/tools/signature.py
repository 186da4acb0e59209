"""A signature drawn in the browser, checked before it is kept."""

import base64
import binascii
import io

from PIL import Image, UnidentifiedImageError

PREFIX = "data:image/png;base64,"
LONGEST = 300_000
WIDEST = 4_000
# A tap leaves a dot; whoever signs leaves more.
LEAST_INK = 60


def read(text: str | None) -> bytes | None:
    """The PNG of a data address, or None if it is no drawing of a sensible size."""
    if not text or not text.startswith(PREFIX) or len(text) > LONGEST * 4 // 3:
        return None
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        picture = Image.open(io.BytesIO(raw), formats=["PNG"])
        if max(picture.size) > WIDEST:
            return None
        alpha = picture.convert("RGBA").getchannel("A")
    except (binascii.Error, ValueError, OSError, SyntaxError, UnidentifiedImageError):
        return None
    ink = sum(alpha.histogram()[128:])
    return raw if ink >= LEAST_INK else None
