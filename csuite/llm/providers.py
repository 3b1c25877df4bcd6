"""The providers, as rows. A new OpenAI-compatible provider is one row here, or one in settings.LLM["PROVIDERS"].

Every difference between providers that the dialect must know is a field of the row.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from csuite.llm import conf, keys
from csuite.llm.usage import UsageDialect

OPENAI = "csuite.llm.dialects.openai.OpenAI"
ANTHROPIC = "csuite.llm.dialects.anthropic.Anthropic"


# strict: a schema that the provider enforces, where ours can be one; json_schema: as it is; json_object: some JSON.
JsonMode = Literal["strict", "json_schema", "json_object", "none"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. Timeouts in seconds; `first_byte` is also the total of a call that is not streamed."""

    name: str
    title: str = ""  # as a person reads it
    base_url: str = ""  # with the version; /chat/completions or /messages is appended
    model: str = ""
    dialect: str = OPENAI
    key_name: str = ""  # the variable; "" where the provider wants no key
    key_wanted: bool = True
    key_header: str = "authorization"  # there as a bearer token, in any other header as it is
    headers: Mapping[str, str] = field(default_factory=dict)  # sent with every request
    base_url_name: str = ""
    moved_to: str = ""  # where an administrator says that it answers; goes before the environment
    waits: float | None = None  # the seconds to the first byte that an administrator says; the same
    max_tokens: int | None = None
    temperature: float | None = None
    max_tokens_field: str = "max_tokens"
    stream_options: bool = True  # asks for usage at the end of a stream
    done_marker: bool = True  # streams end with [DONE]; else a finish reason and usage are the end
    think_tags: bool = False  # text may begin with <think>…</think>, which is not shown
    tool_id_length: int = 0  # ids of tool calls have exactly so many letters and digits; 0: any
    fixed_temperature: tuple[str, ...] = ()  # models whose names begin so take no temperature
    json_mode: JsonMode = "json_schema"
    json_alone: bool = False  # the JSON mode goes with neither streaming nor tools
    json_by_tool: tuple[str, ...] = ()  # models without a JSON mode: a tool that must be called takes its place
    usage: UsageDialect = field(default_factory=UsageDialect)
    request_id: tuple[str, ...] = ("x-request-id", "request-id", "x-generation-id")
    embedding_model: str = ""
    free: bool = False  # a known price of 0
    guarded: bool = False  # its address was typed into a row: it must be public, or allowed by the operator
    rate_limit_rpm: int | None = None  # requests a minute and a day that it allows us
    rate_limit_rpd: int | None = None
    connect: float = 2.0
    first_byte: float = 60.0
    between: float = 30.0
    total: float = 900.0

    def setting(self, name: str) -> str:
        """The environment variable <PROVIDER>_<name>, or ""."""
        return os.environ.get(f"{self.name.upper()}_{name}", "").strip()

    def key(self) -> keys.Key | None:
        return keys.find(self.key_name) if self.key_name else None

    def address(self) -> str:
        """Where it answers, without a slash at the end; "" where nobody said so."""
        named = os.environ.get(self.base_url_name or f"{self.name.upper()}_BASE_URL", "").strip()
        return (self.moved_to or named or self.base_url).rstrip("/")

    def patience(self) -> float:
        """Seconds to the first byte: <PROVIDER>_TIMEOUT, else the row's."""
        if self.waits:
            return self.waits
        named = self.setting("TIMEOUT")
        return float(named) if named.replace(".", "", 1).isdigit() else self.first_byte

    def usable(self) -> bool:
        """Whether a call could be tried: an address and, where one is wanted, a key."""
        if self.dialect != OPENAI and not self.base_url:
            return True
        return bool(self.address()) and (not self.key_wanted or self.key() is not None)


GROQ_USAGE = UsageDialect(sits_at=(("usage",), ("x_groq", "usage")))
OPENROUTER_USAGE = UsageDialect(billed=(("cost",),))
# Cached tokens are beside input_tokens, thinking is within output_tokens.
ANTHROPIC_USAGE = UsageDialect(
    sits_at=(("usage",), ("message", "usage")),
    prompt=(("input_tokens",),),
    completion=(("output_tokens",),),
    cached=(("cache_read_input_tokens",),),
    cache_write=(("cache_creation_input_tokens",),),
    cache_write_1h=(("cache_creation", "ephemeral_1h_input_tokens"),),
    reasoning=(("output_tokens_details", "thinking_tokens"),),
    cached_apart=True,
)
MISTRAL_USAGE = UsageDialect(cached=(("prompt_tokens_details", "cached_tokens"), ("num_cached_tokens",)))
COHERE_USAGE = UsageDialect(cached=(("prompt_tokens_details", "cached_tokens"), ("cached_tokens",)))

CLAUDE_5 = tuple(f"claude-{family}-{n}" for family in ("opus", "sonnet", "haiku") for n in range(5, 10))

ROWS: tuple[Provider, ...] = (
    Provider(
        "fireworks",
        "Fireworks",
        "https://api.fireworks.ai/inference/v1",
        "accounts/fireworks/models/qwen2p5-72b-instruct",
        key_name="FIREWORKS_API_KEY",
        max_tokens=2048,
        temperature=0.7,
        embedding_model="nomic-ai/nomic-embed-text-v1.5",
    ),
    Provider(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        "llama-3.3-70b-versatile",
        key_name="GROQ_API_KEY",
        json_mode="json_object",
        json_alone=True,
        usage=GROQ_USAGE,
        first_byte=30.0,
    ),
    Provider(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        "gpt-4.1-mini",
        key_name="OPENAI_API_KEY",
        max_tokens_field="max_completion_tokens",
        json_mode="strict",
        fixed_temperature=("o1", "o3", "o4", "gpt-5"),
        embedding_model="text-embedding-3-small",
    ),
    Provider(
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com/v1",
        "claude-sonnet-4-6",
        dialect=ANTHROPIC,
        key_name="ANTHROPIC_API_KEY",
        key_header="x-api-key",
        headers={"anthropic-version": "2023-06-01"},
        # From these on Claude takes no sampling settings (a 400).
        fixed_temperature=("claude-opus-4-7", "claude-opus-4-8", "claude-fable", "claude-mythos", *CLAUDE_5),
        json_mode="strict",
        json_by_tool=(
            "claude-2",
            "claude-3",
            "claude-sonnet-4-0",
            "claude-sonnet-4-2",
            "claude-opus-4-0",
            "claude-opus-4-2",
        ),
        usage=ANTHROPIC_USAGE,
        request_id=("request-id",),
    ),
    Provider(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "openai/gpt-4.1-mini",
        key_name="OPENROUTER_API_KEY",
        usage=OPENROUTER_USAGE,
        request_id=("x-generation-id", "x-request-id"),
    ),
    Provider(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        "mistral-small-latest",
        key_name="MISTRAL_API_KEY",
        usage=MISTRAL_USAGE,
        tool_id_length=9,
        stream_options=False,  # refused there; usage comes on the last chunk unasked
        request_id=("mistral-correlation-id", "x-request-id"),
        embedding_model="mistral-embed",
    ),
    Provider(
        "cohere",
        "Cohere",
        "https://api.cohere.ai/compatibility/v1",
        "command-a-03-2025",
        key_name="COHERE_API_KEY",
        usage=COHERE_USAGE,
        stream_options=False,  # refused there
        embedding_model="embed-v4.0",
    ),
    Provider(
        "local",
        "the local model",
        key_name="LOCAL_LLM_API_KEY",
        key_wanted=False,
        think_tags=True,
        base_url_name="LOCAL_LLM_BASE_URL",
        free=True,
    ),
    Provider("scripted", "the script", model="scripted", dialect="csuite.llm.scripted.Script", free=True),
)
# Who answers when nobody said: the first of these with a key.
ORDER = ("fireworks", "groq", "openai", "anthropic", "openrouter", "mistral", "cohere")


def table() -> Mapping[str, Provider]:
    """All rows by name: ours, changed and extended by settings.LLM["PROVIDERS"], and the analyst if one is named."""
    rows = {row.name: row for row in ROWS}
    analyst = conf.value("ANALYST")
    if analyst:
        rows["analyst"] = Provider(
            "analyst", "The built-in analyst", model="analyst", dialect=analyst, key_wanted=False, free=True
        )
    for name, fields in conf.value("PROVIDERS").items():
        rows[name] = replace(rows.get(name) or Provider(name, title=name.title()), **fields)
    return rows
