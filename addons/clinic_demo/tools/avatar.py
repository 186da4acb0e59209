"""Flat portraits of the invented staff, drawn so that nobody's face is used."""

import io
import zlib
from random import Random

from PIL import Image, ImageDraw

SIZE = 512
SAVED = 320
SCALE = 2  # drawn larger, then reduced: smooth edges
BACKGROUNDS = ("#d7ecf0", "#e5e1f3", "#f6e4d7", "#dcefdc", "#f5dfe6", "#dfe7f5")
SKINS = ("#f3cfb3", "#eec1a0", "#f6d7c1", "#e3b08c")
HAIR = ("#3b2a20", "#5a3b26", "#8a5a34", "#b98a52", "#2b2b30")
GREY = "#8b8681"
SCRUBS = ("#3f8f9b", "#6a79b8", "#5b9a72", "#b4657e", "#4d7fb0")


def portrait(key: str, gender: str, grey: bool = False) -> bytes:
    """Return a PNG; the same key always gives the same face."""
    rng = Random(zlib.crc32(key.encode()))
    image = Image.new("RGB", (SIZE * SCALE,) * 2, rng.choice(BACKGROUNDS))
    hair = GREY if grey else rng.choice(HAIR)
    _Painter(image, rng).paint(gender, rng.choice(SKINS), hair, rng.choice(SCRUBS))
    buffer = io.BytesIO()
    image.resize((SAVED, SAVED), Image.Resampling.LANCZOS).save(
        buffer, "PNG", optimize=True
    )
    return buffer.getvalue()


class _Painter:
    def __init__(self, image: Image.Image, rng: Random):
        self.draw = ImageDraw.Draw(image)
        self.rng = rng

    def paint(self, gender, skin, hair, scrubs):
        woman = gender == "female"
        long_hair = woman and self.rng.random() < 0.6
        if long_hair:
            self._rounded((148, 120, 364, 392), 108, hair)
        elif woman:
            self._rounded((150, 112, 362, 300), 104, hair)
        # Shoulders: a white coat over coloured scrubs
        self._rounded((84, 372, 428, 640), 120, "#fbfcfd")
        self._polygon(((206, 372), (306, 372), (256, 470)), scrubs)
        self._polygon(((206, 366), (180, 392), (236, 512), (256, 470)), "#e7edf1")
        self._polygon(((306, 366), (332, 392), (276, 512), (256, 470)), "#e7edf1")
        # Neck and face
        self._rounded((222, 300, 290, 408), 34, self._darker(skin))
        self._ellipse((172, 136, 340, 346), skin)
        self._ellipse((158, 228, 186, 274), skin)
        self._ellipse((326, 228, 354, 274), skin)
        self._hair(woman, hair, skin)
        self._face(woman)

    def _hair(self, woman, hair, skin):
        if woman:
            self._chord((158, 104, 354, 320), 180, 360, hair)
            if self.rng.random() < 0.6:
                self._ellipse((222, 166, 334, 244), skin)  # a side parting
        else:
            self._chord((160, 112, 352, 300), 190, 350, hair)
            self._rounded((164, 178, 178, 238), 7, hair)
            self._rounded((334, 178, 348, 238), 7, hair)
            if self.rng.random() < 0.4:
                self._chord((176, 214, 336, 350), 12, 168, hair)
                self._ellipse((208, 262, 304, 316), skin)

    def _face(self, woman):
        for centre in (222, 290):
            self._ellipse((centre - 8, 234, centre + 8, 252), "#2d2a2a")
            self._arc((centre - 20, 210, centre + 20, 240), 205, 335, "#4a3a30", 5)
        self._arc((224, 262, 288, 310), 25, 155, "#b4574e" if woman else "#8d4b42", 6)
        self._arc((246, 240, 268, 282), 20, 120, "#c98f6d", 4)
        if self.rng.random() < 0.35:
            for centre in (222, 290):
                self._outline((centre - 27, 218, centre + 27, 268), "#3c4650", 5)
            self._line(((249, 240), (263, 240)), "#3c4650", 5)

    # Primitives in the coordinates of a 512-pixel square

    def _box(self, box):
        return tuple(value * SCALE for value in box)

    def _ellipse(self, box, fill):
        self.draw.ellipse(self._box(box), fill=fill)

    def _outline(self, box, colour, width):
        self.draw.ellipse(self._box(box), outline=colour, width=width * SCALE)

    def _rounded(self, box, radius, fill):
        self.draw.rounded_rectangle(self._box(box), radius * SCALE, fill=fill)

    def _chord(self, box, start, end, fill):
        self.draw.chord(self._box(box), start, end, fill=fill)

    def _arc(self, box, start, end, fill, width):
        self.draw.arc(self._box(box), start, end, fill=fill, width=width * SCALE)

    def _polygon(self, points, fill):
        self.draw.polygon([self._box(point) for point in points], fill=fill)

    def _line(self, points, fill, width):
        self.draw.line(
            [self._box(point) for point in points], fill=fill, width=width * SCALE
        )

    @staticmethod
    def _darker(colour: str) -> str:
        parts = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
        return "#" + "".join(f"{int(part * 0.9):02x}" for part in parts)
