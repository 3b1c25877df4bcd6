"""Who opens a socket: exact origin, living session, membership. Checked again with every frame."""

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils.crypto import constant_time_compare

from csuite.tenants.access import acting_membership, membership_of
from csuite.tenants.models import Membership


@dataclass(frozen=True, slots=True)
class Gone(Exception):
    """Why a socket must close: 4401 the session ended, 4403 the right is lost."""

    code: int


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


def _session_user(key: str) -> tuple[Any, Any] | None:
    """(user, session) of a living session whose password has not changed since; as django.contrib.auth does."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user_id, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    if not user_id or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return user, session


def member_of_session(key: str) -> Membership | None:
    """The acting membership of a session; None for nobody. Reads global tables only."""
    found = _session_user(key)
    return acting_membership(*found) if found else None


def still_member(key: str, tenant: UUID) -> Membership:
    """The membership as it is now. Raises Gone: 4401 without a session, 4403 without the right."""
    found = _session_user(key)
    if found is None:
        raise Gone(4401)
    member = membership_of(found[0], tenant)
    if member is None:
        raise Gone(4403)
    return member
