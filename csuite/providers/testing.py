"""Does a provider answer as it is set up now? One request for its list of models, on a staff member's word.

It goes where calls go and nowhere else: a row that leads to a strange host is not asked, so no key goes there
(THREATS T30), and every address passes the checks of csuite/llm/addresses.py and guarding.py (T31).
"""

import asyncio
from dataclasses import dataclass

from csuite.llm.probing import PATIENCE, can_be_probed, probe
from csuite.llm.providers import Provider
from csuite.llm.registry import from_settings
from csuite.providers.catalogue import current, may_be_asked, planned
from csuite.tenants import audit, limits
from csuite.tenants.models import User

LIMIT = "connection_test"
SHOWN = 50  # models
NOT_SENT = "not_sent"
WORDS = {
    "authentication": "It refuses the key (401), or the file of the key cannot be read.",
    "permission": "It knows the key and does not allow this (403): the region, the project or the plan.",
    "timeout": f"It gave no whole answer within {PATIENCE:.0f} seconds.",
    "connection": "It cannot be reached: the name, the port, the certificate, or an address that is not public.",
    "server_error": "It answers, and says that it has failed (5xx).",
    "malformed": "Something answers there that is no such service.",
    "midstream": "It began to answer and broke off.",
}


@dataclass(frozen=True, slots=True)
class Result:
    """error: a kind of error, "" if it answered, NOT_SENT if nothing was sent. latency_ms: None if so."""

    provider: str
    address: str
    error: str
    words: str
    latency_ms: int | None = None
    models: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.error

    @property
    def shown(self) -> tuple[str, ...]:
        return self.models[:SHOWN]

    @property
    def more(self) -> int:
        return len(self.models) - len(self.shown)


def connection(name: str, user: User) -> Result:
    """Tests one provider by its rows as they are. Raises Problem("rate_limited")."""
    limits.check(LIMIT, str(user.pk))
    result = _tested(name)
    audit.record_platform(
        "provider.tested", user=user, provider=name, address=result.address, error=result.error,
        latency_ms=result.latency_ms,
    )  # fmt: skip
    return result


def _tested(name: str) -> Result:
    rows, off = current("")
    plan = planned(from_settings(), rows, off=off)
    row, own = plan.providers.get(name), from_settings().providers.get(name)
    if row is None or own is None:
        return Result(name, "", NOT_SENT, "Neither code nor settings know such a provider.")
    unsent = _why_not(row, own, off=plan.off)
    if unsent:
        return Result(name, row.address(), NOT_SENT, unsent)
    found = asyncio.run(probe(row, listing=True))
    if not found.ok:
        words = WORDS.get(found.error, f"It failed: {found.error}.")
    elif found.models:
        words = "It answers, with this list of models."
    else:
        words = "It answers, and gives no list of models."
    return Result(name, row.address(), found.error, words, found.latency_ms, found.models)


def _why_not(row: Provider, own: Provider, *, off: bool) -> str:
    """Why nothing is sent, "" if it is."""
    if off:
        return "The kill switch is on, so no provider is asked."
    if not may_be_asked(row, own):
        return "Its host is neither the provider's own nor in LLM_ALLOWED_HOSTS, so no key goes there."
    if not row.address():
        return "It has no address."
    if not can_be_probed(row):
        return f"It has no key: {row.key_name} is not set." if row.key_name else "It is not asked over a network."
    return ""
