"""The variables of the environment as records. A test fails when .env.example lists one that has none here."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from csuite.llm import keys
from csuite.llm.errors import Unauthenticated
from csuite.llm.providers import table
from csuite.pages.console.explained.record import AFTER_RESTART, AT_ONCE, Explained

PLAIN, KEY, PASSWORD = "plain", "key", "password"  # a key shows its last four characters, a password nothing

# Area -> name -> (the default in words, how it is shown)
AREAS: dict[str, dict[str, tuple[str, str]]] = {
    "Where it runs": {
        "PORT": ("8000", PLAIN),
        "HOST": ("127.0.0.1", PLAIN),
        "CSUITE_HOME": ("./var", PLAIN),
        "CSUITE_PUBLIC_URL": ("http://127.0.0.1 with the port", PLAIN),
        "WEB_PROCESSES": ("1", PLAIN),
        "WORKER_CONCURRENCY": ("2", PLAIN),
        "TRUST_PROXY": ("false", PLAIN),
        "SECURE_SSL_REDIRECT": ("true", PLAIN),
        "CSUITE_DEMO": ("true", PLAIN),
        "CSUITE_DEMO_PASSWORD": ("random, printed once", PASSWORD),
    },
    "Models": {
        "LLM_ENABLED": ("true", PLAIN),
        "LLM_PRIMARY_PROVIDER": ("the first with a key", PLAIN),
        "LLM_FALLBACK_PROVIDER": ("the next with a key", PLAIN),
        "LLM_MAX_TOKENS": ("2048", PLAIN),
        "LLM_TEMPERATURE": ("0.7", PLAIN),
        "LLM_TRANSPORT": ("aiohttp", PLAIN),
        "LLM_DISCOVER": ("true", PLAIN),
        "LLM_ALLOWED_HOSTS": ("none", PLAIN),
        "LLM_BREAKER_FAILURES": ("5", PLAIN),
        "AI_MODEL_VERSION": ("1", PLAIN),
        "RELEASE_ERROR_RATE": ("0.05", PLAIN),
        "RELEASE_WINDOW_MINUTES": ("10", PLAIN),
        "RELEASE_LEAST_ATTEMPTS": ("20", PLAIN),
        "PROMPT_REVIEW": ("false", PLAIN),
        "DEAL_ANALYSIS_TARGET": ("0.032", PLAIN),
        "TEMPORARY_CHAT_HOURS": ("24", PLAIN),
    },
    "Database and queue": {
        "DATABASE_URL": ("the embedded database", PASSWORD),
        "DATABASE_ADMIN_URL": ("the embedded database", PASSWORD),
        "DATABASE_LISTEN_URL": ("as DATABASE_URL", PASSWORD),
        "DATABASE_POOL_SIZE": ("16", PLAIN),
        "REDIS_URL": ("none", PASSWORD),
        "SECRET_KEY": ("made and kept in CSUITE_HOME", PASSWORD),
    },
    "Mail": {
        "EMAIL_HOST": ("none: mail goes to the log", PLAIN),
        "EMAIL_PORT": ("587", PLAIN),
        "EMAIL_HOST_USER": ("none", PLAIN),
        "EMAIL_HOST_PASSWORD": ("none", PASSWORD),
        "EMAIL_USE_TLS": ("true", PLAIN),
        "DEFAULT_FROM_EMAIL": ("csuite at the public host", PLAIN),
    },
    "Sign-in": {"OIDC_ALLOWED_HOSTS": ("any public host", PLAIN)},
    "Alerts": {
        "ALERT_HOURLY_SPEND": ("10", PLAIN),
        "ALERT_ERROR_RATE": ("0.05", PLAIN),
        "ALERT_FIRST_TEXT_MS": ("3000", PLAIN),
        "ALERT_LEAST_CALLS": ("20", PLAIN),
    },
    "What it tells": {
        "LOG_LEVEL": ("INFO", PLAIN),
        "LOG_FORMAT": ("text", PLAIN),
        "ACCESS_LOG": ("false", PLAIN),
        "METRICS_TOKEN": ("none: this machine only", PASSWORD),
        "DEBUG": ("false", PLAIN),
    },
}
OF_PROVIDERS = ("MODEL", "MAX_TOKENS", "TEMPERATURE", "BASE_URL", "TIMEOUT", "RATE_LIMIT_RPM", "RATE_LIMIT_RPD")
WITHOUT_VARIABLES = ("analyst", "scripted")


def records() -> dict[str, dict[str, tuple[str, str]]]:
    """All of them, those of each provider included."""
    providers: dict[str, tuple[str, str]] = {}
    for row in table().values():
        if row.name in WITHOUT_VARIABLES:
            continue
        if row.key_name:
            providers[row.key_name] = ("none", KEY)
        for name in OF_PROVIDERS:
            written = row.base_url_name if name == "BASE_URL" and row.base_url_name else f"{row.name.upper()}_{name}"
            providers[written] = ("as csuite knows the provider", PLAIN)
    secrets = {name: ("none", PASSWORD) for name in os.environ if _is_sso_secret(name)}
    found = {area: dict(rows) for area, rows in AREAS.items()}
    found["Sign-in"] |= secrets
    return {**found, "Providers": providers}


def _is_sso_secret(name: str) -> bool:
    return name.startswith("OIDC_") and name.endswith("_CLIENT_SECRET")


def explained() -> Iterator[tuple[str, list[Explained]]]:
    """Area by area. Of the providers' variables only those that are set, and the keys."""
    for area, rows in records().items():
        shown = [(n, d, k) for n, (d, k) in rows.items() if area != "Providers" or k == KEY or _is_set(n)]
        yield area, [_one(name, default, kind) for name, default, kind in shown]


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name, "").strip() or os.environ.get(f"{name}_FILE", "").strip())


def _one(name: str, default: str, kind: str) -> Explained:
    own, file = os.environ.get(name, "").strip(), os.environ.get(f"{name}_FILE", "").strip()
    if not own and not file:
        return Explained(name, default, "code", "", AFTER_RESTART)
    if not own:
        since = _written(file)
        changed = f"file of {since:%Y-%m-%d %H:%M} UTC" if since else "its file cannot be read"
        return Explained(name, _secret(name, kind), f"{name}_FILE", changed, AT_ONCE if kind == KEY else AFTER_RESTART)
    value = own if kind == PLAIN else _secret(name, kind)
    return Explained(name, value, "environment", "by who starts csuite", AFTER_RESTART)


def _secret(name: str, kind: str) -> str:
    """Never more than the last four characters, and those of a provider's key only."""
    if kind != KEY:
        return "set"
    try:
        key = keys.find(name)
    except Unauthenticated:
        return "its file cannot be read"
    return f"…{key.last4}" if key and key.last4 else "set"


def _written(file: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(Path(file).stat().st_mtime, UTC)
    except OSError:
        return None
