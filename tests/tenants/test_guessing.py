"""THREATS T13: neighbour ids, one after the other: nothing is shown, further tries are refused, somebody hears."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from csuite.analytics.models import Alert
from csuite.tenants import tokens
from csuite.tenants.guessing import missed
from csuite.tenants.models import AuditEntry, Tenant
from csuite.tenants.models.tenant import PLATFORM_SLUG
from csuite.tenants.scope import tenant_scope
from csuite.tenants.seeds import INNER_LIMITS
from tests.conftest import Cast, visible
from tests.url_objects import OBJECTS

pytestmark = pytest.mark.django_db
MOST = INNER_LIMITS["misses"][0]


def alerts() -> list[Any]:
    with tenant_scope(Tenant.objects.get(slug=PLATFORM_SLUG).pk):
        return list(Alert.objects.filter(rule="guessing"))


@pytest.mark.parametrize("tries", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_neighbours_of_an_id_show_nothing_are_refused_and_told_of(cast: Cast, tries: int) -> None:
    there = OBJECTS["conversation"][0](cast)
    neighbours = [UUID(int=there.int + step) for step in range(-tries // 2, tries // 2) if step]
    charlie = cast.client(cast.charlie)
    answers = [charlie.get(f"/conversations/{one}/") for one in [there, *neighbours]]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {404, 429}
    assert statuses.count(404) <= 2 * MOST, "a window may end once while this runs"
    assert visible(answers[0]) == visible(answers[1]), "one that is there looks like one that is not"
    assert int(next(answer for answer in answers if answer.status_code == 429)["Retry-After"]) > 0
    [alert] = alerts()
    assert alert.title == "charlie@rival.example asks for what is not there"
    assert "Rival" in alert.text
    with tenant_scope(cast.rival.pk):
        assert AuditEntry.objects.filter(action="access.guessing", user=cast.charlie).exists()


def test_who_guesses_may_still_do_what_is_hers(cast: Cast) -> None:
    there = OBJECTS["conversation"][0](cast)
    bob = cast.client(cast.bob)
    for _ in range(MOST + 5):
        bob.get(f"/conversations/{uuid4()}/")
    assert bob.get(f"/conversations/{there}/").status_code == 200
    assert bob.get(f"/conversations/{uuid4()}/").status_code == 429


def test_programs_guess_no_better(cast: Cast) -> None:
    _, secret = tokens.make(cast.member(cast.charlie), "Report")
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    for _ in range(MOST):
        assert program.get(f"/api/v1/llm/batch/{uuid4()}").status_code == 404
    refused = program.get(f"/api/v1/llm/batch/{uuid4()}")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert len(alerts()) == 1


def test_nobody_guesses_invitations_without_an_end(cast: Cast) -> None:
    browser = Client()
    for _ in range(MOST):
        assert browser.get(f"/invitations/{cast.acme.pk}/{uuid4()}/nothing/").status_code == 404
    assert browser.get(f"/invitations/{cast.acme.pk}/{uuid4()}/nothing/").status_code == 429
    assert "Somebody at 127.0.0.1" in alerts()[0].title


def test_a_wrong_address_without_an_id_is_no_guess(cast: Cast) -> None:
    bob = cast.client(cast.bob)
    for _ in range(MOST + 5):
        assert bob.get("/nothing/here/").status_code == 404
    assert alerts() == []


def test_a_socket_counts_as_well(cast: Cast) -> None:
    """What the consumer does with an id that is not hers (conversations/consumers.py)."""
    used = [missed(cast.charlie, cast.member(cast.charlie), "127.0.0.1").exceeded for _ in range(MOST + 1)]
    assert used == [False] * MOST + [True]
    assert len(alerts()) == 1
