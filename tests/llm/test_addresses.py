"""Addresses of providers that somebody typed into a row (THREATS T30, T31): refused at saving and at connecting."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from csuite import llm
from csuite.llm import conf, transports
from csuite.llm.addresses import BadAddress, checked, is_public
from csuite.llm.errors import LLMError

CALL = llm.Call(messages=(llm.Message("user", "Why?"),), labels={"tenant": "t"})
PUBLIC = "93.184.215.14"

REFUSED = """
http://ok.example
http://127.0.0.1#@ok.example
https://127.0.0.1#@ok.example
http://ok.example\\@127.0.0.1
https://ok.example\\@127.0.0.1
https://ok.example@127.0.0.1
https://user:password@ok.example
https://[::ffff:7f00:1]
https://[::ffff:127.0.0.1]
https://[::ffff:a9fe:a9fe]
https://[::127.0.0.1]
https://[64:ff9b::7f00:1]
https://[2002:7f00:1::]
https://[::]
https://[::1]
https://[fe80::1]
https://[fc00::1]
https://[fe80::1%25eth0]
https://0x7f.1
https://0x7f000001
https://2130706433
https://127.1
https://127.0.1
https://0177.0.0.1
https://127.0.0.1
https://127.0.0.1.
https://127.255.255.254
https://0.0.0.0
https://0
https://10.0.0.1
https://172.16.0.1
https://192.168.1.1
https://100.64.0.1
https://169.254.169.254
https://169.254.169.254/latest/meta-data
https://224.0.0.1
https://255.255.255.255
https://1.2.3.4.5
https://1.2.3
https://256.1.1.1
https://localhost
https://LOCALHOST
https://localhost.
https://a.localhost
https://printer.local
https://metadata.google.internal
https://router
https://127。0。0。1
https://①②⑦.0.0.1
https://ok.example。
https://оk.example
https://ok.example:6379
https://ok.example:5432
https://ok.example:22
https://ok.example:0
https://ok.example:99999
https://ok.example:
https://ok.example:443:80
https://ok.example/..
https://ok.example/v1/../admin
https://ok.example/%2e%2e/admin
https://ok.example/v1?x=1
https://ok.example/v1#x
https://ok.example/v1;x
https://ok.example//v1
https://ok .example
 https://ok.example
https://ok_example.org
https://-ok.example
https://.example
https://ok..example
https://
https:/ok.example
https:ok.example
//ok.example
ok.example
file:///etc/passwd
gopher://ok.example
ftp://ok.example
HTTPS://ok.example
javascript:alert(1)
""".strip("\n").split("\n")  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [*REFUSED, "", "https://ok.example\n", "https://ok.example/v1 ", "https://ok.example\0", "https://ok.example\t/v1"],
)
def test_an_odd_or_inner_address_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        checked(url)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://api.groq.com/openai/v1", "api.groq.com", 443),
        ("https://API.Example.COM:8443/v1/", "api.example.com", 8443),
        (f"https://{PUBLIC}/v1", PUBLIC, 443),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/v1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", 443),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example", 443),
    ],
)
def test_an_address_on_the_internet_is_taken_apart(url: str, host: str, port: int) -> None:
    found = checked(url)
    assert (found.scheme, found.host, found.port, found.allowed) == ("https", host, port, False)


def test_what_the_operator_allows_may_be_local_and_plain_and_nothing_beside_it() -> None:
    with conf.override(ALLOWED_HOSTS="ollama.internal:11434, 127.0.0.1:8000,gpu"):
        assert checked("http://ollama.internal:11434/v1").allowed
        assert checked("http://127.0.0.1:8000/v1").allowed
        assert checked("http://gpu:1/v1").allowed
        for other in (
            "http://ollama.internal:11435",
            "http://127.0.0.1:8001",
            "http://127.0.0.2:8000",
            "http://gpu.x.local",
        ):
            with pytest.raises(BadAddress):
                checked(other)
        with pytest.raises(BadAddress):
            checked("http://gpu@evil.example")


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1", "::ffff:10.0.0.1", "fe80::1%eth0", "0.0.0.0", "2002:a00:1::"])
def test_an_inner_ip_is_not_public_whatever_it_is_wrapped_in(ip: str) -> None:
    assert not is_public(ip)
    assert is_public(PUBLIC)


class Trap:
    """A listener that nobody may reach; it answers whoever does with a redirect."""

    def __init__(self) -> None:
        self.port, self.reached = 0, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached += 1
        await reader.readuntil(b"\r\n\r\n")
        where = f"http://127.0.0.1:{self.port}/elsewhere"
        writer.write(f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {where}\r\ncontent-length: 0\r\n\r\n".encode())
        writer.close()


@pytest_asyncio.fixture
async def trap() -> AsyncIterator[Trap]:
    made = Trap()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


def names(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Every look-up of rebind.example gives the next of these; the last repeats."""
    real, asked = socket.getaddrinfo, []

    def lookup(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "rebind.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        ips = answers[min(len(asked), len(answers)) - 1].split()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, int(port or 0))) for ip in ips]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def typed(url: str) -> dict[str, Any]:
    return {
        "PROVIDERS": {"typed": {"base_url": url, "key_wanted": False, "model": "m", "guarded": True}},
        "PRIMARY": "typed",
    }


async def refused(**settings: Any) -> LLMError:
    with conf.override(**settings), pytest.raises(LLMError) as raised:
        await llm.complete(CALL)
    return raised.value


async def test_an_inner_address_in_a_row_is_not_called(trap: Trap, transport: str) -> None:
    for host in ("127.0.0.1", "localhost", "[::ffff:7f00:1]", "2130706433"):
        for scheme in ("http", "https"):
            error = await refused(**typed(f"{scheme}://{host}:{trap.port}/v1"))
            assert error.kind == "connection"
    assert trap.reached == 0


async def test_a_name_that_leads_inside_by_now_is_not_called(
    trap: Trap, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: checked when it was saved, public then; the port is one that may be called."""
    monkeypatch.setattr("csuite.llm.addresses.PORTS", {trap.port})
    asked = names(monkeypatch, "127.0.0.1", f"{PUBLIC} 127.0.0.1", "169.254.169.254")
    assert checked(f"https://rebind.example:{trap.port}/v1").host == "rebind.example"
    for _ in range(3):
        error = await refused(**typed(f"https://rebind.example:{trap.port}/v1"))
        assert error.kind == "connection"
    assert asked
    assert trap.reached == 0


async def test_the_operators_host_is_called_and_its_redirect_is_not_followed(
    trap: Trap, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, "127.0.0.1")
    host = f"rebind.example:{trap.port}"
    error = await refused(**typed(f"http://{host}/v1"), ALLOWED_HOSTS=host)
    assert error.status == 307
    assert trap.reached == 1


async def test_no_proxy_of_the_environment_is_used(trap: Trap, transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        closed = nobody.getsockname()[1]
    rows = {"plain": {"base_url": f"http://127.0.0.1:{closed}/v1", "key_wanted": False, "model": "m"}}
    assert (await refused(PROVIDERS=rows, PRIMARY="plain")).kind == "connection"
    assert trap.reached == 0


async def test_guarded_and_other_providers_share_no_connection(transport: str) -> None:
    assert await transports.transport(guarded=True) is not await transports.transport()
    assert await transports.transport(guarded=True) is await transports.transport(guarded=True)
