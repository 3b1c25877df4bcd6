"""The audit of a company (csuite/tenants/audit*.py): what is written, and who sees it."""

import pytest

from csuite.tenants import audit
from csuite.tenants.audit import changes
from csuite.tenants.models import AuditEntry
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def write(cast: Cast, count: int) -> None:
    with tenant_scope(cast.acme.id):
        for number in range(count):
            audit.record("thing.done", user=cast.bob if number % 2 else cast.alice, target=f"t{number}", number=number)


def test_only_what_differs_is_kept_and_secrets_never() -> None:
    before = {"name": "a", "same": 1, "api_key": "sk-one", "password": "", "body": "x" * 3000, "digest": b"12"}
    after = {"name": "b", "same": 1, "api_key": "sk-two", "password": "hunter2", "body": "y", "digest": b"34"}
    was, now = audit.difference(before, after)
    assert was["name"] == "a"
    assert now["name"] == "b"
    assert "same" not in was
    assert (was["api_key"], now["api_key"]) == ("•••", "•••")
    assert (was["password"], now["password"]) == ("", "•••")
    assert len(was["body"]) == 2001
    assert (was["digest"], now["digest"]) == ("•••", "•••")


def test_what_appears_and_disappears_is_kept_on_one_side() -> None:
    assert audit.difference({}, {"a": 1}) == ({}, {"a": 1})
    assert audit.difference({"a": b"1"}, {}) == ({"a": "1 bytes"}, {})


def test_the_page_goes_on_where_it_ended_and_loses_nothing(cast: Cast) -> None:
    write(cast, 120)
    browser = cast.client(cast.alice)
    seen: list[str] = []
    query: dict[str, str] = {}
    for expected in (50, 50, 20):
        page = browser.get("/audit/", query)
        entries = [one["entry"] for one in page.context["entries"]]
        assert len(entries) == expected
        seen += [entry.target for entry in entries]
        query = {"before": page.context["older"]}
    assert query == {"before": ""}
    assert seen == [f"t{number}" for number in range(119, -1, -1)]


def test_entries_are_chosen_by_deed_and_person(cast: Cast) -> None:
    write(cast, 4)
    with tenant_scope(cast.acme.id):
        audit.record("other.done", user=cast.bob)
    browser = cast.client(cast.alice)
    for query, expected in (
        ({"action": "other.done"}, 1),
        ({"person": str(cast.bob.pk)}, 3),
        ({"person": str(cast.bob.pk), "action": "thing.done"}, 2),
        ({"action": "nothing"}, 0),
        ({"before": "nonsense"}, 5),
        ({"before": "2020-13-40T99:00_x"}, 5),
    ):
        assert len(browser.get("/audit/", query).context["entries"]) == expected, query


def test_a_company_sees_its_own_only(cast: Cast) -> None:
    with tenant_scope(cast.rival.id):
        audit.record("secret.deed", user=cast.charlie)
    page = cast.client(cast.alice).get("/audit/")
    assert page.context["entries"] == []
    assert "secret.deed" not in page.content.decode()
    assert cast.charlie.email not in page.content.decode()
    for who in (cast.bob, cast.fiona, cast.charlie):
        assert cast.client(who).get("/audit/").status_code == 403


def test_before_and_after_are_told_in_words(cast: Cast) -> None:
    detail = {"before": {"on": None, "role": "executive"}, "after": {"on": True, "role": "admin"}, "name": "x"}
    assert changes(detail) == [("on", "nothing", "yes"), ("role", "executive", "admin"), ("name", "", "x")]
    assert changes({"before": "odd"}) == []
    assert changes({"after": {"warn_at": "9", "user": None, "hard": False}}) == [
        ("warn at", "", "9"),
        ("hard", "", "no"),
    ]
    assert changes({"before": {"on": True, "note": ""}, "after": {"on": False, "note": None}}) == [("on", "yes", "no")]


def test_markup_in_an_entry_stays_text(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        audit.record("thing.done", user=cast.bob, name="<img src=x onerror=alert(1)>\u202e")
    page = cast.client(cast.alice).get("/audit/").content.decode()
    assert "<img" not in page
    assert "\u202e" not in page


def test_nobody_changes_what_was_written(cast: Cast) -> None:
    from django.db import DatabaseError, transaction

    write(cast, 1)
    with pytest.raises(DatabaseError), transaction.atomic(), tenant_scope(cast.acme.id):
        AuditEntry.objects.update(action="nothing")
    with pytest.raises(DatabaseError), transaction.atomic(), tenant_scope(cast.acme.id):
        AuditEntry.objects.all().delete()


def test_an_export_is_written_down(cast: Cast) -> None:
    assert cast.client(cast.fiona).get("/usage/calls.csv").status_code == 200
    with tenant_scope(cast.acme.id):
        assert AuditEntry.objects.get(action="usage.exported").user == cast.fiona
