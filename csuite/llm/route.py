"""One way to an answer: a provider and a model of it, with what is sent along."""

from dataclasses import dataclass

from csuite.llm import conf
from csuite.llm.call import Call
from csuite.llm.capabilities import UNKNOWN, Capabilities
from csuite.llm.providers import Provider


@dataclass(frozen=True, slots=True)
class Route:
    """window: the tokens that the model holds, prompt and answer together; None where nobody said. step_down: a
    smaller model than the tier that was asked for. capabilities: what the model can do.
    """

    provider: Provider
    model: str
    base_url: str = ""
    max_tokens: int = 2048
    temperature: float = 0.7
    tier: str = ""
    window: int | None = None
    step_down: bool = False
    capabilities: Capabilities = UNKNOWN

    @property
    def name(self) -> str:
        """As a route is named in settings, rows and calls: "provider/model"."""
        return f"{self.provider.name}/{self.model}"


def route(row: Provider, call: Call, model: str = "", base_url: str = "") -> Route:
    """A row and what the environment and the call say about it."""
    tokens = call.max_tokens or _whole(row.setting("MAX_TOKENS")) or row.max_tokens or int(conf.value("MAX_TOKENS"))
    asked = call.temperature if call.temperature is not None else _number(row.setting("TEMPERATURE"))
    fixed = row.temperature if row.temperature is not None else float(conf.value("TEMPERATURE"))
    return Route(
        provider=row,
        model=model or model_of(row),
        base_url=base_url or row.address(),
        max_tokens=tokens,
        temperature=fixed if asked is None else asked,
        tier=call.tier,
    )


def model_of(row: Provider) -> str:
    """The model that answers where none is named: the environment's, else the row's."""
    return row.setting("MODEL") or row.model


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
