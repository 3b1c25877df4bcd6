"""What a provider's error means: status, code, type and words to one of our kinds. Pure, data over branches."""

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import orjson

from csuite.llm.errors import CLASSES, KINDS, LLMError, Oversized

STATUSES: dict[int, str] = {
    400: "invalid_request",
    401: "authentication",
    402: "quota",
    403: "permission",
    404: "not_found",
    405: "not_found",
    408: "timeout",
    410: "not_found",
    413: "context_length",
    422: "invalid_request",
    429: "rate_limit",
    498: "overloaded",
    529: "overloaded",  # every other 5xx is a server error
}
# A redirect is not followed (it could lead anywhere): the address is wrong. An error in a 200 without a code is theirs.
CLASSES_OF_STATUS = {3: "not_found", 4: "invalid_request"}
# What `code` or `type` of an error says more exactly than the status; the first that is there wins.
WORDS: dict[str, str] = {
    "context_length_exceeded": "context_length",
    "string_above_max_length": "context_length",
    "exceed_context_size_error": "context_length",
    "request_too_large": "context_length",
    "insufficient_quota": "quota",
    "billing_error": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
    "rate_limit_exceeded": "rate_limit",
    "rate_limit_error": "rate_limit",
    "content_filter": "content_filter",
    "content_policy_violation": "content_filter",
    "invalid_api_key": "authentication",
    "authentication_error": "authentication",
    "permission_error": "permission",
    "permission_denied": "permission",
    "unsupported_country_region_territory": "permission",
    "model_not_found": "not_found",
    "model_decommissioned": "not_found",
    "invalid_model": "not_found",
    "not_found_error": "not_found",
    "overloaded_error": "overloaded",
    "tool_use_failed": "invalid_request",
    "json_validate_failed": "validation",
}
# The same for an error in a 200 that brings no status: with one, the status says more than these.
WORDS_WITHOUT_STATUS: dict[str, str] = {
    "invalid_request_error": "invalid_request",
    "badrequesterror": "invalid_request",
    "timeout_error": "timeout",
    "timeout": "timeout",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of a message that tell a kind where no code does; `among` is what the status alone would say."""

    pattern: re.Pattern[str]
    kind: str
    among: frozenset[str]


def _phrase(pattern: str, kind: str, *among: str) -> Phrase:
    return Phrase(re.compile(pattern, re.IGNORECASE), kind, frozenset(among))


PHRASES: tuple[Phrase, ...] = (
    _phrase(
        r"maximum context length|context (window|length|size|limit)|context the overflows|prompt is too (long|big)"
        r"|too many total text bytes|reduce the length of the (messages|prompt)|(input|prompt) is too (long|large)"
        r"|too many tokens|maximum model length|`inputs` tokens|exceeds the maximum (number of )?(input )?tokens",
        "context_length",
        "invalid_request",
        "context_length",
        "server_error",
    ),
    _phrase(
        r"content (filter|policy|management)|flagged (as|for)|moderation|deny-?listed",
        "content_filter",
        "invalid_request",
        "permission",
        "overloaded",
    ),
    _phrase(
        r"exceeded your current quota|(insufficient|more) (credits|funds|balance)|credit balance is too low|billing"
        r"|spending limit|api calls / month",
        "quota",
        "rate_limit",
        "invalid_request",
        "permission",
    ),
    _phrase(
        r"invalid (x-)?api[- ](key|token)|incorrect api key|api key (you provided is|not) (in)?valid|no api key",
        "authentication",
        "invalid_request",
        "permission",
    ),
    _phrase(
        r"not a valid model|model .{1,200} (does not exist|not found)|invalid model", "not_found", "invalid_request"
    ),
)
LARGER_THAN_LIMIT = re.compile(r"\bLimit:? ([\d,]+)\b.*\bRequested:? ([\d,]+)", re.IGNORECASE | re.DOTALL)
WAIT_HINT = re.compile(r"try again in (?:(\d+)m)?([\d.]+)(ms|s)", re.IGNORECASE)
LONGEST_WAIT = 86_400.0
DETAIL_LENGTH = 300


def refusal(status: int, headers: Mapping[str, str], body: bytes, now: float | None = None) -> LLMError:
    """The error for an HTTP answer that is none: a status of 300 and more, or an error in the body of a 200.

    Provider and model are for the caller to fill in. Sentences of 401 and 403 are not kept: they may echo a key.
    """
    said = _read(body)
    code = said.number if status < 300 and said.number else status
    kind = _kind(code, said)
    wait = retry_after(headers, now) if status >= 300 else None
    oversized = kind == "rate_limit" and _never_fits(said.message)
    return (Oversized if oversized else CLASSES[kind])(
        "" if kind in ("authentication", "permission") else said.message,
        status=code,
        retry_after=wait if wait is not None else _hint(said.message),
    )


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait by the provider's word: a number or an HTTP date; None if there is no readable one."""
    text = (headers.get("retry-after") or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - (time.time() if now is None else now)
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else None


@dataclass(frozen=True, slots=True)
class Body:
    """An error body, read: its words and its number, whatever shape it came in."""

    message: str = ""
    words: tuple[str, ...] = ()
    number: int | None = None


# Where sentences stand, the best first; each may hold an object, a list or JSON text again.
SENTENCES = ("error", "message", "detail", "msg", "errors", "raw", "metadata")
DEEPEST = 9


def _read(body: bytes) -> Body:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Body()
    return describe(value)


def describe(value: object, depth: int = DEEPEST) -> Body:
    """What an error says: an object in an object, a string (Fireworks), a list (422), JSON within a sentence."""
    if depth == 0:
        return Body()
    if isinstance(value, str):
        return _sentence(value, depth)
    if isinstance(value, list):
        return _together([describe(item, depth - 1) for item in value[:3]])
    if not isinstance(value, Mapping):
        return Body()
    inner = _together([describe(value[key], depth - 1) for key in SENTENCES if value.get(key)])
    words = tuple(word.lower() for key in ("code", "type") if isinstance(word := value.get(key), str))
    own = next((number for key in ("code", "status_code", "status") if (number := _number(value.get(key)))), None)
    place = value.get("loc")
    where = ".".join(map(str, place)) + ": " if isinstance(place, list) else ""
    return Body(_clean(where + inner.message), (*inner.words, *words), inner.number or own)


def _sentence(text: str, depth: int) -> Body:
    if text.lstrip().startswith(("{", "[")):
        try:
            return describe(orjson.loads(text), depth - 1)
        except orjson.JSONDecodeError:
            pass
    return Body(_clean(text))


def _together(parts: list[Body]) -> Body:
    messages = dict.fromkeys(part.message for part in parts if part.message)
    words = tuple(word for part in parts for word in part.words)
    return Body("; ".join(messages), words, next((part.number for part in parts if part.number), None))


def _number(code: object) -> int | None:
    """An HTTP status that is a code of the body."""
    number = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdecimal()) else 0
    return number if 100 <= number < 600 else None


def _kind(status: int, said: Body) -> str:
    for word in said.words:
        if word in WORDS:
            return WORDS[word]
    kind = STATUSES.get(status) or CLASSES_OF_STATUS.get(status // 100, "server_error")
    if status < 300:
        kind = next((WORDS_WITHOUT_STATUS[word] for word in said.words if word in WORDS_WITHOUT_STATUS), kind)
    for phrase in PHRASES:
        if kind in phrase.among and phrase.pattern.search(said.message):
            return phrase.kind
    return kind


def _never_fits(message: str) -> bool:
    """Groq: "Limit 6000, Requested 14810": no wait helps on this route."""
    found = LARGER_THAN_LIMIT.search(message)
    limit, requested = (int(found[at].replace(",", "") or 0) for at in (1, 2)) if found else (0, 0)
    return requested > limit


def _hint(message: str) -> float | None:
    found = WAIT_HINT.search(message)
    if not found:
        return None
    try:
        seconds = float(found[2]) / (1000 if found[3].lower() == "ms" else 1)
    except ValueError:
        return None
    return min(seconds + 60 * int(found[1] or 0), LONGEST_WAIT)


def _clean(text: str) -> str:
    """One short line: a provider's words go to logs, so no line breaks and no control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * DETAIL_LENGTH]).split())
    return line if len(line) <= DETAIL_LENGTH else line[: DETAIL_LENGTH - 1] + "…"


assert set(STATUSES.values()) | set(WORDS.values()) <= KINDS.keys()
