"""What a provider's error means."""

import json

import pytest

from csuite.llm import errors
from csuite.llm.refusals import refusal, retry_after

NOW = 1_000_000_000.0  # Sun, 09 Sep 2001 01:46:40 GMT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        ("0.5", 0.5),
        ("3600", 3600.0),
        ("-3", 0.0),
        ("1e99", 86_400.0),
        ("inf", None),
        ("nan", None),
        ("abc", None),
        ("", None),
        ("Sun, 09 Sep 2001 01:46:50 GMT", 10.0),
        ("Sun, 09 Sep 2001 01:00:00 GMT", 0.0),
        ("Sun, 99 Sep 2001", None),
    ],
)
def test_retry_after_is_seconds_a_date_or_nothing(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": {"message": "maximum context length is 8192 tokens"}}, "context_length"),
        (400, {"error": {"message": "x", "code": "context_length_exceeded"}}, "context_length"),
        (400, {"error": {"message": "flagged as unsafe"}}, "content_filter"),
        (400, {"error": {"message": "x", "code": "content_filter"}}, "content_filter"),
        (400, {"message": "bad", "type": "invalid_request_error"}, "invalid_request"),
        (400, {"detail": [{"loc": ["body"], "msg": "field required"}]}, "invalid_request"),
        (
            400,
            [{"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT"}}],
            "authentication",
        ),
        (429, {"error": {"message": "You exceeded your current quota"}}, "quota"),
        (429, {"error": "Too Many Requests", "message": "slow down"}, "rate_limit"),
        (451, {}, "invalid_request"),
        (200, {"error": {"code": 402, "message": "no credits"}}, "quota"),
        (200, {"error": {"code": "401", "message": "no"}}, "authentication"),
        (200, {"error": {"code": 7, "message": "odd"}}, "server_error"),
        (200, {"error": "odd"}, "server_error"),
        (599, "text", "server_error"),
    ],
)
def test_an_error_body_of_any_shape_has_a_kind(status: int, body: object, kind: str) -> None:
    assert refusal(status, {}, json.dumps(body).encode()).kind == kind


def test_a_page_instead_of_json_counts_by_its_status() -> None:
    assert refusal(503, {}, b"<html>").kind == "server_error"


def test_a_request_larger_than_the_limit_is_never_tried_again_and_is_too_long() -> None:
    message = "Request too large: Limit 6000, Requested 14810"
    error = refusal(429, {}, json.dumps({"error": {"message": message, "code": "rate_limit_exceeded"}}).encode())
    assert (error.kind, error.retryable, error.code) == ("rate_limit", False, "too_long")


@pytest.mark.parametrize(
    ("message", "wait"),
    [("try again in 1m2.5s", 62.5), ("try again in 250ms", 0.25), ("try again in 1.2.3s", None), ("later", None)],
)
def test_a_wait_in_the_words_is_a_retry_after(message: str, wait: float | None) -> None:
    assert refusal(429, {}, json.dumps({"error": {"message": message}}).encode()).retry_after == wait


def test_a_header_says_more_than_the_words() -> None:
    body = json.dumps({"error": {"message": "try again in 9s"}}).encode()
    assert refusal(429, {"retry-after": "2"}, body).retry_after == 2.0


def test_a_providers_words_become_one_short_line() -> None:
    error = refusal(500, {}, json.dumps({"error": {"message": "a\r\nb\x1b[31m" + "x" * 999}}).encode())
    assert error.detail.startswith("a b [31mx")
    assert len(error.detail) == 300
    assert "\n" not in str(error)


def test_every_kind_has_a_class_a_code_and_a_sentence() -> None:
    assert errors.CLASSES.keys() == errors.KINDS.keys()
    for kind, cls in errors.CLASSES.items():
        error = cls("why", provider="p", model="m", status=500)
        assert error.kind == kind
        assert str(error) == f"p m: {kind} 500: why"
        assert error.sentence.endswith((".", "?"))
        assert error.record.name == kind
    assert str(errors.TimedOut()) == "llm: timeout"
