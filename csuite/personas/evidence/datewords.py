"""How periods are written in English, German and Spanish: patterns, no logic."""

import re

from csuite.personas.evidence import lexicon

NAMES = "|".join(sorted(lexicon.MONTHS, key=len, reverse=True))
MONTH = re.compile(
    rf"(?<![\w-])(?P<last>last |letzten |(?:a|one) year ago |year[- ]ago |last year['’]s )?"
    rf"(?P<name>{NAMES})\.?(?![\w])(?:(?:,| of| de"
    rf"| del)?[   ]+(?P<year>(?:19|20)\d\d)(?!\d)|\s?['’](?P<short>\d\d)(?!\d)|[   ](?P<two>\d\d)(?![\d.,%]))?",
    re.IGNORECASE,
)
ISO = re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])(?:-\d\d)?(?!\d)")
ORDINALS = {
    **dict.fromkeys(("first", "erste", "erstes", "ersten", "primer", "1st"), 1),
    **dict.fromkeys(("second", "zweite", "zweites", "zweiten", "segundo", "2nd"), 2),
    **dict.fromkeys(("third", "dritte", "drittes", "dritten", "tercer", "3rd"), 3),
    **dict.fromkeys(("fourth", "vierte", "viertes", "vierten", "cuarto", "4th"), 4),
}
QUARTER = re.compile(
    rf"(?<!\w)(?:Q(?P<n>[1-4])|(?P<word>{'|'.join(ORDINALS)}) (?:quarter|Quartals?|trimestre)|(?P<t>[1-4])T"
    rf"|(?:in|than|im|en) (?:the|el|dem) (?P<bare>{'|'.join(ORDINALS)})(?=[.,;)(]| \())(?!\w)"
    r"(?:[   ]?(?:of |de |del |/)?[   ]?(?P<year>(?:19|20)\d\d)(?!\d)|[   ]?['’]?(?P<two>\d\d)(?![\d.,%])"
    r"| (?P<last>(?:of )?last year))?",
    re.IGNORECASE,
)
FINAL = re.compile(
    r"(?<!\w)(?:letzten Quartal|letzte Quartal|last quarter of|último trimestre de)[   ](?P<year>20\d\d)(?!\d)",
    re.IGNORECASE,
)
HALF = re.compile(
    r"(?<!\w)(?:H(?P<n>[12])|(?:the )?(?P<word>first|second) half)(?!\w)"
    r"(?:(?:[ /]?| of )(?P<year>20\d\d)|(?P<last>(?: of)? last year))?",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?<![\w.,$€£-])(?:FY ?)?(?P<year>20\d\d)(?![\w.,]\d|\w|%)")
COUNT = "|".join(["\\d{1,2}", *sorted(lexicon.SPELLED, key=len, reverse=True)])
ROLLING = re.compile(
    rf"(?<!\w)(?:last|past|previous|trailing|rolling|letzten|vergangenen|últimos|over the last"
    rf"|over the past|in the last|in the past)"
    rf" (?P<count>{COUNT})[ -](?:closed )?(?P<unit>months?|quarters?|Monate?n?|Quartale?n?|meses"
    rf"|trimestres)(?!\w)(?! ago)",
    re.IGNORECASE,
)
THOSE_BEFORE = re.compile(
    rf"(?<!\w)the (?P<count>{COUNT}) (?:months )?(?:before(?: that)?|previous)(?!\w)", re.IGNORECASE
)
TWELVE = re.compile(r"(?<!\w)(?:LTM|TTM)(?!\w)")
AGO = re.compile(
    rf"(?<!\w)(?:(?P<ago>{COUNT}) months (?:ago|earlier|before)|(?:in|within"
    rf"|over) (?P<within>{COUNT}) (?:months|Monaten|meses))(?!\w)",
    re.IGNORECASE,
)
TO_DATE_COUNT = re.compile(
    rf"(?<!\w)(?:(?:first|ersten|primeros) (?P<count>{COUNT}) (?:months|Monaten?|meses)"
    rf"|the (?P<the>{COUNT}) months(?: of this year| to \w+)?|(?:after|nach"
    rf"|tras) (?P<after>{COUNT}) (?:months|Monaten|meses))(?!\w)",
    re.IGNORECASE,
)
FROM_TO = re.compile(
    rf"(?<!\w)(?:(?:between|from|von|zwischen|entre"
    rf"|de) (?P<a>{NAMES})(?: (?:de )?(?P<from>20\d\d))? (?:and|to|through|bis|und|y|a) "
    rf"|(?P<c>{NAMES})(?: to | through | bis |\s?[–-]\s?))(?P<b>{NAMES})(?!\w)(?: (?P<year>20\d\d))?",
    re.IGNORECASE,
)
SINCE = re.compile(rf"(?<!\w)(?:since|seit|desde) (?P<a>{NAMES})(?!\w)(?: (?:de )?(?P<year>20\d\d))?", re.IGNORECASE)
# words -> the months back, for what is relative to another period
# What spans a time between two periods: it says what a change is over, and is no period of a figure itself.
OVER: tuple[tuple[re.Pattern[str], int], ...] = (
    (
        lexicon.pattern(
            r"y/y|yoy|year[- ]o[nv](?:er)?[- ]year|on the year|in a year|(?:over|in|during) the (?:past|last) year"
            r"|zum Vorjahr|innerhalb eines Jahres|über zwölf Monate|im Jahresvergleich"
            r"|interanual|en un año|en ese año"
        ),
        12,
    ),
    (lexicon.pattern(r"m/m|mom|month[- ]o[nv](?:er)?[- ]month|on the month|in a month|zum Vormonat|intermensual"), 1),
    (lexicon.pattern(r"q/q|qoq|quarter[- ]o[nv](?:er)?[- ]quarter|on the quarter"), 3),
)
RELATIVE: tuple[tuple[re.Pattern[str], int, bool], ...] = (
    (
        lexicon.pattern(
            r"(?:a|one) year (?:ago|earlier|before|previously|back)|the year before|(?:the )?(?:prior|previous"
            r"|preceding) year|last year(?:['’]s)?|a year prior"
            r"|(?:12|twelve) months (?:ago|earlier|before)|(?:the )?same (?:month|quarter|period) (?:of )?last year"
            r"|(?:im|in dem|el|en el) (?:gleichen|selben|mismo) (?:Monat|Quartal|mes|trimestre)(?: de| des)?"
            r"|vor einem Jahr|(?:ein|im) Jahr zuvor|Vorjahr(?:es\w*)?|vorigen Jahres|letzten Jahres"
            r"|hace (?:un año|doce meses)|(?:el |del )?año (?:pasado|anterior)"
        ),
        12,
        True,
    ),
    (
        lexicon.pattern(
            r"(?:a|one) month (?:ago|earlier|before)|the month before|(?:the )?(?:prior|previous"
            r"|preceding) month|last month(?:['’]s)?"
            r"|month before last"
            r"|Vormonat(?:s|es)?|hace un mes|(?:el )?mes (?:pasado|anterior)"
        ),
        1,
        True,
    ),
    (
        lexicon.pattern(
            r"(?:the )?(?:quarter before|(?:prior|previous|preceding|last) quarter)|a quarter (?:ago"
            r"|earlier)"
            r"|Vorquartal(?:s)?|trimestre anterior"
        ),
        3,
        True,
    ),
)
NOW = lexicon.pattern(
    r"this month|aktuell|heute|este mes|diesen Monat|today|right now|at the moment"
    r"|this month['’]s"
)
THIS_QUARTER = lexicon.pattern(
    r"quarter[- ]to[- ]date|quarter(?:['’]s|ly)? total|the latest quarter"
    r"|(?:the|this|for the|over the|im|el|este) (?:quarter|Quartal|trimestre)(?! before)"
)
TO_DATE = lexicon.pattern(
    r"halfway through the (?:fiscal |financial )?year|at half[- ]?(?:way|time)"
    r"|year[- ]to[- ]date|ytd|so far this year|this year so far|(?:for )?the year so far|since January"
    r"|since the start of the year"
    r"|(?<!first time )this year|year so far|im laufenden (?:geschäfts)?jahr(?:es)?|des laufenden geschäftsjahres"
    r"|im geschäftsjahr(?: bisher)?"
    r"|seit beginn des (?:geschäfts)?jahres|mittel des geschäftsjahres|bisher(?:ige[nrs]?)?"
    r"|en lo que va de año|este año|llevamos|so far"
)
FULL_YEAR = lexicon.pattern(
    r"for the (?:full )?year|full[- ]year|the year|by the end of the year|in the year|gesamtjahr|el año|del año"
)
YEAR_END = lexicon.pattern(r"(?:at )?(?:the )?year[- ]end|end of (?:the|last) year|Jahresende|fin de año")
COMPARED_BEFORE = re.compile(
    r"(?:^|[\s(])(?:(?:from|than|del?(?= [\d$€])|versus|vs\.?|against|after|compared (?:with|to)|von|nach"
    r"|gegenüber|desde"
    r"|frente a|tras|instead of)"
    r" (?:[^,;()]|(?<=\d),(?=\d)){1,24}?(?: (?:in|of|im|en|at|as of))?|twice|double|half|compared with"
    r"|comparad[oa]s? con|verglichen mit"
    r"|im vergleich (?:zu|mit)|than|than in|than at the end of|than it was in|from|since|against|versus"
    r"|vs\.?|compared (?:with|to)(?: the)?|on|over|beats?|beating|topped|exceeded|outdid"
    r"|after|above|below|before|under|beyond|ahead of|behind|up on|down on|gegenüber|als|als im|als noch im"
    r"|nach|zum|seit|unter|über|unter dem|als vor"
    r"|que|que en|frente a|sobre|desde|después del?|tras|contra|respecto a|que hace)"
    r"\s+(?:(?:the|that of|those of|in|im|in the|dem|den|der|last|el|la|same month of|same|unter|at"
    r"|end of)\s+){0,3}$",
    re.IGNORECASE,
)
OF_MONTHS = tuple(sorted({name[:3] for name in lexicon.MONTHS}))
OF_QUARTERS = ("quart", "trimest", "half", *ORDINALS, "q1", "q2", "q3", "q4", "h1", "h2", "1t", "2t", "3t", "4t")
OF_ROLLING = ("month", "quarter", "monat", "quartal", "mes", "trimestre", "ltm", "ttm", "before", "previous")
OF_RELATIVE = (
    *("year", "month", "quarter", "y/y", "yoy", "m/m", "mom", "q/q", "qoq", "ytd", "today", "now", "moment", "so far"),
    *("since", "half", "jahr", "monat", "quartal", "heute", "aktuell", "bisher", "mittel"),
    *("año", "mes", "trimestre", "interanual", "llevamos", "fin de"),
)
