"""What can go wrong with a model call: one tree, and one table that says what each kind means.

Retries, fallback, breaker, alerts and messages all read KINDS, so that they cannot disagree.
No text of an error ever holds a key: `detail` is scrubbed by whoever makes the error (csuite.llm.refusals).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from csuite.llm.usage import Usage

Retry = Literal["never", "opening"]
Fallback = Literal["no", "next", "larger"]
Breaker = Literal["no", "soft", "yes", "long"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What to do about one kind of error.

    retry: "opening" may open the same route again before any text was seen. fallback: "larger" only helps on a
    route with a larger window. breaker: how it counts against the provider (csuite.llm.breaker). reason: what the
    provider did, after its name. alert: somebody must act. retries_beside: how often the same route is opened again
    although another one is at hand.
    """

    name: str
    code: Literal["provider_unavailable", "budget_exceeded", "too_long", "internal"]
    retry: Retry
    fallback: Fallback
    breaker: Breaker
    reason: str
    sentence: str
    alert: bool = False
    retries_beside: int = 0


BUSY = "The model is very busy at the moment. Please try again in a minute."
UNREACHABLE = "The model could not be reached. Your question is kept; please try again."
MISCONFIGURED = "The model is not available to us at the moment. Your administrator has been told."
REFUSED = "This request could not be processed by the model."
SLOW = "The model took too long to answer. Please try again."
FILTERED = "The model's provider declined to answer this question. Please put it differently."
BROKEN_OFF = "The connection to the model broke off. What was written is kept."
NOT_VALID = "The model's answer did not have the form we asked for."
BUDGET = "The budget for model calls is used up for this period."
UNAVAILABLE = "was not available"
TOO_LONG = "This conversation is too long for the model. Please start a new one or shorten the question."

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        # name, code, retry, fallback, breaker, reason, sentence
        Kind("rate_limit", "provider_unavailable", "opening", "next", "soft", "was over its limit", BUSY),
        Kind("authentication", "provider_unavailable", "never", "next", "long", UNAVAILABLE, MISCONFIGURED, alert=True),
        Kind("permission", "provider_unavailable", "never", "next", "long", UNAVAILABLE, MISCONFIGURED, alert=True),
        Kind("invalid_request", "internal", "never", "no", "no", "refused the request", REFUSED),
        Kind("context_length", "too_long", "never", "larger", "no", "could not hold the conversation", TOO_LONG),
        Kind("not_found", "provider_unavailable", "never", "next", "no", UNAVAILABLE, MISCONFIGURED, alert=True),
        Kind("timeout", "provider_unavailable", "opening", "next", "yes", "took too long", SLOW),
        Kind("overloaded", "provider_unavailable", "opening", "next", "yes", "was overloaded", BUSY),
        Kind("server_error", "provider_unavailable", "opening", "next", "yes", "failed", UNREACHABLE),
        Kind("content_filter", "internal", "never", "no", "no", "declined to answer", FILTERED),
        Kind("quota", "provider_unavailable", "never", "next", "long", UNAVAILABLE, MISCONFIGURED, alert=True),
        Kind(
            "connection",  # often a kept one that the other side had closed
            "provider_unavailable",
            "opening",
            "next",
            "yes",
            "could not be reached",
            UNREACHABLE,
            retries_beside=1,
        ),
        Kind("malformed", "provider_unavailable", "opening", "next", "yes", "gave no readable answer", UNREACHABLE),
        Kind("midstream", "provider_unavailable", "opening", "next", "yes", "broke off", BROKEN_OFF),
        Kind("validation", "internal", "never", "no", "no", "answered in another form", NOT_VALID),
        Kind("budget", "budget_exceeded", "never", "no", "no", "was not asked", BUDGET),
    )
}

# A rate limit that no wait helps: the request alone is larger than what a minute allows. The provider is well.
OVERSIZED = Kind("rate_limit", "too_long", "never", "next", "no", "takes no request of this size", TOO_LONG)


class LLMError(Exception):
    """A model call that gave no (whole) answer. `str()` is for logs, `sentence` for an executive."""

    kind: ClassVar[str] = "server_error"

    def __init__(
        self,
        detail: str = "",
        *,
        provider: str = "",
        model: str = "",
        status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
        retryable: bool | None = None,
        code: str | None = None,
        sentence: str | None = None,
    ) -> None:
        record = self.record
        self.detail = detail
        self.provider, self.model = provider, model
        self.status, self.request_id = status, request_id
        self.retry_after = retry_after  # seconds, as the provider said; None where it said nothing
        self.retryable: bool = record.retry == "opening" if retryable is None else retryable
        self.code: str = code or record.code
        self.sentence: str = sentence or record.sentence
        self.tenant = ""
        self.attempt = 0
        self.reached = True  # False: the request certainly never left, so nobody bills it
        self.tried: tuple[str, ...] = ()  # the providers that were asked, in order
        self.said: Usage | None = None  # what the provider counted before it failed
        super().__init__(detail)

    @property
    def record(self) -> Kind:
        return KINDS[self.kind]

    def __str__(self) -> str:
        where = " ".join(part for part in (self.provider, self.model) if part) or "llm"
        status = f" {self.status}" if self.status else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{where}: {self.kind}{status}{detail}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (type(self), self.detail, self.__dict__))


def _again(cls: type[LLMError], detail: str, state: dict[str, Any]) -> LLMError:
    error = cls(detail)
    error.__dict__.update(state)
    return error


class ProviderError(LLMError):
    """The provider is at fault; another one may answer."""


class RequestError(LLMError):
    """What was asked is at fault; asking again changes nothing."""


class AnswerError(LLMError):
    """An answer came, and it is not what was asked for."""


class RateLimited(ProviderError):
    kind = "rate_limit"


class Oversized(RateLimited):
    """More tokens in one request than the provider allows in a minute."""

    @property
    def record(self) -> Kind:
        return OVERSIZED


class Unauthenticated(ProviderError):
    kind = "authentication"


class NotPermitted(ProviderError):
    kind = "permission"


class NoSuchModel(ProviderError):
    kind = "not_found"


class TimedOut(ProviderError):
    kind = "timeout"


class Overloaded(ProviderError):
    kind = "overloaded"


class ServerFailed(ProviderError):
    kind = "server_error"


class QuotaUsedUp(ProviderError):
    kind = "quota"


class NotConnected(ProviderError):
    kind = "connection"


class Malformed(ProviderError):
    kind = "malformed"


class BrokenOff(ProviderError):
    """The stream ended without its terminator, or with an error in its middle."""

    kind = "midstream"


class InvalidRequest(RequestError):
    kind = "invalid_request"


class TooLong(RequestError):
    kind = "context_length"


class Filtered(RequestError):
    kind = "content_filter"


class NotValid(AnswerError):
    kind = "validation"


class BudgetExceeded(LLMError):
    """Raised by a meter that refuses to reserve."""

    kind = "budget"


class Unpriced(BudgetExceeded):
    """This route has no known price, which a fixed budget does not allow; another one may have."""


CLASSES: dict[str, type[LLMError]] = {
    cls.kind: cls
    for cls in (
        RateLimited,
        Unauthenticated,
        NotPermitted,
        NoSuchModel,
        TimedOut,
        Overloaded,
        ServerFailed,
        QuotaUsedUp,
        NotConnected,
        Malformed,
        BrokenOff,
        InvalidRequest,
        TooLong,
        Filtered,
        NotValid,
        BudgetExceeded,
    )
}
