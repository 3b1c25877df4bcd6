"""Errors that a client of ours sees: one code each, the same words in frames and in application/problem+json."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

STATUS = {
    "bad_frame": 400,
    "signed_out": 401,
    "budget_exceeded": 402,
    "forbidden": 403,
    "suspended": 403,
    "not_found": 404,
    "id_reused": 409,
    "too_long": 413,
    "rate_limited": 429,
    "queue_full": 429,
    "internal": 500,
    "provider_unavailable": 503,
}

# Addresses that programs use: they take bearer tokens, have the API's limit and never answer with a page.
FOR_PROGRAMS = ("/api/", "/c-suite/", "/writer/", "/cashflow/")


def wants_json(request: HttpRequest) -> bool:
    """A program asked: it gets a problem, not a page."""
    return (
        request.path.startswith(FOR_PROGRAMS)
        or request.content_type == "application/json"
        or request.headers.get("Accept", "").startswith("application/json")
    )


class Problem(Exception):
    """`code` is a key of STATUS, `message` a sentence for a person, `retry_after` seconds or None."""

    def __init__(
        self, code: str, message: str, retry_after: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.retry_after = code, message, retry_after
        self.headers = headers or {}
        if retry_after is not None:
            self.headers = {"Retry-After": str(retry_after), **self.headers}

    @property
    def status(self) -> int:
        return STATUS[self.code]

    def frame(self, client_id: str | None = None) -> dict[str, Any]:
        """The error frame of the socket contract."""
        return {
            "type": "error",
            "code": self.code,
            "message": self.message,
            "retry_after": self.retry_after,
            "id": client_id,
        }

    def response(self) -> HttpResponse:
        body = {
            "type": "about:blank",
            "title": self.message,
            "status": self.status,
            "code": self.code,
            "detail": self.message,
            "retry_after": self.retry_after,
        }
        return JsonResponse(body, status=self.status, headers=self.headers, content_type="application/problem+json")
