"""Transports that connect to public addresses only, for providers whose host somebody typed into a row.

What a name resolves to is checked where the connection is made, so there is nothing between the check and the use.
The operator's own hosts (addresses.allowed_hosts) resolve as they like.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import aiohttp
import httpcore
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from csuite.llm.addresses import allowed_hosts, is_public


class NotPublic(OSError):
    """A name that leads inside."""


def may_connect(host: str, port: int, ip: str) -> bool:
    named = allowed_hosts()
    return host.lower() in named or f"{host.lower()}:{port}" in named or is_public(ip)


class PublicResolver(AbstractResolver):
    """For aiohttp's connector: answers that lead inside are none. One bad answer condemns the name."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(may_connect(host, port, one["host"]) for one in found):
            raise NotPublic(f"{host} leads to an address that is not public")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def connector(certificates: ssl.SSLContext, keep_alive: float) -> aiohttp.TCPConnector:
    return aiohttp.TCPConnector(
        limit=0, keepalive_timeout=keep_alive, ssl=certificates, resolver=PublicResolver(), use_dns_cache=False
    )


class PublicBackend(httpcore.AsyncNetworkBackend):
    """For httpcore: resolves, checks, and connects to what it has checked."""

    def __init__(self) -> None:
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        ips = [str(where[0]) for *_, where in found]
        if not ips or not all(may_connect(host, port, ip) for ip in ips):
            raise httpcore.ConnectError(f"{host} leads to an address that is not public")
        return await self._backend.connect_tcp(ips[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("no provider is a file")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
