"""The test cast, the same everywhere: Acme with Alice (admin), Bob (executive) and Fiona (finance); Rival with
Charlie; Root runs the platform."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from csuite.tenants.models import Membership, Tenant, User

PASSWORD = "correct horse battery"
# How fast the machine is at the moment is no property of what is tested.
settings.register_profile("csuite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("csuite")


@dataclass(frozen=True)
class Cast:
    acme: "Tenant"
    rival: "Tenant"
    alice: "User"
    bob: "User"
    charlie: "User"
    fiona: "User"
    root: "User"

    def member(self, user: "User") -> "Membership":
        """The one membership of this person, with user and tenant loaded."""
        return user.memberships.select_related("user", "tenant").get()

    def client(self, user: "User | None" = None, **kwargs: Any) -> Client:
        """A browser: signed in as the user, or as nobody."""
        client = Client(**kwargs)
        if user is not None:
            client.force_login(user)
        return client


def visible(response: Any) -> str:
    """The body of an answer without what differs each time (CSRF tokens)."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())


@pytest.fixture(scope="session")
def _password() -> str:
    """Hashed once: argon2 is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


@pytest.fixture
def cast(db: None, _password: str) -> Cast:
    from csuite.llm import conf
    from csuite.tenants.models import Membership, Role, Tenant, User

    # Prices are kept for seconds; what the test before had entered is none of this one's.
    conf.load("csuite.providers.prices.RowPrices").forget()

    def person(name: str, domain: str, **more: Any) -> User:
        email = f"{name.lower()}@{domain}"
        return User.objects.create(email=email, name=name, password=_password, **more)

    acme = Tenant.objects.create(name="Acme", slug="acme")
    rival = Tenant.objects.create(name="Rival", slug="rival")
    made = Cast(
        acme=acme,
        rival=rival,
        alice=person("Alice", "acme.example"),
        bob=person("Bob", "acme.example"),
        charlie=person("Charlie", "rival.example"),
        fiona=person("Fiona", "acme.example"),
        root=person("Root", "csuite.example", is_staff=True, is_superuser=True),
    )
    for user, tenant, role in (
        (made.alice, acme, Role.ADMIN),
        (made.bob, acme, Role.EXECUTIVE),
        (made.charlie, rival, Role.EXECUTIVE),
        (made.fiona, acme, Role.FINANCE),
    ):
        Membership.objects.create(user=user, tenant=tenant, role=role)
    return made


@pytest.fixture(autouse=True)
def _fresh_counters(request: pytest.FixtureRequest) -> Iterator[None]:
    """Counters live outside the test's transaction (csuite/tenants/pgcache.py), so nothing rolls them back."""
    yield
    if {"db", "transactional_db", "cast"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        from django.core.cache import cache

        from csuite.llm import breaker
        from csuite.tenants import pgcache

        # A web process that a test starts counts in the same tables.
        if pgcache.side.used or "transactional_db" in request.fixturenames:
            cache.clear()
            pgcache.side.run(lambda connection: connection.execute("DELETE FROM circuit"))
            breaker.shared.forget()
            pgcache.side.used = False


@pytest.fixture(scope="session", autouse=True)
def _close_counters() -> Iterator[None]:
    yield
    from csuite.tenants import pgcache

    pgcache.side.close()
