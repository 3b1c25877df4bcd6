"""A conversation names itself by its first question. By rule: it costs nothing and is there at once. Pure."""

import re

LONGEST = 60  # characters
# How people begin before they say what they want.
_POLITE = re.compile(
    r"(?:(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening)|dear)\b"
    r"(?: (?:there|all|team|everyone|ceo|cfo|cmo|cto))?[\s,.!:;-]+"
    r"|(?:please|bitte|por favor)\b[\s,]*"
    r"|(?:can|could|would|will) you (?:please |kindly |quickly )?(?:tell|show|explain to|give) (?:me|us)\b[\s,:]*"
    r"|(?:can|could|would|will) you (?:please |kindly |quickly )"
    r"|i(?:'d| would) (?:like|love) to (?:know|understand|see)\b[\s,:]*"
    r"|i (?:want|need) to (?:know|understand|see)\b[\s,:]*)",
    re.IGNORECASE,
)
# Where the first thought ends; what follows is detail.
_END = re.compile(r"(?<=[^\s.])[.!?](?=\s|$)|;\s|\s[-–—]\s|,\s(?=(?:and|but|or|so|because|und|aber|pero|y)\b)")


def title_of(text: str) -> str:
    """At most 60 characters of the first thought, without greetings; a question keeps its mark when it is whole."""
    line = " ".join(text.lstrip("/#>*- ").split()) or " ".join(text.split())
    while found := _POLITE.match(line):
        if len(line) - found.end() < 8:
            break
        line = line[found.end() :]
    end = _END.search(line, 12)
    if end is not None:
        line = line[: end.end() if line[end.start()] == "?" else end.start()]
    if len(line) > LONGEST:
        line = line[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",:;") + "…"
    return line[:1].upper() + line[1:]
