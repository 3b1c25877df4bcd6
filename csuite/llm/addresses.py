"""Which addresses of providers may be called, where the address comes from a row and not from the operator.

Checked when it is saved (`checked`), when it is used (`checked` again: the allow-list may have changed), and for every
address that its name resolves to at the moment of connecting (`is_public`): a name may point elsewhere by then.
Parsing is stricter than any client's, so that no client reads another host out of what was checked.

LLM["ALLOWED_HOSTS"] (LLM_ALLOWED_HOSTS, "host" or "host:port", commas) is the operator's word: those may be local,
without TLS and on any port.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

from csuite.llm import conf

PORTS = frozenset({443, 8443})
LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa")
# Nothing but scheme, host, port and path; the path without dots that climb, escapes, query or fragment.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?)"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class BadAddress(ValueError):
    """An address that is not called; `str()` says why, for who typed it."""


@dataclass(frozen=True, slots=True)
class Address:
    scheme: str
    host: str  # lower case, without brackets
    port: int
    allowed: bool  # by the operator, by name

    @property
    def literal(self) -> IPAddress | None:
        """The host, if it is an IP address."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None


def allowed_hosts() -> frozenset[str]:
    """The operator's list."""
    named = conf.value("ALLOWED_HOSTS")
    entries = named.split(",") if isinstance(named, str) else named
    return frozenset(entry.strip().lower() for entry in entries if entry.strip())


def checked(url: str, allowed: Collection[str] | None = None) -> Address:
    """The parts of a provider's base URL. Raises BadAddress. Asks no name server."""
    found = _URL.fullmatch(url)
    if found is None:
        raise BadAddress("An address is https://host/path: no user, query, fragment or other characters.")
    scheme, host = found["scheme"], found["host"].lower().removeprefix("[").removesuffix("]")
    port = int(found["port"] or (443 if scheme == "https" else 80))
    if not 0 < port < 65_536:
        raise BadAddress("There is no such port.")
    named = allowed_hosts() if allowed is None else allowed
    address = Address(scheme, host, port, host in named or f"{host}:{port}" in named)
    if address.literal is None:
        _check_name(host)
    if not address.allowed:
        _check_outside(address)
    return address


def _check_name(host: str) -> None:
    """A host name as in DNS; whatever some resolver would read as a number is none."""
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress("That is no host name.")
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        raise BadAddress("An IP address is written with four decimal numbers.")


def _check_outside(address: Address) -> None:
    literal = address.literal
    if address.scheme != "https":
        raise BadAddress("The address must begin with https://, unless the operator has allowed its host.")
    if address.port not in PORTS:
        raise BadAddress("This port is not allowed, unless the operator has allowed the host with it.")
    if literal is not None and not is_public(literal):
        raise BadAddress("This host is not on the internet; the operator may allow it.")
    if literal is None and ("." not in address.host or _is_local(address.host)):
        raise BadAddress("This host is a local one; the operator may allow it.")


def _is_local(host: str) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in LOCAL_NAMES)


def is_public(ip: IPAddress | str) -> bool:
    """Whether an address is one of the public internet, whatever it is wrapped in."""
    if isinstance(ip, str):
        ip = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _inside(ip)
        if inner is not None:
            return is_public(inner)
    return ip.is_global and not ip.is_multicast


def _inside(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to (mapped, compatible, 6to4, Teredo, NAT64)."""
    if ip in NAT64 or (int(ip) >> 32 == 0 and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
