"""The frame around every page leads only where the reader may go."""

import pytest
from django.test import RequestFactory

from csuite.pages.context import masthead
from csuite.tenants.models import Membership, Role
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def labels(cast: Cast, user: object, path: str = "/") -> list[str]:
    page = cast.client(user).get(path, follow=True)  # type: ignore[arg-type]
    return [link.label for link in page.context["masthead"].links]


def test_an_executive_sees_no_usage_and_no_admin(cast: Cast) -> None:
    pages = ["Home", "Conversations", "Boardroom", "Decisions", "Pipeline", "Profile"]
    assert labels(cast, cast.bob) == pages


@pytest.mark.parametrize("who", ["fiona", "alice"])
def test_finance_and_the_tenants_admin_see_usage(cast: Cast, who: str) -> None:
    assert "Usage" in labels(cast, getattr(cast, who))


def test_platform_staff_without_a_company_start_in_the_admin(cast: Cast) -> None:
    answer = cast.client(cast.root).get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert labels(cast, cast.root, "/profile/access/") == ["Admin"]


def test_the_page_one_is_on_is_marked(cast: Cast) -> None:
    page = cast.client(cast.bob).get("/profile/")
    assert [link.label for link in page.context["masthead"].links if link.current] == ["Profile"]


def test_somebody_of_two_companies_is_offered_the_other_one(cast: Cast) -> None:
    Membership.objects.create(user=cast.bob, tenant=cast.rival, role=Role.FINANCE)
    html = cast.client(cast.bob).get("/").content.decode()
    assert f'name="tenant" value="{cast.rival.id}"' in html
    assert f'name="tenant" value="{cast.acme.id}"' not in html


def test_a_stranger_is_offered_nothing(cast: Cast) -> None:
    html = cast.client().get("/accounts/login/").content.decode()
    assert "Sign out" not in html


def test_nothing_is_read_before_a_template_asks() -> None:
    """An error page must come out when the database is gone."""
    masthead(RequestFactory().get("/"))
