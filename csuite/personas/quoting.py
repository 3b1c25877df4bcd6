"""Text from people and imports, made safe to quote to a model: it stays data.

Invisible characters go (they hide instructions from the reader), angle brackets are escaped (they close our marks).
"""

import unicodedata

KEPT = {"\u200c", "\u200d"}  # joiners that scripts and emoji need
LINE_CAP = 600


def visible(text: str) -> str:
    """Without control, bidirectional, zero-width and tag characters; line breaks and tabs stay."""
    if text.isprintable():  # true of nearly everything, and quick
        return text
    return "".join(c for c in text if c in "\n\t" or c in KEPT or unicodedata.category(c) not in ("Cc", "Cf"))


def quoted(text: str, cap: int = LINE_CAP) -> str:
    """One line of data, at most `cap` characters."""
    line = " ".join(visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())
    return line if len(line) <= cap else f"{line[: cap - 1]}…"
