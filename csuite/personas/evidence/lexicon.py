"""The words by which an answer says what a figure is, in English, German and Spanish. Data, not rules."""

import re
from decimal import Decimal

from csuite.personas.vocabulary import MONTHS as MONTH_NAMES

MONTHS: dict[str, int] = {
    **MONTH_NAMES,
    "sept": 9,
    "jän": 1,
    "mär": 3,
    "mrz": 3,
    "okt": 10,
    "dez": 12,
    "ene": 1,
    "abr": 4,
    "ago": 8,
    "dic": 12,
}


def _numbers(words: str, first: int) -> dict[str, int]:
    return {word: first + place for place, word in enumerate(words.split())}


SPELLED: dict[str, int] = {
    **_numbers("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen", 2),
    **_numbers("seventeen eighteen nineteen twenty", 17),
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    **_numbers("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn", 2),
    "zwanzig": 20,
    "dreißig": 30,
    "vierzig": 40,
    "fünfzig": 50,
    **_numbers("dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince", 2),
    "veinte": 20,
    "treinta": 30,
    "cuarenta": 40,
    "cincuenta": 50,
}
ONES: dict[str, int] = {"one": 1, "a": 1, "an": 1, "ein": 1, "eine": 1, "einen": 1, "un": 1, "una": 1, "uno": 1}
FRACTIONS: dict[str, Decimal] = {
    **dict.fromkeys(("half", "hälfte", "mitad"), Decimal(50)),
    **dict.fromkeys(("third", "drittel", "tercio", "tercera"), Decimal(100) / 3),
    **dict.fromkeys(("thirds", "tercios"), Decimal(100) / 3),
    **dict.fromkeys(("quarters", "viertel", "cuartos"), Decimal(25)),
    **dict.fromkeys(("fifth", "fifths", "fünftel", "quinto"), Decimal(20)),
}

SCALES: dict[str, int] = {
    **dict.fromkeys(("k", "thousand", "tsd", "tsd.", "tausend", "mil", "t€", "k€", "teur", "€k", "$k"), 1_000),
    **dict.fromkeys(("m", "mn", "million", "millions", "mio", "mio.", "millionen", "millones", "millón"), 1_000_000),
    **dict.fromkeys(("m€", "meur", "mill."), 1_000_000),
    **dict.fromkeys(("bn", "b", "billion", "mrd", "mrd.", "milliarden", "milliarde"), 1_000_000_000),
}
CURRENCIES: dict[str, str] = {
    **dict.fromkeys(("$", "us$", "usd", "dollar", "dollars", "dólares"), "USD"),
    **dict.fromkeys(("€", "eur", "euro", "euros", "t€", "k€", "m€", "teur", "meur"), "EUR"),
    **dict.fromkeys(("£", "gbp", "pounds"), "GBP"),
    **dict.fromkeys(("chf", "fr."), "CHF"),
    **dict.fromkeys(("¥", "jpy"), "JPY"),
}


def pattern(words: str) -> re.Pattern[str]:
    """Whole words or phrases, divided by `|`, in any case."""
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)


UP = pattern(
    r"up|rose|rise[sn]?|rising|grew|grow[ns]?|growing|growth|increas\w*|climb\w*|jump\w*|more|higher|above"
    r"|gain\w*|plus"
    r"|added|adds?|over(?! (?:the|a|twelve|time|three|two|six)\b(?! target| goal| limit| plan))|ahead"
    r"|bigger|larger|greater|exceed\w*"
    r"|gestiegen|stieg\w*|steigt|gewachsen|mehr|höher|über|zugelegt|zunahme|anstieg"
    r"|subió|subieron|subido|sube[n]?|creci\w*|crece[n]?|aument\w*|más|por encima"
)
DOWN = pattern(
    r"(?:g[ai]ve|giving|used|using|eats?|ate) up"
    r"|down|fell|fall(?:en|s|ing)?|drop\w*|declin\w*|decreas\w*|slip\w*|shr[aiu]nk\w*|less|lower|below|lost|lose|loses"
    r"|fewer|under|sank|sunk|minus|short|smaller|slid|reduc\w*|cut|behind|dipped|eased|dropped"
    r"|gefallen|fiel\w*|gesunken|sank\w*|sinkt|weniger|niedriger|unter|rückgang|verlor\w*|abgeflossen"
    r"|bajó|bajaron|baja[n]?|bajado|cay[óo]\w*|cae[n]?|caíd\w*|menos|por debajo|descen\w*|disminu\w*"
)
COMPARED = pattern(
    r"than|than in|from|since|against|versus|vs\.?|compared (?:with|to)|on|over|after|above|below|before|under"
    r"|ahead of|behind|gegenüber|als|als im|nach|zum|seit|von|unter|über|dem"
    r"|que|que en|que hace|frente a|sobre|desde|después del?|tras|contra|respecto a|del"
)
"""What stands before a period that is compared with."""

# What is done with a metric, by what its key or name contains.
VERBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"revenue|sales|umsatz|ventas",
        ("sold", "invoiced", "umgesetzt", "vendimos", "vendió", "vendido", "vender", "facturamos", "sell"),
    ),
    (r"order.?intake|auftragseingang|pedidos", ("booked", "ordered", "bestellt")),
    (r"deploy", ("deployed", "shipped")),
    (r"\bburn", ("burned", "burnt")),
    (r"\bcash\b|liquidität|tesorería|\bcaja\b", ("in the bank", "at the bank", "auf der Bank", "en el banco")),
    (r"headcount|people|mitarbeit|plantilla", ("employ", "hire", "beschäftigen", "work here", "empleamos")),
)
