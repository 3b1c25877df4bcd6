"""`GET /metrics` for Prometheus: from this machine, or with the token in METRICS_TOKEN."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

# A proxy on this machine also comes from the loopback address; what it passes on came from elsewhere.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not (_has_token(request) or _from_here(request)):
        return HttpResponse("Not for you.\n", status=403, content_type="text/plain")
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


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
