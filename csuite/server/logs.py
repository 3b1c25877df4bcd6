"""Logging: one event per line on standard error, as text for people or as JSON for machines (LOG_FORMAT)."""

import logging.config
import re
from typing import Any

import structlog

from csuite.server import env

FORMATS = ("text", "json")
# Loggers that speak of every request, query or handshake; ask for them by LOG_LEVEL=DEBUG.
QUIET = (
    "django_structlog",
    "daphne",
    "httpx",
    "httpcore",
    "asyncio",
    "aiohttp",
    "celery.redirected",
    "celery.beat",
    "celery.worker.strategy",
    "celery.app.trace",
    "django_celery_beat",
    "kombu",
)


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG; `options` is {"level": name}. Raises BadSetting for an unknown one."""
    level = str(options["level"]).upper()
    if level not in logging.getLevelNamesMapping():
        raise env.BadSetting(f"LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not {level!r}")
    shape = env.text("LOG_FORMAT", "text")
    if shape not in FORMATS:
        raise env.BadSetting(f"LOG_FORMAT must be text or json, not {shape!r}")
    quiet = "DEBUG" if level == "DEBUG" else "WARNING"
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": _formatter(shape)},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": level},
            # It warns that a folder has no host name.
            "loggers": {name: {"level": quiet} for name in QUIET} | {"kombu.connection": {"level": "ERROR"}},
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]


# What would break a line, hide a part of it or turn its order round on a screen (THREATS T27).
UNSEEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


def one_line(logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Whatever somebody wrote stays within its line, and can be seen. A traceback keeps its lines: it is ours."""
    return {name: _visible(value) if name != "exception" else value for name, value in event.items()}


def _visible(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), value)


def _formatter(shape: str) -> dict[str, Any]:
    stamp = structlog.processors.TimeStamper(fmt="iso" if shape == "json" else "%H:%M:%S", utc=shape == "json")
    if shape == "json":
        last: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info,
            one_line,
            structlog.processors.JSONRenderer(default=str),
        ]
    else:
        # Plain tracebacks: the decorated ones print local variables, and those may hold what users wrote.
        plain = structlog.dev.plain_traceback
        last = [
            one_line,
            structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False, exception_formatter=plain),
        ]
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*_shared(), stamp],
        "processors": [stamp, structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    }
