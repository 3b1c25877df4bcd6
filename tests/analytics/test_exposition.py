"""Metrics are for this machine or for who has the token."""

from typing import Any

import pytest
from django.test import Client

from csuite.analytics import metrics

pytestmark = pytest.mark.django_db
HERE = {"HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "127.0.0.1"}


def get(**headers: str) -> Any:
    return Client().get("/metrics", **headers)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_this_machine_may_read_them(host: str) -> None:
    metrics.events.labels("step_down").inc()
    response = get(HTTP_HOST=host, REMOTE_ADDR="127.0.0.1")
    assert response.status_code == 200
    assert b"csuite_llm_events_total" in response.content


@pytest.mark.parametrize(
    "headers",
    [
        {**HERE, "REMOTE_ADDR": "10.0.0.7"},
        {**HERE, "REMOTE_ADDR": ""},
        # a proxy on this machine passes on who came from elsewhere
        {**HERE, "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {**HERE, "HTTP_FORWARDED": "for=203.0.113.9"},
        {**HERE, "HTTP_AUTHORIZATION": "Bearer "},
    ],
)
def test_nobody_else_may(headers: dict[str, str]) -> None:
    expected = 200 if headers == {**HERE, "HTTP_AUTHORIZATION": "Bearer "} else 403
    assert get(**headers).status_code == expected


@pytest.mark.parametrize(
    ("token", "sent", "status"),
    [
        ("s3cret", "Bearer s3cret", 200),
        ("s3cret", "Bearer other", 403),
        ("s3cret", "s3cret", 403),
        (None, "Bearer ", 403),
    ],
)
def test_a_token_opens_them_from_anywhere(settings: Any, token: str | None, sent: str, status: int) -> None:
    settings.METRICS_TOKEN = token
    assert get(HTTP_HOST="127.0.0.1", REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION=sent).status_code == status


def test_with_a_token_set_this_machine_needs_it_too(settings: Any) -> None:
    settings.METRICS_TOKEN = "s3cret"
    refused = get(**HERE)
    assert (refused.status_code, refused.content) == (403, b"Not for you.\n")
    assert get(**HERE, HTTP_AUTHORIZATION="Bearer s3cret").status_code == 200


def test_health_says_one_word_to_anybody() -> None:
    assert [Client().get(path).content for path in ("/healthz", "/readyz")] == [b"ok\n", b"ready\n"]
