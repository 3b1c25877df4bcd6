"""Every address, as nobody, as Charlie and in every role, found through the resolver (tests/url_table.py)."""

import re
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import FileResponse
from django.test import Client

from csuite.tenants.models import Membership, Role, User
from csuite.tenants.scope import platform_scope
from tests.conftest import Cast, visible
from tests.url_admin import ADMIN
from tests.url_objects import OBJECTS, OF_COMPANIES
from tests.url_table import NO, PATHS, PEOPLE, TABLE, VALUES
from tests.url_walk import parameters, path_of, routes

pytestmark = pytest.mark.django_db

EVERY = sorted(set(routes()))
ADMIN_MODEL = re.compile(r"admin/(\w+)/(\w+)/(.*)")
APP_LIST = re.compile(r"admin/\^\(\?P<app_label>[\w|]+\)/\$")
OF_MODELS = [route for route in EVERY if ADMIN_MODEL.fullmatch(route) and route not in TABLE]
OTHERS = [route for route in EVERY if route not in OF_MODELS and not APP_LIST.fullmatch(route)]
OF_OBJECTS = [route for route in OTHERS if OBJECTS.keys() & set(parameters(route))]


@pytest.fixture(autouse=True)
def _unlimited(cast: Cast) -> None:
    """This file asks more often than anybody may."""
    from csuite.tenants.models import Limit

    Limit.objects.update(amount=1_000_000)


def path(route: str, values: dict[str, object]) -> str:
    return PATHS.get(route) or path_of(route, VALUES | values)


def objects(cast: Cast, route: str) -> dict[str, object]:
    return {name: OBJECTS[name][0](cast) for name in parameters(route) if name in OBJECTS}


def ask(cast: Cast, who: str | User, method: str, where: str) -> Any:
    if where.startswith("/accounts/"):
        cache.clear()  # allauth's limits count by address, and all of these come from one
    person = None if who == "nobody" else getattr(cast, who) if isinstance(who, str) else who
    client = cast.client(raise_request_exception=False)
    if person is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(person)
    return closed(getattr(client, method)(where))


def session_of(person: User) -> str:
    """Signed in once in each test, and again where a page has ended the session: signing in costs as much as a page."""
    key: str = vars(person).setdefault("session_of_tests", "")
    if not Session.objects.filter(session_key=key).exists():
        client = Client()
        client.force_login(person)
        key = vars(person)["session_of_tests"] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return key


def closed(response: Any) -> Any:
    """A file is read to its end, which closes it; closing the answer itself would take the test's connection along."""
    if isinstance(response, FileResponse):
        b"".join(response)
    return response


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(OTHERS) - TABLE.keys() == set(), "give these a row in tests/url_table.py"
    assert TABLE.keys() - set(OTHERS) == set(), "these are gone: take their rows out of tests/url_table.py"
    models = {f"{found[1]}.{found[2]}" for route in OF_MODELS if (found := ADMIN_MODEL.fullmatch(route))}
    assert models == ADMIN.keys(), "tables in the admin need a row in tests/url_admin.py"


@pytest.mark.parametrize("route", OTHERS)
def test_every_address_answers_each_person_as_expected(cast: Cast, route: str) -> None:
    """THREATS T11: who is known is not who may."""
    expected = TABLE[route]
    for method, statuses in zip(("get", "post"), expected, strict=True):
        made = [(who, ask(cast, who, method, path(route, objects(cast, route)))) for who in PEOPLE]
        assert {who: response.status_code for who, response in made} == dict(zip(PEOPLE, statuses, strict=True)), method


@pytest.mark.parametrize("route", OF_OBJECTS)
def test_an_object_of_others_is_the_same_404_as_one_that_does_not_exist(cast: Cast, route: str) -> None:
    """And nothing of it changes, whoever tries: another company, or a colleague."""
    values = objects(cast, route)
    nothing = {name: uuid.uuid4() for name in values}
    before = snapshot(values)
    strangers: tuple[User, ...] = (cast.charlie, cast.fiona, cast.alice)
    if OF_COMPANIES & values.keys():
        strangers = (User.objects.create(email="rhea@rival.example", name="Rhea"),)
        Membership.objects.create(user=strangers[0], tenant=cast.rival, role=Role.ADMIN)
    for who in strangers:
        for method in ("get", "post", "put", "patch", "delete"):
            real = ask(cast, who, method, path(route, values))
            fake = ask(cast, who, method, path(route, dict(nothing)))
            assert real.status_code == fake.status_code in (302, 404, 405)
            assert without(values, visible(real)) == without(nothing, visible(fake))
            assert names(real) == names(fake)
    assert snapshot(values) == before


def snapshot(values: dict[str, object]) -> list[Any]:
    with platform_scope("test"):
        return [OBJECTS[name][1].objects.filter(pk=value).values().get() for name, value in values.items()]


def without(values: Any, text: str) -> str:
    for value in values.values():
        text = text.replace(str(value), "…")
    return text


def names(response: Any) -> set[str]:
    return set(response.headers)


@pytest.mark.parametrize("route", OF_MODELS)
def test_the_admin_is_for_platform_staff(cast: Cast, route: str) -> None:
    found = ADMIN_MODEL.fullmatch(route)
    assert found is not None
    may = ADMIN[f"{found[1]}.{found[2]}"]
    expected = {
        "": 200,
        "add/": 200 if may in ("all", "keep") else 403,
        "<path:object_id>/delete/": 302 if may in ("all", "drop") else 403,
    }.get(found[3], 302)  # the others lead back, as there is no such row
    statuses = {who: ask(cast, who, "get", path(route, {})).status_code for who in PEOPLE}
    assert statuses == dict.fromkeys(PEOPLE, 302) | {"root": expected}


BODIES: list[dict[str, Any]] = [
    {"data": body, "content_type": "application/json"}
    for body in ("", "null", "[]", "1", "{", '{"a":' * 5000, '"\\ud800"', '{"text": null, "personas": 7, "name": []}')
]
BODIES += [
    {
        "data": {
            "text": "a\x00b",
            "title": "a\x00b",
            "name": "a\x00b",
            "tenant": "a\x00b",
            "message": "\x00",
            "q": "\x00",
        }
    },
    {"data": b"\xff\xfe\x00", "content_type": "application/x-www-form-urlencoded"},
    {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
    {"data": b"", "content_type": "multipart/form-data"},
]


@pytest.mark.parametrize("route", [route for route in OTHERS if not route.startswith(("accounts/", "admin/"))])
def test_no_body_breaks_an_address(cast: Cast, route: str) -> None:
    """Missing, broken, of the wrong type or with characters that PostgreSQL refuses: refused, never a failure."""
    browser = cast.client(cast.alice if TABLE[route][0][4] == 200 != TABLE[route][0][2] else cast.bob)
    takes_none = TABLE[route][1] == NO
    for body in BODIES[:1] if takes_none else BODIES:
        where = path(route, objects(cast, route))
        assert closed(browser.post(where, **body)).status_code < 500, body
    assert closed(browser.get(f"{where}?q=%00&text=%00&persona=%00&from=%00&cursor=%00")).status_code < 500
