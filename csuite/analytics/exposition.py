"""`GET /metrics` for Prometheus: with the token in METRICS_TOKEN; where none is set, from this machine only.

The counters of this process, and what settings.METRICS names: figures that are the same in every process.
"""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = structlog.get_logger(__name__)

# A proxy on this machine also comes from the loopback address; what it passes on came from elsewhere.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not (_has_token(request) if settings.METRICS_TOKEN else _from_here(request)):
        return HttpResponse("Not for you.\n", status=403, content_type="text/plain")
    shared = CollectorRegistry()
    shared.register(Shared())
    return HttpResponse(generate_latest() + generate_latest(shared), content_type=CONTENT_TYPE_LATEST)


class Shared(Collector):
    """Without a database the counters are told all the same, and that there is none."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("csuite_database_up", "Whether the figures of the database could be read")
        try:
            found = [family for path in settings.METRICS for family in import_string(path)()]
        except Error as error:
            log.warning("metrics_without_database", error=type(error).__name__)
            found = []
            up.add_metric([], 0)
        else:
            up.add_metric([], 1)
        yield from [up, *found]


def _has_token(request: HttpRequest) -> bool:
    expected: str | None = settings.METRICS_TOKEN
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return bool(expected) and scheme.lower() == "bearer" and constant_time_compare(token, expected or "")


def _from_here(request: HttpRequest) -> bool:
    """Asked on this machine, by a loopback name, with no proxy in between."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    return (host == "localhost" or _loopback(host)) and _loopback(request.META.get("REMOTE_ADDR", ""))


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
