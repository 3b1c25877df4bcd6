"""Sessions outside a request: whose they are, and whether they still give access. Sockets and streams ask again."""

from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils.crypto import constant_time_compare

from csuite.tenants.access import acting_membership, living_membership
from csuite.tenants.models import Membership
from csuite.tenants.policy import barrier


class Gone(Exception):
    """Why a socket must close: 4401 the session ended, 4403 the right is lost."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _session(key: str) -> tuple[Any, Any] | None:
    """(user id, session) of a session that somebody signed in to with a way we still know."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user_id, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    return (user_id, session) if user_id and backend in settings.AUTHENTICATION_BACKENDS else None


def _is_current(session: Any, user: Any) -> bool:
    """The password has not changed since; as django.contrib.auth does."""
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _session_user(key: str) -> tuple[Any, Any] | None:
    """(user, session) of a living session."""
    found = _session(key)
    if found is None:
        return None
    user_id, session = found
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    return (user, session) if user is not None and _is_current(session, user) else None


def member_of_session(key: str) -> Membership | None:
    """The acting membership of a session; None for nobody. Reads global tables only."""
    found = _session_user(key)
    return acting_membership(*found) if found else None


def still_member(key: str, tenant: UUID) -> Membership:
    """The membership as it is now, in two queries. Raises Gone: 4401 without a session, 4403 without the right."""
    found = _session(key)
    if found is None:
        raise Gone(4401)
    user_id, session = found
    member = living_membership(user_id, tenant)
    if member is not None and _is_current(session, member.user):
        if barrier(member.tenant, session) is None:
            return member
        raise Gone(4403)  # the company asks for more than this session gave
    raise Gone(4403 if member is None and _session_user(key) else 4401)
