"""Dead flags are found: asked for without a row, or rows that nobody asks for (csuite/tenants/flag_places.py)."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from csuite.tenants import flag_places
from csuite.tenants.flags import SHIPPED
from csuite.tenants.models import Flag
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

SOURCE = """
NAME = "by-constant"
def f(request, tenant):
    flags.is_active_for("by-name", tenant, None)
    if is_active_for(NAME, tenant, request.user):
        return flag_is_active(request, "of-waffle")
    row = Flag.objects.filter(name="by-row").first()
    return is_active_for(tenant.anything, tenant, None)
"""


def test_every_flag_that_the_code_asks_for_is_shipped_and_every_shipped_one_is_asked_for() -> None:
    assert flag_places.names() == set(SHIPPED), "a flag needs an entry in flags.SHIPPED; a dead one goes"


def test_every_shipped_flag_has_a_row_with_an_owner() -> None:
    rows = {flag.name: flag for flag in Flag.objects.all()}
    assert set(SHIPPED) <= rows.keys()
    assert all(rows[name].owner for name in SHIPPED)
    assert rows["llm-off"].everyone is False


def test_places_are_found_by_name_and_by_constant() -> None:
    found = list(flag_places._in_python(SOURCE, "x.py"))
    assert {(place.name, place.line) for place in found} == {
        ("by-name", 4),
        ("by-constant", 5),
        ("of-waffle", 6),
        ("by-row", 7),
    }


def test_templates_are_read_too() -> None:
    assert flag_places.IN_TEMPLATE.findall('{% flag "new-look" %}x{% endflag %}{%flag other%}') == ["new-look"]


def test_what_wants_tidying_up_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    Flag(name="left-over", owner="", expires_at=timezone.now() - timedelta(days=1)).save()
    place = flag_places.Place("forgotten", "csuite/x.py", 7)
    monkeypatch.setattr(flag_places, "in_code", lambda: (place,))
    dead = flag_places.dead()
    assert (dead.without_a_row, dead.expired, dead.ownerless) == (("forgotten",), ("left-over",), ("left-over",))
    assert "left-over" in dead.unasked
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("flags", stdout=out)
    assert left.value.code == 1
    assert "forgotten  csuite/x.py:7" in out.getvalue()
    assert "expired: left-over" in out.getvalue()
    page = cast.client(cast.root).get("/admin/tenants/flag/places/").content.decode()
    assert "csuite/x.py:7" in page
    listed = cast.client(cast.root).get("/admin/tenants/flag/").content.decode()
    assert "expired: off, take it out" in listed


def test_the_kill_switch_cannot_be_deleted(cast: Cast) -> None:
    row: Any = Flag.objects.get(name="llm-off")
    assert cast.client(cast.root).post(f"/admin/tenants/flag/{row.pk}/delete/", {"post": "yes"}).status_code == 403
