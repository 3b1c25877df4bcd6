"""Importing in a browser without scripts (csuite/imports/views.py): roles, strangers, limits, words."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from csuite.imports import asking, tasks, views
from csuite.imports.models import ImportRun
from csuite.tenants.models import Limit
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast, visible
from tests.imports.driving import checked, imported, points, uploaded

pytestmark = pytest.mark.django_db

TABLE = b"Month,Revenue\n2026-08,$100.50\n2026-09,$120.00\n"
ASKS = b"Month,Revenue\n03/04/2026,1\n05/06/2026,2\n"


def send(browser: Client, data: bytes = TABLE, name: str = "figures.csv", target: str = "metrics") -> Any:
    return browser.post("/imports/", {"target": target, "file": SimpleUploadedFile(name, data)})


def pressed(browser: Client, where: str, data: dict[str, str] | None = None) -> str:
    """Where the answer leads."""
    answer: Any = browser.post(where, data or {})
    assert answer.status_code == 302
    return str(answer.url)


def fields(browser: Client, where: str) -> dict[str, str]:
    """The mapping form as the page offers it."""
    lines = browser.get(where).context["lines"]
    return {f"field-{line.place}": line.chosen for line in lines}


@pytest.mark.parametrize("who", ["bob", "fiona", "alice"])
def test_every_role_of_a_company_imports_from_upload_to_undo(cast: Cast, who: str) -> None:
    browser = cast.client(getattr(cast, who))
    where = send(browser).url
    assert fields(browser, where) == {"field-0": "month", "field-1": "new:Revenue"}
    assert pressed(browser, f"{where}mapping/", fields(browser, where)) == where
    page = visible(browser.get(where))
    assert "All rows can be imported" in page
    assert "Import 2 rows" in page
    assert pressed(browser, f"{where}commit/") == where
    assert "Undo this import" in visible(browser.get(where))
    member = cast.member(cast.bob)
    assert points(member) == [("revenue", "2026-08", "", "100.5"), ("revenue", "2026-09", "", "120")]
    assert pressed(browser, f"{where}undo/") == where
    assert "Undone: everything is as it was before" in visible(browser.get(where))
    assert points(member) == []


def test_a_question_about_dates_is_asked_and_the_answer_is_kept(cast: Cast) -> None:
    browser = cast.client(cast.bob)
    where = send(browser, ASKS).url
    assert "Every value can be read in more than one way" in visible(browser.get(where))
    refused = browser.post(f"{where}mapping/", fields(browser, where))
    assert refused.status_code == 400
    assert "Say which is meant" in visible(refused)
    browser.post(f"{where}mapping/", fields(browser, where) | {"way-0": "dmy"})
    browser.post(f"{where}commit/")
    assert [month for _, month, _, _ in points(cast.member(cast.bob))] == ["2026-04", "2026-06"]


def test_a_needed_column_that_is_missing_is_said_and_the_choices_stay(cast: Cast) -> None:
    browser = cast.client(cast.bob)
    where = send(browser).url
    page = browser.post(f"{where}mapping/", {"field-0": "", "field-1": "new:Revenue"})
    assert page.status_code == 400
    assert "No column is chosen for Month." in visible(page)
    assert [line.chosen for line in page.context["lines"]] == ["", "new:Revenue"]


def test_errors_stand_with_row_and_column_and_there_is_nothing_to_press(cast: Cast) -> None:
    browser = cast.client(cast.bob)
    where = send(browser, b"Month,Revenue\n2026-08,1\nsoon,2\n").url
    browser.post(f"{where}mapping/", {"field-0": "month", "field-1": "new:Revenue"})
    page = visible(browser.get(where))
    assert "“soon” is no date." in page
    assert "/commit/" not in page
    assert browser.post(f"{where}commit/").status_code == 400


def test_the_same_file_again_leads_to_its_import(cast: Cast) -> None:
    run = imported(cast.member(cast.bob), "metrics", TABLE)
    answer = send(cast.client(cast.fiona))
    assert answer.url == f"/imports/{run.id}/"


def test_colleagues_look_and_do_not_touch_but_an_administrator_may(cast: Cast) -> None:
    run = imported(cast.member(cast.bob), "metrics", TABLE)
    where = f"/imports/{run.id}/"
    assert "Undo this import" not in visible(cast.client(cast.fiona).get(where))
    assert cast.client(cast.fiona).post(f"{where}undo/").status_code == 403
    assert "Undo this import" in visible(cast.client(cast.alice).get(where))
    assert cast.client(cast.alice).post(f"{where}undo/").status_code == 302


def test_a_stranger_finds_nothing_and_changes_nothing(cast: Cast) -> None:
    run = checked(cast.member(cast.bob), "metrics", TABLE)
    charlie = cast.client(cast.charlie)
    assert "figures.csv" not in visible(charlie.get("/imports/"))
    for part in ("mapping", "commit", "undo", "discard"):
        assert charlie.post(f"/imports/{run.id}/{part}/").status_code == 404
    assert send(charlie).url != f"/imports/{run.id}/"  # the same file in another company is another import
    assert points(cast.member(cast.bob)) == []


def test_ids_of_others_in_a_form_are_no_fields(cast: Cast) -> None:
    """THREATS T4: a metric of another company cannot be written into."""
    theirs = imported(cast.member(cast.charlie), "metrics", TABLE)
    with tenant_scope(theirs.tenant_id):
        from csuite.profiles.models import Metric

        key = Metric.objects.get().pk
    run = uploaded(cast.member(cast.bob), "metrics", TABLE)
    answer = cast.client(cast.bob).post(f"/imports/{run.id}/mapping/", {"field-0": "month", "field-1": f"metric:{key}"})
    assert answer.status_code == 400
    assert "There is no such field." in visible(answer)


def test_what_a_file_holds_is_shown_as_text_and_its_path_is_dropped(cast: Cast) -> None:
    """THREATS T28, T32."""
    data = b"Month,<script>alert(1)</script>\n2026-08,1\n"
    browser = cast.client(cast.bob)
    where = send(browser, data, "..\\..\\etc\\<img src=x>.csv").url
    page = visible(browser.get(where))
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    with tenant_scope(cast.acme.id):
        assert ImportRun.objects.get().file_name == "<img src=x>.csv"


def test_a_large_import_takes_from_the_limit_of_large_operations(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "EXPENSIVE_ROWS", 1)
    Limit.objects.update_or_create(name="expensive", tenant=None, plan="", defaults={"amount": 1, "seconds": 3600})
    bob, browser = cast.member(cast.bob), cast.client(cast.bob)
    one, other = checked(bob, "metrics", TABLE), checked(bob, "metrics", TABLE + b"2026-10,3\n")
    assert browser.post(f"/imports/{one.id}/commit/").status_code == 302
    refused = browser.post(f"/imports/{other.id}/commit/")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert len(points(bob)) == 2


def test_a_large_file_is_left_to_a_worker_and_its_page_says_how_far_it_is(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[Any] = []
    monkeypatch.setattr(asking, "SMALL_FILE", 10)
    monkeypatch.setattr(tasks.run_import, "delay", lambda *ids: left.append(ids))
    browser = cast.client(cast.bob)
    where = send(browser).url
    page = visible(browser.get(where))
    assert "Being read" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert browser.get(f"{where}progress/").json() == {"status": "reading", "busy": True, "percent": 0}
    assert len(left) == 1
    assert browser.post(f"{where}discard/").status_code == 400


def test_an_upload_without_kind_or_file_or_too_large_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = cast.client(cast.bob)
    assert "Choose what the file holds" in visible(browser.post("/imports/", {}))
    assert "Choose a file" in visible(browser.post("/imports/", {"target": "metrics"}))
    monkeypatch.setattr(views, "MOST_BYTES", 5)
    refused = send(browser)
    assert refused.status_code == 400
    assert "is larger than" in visible(refused)


def test_a_discarded_import_is_gone(cast: Cast) -> None:
    run = checked(cast.member(cast.bob), "metrics", TABLE)
    assert pressed(cast.client(cast.bob), f"/imports/{run.id}/discard/") == "/imports/"
    assert cast.client(cast.bob).get(f"/imports/{run.id}/").status_code == 404
