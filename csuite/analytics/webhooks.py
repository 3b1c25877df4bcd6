"""Signed webhooks. Their addresses are typed in by people, so they must be public ones, when saved and when called.

The signature is `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 of "<t>.<body>" with the channel's key, which is derived
from SECRET_KEY and stored nowhere. A receiver checks it, refuses old ones, and drops an id that it has seen.
"""

import asyncio
import hashlib
import hmac
import time
from uuid import UUID

import httpx
from django.conf import settings

from csuite.llm.addresses import checked
from csuite.llm.transports import transport

SECONDS = 10.0  # for the whole call
SIGNATURE, DELIVERY = "x-csuite-signature", "x-csuite-delivery"


class NotTaken(RuntimeError):
    """The receiver answered with something else than a success."""


def secret_of(channel: UUID | None) -> str:
    """The key that signs for a channel; shown to who set it up."""
    return hmac.new(settings.SECRET_KEY.encode(), f"webhook:{channel}".encode(), hashlib.sha256).hexdigest()


def sign(body: bytes, secret: str, at: int) -> str:
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


async def post(url: str, body: bytes, delivery: UUID, secret: str) -> None:
    """Raises BadAddress for an address that is not called, NotTaken, or an error of the connection."""
    checked(url)  # the operator's list may have changed since it was saved
    request = httpx.Request(
        "POST",
        url,
        content=body,
        headers={
            "content-type": "application/json",
            "user-agent": "csuite",
            SIGNATURE: sign(body, secret, int(time.time())),
            DELIVERY: str(delivery),
        },
        extensions={"timeout": {"connect": 3.0, "pool": SECONDS, "read": SECONDS, "write": SECONDS}},
    )
    async with asyncio.timeout(SECONDS):
        response = await (await transport(guarded=True)).handle_async_request(request)
        await response.aclose()
    if not response.is_success:  # a redirect is none: it could lead anywhere
        raise NotTaken(f"the receiver answered {response.status_code}")
