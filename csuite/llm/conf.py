"""Settings of csuite.llm, and the only module of it that knows Django.

A value comes from `override`, else from settings.LLM, else from the environment, else from DEFAULTS: so the
package runs where no Django is set up, too.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.conf import settings

DEFAULTS: dict[str, Any] = {
    "METER": "csuite.llm.meter.NullMeter",
    "PRICES": "csuite.llm.prices.GenaiPrices",
    "REGISTRY": "csuite.llm.registry.EnvRegistry",
    "PACE": "csuite.llm.pacing.MemoryPace",
    "STATE": "csuite.llm.state.MemoryState",
    "BREAKER": {},
    "ANALYST": "",
    "PROVIDERS": {},
    "MODELS": {},
    "TIERS": {},
    "CAPS": {},
    "ENABLED": True,
    "PRIMARY": "",
    "FALLBACK": "",
    "MAX_TOKENS": 2048,
    "TEMPERATURE": 0.7,
    "TRANSPORT": "aiohttp",
    "DISCOVER": True,
    "ALLOWED_HOSTS": "",
}
ENVIRONMENT = {
    "PRIMARY": "LLM_PRIMARY_PROVIDER",
    "FALLBACK": "LLM_FALLBACK_PROVIDER",
    "MAX_TOKENS": "LLM_MAX_TOKENS",
    "TEMPERATURE": "LLM_TEMPERATURE",
    "TRANSPORT": "LLM_TRANSPORT",
    "ENABLED": "LLM_ENABLED",
    "DISCOVER": "LLM_DISCOVER",
    "ALLOWED_HOSTS": "LLM_ALLOWED_HOSTS",
}
FALSE = frozenset({"0", "false", "no", "off"})

_overrides: list[dict[str, Any]] = []
_instances: dict[str, Any] = {}


def value(name: str) -> Any:
    """The setting LLM[name]."""
    for layer in reversed(_overrides):
        if name in layer:
            return layer[name]
    named = _django().get(name)
    if named is not None:
        return named
    text = os.environ.get(ENVIRONMENT.get(name, ""), "").strip()
    return DEFAULTS[name] if not text else _read(text, DEFAULTS[name])


def seam(name: str) -> Any:
    """The object that LLM[name] names: a dotted path (one instance for the process), or the object itself."""
    named = value(name)
    return load(named) if isinstance(named, str) else named


def load(path: str) -> Any:
    """The one instance of the class at a dotted path."""
    if path not in _instances:
        module, _, name = path.rpartition(".")
        _instances[path] = getattr(import_module(module), name)()
    return _instances[path]


@contextmanager
def override(**values: Any) -> Iterator[None]:
    """Other settings for the whole process while the block runs: for tests and commands."""
    unknown = values.keys() - DEFAULTS.keys()
    if unknown:
        raise KeyError(f"no such LLM setting: {', '.join(sorted(unknown))}")
    _overrides.append(values)
    try:
        yield
    finally:
        _overrides.remove(values)


def _django() -> dict[str, Any]:
    if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
        return {}
    return getattr(settings, "LLM", {})


def _read(text: str, default: object) -> object:
    if isinstance(default, bool):
        return text.lower() not in FALSE
    if isinstance(default, int):
        return int(text)
    return float(text) if isinstance(default, float) else text
