"""What a provider's error means."""

import json

import pytest

from csuite.llm import errors
from csuite.llm.refusals import refusal, retry_after


def anthropic(kind: str, message: str) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


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
        # Anthropic
        (400, anthropic("invalid_request_error", "Your credit balance is too low to access the API."), "quota"),
        (
            400,
            anthropic("invalid_request_error", "input length and `max_tokens` exceed context limit: 9 + 9 > 10"),
            "context_length",
        ),
        (
            400,
            anthropic("invalid_request_error", "max_tokens: 9000 > 8192, the most for this model"),
            "invalid_request",
        ),
        (400, anthropic("invalid_request_error", "Output blocked by content filtering policy"), "content_filter"),
        (402, anthropic("billing_error", "no money"), "quota"),
        (413, anthropic("request_too_large", "Request exceeds the maximum size"), "context_length"),
        (500, anthropic("api_error", "Internal server error"), "server_error"),
        (529, anthropic("overloaded_error", "Overloaded"), "overloaded"),
        # Mistral
        (
            400,
            {
                "object": "error",
                "message": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
                "type": "invalid_request_error",
                "code": "3051",
            },
            "context_length",
        ),
        (400, {"object": "error", "message": "Invalid model: x", "type": "invalid_model", "code": "1500"}, "not_found"),
        (422, {"object": "error", "message": {"detail": [{"loc": ["body", "n"], "msg": "extra"}]}}, "invalid_request"),
        (429, {"object": "error", "message": "Service tier capacity exceeded", "code": "3505"}, "rate_limit"),
        # Cohere
        (400, {"message": "too many tokens: the prompt exceeds the limit of 4081"}, "context_length"),
        (401, {"message": "invalid api token"}, "authentication"),
        (429, {"message": "a Trial key is limited to 10 API calls / minute"}, "rate_limit"),
        (429, {"message": "a Trial key is limited to 1000 API calls / month"}, "quota"),
        (498, {"message": "the request has a deny-listed token"}, "content_filter"),
        # Groq
        (400, {"error": {"message": "gone", "code": "model_decommissioned"}}, "not_found"),
        (400, {"error": {"message": "Failed to generate JSON", "code": "json_validate_failed"}}, "validation"),
        (498, {"error": {"message": "flex tier at capacity"}}, "overloaded"),
        # Fireworks
        (412, {"error": {"message": "Account suspended: monthly spending limit reached"}}, "quota"),
        (403, {"error": {"message": "The API key you provided is invalid."}}, "authentication"),
        # OpenRouter
        (400, {"error": {"code": 400, "message": "x is not a valid model ID"}}, "not_found"),
        (
            400,
            {
                "error": {
                    "code": 400,
                    "message": "Provider returned error",
                    "metadata": {"raw": '{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}'},
                }
            },
            "context_length",
        ),
        (402, {"error": {"code": 402, "message": "This request requires more credits"}}, "quota"),
        (403, {"error": {"code": 403, "message": "Not available in your region"}}, "permission"),
        (403, {"error": {"code": 403, "message": 'Your input was flagged for "x"'}}, "content_filter"),
        # servers of one's own: Ollama, vLLM, llama.cpp, LM Studio
        (404, {"error": {"message": 'model "x" not found, try pulling it first', "type": "api_error"}}, "not_found"),
        (404, {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError"}, "not_found"),
        (
            400,
            {"object": "error", "message": "This model's maximum context length is 4096 tokens", "code": 400},
            "context_length",
        ),
        (500, {"error": {"code": 500, "message": "the request exceeds the available context size"}}, "context_length"),
        (400, {"error": {"code": 400, "message": "x", "type": "exceed_context_size_error"}}, "context_length"),
        (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, "server_error"),
        # shapes
        (400, {"error": {"error": {"message": "x", "code": "context_length_exceeded"}}}, "context_length"),
        (500, {"error": {"message": '{"error":{"message":"busy","type":"overloaded_error"}}'}}, "overloaded"),
        (403, {"success": False, "errors": [{"code": 10000, "message": "no"}]}, "permission"),
        (200, {"error": {"message": "x", "type": "invalid_request_error", "status_code": 400}}, "invalid_request"),
        (200, {"error": {"message": "x", "type": "timeout_error"}}, "timeout"),
        (200, anthropic("overloaded_error", "Overloaded"), "overloaded"),
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


def test_an_array_of_details_becomes_a_line() -> None:
    details = [{"loc": ["body", "messages"], "msg": "field required"}, {"loc": ["body", "n"], "msg": "too many"}]
    error = refusal(422, {}, json.dumps({"detail": details}).encode())
    assert error.detail == "body.messages: field required; body.n: too many"


def test_what_a_gateway_passes_on_is_in_the_detail() -> None:
    body = {"error": {"code": 429, "message": "Provider returned error", "metadata": {"raw": "slow down"}}}
    error = refusal(200, {}, json.dumps(body).encode())
    assert (error.kind, error.status, error.detail) == ("rate_limit", 429, "Provider returned error; slow down")


def test_an_error_without_an_end_of_nesting_is_read_to_a_depth() -> None:
    value: object = "deep"
    for _ in range(50):
        value = {"error": value}
    assert refusal(400, {}, json.dumps(value).encode()).detail == ""


def test_a_request_larger_than_a_limit_with_commas_never_fits() -> None:
    message = "Request too large: Limit 30,000, Requested 33,100."
    error = refusal(429, {}, json.dumps({"error": {"message": message, "code": "rate_limit_exceeded"}}).encode())
    assert (error.retryable, error.code) == (False, "too_long")
