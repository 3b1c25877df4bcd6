"""Whether this process lives and whether it can serve. Public, so one word is all they say."""

import logging

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from csuite.server.drain import is_draining

logger = logging.getLogger(__name__)


def _say(word: str, status: int) -> HttpResponse:
    return HttpResponse(f"{word}\n", status=status, content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Says nothing of the database, so that an outage there restarts no web process."""
    return _say("ok", 200)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and we are not leaving; a load balancer sends elsewhere on 503."""
    if is_draining():
        return _say("leaving", 503)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # any failure means the same to a balancer; the log says which
        logger.warning("not ready: %s", type(error).__name__)
        return _say("not ready", 503)
    return _say("ready", 200)
