"""Staff test the connection of a provider: where calls go and nowhere else, in words, counted and written down."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from csuite.llm import conf
from csuite.providers.models import ProviderSetting
from csuite.tenants.models import Flag, PlatformAudit, User
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

CANARY = "sk-CANARY-4f9a1d7c2b"
MODELS = b'{"data": [{"id": "small"}, {"id": "<b>large</b>"}]}'


class Seen:
    """What came to a server of ours."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.url = ""


@contextmanager
def server(status: int = 200, body: bytes = MODELS, headers: dict[str, str] | None = None) -> Iterator[Seen]:
    seen = Seen()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.keys.append(self.headers.get("authorization", ""))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        seen.url = f"http://127.0.0.1:{listening.server_address[1]}/v1"
        try:
            yield seen
        finally:
            listening.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", CANARY)


def press(cast: Cast, monkeypatch: pytest.MonkeyPatch, url: str = "", moved: str = "") -> Any:
    """Root tests groq. url: where the environment says that it is; moved: where the row says so."""
    if url:
        monkeypatch.setenv("GROQ_BASE_URL", url)
    ProviderSetting.objects.filter(name="groq").update(base_url=moved)
    return again(cast)


def again(cast: Cast, who: User | None = None) -> Any:
    row = ProviderSetting.objects.get(name="groq")
    return cast.client(who or cast.root).post(f"/admin/providers/providersetting/{row.pk}/test/")


def test_one_that_answers_is_shown_with_its_models_and_its_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as there:
        answer = press(cast, monkeypatch, there.url)
    page = answer.content.decode()
    assert (answer.status_code, answer.context["result"].models) == (200, ("small", "<b>large</b>"))
    assert "It answers, with this list of models." in page
    assert "&lt;b&gt;large&lt;/b&gt;" in page
    assert f"{answer.context['result'].latency_ms} ms" in page
    assert there.keys == [f"Bearer {CANARY}"]
    assert "CANARY" not in page
    entry = PlatformAudit.objects.get(action="provider.tested")
    assert (entry.user, entry.detail["provider"], entry.detail["error"]) == (cast.root, "groq", "")
    assert "CANARY" not in str(entry.detail)


def test_a_look_at_the_page_sends_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as there:
        monkeypatch.setenv("GROQ_BASE_URL", there.url)
        row = ProviderSetting.objects.get(name="groq")
        page = cast.client(cast.root).get(f"/admin/providers/providersetting/{row.pk}/test/").content.decode()
    assert there.keys == []
    assert there.url in page


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [(401, "authentication", "refuses the key"), (403, "permission", "does not allow"), (503, "server_error", "failed"),
     (404, "", "gives no list of models"), (200, "", "gives no list of models")],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, status: int, error: str, words: str
) -> None:
    with server(status, b'{"error": "your key sk-CANARY-4f9a1d7c2b is wrong"}') as there:
        answer = press(cast, monkeypatch, there.url)
    assert answer.context["result"].error == error
    assert words in answer.content.decode()
    assert "CANARY" not in answer.content.decode()


def test_one_that_is_not_there_is_said_to_be_unreachable(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = press(cast, monkeypatch, "http://127.0.0.1:9/v1")
    assert answer.context["result"].error == "connection"
    assert "cannot be reached" in answer.content.decode()


def test_no_key_goes_to_a_host_that_somebody_typed_into_the_row(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as strange:
        answer = press(cast, monkeypatch, moved=strange.url)
        assert strange.keys == []
        assert answer.context["result"].error == "not_sent"
        assert "no key goes there" in answer.content.decode()
        with conf.override(ALLOWED_HOSTS=strange.url.split("/")[2]):
            assert again(cast).context["result"].ok
        assert strange.keys == [f"Bearer {CANARY}"]


def test_nothing_that_a_request_brings_says_where(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ProviderSetting.objects.get(name="groq")
    with server() as strange, server() as there:
        monkeypatch.setenv("GROQ_BASE_URL", there.url)
        body = {"base_url": strange.url, "url": strange.url, "address": strange.url, "name": "openai"}
        answer = cast.client(cast.root).post(f"/admin/providers/providersetting/{row.pk}/test/", body)
        assert answer.context["result"].ok
        assert (strange.keys, len(there.keys)) == ([], 1)


def test_a_redirect_is_not_followed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as inside, server(302, b"", {"location": inside.url}) as there:
        answer = press(cast, monkeypatch, there.url)
        assert inside.keys == []
    assert answer.context["result"].models == ()


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1#@ok.example", "http://ok.example\\@127.0.0.1", "http://[::ffff:7f00:1]/v1", "http://0x7f.1/v1",
     "http://2130706433/v1", "http://127.1/v1", "http://0.0.0.0/v1", "https://169.254.169.254/v1", "file:///etc/passwd",
     "http://localhost.:6379/v1", "https://user:pw@ok.example/v1", "http://127。0。0。1/v1"],
)  # fmt: skip
def test_an_address_that_went_round_the_form_is_not_asked(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    assert press(cast, monkeypatch, moved=address).context["result"].error == "not_sent"


def test_a_name_that_leads_inside_by_now_is_not_connected_to(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator allows no such name; it resolves to this machine at the moment of connecting."""
    with server() as inside:
        monkeypatch.setattr("csuite.providers.testing.may_be_asked", lambda moved, own: True)
        monkeypatch.setattr("csuite.llm.probing.checked", lambda url: None)
        port = inside.url.split("/")[2].split(":")[1]
        answer = press(cast, monkeypatch, moved=f"http://localhost:{port}/v1")
        assert answer.context["result"].error == "connection"
        assert inside.keys == []


def test_without_a_key_nothing_is_sent(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY")
    with server() as there:
        answer = press(cast, monkeypatch, there.url)
    assert there.keys == []
    assert "GROQ_API_KEY is not set" in answer.content.decode()


def test_the_kill_switch_holds_here_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    Flag.objects.update_or_create(name="llm-off", defaults={"everyone": True})
    with server() as there:
        answer = press(cast, monkeypatch, there.url)
    assert there.keys == []
    assert "kill switch is on" in answer.content.decode()


def test_it_is_limited(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY")
    for _ in range(10):
        assert again(cast).status_code == 200
    refused = again(cast)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_only_staff_who_may_change_providers_test_them(cast: Cast) -> None:
    assert again(cast, cast.alice).status_code == 302
    desk = User.objects.create(email="desk@csuite.example", is_staff=True)
    assert again(cast, desk).status_code == 403
    assert not PlatformAudit.objects.filter(action="provider.tested").exists()


def test_a_list_longer_than_any_is_not_read_to_its_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(200, b'{"data": [' + b'{"id": "x"},' * 200_000 + b"{}]}") as there:
        assert press(cast, monkeypatch, there.url).context["result"].models == ()
