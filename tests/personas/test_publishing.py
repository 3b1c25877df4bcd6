"""A prompt's way from a draft to live and back, for everybody or for one company."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from csuite.personas import publishing
from csuite.personas.catalogue import live_version, published_prompt
from csuite.personas.models import PromptOverride, PromptRelease, PromptVersion
from csuite.personas.promptfiles import shipped
from csuite.personas.publishing import Refused
from csuite.personas.versions import catalogue_version
from csuite.tenants.models import AuditEntry, PlatformAudit, User
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
NAME = "persona.cfo"


def draft(user: User, words: str = "Be brief.") -> PromptVersion:
    made = publishing.draft_from(live_version(NAME), user)
    made.body = made.body.replace("You are the", f"{words} You are the", 1)
    made.save()
    return made


def acts(action: str) -> list[dict[str, Any]]:
    return [row.detail for row in PlatformAudit.objects.filter(action=action)]


def test_each_shipped_file_is_its_version_word_for_word() -> None:
    """If a file was changed in the repository, it is another version: this says which one drifted."""
    drifted = []
    for prompt in shipped():
        row = PromptVersion.objects.get(name=prompt.name, version=prompt.version)
        same = (row.body, tuple(row.requires), row.tier, row.temperature, row.max_tokens) == (
            prompt.body, prompt.requires, prompt.tier, prompt.temperature, prompt.max_tokens,
        )  # fmt: skip
        drifted += [] if same else [row.identifier]
    assert drifted == []


def test_a_draft_begins_with_the_words_of_another_version_under_the_next_number(cast: Cast) -> None:
    first, second = draft(cast.root), draft(cast.root, "Be exact.")
    assert (first.identifier, second.identifier) == ("persona.cfo.v2", "persona.cfo.v3")
    assert live_version(NAME).identifier == "persona.cfo.v1", "a draft speaks to nobody"
    assert acts("prompt.drafted")[0]["source"] == "persona.cfo.v1"


def test_publishing_needs_a_reason_and_holds_from_the_next_answer_on(cast: Cast) -> None:
    made = draft(cast.root)
    before = catalogue_version()
    with pytest.raises(Refused, match="Say why"):
        publishing.publish(made, cast.root, "  ")
    release = publishing.publish(made, cast.root, "Shorter answers")
    assert live_version(NAME) == published_prompt(NAME) == made
    assert (release.before, release.by, release.reason) == (live_at(1), cast.root, "Shorter answers")
    assert catalogue_version() != before, "what was kept for the old words is not used again"
    published = acts("prompt.publish")[0]
    assert (published["before"], published["prompt"]) == ("persona.cfo.v1", "persona.cfo.v2")


def live_at(version: int) -> PromptVersion:
    return PromptVersion.objects.get(name=NAME, version=version)


def test_what_was_published_never_changes(cast: Cast) -> None:
    made = draft(cast.root)
    publishing.publish(made, cast.root, "Why not")
    made.refresh_from_db()
    for field, value in (("body", made.body + " "), ("temperature", 1), ("max_tokens", 5), ("tier", "premium")):
        made.refresh_from_db()
        setattr(made, field, value)
        with pytest.raises(ValidationError, match="write a new version"):
            made.save()


def test_one_click_makes_the_version_before_live_again(cast: Cast) -> None:
    second = draft(cast.root)
    publishing.publish(second, cast.root, "Shorter")
    third = draft(cast.root, "Be exact.")
    publishing.publish(third, cast.root, "Exact")
    assert publishing.roll_back(NAME, cast.root, "Too dry").version == second
    assert live_version(NAME) == second
    publishing.roll_back(NAME, cast.root, "Still too dry")
    assert live_version(NAME) == live_at(1)
    with pytest.raises(Refused, match="No other version"):
        publishing.roll_back(NAME, cast.root, "Further")
    publishing.publish(third, cast.root, "Once more")
    assert [str(row) for row in PromptRelease.objects.filter(name=NAME)] == [
        "Published persona.cfo.v3", "Rolled back persona.cfo.v1", "Rolled back persona.cfo.v2",
        "Published persona.cfo.v3", "Published persona.cfo.v2",
    ]  # fmt: skip


def test_who_looked_at_another_live_version_is_told(cast: Cast) -> None:
    seen = live_version(NAME).pk
    mine, yours = draft(cast.root), draft(cast.root)
    publishing.publish(yours, cast.root, "First")
    with pytest.raises(Refused, match=r"somebody made persona\.cfo\.v3 live"):
        publishing.publish(mine, cast.root, "Second", seen)
    with pytest.raises(Refused, match="somebody made"):
        publishing.roll_back(NAME, cast.root, "Back", seen)
    with pytest.raises(Refused, match="live already"):
        publishing.publish(yours, cast.root, "Again")
    assert live_version(NAME) == yours


def test_a_review_is_somebody_elses(cast: Cast, settings: Settings) -> None:
    settings.PROMPT_REVIEW = True
    made = draft(cast.root)
    with pytest.raises(Refused, match="review it first"):
        publishing.publish(made, cast.root, "Now")
    publishing.submit(made, cast.root)
    with pytest.raises(Refused, match="else than the author"):
        publishing.review(made, cast.root)
    publishing.send_back(made, cast.alice, "The tone")
    publishing.submit(made, cast.root)
    publishing.review(made, cast.alice)
    publishing.publish(made, cast.root, "Reviewed")
    made.refresh_from_db()
    assert (made.reviewed_by, made.published_by, made.is_open) == (cast.alice, cast.root, False)
    with pytest.raises(Refused, match="is published"):
        publishing.submit(made, cast.root)


def test_one_company_may_speak_with_a_version_of_its_own(cast: Cast) -> None:
    made = draft(cast.root)
    publishing.choose_for(cast.acme.pk, made, cast.root, "They asked for it")
    assert live_version(NAME).identifier == "persona.cfo.v1", "nothing changes for the others"
    with tenant_scope(cast.rival.pk):
        assert published_prompt(NAME).identifier == "persona.cfo.v1"
    with tenant_scope(cast.acme.pk):
        assert published_prompt(NAME) == made
        told = AuditEntry.objects.get(action="prompt.chosen")
        assert (told.detail["before"], told.detail["after"]) == ("", "persona.cfo.v2")
    with pytest.raises(Refused, match="in use"):
        publishing.retire(made, cast.root)
    publishing.follow_again(cast.acme.pk, NAME, cast.root, "No longer")
    with tenant_scope(cast.acme.pk):
        assert published_prompt(NAME).identifier == "persona.cfo.v1"
        assert not PromptOverride.objects.exists()
    with pytest.raises(Refused, match="follows what is live"):
        publishing.follow_again(cast.acme.pk, NAME, cast.root, "Again")


def test_a_retired_version_is_never_published_again(cast: Cast) -> None:
    made = draft(cast.root)
    publishing.retire(made, cast.root)
    with pytest.raises(Refused, match="is retired"):
        publishing.publish(made, cast.root, "After all")
    with pytest.raises(Refused, match="in use"):
        publishing.retire(live_version(NAME), cast.root)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{{ title }} {{ today }} {{ newest }}", "does not use the required data"),
        ("{{ title }} {{ today }} {{ newest }} {{ data }} {{ api_key }}", "api_key, which nobody gives it"),
        ("{{ title }} {{ today }} {{ newest }} {{ data.__class__ }}", "private"),
    ],
)
def test_a_draft_that_cannot_work_is_refused_at_save(cast: Cast, body: str, why: str) -> None:
    made = draft(cast.root)
    made.body = body
    with pytest.raises(ValidationError, match=why):
        made.save()
    made.refresh_from_db()
    made.requires = "data"
    with pytest.raises(ValidationError, match="list of names"):
        made.save()
