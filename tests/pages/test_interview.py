"""The interview from the first question to a published version, with the rules and with a model."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from csuite.llm import conf, scripted
from csuite.profiles import drafts, facts
from csuite.profiles.models import BusinessProfile, Goal, InterviewAnswer, Metric
from csuite.tenants.models import AuditEntry
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)
PAGE, ANSWER, ENTRY, GOAL = (f"/profile/interview/{part}" for part in ("", "answer/", "entry/", "goal/"))
ANSWERS = [
    "We build flow meters for paper mills.",
    "140, in Oslo",
    "Established",
    "27.2m, and the year begins in April",
    "Paper mills pay for meters, calibration and spares",
    "Twelve accounts make up 58%",
    "Siemens",
    "Fairs; they pay after 37 days; copper prices worry us",
    "Gross margin 42%, no customer above 8% of revenue",
]


@pytest.fixture
def bob(cast: Cast) -> Client:
    return cast.client(cast.bob)


def place(cast: Cast) -> int:
    with tenant_scope(cast.acme.pk):
        return InterviewAnswer.objects.count()


def say(bob: Client, cast: Cast, text: str = "", **more: Any) -> Any:
    with conf.override(PRIMARY="", FALLBACK="", ANALYST="", DISCOVER=False):
        return bob.post(ANSWER, {"place": place(cast), "text": text, **more})


def shown(bob: Client) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", bob.get(PAGE).content.decode()).split())


def test_nine_answers_make_a_profile_that_is_used_once_it_is_published(bob: Client, cast: Cast) -> None:
    for number, text in enumerate(ANSWERS, 1):
        assert f"Question {number} of 9" in shown(bob)
        assert say(bob, cast, text).status_code == 302
    page = shown(bob)
    assert "That is all I need" in page
    assert "Version 1, draft" in page
    with tenant_scope(cast.acme.pk):
        assert facts.current_profile() is None, "a draft is not used"
        draft = drafts.current()
        assert draft is not None
        assert (draft.people, draft.revenue, draft.fiscal_year_start) == (140, Decimal(27_200_000), 4)
        assert set(draft.states.values()) == {"draft"}
        assert {goal.direction for goal in draft.goals.all()} == {"at_least", "at_most"}
    assert bob.post("/profile/publish/").headers["Location"] == "/profile/"
    with tenant_scope(cast.acme.pk):
        published = facts.current_profile()
        assert published is not None
        assert (published.version, published.published_by, published.created_by) == (1, cast.bob, cast.bob)
        company = facts.company(published)
        assert company.description == ANSWERS[0]
        assert company.entries["Main rivals"] == "Siemens"
        assert len(facts.goals(published)) == 2
        (audited,) = AuditEntry.objects.filter(action="profile.publish")
        assert audited.detail["changes"]["People"] == ["", "140"]


def test_a_model_sorts_an_answer_and_a_person_confirms_it(bob: Client, cast: Cast) -> None:
    said = {"entries": {"industry": "Flow meters", "description": "Meters for mills"}, "confidence": 0.9}
    with scripted.answers(json.dumps(said)), conf.override(ANALYST=""):
        bob.post(ANSWER, {"place": 0, "text": ANSWERS[0]})
    page = shown(bob)
    assert "Noted: Industry, In your words." in page
    with tenant_scope(cast.acme.pk):
        answer = InterviewAnswer.objects.get()
        assert (answer.by_model, answer.user, answer.is_open) == ("scripted", cast.bob, False)
    bob.post(ENTRY, {"key": "industry", "confirm": "1"})
    with tenant_scope(cast.acme.pk):
        assert drafts.current().states == {"industry": "done", "description": "draft"}  # type: ignore[union-attr]


def test_an_answer_that_is_unclear_is_asked_back_once(bob: Client, cast: Cast) -> None:
    for _ in ANSWERS[:-1]:
        say(bob, cast, skip="1")
    say(bob, cast, "Happier customers")
    assert "Give each goal a number" in shown(bob)
    assert "Question 9 of 9" in shown(bob)
    say(bob, cast, "Still happier customers")
    assert "That is all I need" in shown(bob)


def test_what_was_confirmed_is_not_overwritten_by_an_answer(bob: Client, cast: Cast) -> None:
    bob.post(ENTRY, {"key": "description", "text": "By hand", "save": "1"})
    say(bob, cast, "Something else")
    with tenant_scope(cast.acme.pk):
        assert drafts.current().description == "By hand"  # type: ignore[union-attr]


def test_an_answer_sent_twice_or_from_an_old_page_counts_once(bob: Client, cast: Cast) -> None:
    say(bob, cast, ANSWERS[0])
    assert bob.post(ANSWER, {"place": 0, "text": "Again"}).status_code == 302
    assert place(cast) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [({"text": ""}, 400), ({"text": "x" * 5001}, 413), ({"text": "a\0b"}, 400), ({"text": "x", "place": "9"}, 302)],
)
def test_a_bad_answer_is_refused_and_nothing_is_kept(bob: Client, cast: Cast, body: Any, status: int) -> None:
    assert bob.post(ANSWER, {"place": 0, **body}).status_code == status
    assert place(cast) == 0


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("people", "many", "People is a number"),
        ("revenue", "much", "Revenue is an amount"),
        ("sites", "x" * 161, "160"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_in_words_and_the_old_one_stays(
    bob: Client, cast: Cast, key: str, text: str, says: str
) -> None:
    bob.post(ENTRY, {"key": "people", "text": "140", "save": "1"})
    bob.post(ENTRY, {"key": key, "text": text, "save": "1"})
    assert says in shown(bob)
    with tenant_scope(cast.acme.pk):
        assert drafts.current().people == 140  # type: ignore[union-attr]


def test_an_entry_is_emptied(bob: Client, cast: Cast) -> None:
    for text in ("140", ""):
        bob.post(ENTRY, {"key": "people", "text": text, "save": "1"})
    with tenant_scope(cast.acme.pk):
        draft = drafts.current()
        assert draft is not None
        assert (draft.people, draft.states) == (None, {})


def test_goals_are_added_tied_to_their_metric_and_taken_out(bob: Client, cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        Metric.objects.create(key="otd", name="On-time delivery", unit="percent", synonyms=["OTD"])
    goal = {"title": "OTD 95%", "target": "95", "unit": "percent", "direction": "at_least", "deadline": "2027-12-31"}
    bob.post(GOAL, goal)
    bob.post(GOAL, goal)
    assert "There is a goal of that name already." in shown(bob)
    bob.post(GOAL, {**goal, "title": "Bad", "target": "x"})
    with tenant_scope(cast.acme.pk):
        made = Goal.objects.select_related("metric").get()
        assert (made.metric and made.metric.key, made.deadline) == ("otd", date(2027, 12, 31))
    bob.post(GOAL, {"remove": made.key})
    with tenant_scope(cast.acme.pk):
        assert not Goal.objects.exists()


def test_the_next_version_begins_as_a_copy_and_can_be_compared_and_discarded(bob: Client, cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        first = BusinessProfile.objects.create(
            version=3,
            status="published",
            published_at=timezone.now(),
            people=140,
            entries={"Covenant": "3m", "Old": "x"},
        )
        deadline = date(2027, 12, 31)
        Goal.objects.create(
            profile=first, key="g", title="Margin 41%", target=41, unit="percent", start=deadline, deadline=deadline
        )
    bob.post(ENTRY, {"key": "people", "text": "150", "save": "1"})
    page = bob.get("/profile/versions/").content.decode()
    assert "Version 4, draft" in page
    assert re.search(r"People</th><td class=\"muted\">140</td><td>150", page)
    with tenant_scope(cast.acme.pk):
        draft = drafts.current()
        assert draft is not None
        assert (draft.version, draft.entries, draft.goals.count()) == (4, {"Covenant": "3m", "Old": "x"}, 1)
        assert draft.states == {"people": "done", "covenant": "kept", "fiscal_year_start": "kept"}
    say(bob, cast, skip="1")
    say(bob, cast, "160 in Oslo")
    say(bob, cast, "Growing")
    say(bob, cast, "The year begins in July")
    with tenant_scope(cast.acme.pk):
        draft = drafts.current()
        assert draft is not None
        assert (draft.people, draft.fiscal_year_start) == (150, 7), "by hand in this version stays, published gives way"
    assert bob.post("/profile/discard/").status_code == 302
    with tenant_scope(cast.acme.pk):
        assert drafts.current() is None
        assert facts.current_profile() == first


def test_an_empty_version_is_not_published(bob: Client, cast: Cast) -> None:
    say(bob, cast, skip="1")
    assert bob.post("/profile/publish/").headers["Location"] == PAGE
    assert "this version is empty" in shown(bob)


def test_text_of_people_is_escaped(bob: Client, cast: Cast) -> None:
    say(bob, cast, "<script>alert(1)</script>")
    assert "<script>alert" not in bob.get(PAGE).content.decode()
