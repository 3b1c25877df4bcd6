"""Feature flags without a request (csuite/tenants/flags.py)."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from waffle import flag_is_active

from csuite.tenants.flags import is_active_for, within_percentage
from csuite.tenants.models import Flag, User
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


def test_a_percentage_is_stable_grows_by_adding_and_is_about_right() -> None:
    people = [User(email=f"{number}@x.example") for number in range(2000)]

    def inside(percent: str) -> set[object]:
        flag = Flag(name="f", percent=Decimal(percent))
        return {user.id for user in people if within_percentage(flag, None, user)}

    assert inside("10") == inside("10")
    assert 120 < len(inside("10")) < 290
    assert inside("10") < inside("30")
    assert inside("0") == set()


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
