"""The page of a PDF: our fonts, a running head and a foot with page numbers, and what the fonts cannot draw."""

import logging
import re
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TextDirection, XPos, YPos

from csuite.documents.model import Span
from csuite.documents.text import direction, writable

# Subsetting says forty lines per font, of no use to who runs csuite.
logging.getLogger("fontTools").setLevel(logging.WARNING)

FONTS = Path(__file__).parent / "fonts"
SANS, SERIF, MONO = "sans", "serif", "mono"
_FACES = (
    (SANS, "", "ibm-plex-sans-regular"),
    (SANS, "B", "ibm-plex-sans-semibold"),
    (SANS, "I", "ibm-plex-sans-italic"),
    (SANS, "BI", "ibm-plex-sans-semibold-italic"),
    (SERIF, "", "source-serif-4-semibold"),
    (MONO, "", "ibm-plex-mono-regular"),
    ("dejavu", "", "dejavu-sans"),
    ("devanagari", "", "noto-sans-devanagari"),
    ("thai", "", "noto-sans-thai"),
    ("droid", "", "droid-sans-fallback"),
)
_FALLBACKS = [name for name, _, _ in _FACES if name not in (SANS, SERIF, MONO)]

INK, QUIET, LINE, ACCENT, SHADE = (33, 31, 28), (106, 100, 92), (214, 208, 199), (28, 78, 122), (244, 241, 236)
MARGIN, BOTTOM = 22.0, 20.0  # mm
SIZE = 10.0  # points
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Letters that change with their neighbours: these need the shaping engine, which is slow for the rest.
_SHAPED = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\ufb1d-\ufdff\ufe70-\ufeff]")
_FROM_THE_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


@cache
def drawable() -> frozenset[int]:
    """Every code point that one of our fonts has."""
    codes: set[int] = set()
    for *_, file in _FACES:
        with TTFont(FONTS / f"{file}.ttf", lazy=True) as font:
            codes.update(font["cmap"].getBestCmap())
    return frozenset(codes)


class Sheet(FPDF):
    """A4. `head` and `foot` are printed on each page; `lost` collects characters that no font has."""

    def __init__(self, head: str, foot: str) -> None:
        super().__init__(format="A4")
        self.head, self.foot = self.clean(head), self.clean(foot)
        self.lost: set[str] = set()
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(True, BOTTOM + 4)
        for family, style, file in _FACES:
            self.add_font(family, style, FONTS / f"{file}.ttf")
        self.set_fallback_fonts(_FALLBACKS, exact_match=False)
        self.set_creator("csuite")
        self.set_font(SANS, "", SIZE)

    def clean(self, text: str) -> str:
        """What can be drawn; a character without a glyph becomes a box that can be seen and is remembered."""
        text = writable(text).replace("\t", "    ").replace("\r", "")
        missing = {c for c in set(text) if ord(c) >= 32 and ord(c) not in drawable() and c not in "\u200c\u200d\ufe0f"}
        if missing:
            self.lost |= missing
            text = text.translate({ord(c): "\ufffd" for c in missing})
        return text.translate(
            {0x200C: None, 0x200D: None, 0xFE0F: None} if not _SHAPED.search(text) else {0xFE0F: None}
        )

    def shape(self, text: str) -> str:
        """Turns shaping on or off for this text and answers its alignment, L or R."""
        towards = direction(text)
        if _SHAPED.search(text):
            self.set_text_shaping(True, direction=TextDirection.RTL if towards == "rtl" else TextDirection.LTR)
        else:
            self.set_text_shaping(False)
        return "R" if towards == "rtl" else "L"

    def turned(self, text: str) -> bool:
        """Some of it is read from right to left: only a whole line can be put in order, not its spans."""
        return _FROM_THE_RIGHT.search(text) is not None

    def ink(self, colour: tuple[int, int, int] = INK) -> None:
        self.set_text_color(*colour)

    def header(self) -> None:
        if self.head and self.page_no() > 1:
            self._line(self.head, 11)

    def footer(self) -> None:
        self._line(self.foot, self.h - BOTTOM + 4, f"{self.page_no()} / {{nb}}")

    def _line(self, left: str, y: float, right: str = "") -> None:
        shaping, self.text_shaping = self.text_shaping, None
        self.set_font(SANS, "", 8)
        self.ink(QUIET)
        self.set_xy(self.l_margin, y)
        width = self.epw - 24
        self.shape(left)
        while left and self.get_string_width(left) > width:
            left = left[: max(0, len(left) - 8)].rstrip() + "…" if len(left) > 9 else ""
        self.cell(width, 4, left, new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.text_shaping = None
        self.cell(24, 4, right, align="R")
        self.text_shaping = shaping
        self.set_y(self.t_margin)


def note_of(span: Span) -> str:
    """The raised number of its note; a figure that was not found gets a question mark."""
    number = str(span.note).translate(_RAISED) if span.note else ""
    return number + ("?" if span.mark == "not_found" else "")
