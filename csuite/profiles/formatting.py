"""Figures as people read them: `$2.41m`, `38.4%`, `2.8 points`, `−1.1`. Decimal in, text out, half up."""

from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
PLACES = {"percent": 1}  # the other units show whole numbers unless the metric says otherwise


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def number(value: Decimal, places: int = 0) -> str:
    """`2,412`, `38.4`, `−0.3`; a zero has no sign."""
    result = rounded(value, places)
    return f"{MINUS if result < 0 else ''}{abs(result):,.{places}f}"


def signed(value: Decimal, places: int = 1) -> str:
    """`+1.2`, `−1.1`, `0.0`: for columns of changes."""
    result = rounded(value, places)
    return f"{'+' if result > 0 else ''}{number(value, places)}"


def symbol(currency: str) -> str:
    return SYMBOLS.get(currency, f"{currency} ")


def money(value: Decimal, currency: str = "USD") -> str:
    """Compact: `$2.41m`, `$27.2m`, `$96k`, `$3,180`."""
    size, sign = abs(value), MINUS if value < 0 else ""
    if size >= 999_500:
        places = 2 if size < 9_995_000 else 1
        text = f"{rounded(size / 1_000_000, places):,}m"
    elif size >= 9_995:
        text = f"{rounded(size / 1000, 0):,}k"
    else:
        text = f"{rounded(size, 0):,}"
    return f"{sign}{symbol(currency)}{text}"


def _short(value: Decimal) -> str:
    """Without a decimal that says nothing: `5`, `4.2`."""
    return f"{value.to_integral_value() if value == value.to_integral_value() else value.normalize():,f}"


def target(value: Decimal, unit: str, currency: str = "USD") -> str:
    """As a goal is spoken of: `41%`, `35.5%`, `$27.5m`, `42 days`."""
    if unit == "percent":
        return f"{_short(value)}%"
    if unit == "currency" and abs(value) >= 999_500:
        return f"{MINUS if value < 0 else ''}{symbol(currency)}{_short(rounded(abs(value) / 1_000_000, 2))}m"
    return worded(value, unit, currency)


def change(value: Decimal, unit: str, currency: str = "USD", places: int | None = None) -> str:
    """A change with its sign, for columns: `−1.1`, `+$15k`, `+3`."""
    if unit == "currency":
        return f"{'+' if value > 0 else ''}{money(value, currency)}"
    return signed(value, places_of(unit, places))


def thousands(value: Decimal, currency: str = "USD") -> str:
    """`$2,412k`: for calculations, where every digit shown counts."""
    return f"{MINUS if value < 0 else ''}{symbol(currency)}{rounded(abs(value) / 1000, 0):,}k"


def places_of(unit: str, places: int | None = None) -> int:
    return PLACES.get(unit, 0) if places is None else places


def percent(value: Decimal, places: int = 1) -> str:
    return f"{number(value, places)}%"


def exactly(value: Decimal, currency: str = "USD") -> str:
    """As a bill has it, cents only where there are any: `$214,300`, `$71.50`."""
    return f"{symbol(currency)}{number(value, 0 if value == value.to_integral_value() else 2)}"


def bare(value: Decimal, unit: str, currency: str = "USD", places: int | None = None) -> str:
    """As a headline has it: `$2.41m`, `38.4%`, `47`, `52,400`."""
    if unit == "currency":
        return money(value, currency)
    if unit == "percent":
        return percent(value, places_of(unit, places))
    return number(value, places_of(unit, places))


def worded(value: Decimal, unit: str, currency: str = "USD", places: int | None = None) -> str:
    """As a sentence has it: days and hours named, `47 days`."""
    text = bare(value, unit, currency, places)
    return f"{text} {counted(unit, text)}" if unit in ("days", "hours") else text


def difference(value: Decimal, unit: str, currency: str = "USD", places: int | None = None) -> str:
    """The size of a change, without its sign: `2.8 points`, `5 days`, `$26k`, `12`."""
    size = abs(value)
    if unit == "percent":
        text = number(size, places_of(unit, places))
        return f"{text} {'point' if text == '1' else 'points'}"
    return worded(size, unit, currency, places)


def counted(unit: str, text: str) -> str:
    return unit[:-1] if text in ("1", f"{MINUS}1") else unit


WORDS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    *("twenty", "twenty-one", "twenty-two", "twenty-three", "twenty-four"),
)


def in_words(count: int) -> str:
    """Small counts as words: `two`, `eighteen`; `30` stays `30`."""
    return WORDS[count] if 0 <= count < len(WORDS) else str(count)
