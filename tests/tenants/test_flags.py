"""Feature flags without a request (csuite/tenants/flags.py)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from waffle import flag_is_active

from csuite.tenants.flags import is_active_for, is_on, within_percentage
from csuite.tenants.models import Flag, FlagOverride, User
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def flag_with(**fields: Any) -> Flag:
    flag = Flag(**fields)
    flag.save()
    return flag


def test_a_flag_that_nobody_made_is_off(cast: Cast) -> None:
    assert not is_active_for("nothing", cast.acme, cast.bob)


def test_everyone_decides_alone(cast: Cast) -> None:
    flag = flag_with(name="f", everyone=False, authenticated=True)
    flag.tenants.add(cast.acme)
    assert not is_active_for("f", cast.acme, cast.bob)
    Flag.objects.update(everyone=True)
    assert is_active_for("f", None, None)


def test_a_tenant_is_on_for_all_its_people_and_jobs(cast: Cast) -> None:
    flag_with(name="f", superusers=False).tenants.add(cast.acme)
    assert is_active_for("f", cast.acme, cast.bob)
    assert is_active_for("f", cast.acme, None)
    assert not is_active_for("f", cast.rival, cast.charlie)


def test_people_and_groups_are_named(cast: Cast) -> None:
    flag = flag_with(name="f", superusers=False)
    flag.users.add(cast.bob)
    group = Group.objects.create(name="early")
    flag.groups.add(group)
    cast.alice.groups.add(group)
    on = [user.name for user in (cast.alice, cast.bob, cast.fiona) if is_active_for("f", cast.acme, user)]
    assert on == ["Alice", "Bob"]


@pytest.mark.parametrize("kind", ["superusers", "staff"])
def test_kinds_of_people(cast: Cast, kind: str) -> None:
    flag_with(name="f", **{"superusers": False, kind: True})
    assert is_active_for("f", None, cast.root)
    assert not is_active_for("f", cast.acme, cast.bob)
    Flag.objects.update(authenticated=True)
    assert is_active_for("f", cast.acme, cast.bob)
    assert not is_active_for("f", cast.acme, None)


def test_ten_thousand_people_fall_into_a_percentage_evenly_and_nobody_ever_falls_out() -> None:
    people = [User(email=f"{number}@x.example") for number in range(10_000)]

    def inside(percent: str) -> set[object]:
        flag = Flag(name="f", percent=Decimal(percent))
        return {user.id for user in people if within_percentage(flag, None, user)}

    shares = {percent: inside(percent) for percent in ("0", "1", "10", "50", "99.9")}
    assert shares["10"] == inside("10")
    for percent, found in shares.items():
        assert abs(len(found) / 100 - float(percent)) < 1.5, percent  # at most three deviations of a fair draw
    assert shares["0"] == set()
    assert shares["0"] < shares["1"] < shares["10"] < shares["50"] < shares["99.9"]


def test_another_flag_draws_other_people() -> None:
    people = [User(email=f"{number}@x.example") for number in range(2000)]
    drawn = [
        {user.id for user in people if within_percentage(Flag(name=name, percent=Decimal(50)), None, user)}
        for name in ("one", "two")
    ]
    assert 300 < len(drawn[0] & drawn[1]) < 700


def test_past_its_end_a_flag_is_off_for_everybody(cast: Cast) -> None:
    flag = flag_with(name="f", everyone=True, expires_at=timezone.now() + timedelta(hours=1))
    assert is_active_for("f", cast.acme, cast.bob)
    flag.expires_at = timezone.now()
    flag.save()
    assert not is_active_for("f", cast.acme, cast.bob)
    assert not is_active_for("f", cast.acme, cast.root, {"X-Feature-Flag": "f"})


def test_the_header_turns_a_flag_on_for_platform_staff_only(cast: Cast) -> None:
    flag = flag_with(name="ai-beta", superusers=False)
    asked = {"X-Feature-Flag": "other, ai-beta"}
    assert is_active_for("ai-beta", None, cast.root, asked)
    assert not is_active_for("ai-beta", None, cast.root, {})
    for person in (cast.alice, cast.bob, None):
        assert not is_active_for("ai-beta", cast.acme, person, asked)
    flag.everyone = False
    flag.save()
    assert not is_active_for("ai-beta", None, cast.root, asked)
    assert not is_active_for("nobody-made-this", None, cast.root, {"X-Feature-Flag": "nobody-made-this"})


def test_the_header_of_a_request_reaches_waffle_too(cast: Cast) -> None:
    flag_with(name="f", superusers=False)
    for person, on in ((cast.root, True), (cast.bob, False)):
        request = cast.client(person).get("/profile/access/", headers={"X-Feature-Flag": "f"}).wsgi_request
        assert flag_is_active(request, "f") is on


def test_what_a_companys_admin_chose_counts_for_her_company_alone(cast: Cast) -> None:
    flag = flag_with(name="f", superusers=False, tenant_settable=True)
    with tenant_scope(cast.acme.id):
        FlagOverride.objects.create(flag=flag, on=True)
    assert is_active_for("f", cast.acme, cast.bob)
    assert not is_active_for("f", cast.rival, cast.charlie)
    with tenant_scope(cast.acme.id):  # within a scope as well: pages are in one
        assert is_active_for("f", cast.acme, cast.bob)
    flag.tenant_settable = False
    flag.save()
    assert not is_active_for("f", cast.acme, cast.bob)
    flag.tenant_settable, flag.everyone = True, False
    flag.save()
    assert not is_active_for("f", cast.acme, cast.bob)


def test_a_company_may_leave_what_is_on_for_it(cast: Cast) -> None:
    flag = flag_with(name="f", superusers=False, tenant_settable=True)
    flag.tenants.add(cast.acme)
    assert is_active_for("f", cast.acme, cast.bob)
    with tenant_scope(cast.acme.id):
        FlagOverride.objects.create(flag=flag, on=False)
    assert not is_active_for("f", cast.acme, cast.bob)


def test_without_a_person_the_tenant_is_drawn(cast: Cast) -> None:
    flag_with(name="f", percent=Decimal("99.9"))
    assert is_active_for("f", cast.acme, None)
    assert not is_active_for("f", None, None)


def test_waffles_own_question_gets_the_same_answer(cast: Cast) -> None:
    flag_with(name="f", superusers=False).tenants.add(cast.acme)
    answers = {}
    for user in (cast.bob, cast.charlie, None):
        request = cast.client(user).get("/profile/access/").wsgi_request
        answers[user and user.name] = flag_is_active(request, "f")
    assert answers == {"Bob": True, "Charlie": False, None: False}
    assert str(Flag.objects.get(name="f")) == "f"
    assert not flag_is_active(request, "nobody made this")


def test_a_percentage_of_named_tenants_is_a_share_of_their_people_and_of_nobody_elses(cast: Cast) -> None:
    flag = flag_with(name="share", superusers=False, percent=Decimal(10))
    flag.tenants.set([cast.acme])
    people = [User(id=uuid4(), email=f"{n}@acme.example") for n in range(200)]
    on = [is_on(flag, cast.acme, person) for person in people]
    assert on == [within_percentage(flag, cast.acme, person) for person in people]
    assert 0 < sum(on) < 60
    assert not any(is_on(flag, cast.rival, person) for person in people)
    assert not any(is_on(flag, None, person) for person in people)
    flag.percent = None
    assert all(is_on(flag, cast.acme, person) for person in people[:5])
