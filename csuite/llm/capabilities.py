"""What models can do and how much they hold, as data. A model that nobody knows is taken to be able to.

Windows and longest answers are those of the providers' own pages and of the table inside genai-prices, against which a
test holds them; a row in the admin or LLM["MODELS"] says otherwise for an installation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from csuite.llm.call import Call

K = 1000
KI = 1024


@dataclass(frozen=True, slots=True)
class Capabilities:
    """window: tokens of prompt and answer together; max_output: of an answer; None where nobody said.

    json: answers as JSON when asked to. enabled: False keeps every call away from the model.
    """

    window: int | None = None
    max_output: int | None = None
    streaming: bool = True
    json: bool = True
    tools: bool = True
    images: bool = True
    enabled: bool = True

    def lacks(self, call: Call, *, streamed: bool) -> str:
        """What this call needs and the model cannot do, as words for a sentence; "" if it can do all of it."""
        if streamed and not self.streaming:
            return "answer word by word"
        if call.schema is not None and not self.json:
            return "answer as JSON"
        if call.tools and not self.tools:
            return "use tools"
        return "read images" if not self.images and has_images(call) else ""


UNKNOWN = Capabilities()


@dataclass(frozen=True, slots=True)
class Known:
    """The models of one beginning of a name, at one provider or (provider "") wherever they are served."""

    start: str
    can: Capabilities
    provider: str = ""


def has_images(call: Call) -> bool:
    return any(
        part.get("type") != "text"
        for message in call.messages
        if not isinstance(message.content, str)
        for part in message.content
    )


def text(window: int | None, max_output: int | None = None, **more: bool) -> Capabilities:
    """A model that reads text only."""
    return Capabilities(window, max_output, **{"images": False, **more})


def sighted(window: int | None, max_output: int | None = None, **more: bool) -> Capabilities:
    """A model that reads images too."""
    return Capabilities(window, max_output, **more)


# The longest beginning that fits holds, one with a provider before one without.
KNOWN: tuple[Known, ...] = (
    # OpenAI
    Known("gpt-4.1", sighted(1_047_576, 32 * KI)),
    Known("gpt-4o", sighted(128 * K, 16 * KI)),
    Known("gpt-4o-realtime", text(32 * K, 4 * KI)),
    Known("gpt-4o-mini-realtime", text(16 * K, 4 * KI)),
    Known("gpt-4o-transcribe", text(16 * K, 2 * K, tools=False, json=False)),
    Known("gpt-4o-mini-transcribe", text(16 * K, 2 * K, tools=False, json=False)),
    Known("chatgpt-4o", sighted(128 * K, 16 * KI, tools=False)),
    Known("gpt-4-turbo", sighted(128 * K, 4 * KI)),
    Known("gpt-4-vision", sighted(128 * K, 4 * KI, tools=False, json=False)),
    Known("gpt-4-1106", text(128 * K, 4 * KI)),
    Known("gpt-4-0125", text(128 * K, 4 * KI)),
    Known("gpt-4-32k", text(32 * KI, json=False)),
    Known("gpt-4", text(8 * KI, json=False)),
    Known("gpt-3.5-turbo", text(16_385, 4 * KI)),
    Known("gpt-3.5-turbo-0613", text(4_095), "openrouter"),
    Known("gpt-3.5-turbo-instruct", text(4_095, tools=False, json=False), "openrouter"),
    Known("gpt-5", sighted(400 * K, 128 * K)),
    Known("gpt-5-chat", sighted(128 * K, 16 * KI, tools=False)),
    Known("gpt-5.1-chat", sighted(128 * K, 16 * KI)),
    Known("gpt-5.2-chat", sighted(128 * K, 16 * KI)),
    Known("gpt-5.3", sighted(128 * K, 16 * KI)),
    Known("gpt-5.3-codex", sighted(400 * K, 128 * K)),
    Known("gpt-5.4", sighted(1_050 * K, 128 * K)),
    Known("gpt-5.4-image", sighted(272 * K, 128 * K)),
    Known("gpt-5.4-mini", sighted(400 * K, 128 * K)),
    Known("gpt-5.4-nano", sighted(400 * K, 128 * K)),
    Known("gpt-5.5", sighted(1_000 * K, 128 * K)),
    Known("gpt-5.6", sighted(1_050 * K, 128 * K)),
    Known("gpt-6", sighted(1_050 * K, 128 * K)),
    Known("gpt-oss", text(128 * KI)),
    Known("o1", sighted(200 * K, 100 * K)),
    Known("o1-mini", text(128 * K, 64 * KI, tools=False, json=False)),
    Known("o1-preview", text(128 * K, 32 * KI, tools=False, json=False)),
    Known("o1-pro", sighted(200 * K, 100 * K, streaming=False)),
    Known("o3", sighted(200 * K, 100 * K)),
    Known("o3-mini", text(200 * K, 100 * K)),
    Known("o4-mini", sighted(200 * K, 100 * K)),
    # Anthropic; a dot in a name (OpenRouter's way) is read as a dash
    Known("claude", sighted(200 * K)),
    Known("claude-2", text(200 * K, 4 * KI, tools=False)),
    Known("claude-3", sighted(200 * K, 4 * KI)),
    Known("claude-3-5", sighted(200 * K, 8 * KI)),
    Known("claude-3-7", sighted(200 * K, 64 * K)),
    Known("claude-opus-4", sighted(200 * K, 32 * K)),
    Known("claude-opus-4-5", sighted(200 * K, 64 * K)),
    Known("claude-opus-4-6", sighted(1_000 * K, 128 * K)),
    Known("claude-opus-4-7", sighted(1_000 * K, 128 * K)),
    Known("claude-opus-4-8", sighted(1_000 * K, 128 * K)),
    Known("claude-opus-5", sighted(1_000 * K, 128 * K)),
    Known("claude-sonnet-4", sighted(200 * K, 64 * K)),
    Known("claude-sonnet-4-5", sighted(1_000 * K, 64 * K), "openrouter"),
    Known("claude-sonnet-4-6", sighted(1_000 * K, 128 * K)),
    Known("claude-sonnet-5", sighted(1_000 * K)),
    Known("claude-haiku-4-5", sighted(200 * K, 64 * K)),
    Known("claude-haiku-5", sighted(1_000 * K)),
    Known("claude-fable", sighted(1_000 * K)),
    Known("claude-mythos", sighted(1_000 * K)),
    # Open models, by whom they are served where it makes a difference
    Known("llama-3.3-70b", text(128 * KI, 32 * KI), "groq"),
    Known("llama-3.1-8b", text(128 * KI, 128 * KI), "groq"),
    Known("llama-4", sighted(128 * KI, 8 * KI), "groq"),
    Known("gemma2", text(8 * KI, 8 * KI)),
    Known("qwen3-32b", text(128 * KI, 40 * KI), "groq"),
    Known("kimi-k2", text(128 * KI, 16 * KI), "groq"),
    Known("gpt-oss", text(128 * KI, 64 * KI), "groq"),
    Known("llama-v3p", text(128 * KI)),
    Known("llama-v3p2-11b", sighted(128 * KI)),
    Known("llama-v3p2-90b", sighted(128 * KI)),
    Known("llama4-", sighted(1_000 * K)),
    Known("llama-3", text(128 * KI)),
    Known("llama-3.2-1b", text(60 * K), "openrouter"),
    Known("qwen2p5", text(32 * KI)),
    Known("qwen2p5-vl", sighted(128 * K)),
    Known("qwen3-235b", text(128 * K)),
    Known("deepseek-v3", text(160 * K)),
    Known("deepseek-r1", text(160 * K)),
    Known("deepseek-r1", text(64 * K), "openrouter"),
    Known("deepseek-r1-distill", text(128 * KI)),
    Known("deepseek-r1-distill", text(8 * KI), "openrouter"),
    Known("kimi-k2p", text(256 * KI)),
    Known("mixtral-8x7b", text(32 * KI)),
    Known("mixtral-8x22b", text(64 * KI)),
    # Mistral
    Known("mistral-small", sighted(128 * K)),
    Known("mistral-small-2603", sighted(256 * KI)),
    Known("mistral-small-24b", text(32 * KI)),
    Known("mistral-medium", sighted(128 * K)),
    Known("mistral-medium-3-5", sighted(256 * KI)),
    Known("mistral-large", text(128 * K)),
    Known("mistral-large-2512", sighted(256 * KI)),
    Known("mistral-large-4", sighted(1 * KI * KI)),
    Known("ministral", text(128 * K)),
    Known("ministral-8b-2512", sighted(256 * KI)),
    Known("ministral-14b", sighted(256 * KI)),
    Known("magistral", text(128 * K)),
    Known("open-mistral-nemo", text(128 * K)),
    Known("codestral", text(256 * K)),
    Known("codestral-embed", text(8 * K, tools=False, json=False)),
    Known("pixtral", sighted(128 * K)),
    # Cohere
    Known("command-a", text(256 * K, 8 * K)),
    Known("command-a-plus", text(192 * K, 8 * K)),
    Known("command-a-vision", sighted(128 * K, 8 * K, tools=False)),
    Known("command-a-reasoning", text(256 * K, 32 * K)),
    Known("command-r", text(128 * K, 4 * K)),
    Known("command-light", text(4 * KI, tools=False, json=False)),
)


def known(provider: str, model: str, said: Mapping[str, Mapping[str, Any]] | None = None) -> Capabilities:
    """What the model can do. `said`: fields that an installation says otherwise, by "provider/model"."""
    can = _listed(provider, model)
    ours = (said or {}).get(f"{provider}/{model}")
    return replace(can, **_of_ours(ours)) if ours else can


@lru_cache(maxsize=256)
def _listed(provider: str, model: str) -> Capabilities:
    name = model.rpartition("/")[2].lower()
    if name.startswith("claude"):
        name = name.replace(".", "-")
    fitting = [row for row in KNOWN if row.provider in ("", provider) and name.startswith(row.start)]
    best = max(fitting, key=lambda row: (len(row.start), bool(row.provider)), default=None)
    return best.can if best else UNKNOWN


def _of_ours(said: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(Capabilities)}
    return {name: value for name, value in said.items() if name in names and value is not None}
