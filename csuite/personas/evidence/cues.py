"""The words around a figure that say what it is: a change, a share, an average, a target. One record each."""

import re

from csuite.personas.evidence import lexicon
from csuite.personas.evidence.distance import in_brackets
from csuite.personas.evidence.records import Figure

_SOFT = (
    r"(?:about |around |roughly |some |almost |nearly |just |only |another |a further |rund |etwa |knapp |casi |unos "
    r"|unas |un |una |el |ein |an |a |the )*"
)

# at the end of what stands before the figure
_BEFORE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"(?<!\w)(?:{words})\s*{_SOFT}[(*]*$", re.IGNORECASE))
    for name, words in (
        (
            "change",
            r"(?:lost|gained|grew|fell|rose) (?:the )?(?:most|least):?|by"
            r"|(?<!makes )(?<!make )(?<!made )up|down|plus|minus|rose|grew|fell"
            r"|gain(?:ed|s)?|lost|dropped|shrank|slipped|added|adds"
            r"|gave up|used up|shed|improved"
            r"|(?:in|de)crease of|rise of|fall of|drop of|decline of|growth of|growth on last year is"
            r"|improvement (?:of|is)|change of|added|lose|growing|keeps growing"
            r"|um|ein plus von|ein minus von|rückgang um|anstieg um|rückgang von|steigerung von|verbessert"
            r"|gestiegen um"
            r"|(?:aument|creci|subi|reduc|disminu)\w* (?:en|un)|sube|baja|subió|bajó|cayó|creció|crecieron"
            r"|crecen|aumento del?|caída del?|subida del?|lost|difference is",
        ),
        (
            "value",
            r"to|at|of|was|is|were|are|be|been|reached|hit|stands at|stood at|sits at|remains|totals?"
            r"|totaled|came to|comes to|="
            r"|auf|bei|von|betrug|beträgt|lag bei|liegt bei|waren|sind|bis|hasta|al|en|fue|fueron|son"
            r"|suma(?:ron)?|es del?|was only|only|:",
        ),
        ("from", r"from"),
        ("from?", r"von|desde|del|de"),
        ("after", r"after|nach|tras|después del?|statt|instead of|versus|vs\.?|against|compared with|frente a"),
        (
            "total",
            r"total(?:s|ing|ed)?(?: of)?|in total|sum(?: of)?|together|zusammen|insgesamt|suman|sumaron|combined",
        ),
    )
)
# at the beginning of what stands behind it
_AFTER: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"[)\s*]*(?:{words})(?!\w)" if name != "from" else rf"[)\s*]*(?:{words})", re.IGNORECASE))
    for name, words in (
        (
            "change",
            r"(?:\w+ ){0,3}?(?:more|less|higher|lower|fewer|above|below"
            r"|over(?! the (?:same|past|last|period|year|quarter|month|whole))|under"
            r"|better|worse|bigger"
            r"|smaller|larger|greater|faster|slower|stronger|weaker|ahead|behind)"
            r"|(?:new |net )?(?:hires|joiners|additions)"
            r"|(?:\w+ )?joined|(?:were |was )?added|growth|increase|decrease|decline|drop|rise|fall|up"
            r"|down|y/y|m/m|yoy|mom|q/q|year[- ]o[nv]|month[- ]o[nv]|in relative terms"
            r"|on the (?:month|year|quarter)|on (?:january|february|march|april|may|june|july|august"
            r"|september|october|november|december|last)"
            r"|(?:\w+ ){0,2}?(?:mehr|weniger|höher|niedriger|über|unter)|gegenüber \w|zum vor"
            r"|(?:\w+ ){0,1}?(?:más|menos)|por debajo|por encima|superior|inferior|sobre|short",
        ),
        ("share", r"of|der|des|del?|vom|von"),
        ("from", r"(?:→|->|=>|⟶)\s?(?=\W|\w)"),
        ("per", r"(?:\w+ )?(?:per|a|je|pro|por|each) "),
    )
)
_WIDE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, lexicon.pattern(words))
    for name, words in (
        ("average", r"averag\w*|avg|Ø|mean|typical\w*|usual\w*|schnitt|durchschnitt\w*|mittel|promedio|media"),
        ("monthly", r"a month|per month|month|each month|monthly|je monat|pro monat|im monat|al mes|por mes"),
        ("total", r"total\w*|sum|together|combined|altogether|in all|zusammen|insgesamt|summe|suman|sumaron"
            r"|suma|juntos|all lines|alle"),
        ("high", r"höchst\w*|best|highest|high|peak\w*|record|maximum|max|most|top|better than|höchste[rn]?"
            r"|beste[rn]?|maximum|spitze|mejor|máximo|récord|más alt[oa]"),
        ("low", r"lowest|low|minimum|min|worst|weakest|trough|least|niedrigste[rn]?|tiefste[rn]?"
            r"|schlechteste[rn]?|minimum|mínimo|peor|más baj[oa]"),
        ("prior", r"previous|prior|until then|so far|before that|bisher\w*|anterior"),
        ("range", r"between|range|zwischen|entre|from|typical|usual"),
        ("goal", r"goal\w*|target\w*|limit|floor|covenant|promis\w*|plan\w*|aim\w*|objective|asks? for"
            r"|required|ziel\w*|plan|objetivo\w*|meta"),
        ("gap", r"further|above|below|short|missing|headroom|gap|left|leaves|leaving"
            r"|remain\w*|away|another|need\w*|still"
            r"|over|under|fehl\w*|lücke|bleib\w*|falta\w*|queda\w*|debajo|encima|out of reach"),
        ("needed", r"need\w*|required|would have to|to reach|to get there|to average|each|brauch\w*"
            r"|bräucht\w*|nötig|müsst\w*|je monat|das sind|necesit\w*|hace falta|cada uno|para llegar"
            r"|faltan|a month"),
        ("ending", r"ends?|outlook|project\w*|on course|we'd end|ausblick|perspectiva\w*|closes?|close"
            r"|if nothing changes|would end|cerrar\w*|land|at this rate|unchanged|expect|endet|would close"
            r"|wie zuletzt|fueran|without"),
        ("forecast", r"forecast\w*|outlook|expect\w*|brings?|should reach|geplant|plan\w*|prognos\w*"
            r"|previst\w*|previsión|adds|remaining months"),
        ("share", r"share|as (?:a )?(?:%|per ?cent|percentage) of|of total|of revenue|percentage of|anteil"
            r"|cuota|del total|of (?:it|them|the total|the money|that)|part of|made up|goal of"
            r"|of the \S+ goal|took|concentration"),
        ("per", r"one day|a day|each day|jede[rsnm]?|cada|per|each|for every|ratio|je|pro|por cada|a head"
            r"|apiece|every|for each|multiple|cover\w*|cobertura|apiece|behind each|divided"),
        ("difference", r"difference|gap|spread|more than|less than|rest|remaining|left|net|without|leave"
            r"|bestand|backlog|other|headroom|remainder|mehr\b.*\bals|diferencia"),
        ("annual", r"full year|annuali[sz]ed|run[- ]rate|annual|a year|hochgerechnet|anualizad\w*"),
        ("weighted", r"weighted|gewichtet|ponderad\w*|expected value|probab\w*"),
        ("runway", r"runway|lasts?|burn|out of cash|months of cash|reicht|reichweite"),
        ("remedy", r"if (?:all|both|every\w*|these|they|the remed\w*)|remed\w*"
            r"|all (?:three|measures)|lands?|both measures"),
        ("relative", r"relative|relativ\w*|in relative terms|en términos relativos"),
        ("extra", r"excess|additional\w*|extra|of those|of them|davon|de ell[oa]s|of these|those"),
        ("day", r"days?|daily|tag|día"),
        ("kind", r"pass|passing|temporary|lasting|will last|either way|explained"
            r"|vorübergehend|dauerhaft|temporal"),
        ("point", r"each point|every point|point of|jeder prozentpunkt|je prozentpunkt|cada punto"),
        ("progress", r"reached|achieved|erreicht|alcanzad\w*|goal|target|ziel\w*|objetivo|of it|on the way|there"),
        ("less", r"alone|would|had .* stayed|at .* margin|with"),
    )
)  # fmt: skip


_ASIDE = re.compile(r"[*\s]*\)\s*\w")
_TO = re.compile(r"(?<!\w)(?:auf|bis|a|al|hasta)\s", re.IGNORECASE)  # `von … auf …`


def near(text: str, before: int, figure: Figure, after: int) -> frozenset[str]:
    """What stands close to the figure, not beyond the figures beside it."""
    lead = text[max(before, figure.start - 60) : figure.start]
    trail = text[figure.end : min(after, figure.end + 60)]
    if in_brackets(text, figure.start, figure.end) and _ASIDE.match(trail):
        trail = ""  # what follows an aside is not said of it
    found = {name for name, words in _BEFORE if words.search(lead)}
    if "change" in found:
        found.discard("value")
    for name, words in _AFTER:
        if words.match(trail):
            found.add(f"after:{name}" if name in ("per", "share") else name)
            if name == "change":
                found.discard("value")
    if "from?" in found and _TO.search(text[figure.end : figure.end + 40]):
        found.add("from")
    if figure.sign:
        found.add("change")
        found.discard("value")
    return frozenset(found)


def around(text: str, figure: Figure) -> frozenset[str]:
    """What the words some forty characters before and behind it say."""
    lead = re.split(r"[;!?]|\. ", text[max(0, figure.start - 70) : figure.start])[-1]
    return wide(lead + text[figure.start : figure.end] + re.split(r"[;!?]|\. ", text[figure.end : figure.end + 40])[0])


def wide(text: str) -> frozenset[str]:
    """What the sentence says anywhere."""
    return frozenset(name for name, words in _WIDE if words.search(text))


def direction(text: str, before: int, figure: Figure, after: int) -> int:
    """+1 for up, -1 for down, 0 where nothing says so; what stands closest wins, behind the figure first."""
    trail = re.split(
        r"[,;.(]| (?:while|but|and|whereas|und|aber|y|pero|to|than|que|als) ",
        text[figure.end : min(after, figure.end + 32)],
    )[0]
    lead = re.split(r"[;]|, (?:but|while|and)|(?:\. )", text[max(before, figure.start - 48) : figure.start])[-1]
    after_up, after_down = _first(lexicon.UP, trail), _first(lexicon.DOWN, trail)
    if after_up is not None or after_down is not None:
        return _nearer(after_up, after_down)
    up, down = _last(lexicon.UP, lead), _last(lexicon.DOWN, lead)
    return _nearer(up, down)


def _nearer(up: int | None, down: int | None) -> int:
    if up is None:
        return 0 if down is None else -1
    return 1 if down is None or up < down else -1


def _first(words: re.Pattern[str], text: str) -> int | None:
    found = words.search(text)
    return found.start() if found else None


def _last(words: re.Pattern[str], text: str) -> int | None:
    """How far from the end the last of them stands."""
    last = None
    for found in words.finditer(text):
        last = len(text) - found.end()
    return last
