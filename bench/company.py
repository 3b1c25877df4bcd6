"""`python -m bench.company <streams>`: signed-in people with a conversation each, printed as JSON.

Runs in a process of its own with the environment of the server it prepares for: {"seats": [[cookie, conversation]]}.
"""

import json
import os
import sys
from decimal import Decimal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from csuite.conversations.models import Conversation  # noqa: E402
from csuite.providers.models import Price  # noqa: E402
from csuite.tenants.models import Limit, Membership, Tenant, User  # noqa: E402
from csuite.tenants.scope import tenant_scope  # noqa: E402
from csuite.tenants.seeds import DEFAULT_LIMITS  # noqa: E402

SEATS_PER_PERSON = 5
NO_LIMIT = 1_000_000


def seats(count: int) -> list[tuple[str, str]]:
    """(cookie, conversation id) for each stream, in the demo company."""
    tenant = Tenant.objects.get(slug="northwind")
    found: list[tuple[str, str]] = []
    while len(found) < count:
        user = _person(tenant, len(found) // SEATS_PER_PERSON)
        cookie = f"{settings.SESSION_COOKIE_NAME}={_session(user)}"
        with tenant_scope(tenant.id):
            for _ in range(min(SEATS_PER_PERSON, count - len(found))):
                conversation = Conversation.objects.create(user=user, updated_at=timezone.now())
                found.append((cookie, str(conversation.id)))
    return found


def lift_limits(model: str) -> None:
    """The demo company may ask as often as it likes, and its model has a price."""
    tenant = Tenant.objects.get(slug="northwind")
    for name in DEFAULT_LIMITS:
        Limit.objects.update_or_create(name=name, plan="", tenant=tenant, defaults={"amount": NO_LIMIT, "seconds": 60})
    rates = {"input": Decimal("0.9"), "output": Decimal("0.9"), "source": "bench"}
    Price.objects.create(provider="fireworks", model=model, **rates)


def _person(tenant: Tenant, number: int) -> User:
    user, made = User.objects.get_or_create(email=f"bench-{number}@northwind.example")
    if made:
        Membership.objects.create(user=user, tenant=tenant)
    return user


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    lift_limits(sys.argv[2])
    print(json.dumps({"seats": seats(int(sys.argv[1]))}))
