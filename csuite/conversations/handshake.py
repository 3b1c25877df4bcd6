"""Who opens a socket: an exact origin and a session, looked at again with every frame (tenants/sessions.py)."""

from http.cookies import CookieError, SimpleCookie

from django.conf import settings


def origin_allowed(headers: list[tuple[bytes, bytes]]) -> bool:
    """Exactly one Origin header, and exactly one of ours: another tenant's subdomain is not (THREATS T14)."""
    origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
    return len(origins) == 1 and origins[0] in settings.SOCKET_ORIGINS


def session_key(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The session key of the cookie; never of the query string."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        for name, value in headers:
            if name == b"cookie":
                cookies.load(value.decode("latin-1"))
    except CookieError:
        return None
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else None
