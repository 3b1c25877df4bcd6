"""Webhooks: signed, to public or allowed addresses only, tried again when the receiver fails."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync

from csuite.analytics import webhooks
from csuite.analytics.alerts import looking
from csuite.analytics.alerts.delivering import queue_test, send_due
from csuite.analytics.alerts.rows import Alert, AlertChannel, AlertDelivery
from csuite.llm import conf
from csuite.llm.addresses import BadAddress
from csuite.tenants.scope import tenant_scope
from tests.analytics.test_alerts import spend
from tests.conftest import Cast


class Receiver(HTTPServer):
    """Keeps what it gets; `status` is what it answers next."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("location", f"{self.server.url}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with conf.override(ALLOWED_HOSTS=f"127.0.0.1:{server.server_port}"):
            yield server
        server.shutdown()
        thread.join()


def channel(cast: Cast, url: str) -> AlertChannel:
    with tenant_scope(cast.acme.id):
        return AlertChannel.objects.create(kind="webhook", target=url)  # type: ignore[no-any-return]


@pytest.mark.django_db
def test_a_receiver_can_check_who_sent_it(cast: Cast, receiver: Receiver) -> None:
    made = channel(cast, receiver.url)
    spend(cast, "11")
    looking.look(cast.acme.id)
    assert send_due() == 1
    ((headers, body),) = receiver.got
    at, signature = (part.partition("=")[2] for part in headers[webhooks.SIGNATURE].split(","))
    secret = webhooks.secret_of(made.id)
    assert signature == hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert (told["event"], told["company"], told["id"]) == ("alert.raised", "Acme", headers[webhooks.DELIVERY])
    assert told["alert"]["facts"]["cost"].startswith("11")
    assert webhooks.secret_of(uuid4()) != secret


@pytest.mark.django_db
@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_is_not_taken_is_sent_again_under_the_same_id(cast: Cast, receiver: Receiver, status: int) -> None:
    made = channel(cast, receiver.url)
    receiver.status = status
    with tenant_scope(cast.acme.id):
        queue_test(made)
    assert send_due() == 0
    assert send_due() == 0, "it is not due yet"
    with tenant_scope(cast.acme.id):
        assert str(status) in AlertDelivery.objects.get().error
        AlertDelivery.objects.update(due_at="2026-01-01T00:00Z")
    receiver.status = 204
    assert send_due() == 1
    assert len(receiver.got) == 2
    assert len({json.loads(body)["id"] for _, body in receiver.got}) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",
        "https://localhost/x",
        "https://[::1]/x",
        "http://hooks.example/x",
        "https://169.254.169.254/",
    ],
)
def test_nothing_is_sent_to_an_address_of_the_house(url: str) -> None:
    with pytest.raises(BadAddress):
        async_to_sync(webhooks.post)(url, b"{}", uuid4(), "secret")


@pytest.mark.django_db
def test_the_page_adds_tests_and_removes_places(cast: Cast, receiver: Receiver) -> None:
    browser = cast.client(cast.fiona)
    for bad in ("nobody", "http://127.0.0.1:1/x", "https://localhost/", "ftp://x.example/", ""):
        assert browser.post("/usage/alerts/", {"target": bad}).status_code == 400
    for good in ("ops@acme.example", receiver.url, receiver.url):
        assert browser.post("/usage/alerts/", {"target": good}).status_code == 302
    with tenant_scope(cast.acme.id):
        mail, hook = AlertChannel.objects.all()
    assert webhooks.secret_of(hook.id) in browser.get("/usage/alerts/").content.decode()
    assert browser.post(f"/usage/alerts/channels/{hook.id}/", {"do": "test"}).status_code == 302
    assert send_due() == 1
    assert json.loads(receiver.got[0][1])["alert"] is None
    assert browser.post(f"/usage/alerts/channels/{hook.id}/", {"do": "explode"}).status_code == 400
    assert browser.post(f"/usage/alerts/channels/{mail.id}/", {"do": "remove"}).status_code == 302
    with tenant_scope(cast.acme.id):
        assert AlertChannel.objects.count() == 1
    assert cast.client(cast.bob).get("/usage/alerts/").status_code == 403


@pytest.mark.django_db
def test_an_alert_is_acknowledged_once_and_shown_on_the_usage_page(cast: Cast) -> None:
    spend(cast, "11")
    looking.look(cast.acme.id)
    browser = cast.client(cast.fiona)
    with tenant_scope(cast.acme.id):
        alert = Alert.objects.get()
    assert "Spend above $10.00 in an hour" in browser.get("/usage/").content.decode()
    assert browser.post(f"/usage/alerts/{alert.id}/acknowledge/").status_code == 302
    assert cast.client(cast.alice).post(f"/usage/alerts/{alert.id}/acknowledge/").status_code == 302
    page = browser.get("/usage/alerts/").content.decode()
    assert "Fiona looks after it since" in page
    with tenant_scope(cast.acme.id):
        assert Alert.objects.get().state == "acknowledged"
