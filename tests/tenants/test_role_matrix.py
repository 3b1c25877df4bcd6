"""Every role at every page and act of administrators, from one table: nothing beyond the role, nothing of others.

THREATS T3, T8, T9, T11, T12: who may, may for the own company; an administrator of another company is a stranger.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from csuite.tenants import invitations
from csuite.tenants.models import Flag, FlagOverride, Invitation, Membership, Role, Tenant, User
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

ROLES = ("executive", "finance", "admin", "foreign admin", "former admin", "suspended admin", "platform", "nobody")


@dataclass(frozen=True)
class Act:
    """`may`: the roles that can; `changes`: what of Acme's then differs."""

    name: str
    body: dict[str, str]
    changes: str = ""
    may: tuple[str, ...] = ("admin",)


MATRIX = (
    Act("people", {}),
    Act("people", {"email": "zoe@acme.example", "role": "admin", "title": ""}, "invitations"),
    Act("person", {}),
    Act("person", {"do": "change", "role": "admin", "title": "Boss"}, "members"),
    Act("person", {"do": "deactivate"}, "members"),
    Act("person", {"do": "remove"}, "members"),
    Act("invite_again", {"again": "yes"}, "invitations"),
    Act("revoke_invitation", {"revoke": "yes"}, "invitations"),
    Act("people_sign_in", {}),
    Act("people_sign_in", {"sign_in": "password"}),
    Act("people_plan", {}),
    Act("people_flags", {}),
    Act("people_flags", {"name": "left", "set": "on"}, "flags"),
    Act("audit", {}),
)


def state() -> dict[str, list[Any]]:
    """Everything of every company that these acts could touch."""
    with platform_scope("test"):
        return {
            "members": list(Membership.objects.order_by("pk").values("role", "title", "is_active", "removed_at")),
            "invitations": list(Invitation.objects.order_by("pk").values("email", "nonce", "revoked_at", "tenant")),
            "flags": list(FlagOverride.objects.values("tenant", "flag", "on")),
            "tenants": list(Tenant.objects.order_by("pk").values("sign_in", "is_active", "plan")),
        }


def person(cast: Cast, role: str) -> User | None:
    if role in ("nobody", "platform"):
        return cast.root if role == "platform" else None
    if role in ("executive", "finance"):
        return cast.bob if role == "executive" else cast.fiona
    if role == "admin":
        return cast.alice
    made = User.objects.create(email=f"{role.split()[0]}@x.example", name=role)
    home = cast.rival if role == "foreign admin" else cast.acme
    Membership.objects.create(user=made, tenant=home, role=Role.ADMIN, is_active=role != "former admin")
    if role == "suspended admin":
        User.objects.filter(pk=made.pk).update(is_active=False)
    return made


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", MATRIX, ids=lambda act: f"{act.name} {' '.join(act.body)}".strip())
def test_each_role_does_what_is_its_own_and_nothing_else(cast: Cast, act: Act, role: str) -> None:
    Flag(name="left", superusers=False, tenant_settable=True).save()
    with tenant_scope(cast.acme.id):
        invited = invitations.invite(cast.member(cast.alice), "nora@acme.example", "executive", "")
    target = Membership.objects.create(
        user=User.objects.create(email="target@acme.example"), tenant=cast.acme, role=Role.EXECUTIVE
    )
    names: dict[str, Callable[[], Any]] = {"person": lambda: target.pk}
    names |= dict.fromkeys(("invite_again", "revoke_invitation"), lambda: invited.pk)
    where = reverse(act.name, args=[names[act.name]()] if act.name in names else [])
    browser = cast.client(person(cast, role), raise_request_exception=False)
    before = state()
    answer = browser.post(where, act.body) if act.body else browser.get(where)
    after = state()
    if role in act.may:
        assert answer.status_code in (200, 302)
        assert {name for name in before if before[name] != after[name]} == ({act.changes} if act.changes else set())
        return
    own = role == "foreign admin" and act.name not in names
    assert answer.status_code in ((200, 302) if own else (302, 403, 404))
    assert answer.status_code != 302 or own or answer["Location"].startswith("/accounts/login/")
    assert [row for row in after["members"] if row not in before["members"]] == []
    assert {name for name in before if _acmes(cast, before[name]) != _acmes(cast, after[name])} == set()
    page = answer.content.decode()
    assert "nora@acme.example" not in page
    assert "target@acme.example" not in page


def _acmes(cast: Cast, rows: list[Any]) -> list[Any]:
    return [row for row in rows if row.get("tenant", cast.acme.pk) == cast.acme.pk]
