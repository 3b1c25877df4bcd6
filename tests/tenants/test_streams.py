"""Streams end with the right to them (csuite/tenants/streams.py)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.http import HttpRequest, StreamingHttpResponse

from csuite.tenants import streams, tokens
from csuite.tenants.middleware import MemberMiddleware
from csuite.tenants.models import Membership
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "EVERY", -1.0)


class Parts:
    """Says whether it was closed."""

    closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            for number in range(3):
                yield b"%d" % number
        finally:
            self.closed = True


def answer(request: HttpRequest, parts: Parts) -> Any:
    return MemberMiddleware(lambda asked: StreamingHttpResponse(aiter(parts)))(request)


def request_of(cast: Cast, **more: Any) -> HttpRequest:
    return cast.client(cast.bob).get("/healthz", **more).wsgi_request


async def test_a_stream_of_somebody_who_may_is_whole(cast: Cast) -> None:
    from asgiref.sync import sync_to_async

    response = await sync_to_async(lambda: answer(request_of(cast), Parts()))()
    assert [part async for part in response] == [b"0", b"1", b"2"]


@pytest.mark.parametrize("what", ["membership", "session", "policy"])
async def test_a_stream_is_cut_when_the_right_is_lost(cast: Cast, what: str) -> None:
    from asgiref.sync import sync_to_async
    from django.contrib.sessions.models import Session

    parts = Parts()
    response = await sync_to_async(lambda: answer(request_of(cast), parts))()
    reader = aiter(response)
    assert await anext(reader) == b"0"
    if what == "membership":
        await Membership.objects.filter(user=cast.bob).aupdate(is_active=False)
    elif what == "session":
        await Session.objects.all().adelete()
    else:
        await type(cast.acme).objects.filter(pk=cast.acme.pk).aupdate(sign_in="sso")
    with pytest.raises(streams.Lost):
        await anext(reader)
    assert parts.closed


async def test_a_stream_for_a_token_is_cut_when_it_is_revoked(cast: Cast) -> None:
    from asgiref.sync import sync_to_async

    def prepare() -> tuple[Any, Any]:
        row, secret = tokens.make(cast.member(cast.bob), "Report")
        request = cast.client().get("/api/v1/limits", headers={"Authorization": f"Bearer {secret}"}).wsgi_request
        response: Any = StreamingHttpResponse(aiter(Parts()))
        streams.guard(request, response)
        return row, response

    row, response = await sync_to_async(prepare)()
    reader = aiter(response)
    assert await anext(reader) == b"0"
    await sync_to_async(lambda: tokens.revoke(cast.bob, row.pk))()
    with pytest.raises(streams.Lost):
        await anext(reader)
