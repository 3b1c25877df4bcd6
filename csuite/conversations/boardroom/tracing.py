"""Whether what a synthesis claims stands in the answers: deterministic, by words and figures. Pure."""

import html
import re
import unicodedata
from collections.abc import Mapping

from csuite.conversations.boardroom.minutes import Dissent, Form, Mind, Minutes, Point
from csuite.personas.writer.figures import not_given

FEWEST_WORDS = 3  # of a quotation: fewer stand in every answer
_MARKS = re.compile(r"[*_`#>|~]+|\[(?P<label>[^\]]*)\]\([^)]*\)")
_BOLD = re.compile(r"[*_`]+")
_WORD = re.compile(r"\w+(?:[.,'’:/%-]\w+)*%?")


def words(text: str) -> tuple[str, ...]:
    """The words and figures of a text, without case, Markdown and punctuation."""
    plain = unicodedata.normalize("NFKC", html.unescape(text))
    plain = _MARKS.sub(lambda mark: mark["label"] or " ", plain).casefold()
    return tuple(_WORD.findall(plain))


def stands_in(quote: str, text: str) -> bool:
    """Whether these words stand in the text one after another; an ellipsis may leave some out, in their order."""
    said = words(text)
    pieces = [words(piece) for piece in re.split(r"…|\.{3}|\[\.\.\.\]", quote)]
    pieces = [piece for piece in pieces if piece]
    if sum(map(len, pieces)) < FEWEST_WORDS:
        return False
    start = 0
    for piece in pieces:
        found = next((n for n in range(start, len(said) - len(piece) + 1) if said[n : n + len(piece)] == piece), None)
        if found is None:
            return False
        start = found + len(piece)
    return True


def traced(form: Form, answers: Mapping[str, str], names: Mapping[str, str], question: str) -> Minutes:
    """The minutes of what a model filled in, with only what the answers carry; `warnings` says what was left out.

    answers, names: by officer's key.
    """
    known = _keys(names)
    warnings: list[str] = []
    dissent = [
        one for one in (_officer(d, known) for d in form.dissent) if _is_traceable(one, answers, names, warnings)
    ]
    agreement = [one for one in (_agreed(point, known) for point in form.agreement) if one.point]
    several = [one for one in agreement if len(one.officers) >= 2]
    if len(several) < len(agreement):
        warnings.append(_left_out(len(agreement) - len(several)))
    strange = _strange(" ".join([form.decision, *(one.point for one in several)]), question, *answers.values())
    if strange:
        warnings.append(f"Not in any of the answers: {', '.join(strange[:5])}. Check before you decide.")
    minds = [
        Mind(officer=known[m.officer.casefold()], what=m.what)
        for m in form.change_of_mind
        if m.officer.casefold() in known
    ]
    return Minutes(
        decision=form.decision,
        missing="" if form.decision else form.missing or "The answers do not carry one.",
        agreement=several,
        dissent=dissent,
        confidence=form.confidence if form.decision else None,
        depends_on=form.depends_on,
        change_of_mind=[one for one in minds if one.what and one.officer in answers],
        owner=form.owner,
        due=form.due,
        names=dict(names),
        warnings=warnings,
    )


def _keys(names: Mapping[str, str]) -> dict[str, str]:
    """Models say the key or the name: "cfo", "CFO"."""
    return {said.casefold(): key for key, name in names.items() for said in (key, name)}


def _officer(claimed: Dissent, known: Mapping[str, str]) -> Dissent:
    return claimed.model_copy(update={"officer": known.get(claimed.officer.strip().casefold(), claimed.officer)})


def _agreed(point: Point, known: Mapping[str, str]) -> Point:
    officers = dict.fromkeys(
        known[said.strip().casefold()] for said in point.officers if said.strip().casefold() in known
    )
    return point.model_copy(update={"officers": list(officers)})


def _is_traceable(claimed: Dissent, answers: Mapping[str, str], names: Mapping[str, str], warnings: list[str]) -> bool:
    """Its words stand in the officer's answer, and so do the figures of the view."""
    text = answers.get(claimed.officer)
    if text is None:
        warnings.append("A dissent was left out: it was claimed of somebody who did not answer.")
        return False
    whose = f"the {names.get(claimed.officer, claimed.officer)}"
    if not stands_in(claimed.quote, text):
        warnings.append(f"A dissent of {whose} was left out: its words do not stand in that answer.")
        return False
    strange = _strange(claimed.view, text)
    if strange:
        warnings.append(f"A dissent of {whose} was left out: {', '.join(strange[:3])} does not stand in that answer.")
        return False
    return True


def _strange(claim: str, *given: str) -> list[str]:
    """The figures of the claim, in digits, that stand in none of the texts, bold or not."""
    strange = not_given(_BOLD.sub("", claim), *(_BOLD.sub("", text) for text in given))
    return [figure for figure in strange if any(character.isdigit() for character in figure)]


def _left_out(count: int) -> str:
    which = "One point of agreement was" if count == 1 else f"{count} points of agreement were"
    return f"{which} left out: fewer than two officers are named."
