"""How long a text is for a model that is not chosen yet: an estimate that errs on the long side.

csuite.llm counts with a model's own vocabulary; a prompt is built before there is a model. Figures need more
tokens than words do: four for five characters, words one for four, what is not Latin one each.
"""

import re

_WIDE = re.compile(r"[^\u0000-\u02ff]")
_DENSE = re.compile(r"[^\sA-Za-z\u00c0-\uffff\U00010000-\U0010ffff]|[\n\t]|[\u00d7\u00f7]")


def count(text: str) -> int:
    wide, dense = len(_WIDE.findall(text)), len(_DENSE.findall(text))
    return wide + -(-dense * 4 // 5) + -(-(len(text) - wide - dense) // 4)
