"""What CSUITE_PUBLIC_URL=https://… switches on; settings are read in a process of their own."""

import json
import os
import subprocess
import sys

NAMES = (
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_DOMAIN",
    "SESSION_COOKIE_PATH",
    "SECURE_HSTS_SECONDS",
    "SECURE_SSL_REDIRECT",
    "SECURE_PROXY_SSL_HEADER",
    "HTTPS",
    "ALLOWED_HOSTS",
    "SOCKET_ORIGINS",
    "TRUST_PROXY",
    "ALLAUTH_TRUSTED_PROXY_COUNT",
)


def read(**environment: str) -> dict[str, object]:
    code = (
        f"import json; from csuite import settings as s; print(json.dumps({{n: getattr(s, n, None) for n in {NAMES}}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_https_makes_cookies_strict() -> None:
    found = read(CSUITE_PUBLIC_URL="https://csuite.acme.example")
    assert found["SESSION_COOKIE_NAME"] == "__Host-csuite-session"
    assert found["CSRF_COOKIE_NAME"] == "__Host-csuite-csrf"
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["CSRF_COOKIE_SECURE"] is True
    assert found["SESSION_COOKIE_HTTPONLY"] is True
    assert found["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert found["SESSION_COOKIE_DOMAIN"] is None
    assert found["SESSION_COOKIE_PATH"] in (None, "/")
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["HTTPS"] is True
    assert "csuite.acme.example" in found["ALLOWED_HOSTS"]  # type: ignore[operator]
    assert "https://csuite.acme.example" in found["SOCKET_ORIGINS"]  # type: ignore[operator]
    assert "http://csuite.acme.example" not in found["SOCKET_ORIGINS"]  # type: ignore[operator]


def test_nothing_a_client_claims_is_trusted_without_a_proxy_of_ours() -> None:
    assert read()["SECURE_PROXY_SSL_HEADER"] is None
    assert read()["ALLAUTH_TRUSTED_PROXY_COUNT"] == 0
    behind = read(TRUST_PROXY="true")
    assert behind["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert behind["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1


def test_the_loopback_demo_works_without() -> None:
    found = read(CSUITE_PUBLIC_URL="http://127.0.0.1:8000")
    assert found["SESSION_COOKIE_NAME"] == "csuite-session"
    assert found["SESSION_COOKIE_SECURE"] is False
    assert found["SECURE_HSTS_SECONDS"] == 0
