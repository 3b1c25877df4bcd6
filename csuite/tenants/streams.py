"""Answers that stream for long: they end when the right to them does (THREATS T7), as sockets do."""

import time
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from csuite.tenants.db import in_db
from csuite.tenants.models import ApiToken, Membership
from csuite.tenants.sessions import Gone, still_member

log = structlog.get_logger(__name__)

EVERY = 4.0  # seconds: within five, a lost right ends the stream


class Lost(Exception):
    """Ends a stream in the middle: a file that breaks off must not look like a whole one."""


def guard(request: HttpRequest, response: HttpResponseBase) -> None:
    """Makes an asynchronous streaming answer look again at the right of who reads it."""
    member: Membership | None = getattr(request, "member", None)
    if not getattr(response, "is_async", False) or not member:
        return
    token: ApiToken | None = getattr(request, "token", None)
    key, tenant = request.session.session_key or "", member.tenant_id
    holds = (lambda: _token_holds(token.pk)) if token else (lambda: _session_holds(key, tenant))
    # Not through `streaming_content`, which wraps what it is given in a generator that does not close it.
    response._iterator = _watched(response._iterator, holds)  # type: ignore[attr-defined]


def _token_holds(token: UUID) -> bool:
    rows = ApiToken.objects.filter(pk=token, revoked_at=None).select_related("membership__user", "membership__tenant")
    found = rows.first()
    return found is not None and found.membership.holds


def _session_holds(key: str, tenant: UUID) -> bool:
    try:
        still_member(key, tenant)
    except Gone:
        return False
    return True


async def _watched(parts: AsyncIterator[bytes], holds: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Looks between two parts, so a part costs a glance at the clock."""
    looked = time.monotonic()
    try:
        async for part in parts:
            if time.monotonic() - looked > EVERY:
                if not await in_db(holds):
                    log.warning("stream_cut", reason="the right was lost")
                    raise Lost
                looked = time.monotonic()
            yield part
    finally:
        close = getattr(parts, "aclose", None)
        if close:
            await close()
