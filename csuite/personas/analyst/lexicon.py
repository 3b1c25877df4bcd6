"""The words the analyst knows, in English, German and Spanish. Data, not rules."""

import re

from csuite.profiles import formatting

INTENTS: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"\b(?:{words})", re.IGNORECASE)
    for name, words in {
        "why": (
            r"why\b|what (?:has |have )?(?:moved|drove|drives|caused|happened|brought|made)"
            r"|causes?\b|because of|reasons?\b"
            r"|explains?\b|behind\b|warum|wieso|weshalb|ursache|grund\b|gründe|por ?qu[eé]|causa|motivo"
        ),
        "reach": (
            r"reach|goals?\b|targets?\b|on track|still (?:make|hit|get)"
            r"|need(?:ed)? to (?:hit|reach|make|get)|what would it take"
            r"|at risk|needed|hit\b|erreich|schaffen|ziele?n?\b|alcanz|objetivos?\b|metas?\b|lograr"
        ),
        "advice": (
            r"what (?:should|would you|can|could|do) |should we|recommend|advi[cs]e|suggest|decide|what next"
            r"|which \w+ (?:\w+ )?should"
            r"|fix\b|sollen|sollten|empfehl|was tun|debemos|deber[ií]amos|recomiend|qué hacer"
        ),
        "best": r"best\b|highest|peak\b|maximum|top month|record\b|höchste|beste[rn]?\b|mejor\b|máxim",
        "worst": r"worst|lowest|minimum|trough|weakest|niedrigste|schlechteste|peor\b|mínim",
        "compare": (
            r"compar|versus|vs\b|against\b|than last year|year before|previous year|last year|year on year|yoy\b"
            r"|vergleich|vorjahr|gegenüber|frente a|año pasado|año anterior"
        ),
        "trend": (
            r"trend|develop|over time|histor|by month|monthly|month by month|chart|evol"
            r"|entwick|verlauf|monatlich|mensual"
            r"|last \w+ months|past \w+ months|since\b|seit\b|desde\b|letzten \w+ monate|últimos \w+ meses"
        ),
        "total": r"total|sum of|in all|altogether|so far|year to date|ytd\b|insgesamt|summe|hasta ahora|acumulad",
        "average": r"average|mean\b|on average|durchschnitt|mittel\b|promedio|media\b",
        "overview": (
            r"how are we|how is (?:the )?(?:company|business)|overview|summar|status|what matters"
            r"|big picture|health|the board"
            r"|how did we do|what will the board|überblick|zusammenfass|lage\b"
            r"|wie geht es|wie läuft|resumen|cómo (?:va|vamos)"
        ),
    }.items()
}

FELL = re.compile(
    r"\b(?:fall|fell|falling|drop|declin|decreas|slip|shrink|shrank|down\b|worse|lower\b|sank|gefallen|gesunken|sinkt"
    r"|schlechter|baj[oóa]|cay[oó]|ca[ií]d)",
    re.IGNORECASE,
)
ROSE = re.compile(
    r"\b(?:rise|rose|rising|grow|grew|increas|climb|jump|up\b|better\b|improv|gestiegen|steigt|gewachsen|sub[ií]|aument)",
    re.IGNORECASE,
)
FOLLOW_UP = re.compile(r"^\W*(?:and|und|y|what about|how about|und was|was ist mit|qué tal|then|so)\b", re.IGNORECASE)


def _words(text: str) -> list[str]:
    return text.split()


NUMBERS: dict[str, int] = {
    **{word: count for count, word in enumerate(formatting.WORDS) if count},
    **dict(zip(_words("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"), range(2, 13), strict=True)),
    **dict(zip(_words("dos tres cuatro cinco seis siete ocho nueve diez once doce"), range(2, 13), strict=True)),
}

# Small words by which a language is told; a few words of business count too.
GERMAN = frozenset(
    _words(
        "der die das und ist nicht warum wie wir uns unser unsere im den dem ein eine noch können kann hat haben wurde"
        " bruttomarge umsatz gefallen gestiegen jahr monat letzten was welche für mit auf von zum über sind"
    )
)
SPANISH = frozenset(
    _words(
        "el la los las qué por y es no nuestro nuestra nuestros cómo podemos puede ha han en del un una año mes últimos"
        " cuál cuánto para con este esta margen ingresos bajó subió hemos fue son"
    )
)
ENGLISH = frozenset(
    _words(
        "the and is not why how we our in of a can still what which for with on has have did do are was year month last"
        " to be by this that from should would"
    )
)
ELSEWHERE = {
    "de": "Ohne Sprachmodell kann ich nur auf Englisch formulieren; die Zahlen sind die Ihres Unternehmens.",
    "es": "Sin modelo de lenguaje solo puedo redactar en inglés; las cifras son las de su empresa.",
}


def language(text: str) -> str:
    """`en`, `de` or `es`, by the small words; English when in doubt."""
    words = re.findall(r"[^\W\d_]+", text.lower())[:200]
    score = {
        "en": sum(word in ENGLISH for word in words),
        "de": sum(word in GERMAN for word in words),
        "es": sum(word in SPANISH for word in words) + (2 if "¿" in text else 0),
    }
    best = max(score, key=lambda code: score[code])
    return best if score[best] > score["en"] else "en"
