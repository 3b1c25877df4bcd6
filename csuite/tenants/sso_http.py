"""The HTTP that single sign-on speaks to identity providers: no redirects, no proxies of the environment, no addresses
inside the network unless the operator named the host."""

from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from csuite.tenants.sso import LOOPBACK

TIMEOUT = 10.0  # seconds, to connect and between two reads


class Refused(requests.RequestException):
    """An address that a sign-in must not reach."""


def check_url(url: str) -> None:
    """Raises Refused unless it is https, or http on a loopback host that the operator named."""
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK and _named(parts.hostname, parts.port)
    if parts.scheme != "https" and not plain:
        raise Refused(f"{parts.scheme} to {parts.hostname} is refused")


def _named(host: str | None, port: int | None) -> bool:
    return bool({f"{host}:{port}", str(host)} & set(settings.OIDC_ALLOWED_HOSTS))


def _check_peer(host: str, port: int, peer: str) -> None:
    """Looks at the address that was really reached, so that a name cannot change between check and use."""
    address = ip_address(peer.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not address.is_global and not _named(host, port):
        raise Refused(f"{host} leads into our own network")


class _Plain(HTTPConnection):
    def _new_conn(self) -> Any:
        return _checked(self, super()._new_conn())


class _Tls(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _checked(self, super()._new_conn())


def _checked(connection: HTTPConnection, sock: Any) -> Any:
    try:
        _check_peer(connection.host, connection.port, sock.getpeername()[0])
    except BaseException:
        sock.close()
        raise
    return sock


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        check_url(str(request.url))
        return super().send(request, *args, **kwargs)


class _Session(requests.Session):
    """Its redirects are answers like others; `get` would ask for following them."""

    def request(self, *args: Any, **kwargs: Any) -> Any:
        return super().request(*args, **(kwargs | {"timeout": TIMEOUT, "allow_redirects": False}))


def session() -> requests.Session:
    """A session for one exchange."""
    made = _Session()
    made.trust_env = False
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter())
    return made
