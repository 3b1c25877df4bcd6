"""Acting for one of several companies (access.py, views.act)."""

import uuid

import pytest

from csuite.tenants.access import ACTING_TENANT, acting_membership, membership_of
from csuite.tenants.models import Membership, Role
from tests.conftest import Cast, visible

pytestmark = pytest.mark.django_db
ACT = "/tenants/act/"


@pytest.fixture
def both(cast: Cast) -> Cast:
    """Bob belongs to Rival too, as its finance."""
    Membership.objects.create(user=cast.bob, tenant=cast.rival, role=Role.FINANCE)
    return cast


def test_without_a_choice_the_first_by_name_acts(both: Cast) -> None:
    browser = both.client(both.bob)
    member = acting_membership(both.bob, browser.session)
    assert member is not None
    assert member.tenant == both.acme


def test_the_choice_is_kept_in_the_session(both: Cast) -> None:
    browser = both.client(both.bob)
    response = browser.post(ACT, {"tenant": str(both.rival.id)})
    assert (response.status_code, response["Location"]) == (302, "/")
    member = acting_membership(both.bob, browser.session)
    assert member is not None
    assert (member.tenant, member.role) == (both.rival, Role.FINANCE)
    page = browser.get("/profile/access/")
    assert page.wsgi_request.member == member  # type: ignore[attr-defined]


def test_a_lost_membership_is_acted_for_no_more(both: Cast) -> None:
    browser = both.client(both.bob)
    browser.post(ACT, {"tenant": str(both.rival.id)})
    Membership.objects.filter(user=both.bob, tenant=both.rival).update(is_active=False)
    member = acting_membership(both.bob, browser.session)
    assert member is not None
    assert member.tenant == both.acme


def test_a_strangers_company_is_the_same_404_as_none(cast: Cast) -> None:
    browser = cast.client(cast.charlie)
    answers = [browser.post(ACT, {"tenant": tenant}) for tenant in (str(cast.acme.id), str(uuid.uuid4()), "x", "")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({visible(answer) for answer in answers}) == 1
    assert ACTING_TENANT not in browser.session


def test_a_suspended_company_cannot_be_chosen(both: Cast) -> None:
    both.rival.is_active = False
    both.rival.save()
    assert both.client(both.bob).post(ACT, {"tenant": str(both.rival.id)}).status_code == 404
    assert membership_of(both.bob, both.rival.id) is None


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        ("/usage/", "/usage/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_it_leads_on_to_our_own_pages_only(cast: Cast, target: str, goes: str) -> None:
    response = cast.client(cast.bob).post(ACT, {"tenant": str(cast.acme.id), "next": target})
    assert response["Location"] == goes


def test_only_a_signed_in_post_with_csrf_switches(cast: Cast) -> None:
    assert cast.client().post(ACT, {"tenant": str(cast.acme.id)}).status_code == 302
    assert cast.client(cast.bob).get(ACT).status_code == 405
    strict = cast.client(cast.bob, enforce_csrf_checks=True)
    assert strict.post(ACT, {"tenant": str(cast.acme.id)}).status_code == 403
