"""How the providers do: what this process has seen, and whether each could be asked at all."""

from dataclasses import dataclass
from datetime import datetime

from csuite.llm import conf
from csuite.llm import stats as seen
from csuite.llm.call import Call
from csuite.llm.errors import LLMError
from csuite.llm.providers import table


@dataclass(frozen=True, slots=True)
class Health:
    """One provider. ok: None before the first attempt of this process. error: the last kind of error, or ""."""

    provider: str
    model: str
    usable: bool
    ok: bool | None
    error: str
    last_ok: datetime | None


def stats() -> dict[str, seen.Seen]:
    """Counters of this process by provider."""
    return seen.snapshot()


async def health() -> tuple[Health, ...]:
    """The providers that would answer a question now, best first; asks none of them."""
    try:
        routes = await conf.seam("REGISTRY").routes(Call(), None)
    except LLMError:
        return ()
    now = seen.snapshot()
    found = []
    for route in routes:
        name = route.provider.name
        known = now.get(name)
        found.append(
            Health(
                provider=name,
                model=route.model,
                usable=table()[name].usable() or bool(route.base_url),
                ok=None if known is None else not known.last_error,
                error=known.last_error if known else "",
                last_ok=known.last_ok if known else None,
            )
        )
    return tuple(found)
