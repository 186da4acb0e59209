"""Paper: photographed bills of invented suppliers, signed sheets of patients."""

import io

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from odoo.tools.misc import file_path

FONT = "web/static/fonts/sign/NotoSans-Reg.ttf"
WIDTH, HEIGHT, MARGIN = 720, 500, 48
PAPER, INK, LINE = "#fbfaf6", "#2c2f36", "#b9bcc4"
FACE, SIZE, LEADING, EDGE = "NotoSans", 11, 17, 60
# a signature as it is drawn with a finger
STROKES = (
    ((20, 70), (38, 22), (52, 74), (66, 30), (80, 72)),
    ((80, 72), (104, 44), (118, 66), (140, 40), (160, 64), (238, 34)),
    ((30, 84), (210, 78)),
)


def bill(supplier: str, inn: str, number: str, day: str, what: str, total: str):
    """Return a PNG of the bill."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    big, small = (ImageFont.truetype(file_path(FONT), size) for size in (26, 17))
    draw.text((MARGIN, 40), supplier, INK, small)
    draw.text((MARGIN, 66), f"ИНН {inn}", INK, small)
    draw.line((MARGIN, 104, WIDTH - MARGIN, 104), LINE, 2)
    draw.text((MARGIN, 130), f"Счёт на оплату № {number} от {day}", INK, big)
    draw.text((MARGIN, 190), "Плательщик: Клиника «Исток»", INK, small)
    draw.rectangle((MARGIN, 236, WIDTH - MARGIN, 320), outline=LINE, width=2)
    draw.text((MARGIN + 16, 264), what[:58], INK, small)
    draw.text(
        (MARGIN, 346), f"Итого к оплате: {total} ₽. НДС не облагается", INK, small
    )
    draw.text((MARGIN, 420), "Руководитель ____________________", INK, small)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def signature():
    """Return a PNG of a signature."""
    image = Image.new("RGB", (260, 100), "white")
    draw = ImageDraw.Draw(image)
    for stroke in STROKES:
        draw.line(stroke, "#1d3a8a", 3, joint="curve")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def sheet(clinic: str, title: str, number: str, text: str, signed: bytes | None):
    """Return a PDF of a document, with the signature under its text.

    Drawn here because the server, whose style sheets the print of Odoo asks for, is
    still loading when the demo clinic is made.
    """
    pdfmetrics.registerFont(TTFont(FACE, file_path(FONT)))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, A4)
    width, height = A4
    canvas.setTitle(f"{title} {number}")
    canvas.setFont(FACE, SIZE)
    canvas.drawString(EDGE, height - 50, clinic)
    canvas.setFont(FACE, 15)
    canvas.drawString(EDGE, height - 90, f"{title} № {number}")
    y = height - 125
    canvas.setFont(FACE, SIZE)
    for paragraph in text.splitlines():
        for line in simpleSplit(paragraph, FACE, SIZE, width - 2 * EDGE) or [""]:
            canvas.drawString(EDGE, y, line)
            y -= LEADING
    if signed:
        image = ImageReader(io.BytesIO(signed))
        canvas.drawImage(image, EDGE, y - 70, 130, 50)
        canvas.drawString(EDGE, y - 85, "Подпись пациента")
    canvas.save()
    return buffer.getvalue()
