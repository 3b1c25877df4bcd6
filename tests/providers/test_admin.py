"""Staff run providers, models, tasks and releases in the admin, with a trace."""

from typing import Any

import pytest

from csuite.providers.models import LanguageModel, ProviderSetting, Release, TierModel
from csuite.tenants.models import PlatformAudit

pytestmark = pytest.mark.django_db

ADMIN = "/admin/providers"
LINES = {"models-TOTAL_FORMS": "1", "models-INITIAL_FORMS": "0"}


def change(cast: Any, **fields: str) -> Any:
    row = ProviderSetting.objects.get(name="groq")
    data = {"name": "groq", "enabled": "on", **fields}
    return cast.client(cast.root).post(f"{ADMIN}/providersetting/{row.pk}/change/", data)


def test_a_change_of_a_provider_is_kept_with_who_made_it_and_in_the_audit(cast: Any) -> None:
    assert change(cast, base_url="https://api.groq.com/openai/v2/").status_code == 302
    row = ProviderSetting.objects.get(name="groq")
    assert (row.base_url, row.changed_by) == ("https://api.groq.com/openai/v2", cast.root)
    assert PlatformAudit.objects.filter(action="admin.change", user=cast.root).exists()


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1#@ok.example", "http://ok.example\\@127.0.0.1", "http://0x7f.1/v1", "file:///etc/passwd",
     "http://localhost:6379", "https://169.254.169.254/v1", "http://[::ffff:7f00:1]/v1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(cast: Any, address: str) -> None:
    assert change(cast, base_url=address).status_code == 200
    assert ProviderSetting.objects.get(name="groq").base_url == ""


def test_a_strange_host_is_kept_and_shown_as_not_asked(cast: Any) -> None:
    assert change(cast, base_url="https://elsewhere.example/v1").status_code == 302
    page = cast.client(cast.root).get(f"{ADMIN}/providersetting/").content.decode()
    assert "not asked, for its host is not in LLM_ALLOWED_HOSTS" in page


def test_the_list_shows_the_last_four_characters_of_a_key_and_no_more(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "sk-CANARY-4f9a1d7c2b")
    page = cast.client(cast.root).get(f"{ADMIN}/providersetting/").content.decode()
    assert "…7c2b" in page
    assert "CANARY" not in page


def test_an_unknown_provider_is_no_row(cast: Any) -> None:
    response = cast.client(cast.root).post(f"{ADMIN}/providersetting/add/", {"name": "nobody", "enabled": "on"})
    assert response.status_code == 200
    assert not ProviderSetting.objects.filter(name="nobody").exists()


def test_a_release_is_drafted_made_current_and_then_never_changed(cast: Any) -> None:
    root = cast.client(cast.root)
    model = LanguageModel.objects.get(name="gpt-4.1")
    line = {"models-0-tier": "standard", "models-0-position": "1", "models-0-model": str(model.pk)}
    assert root.post(f"{ADMIN}/release/add/", {"label": "spring", **LINES, **line}).status_code == 302
    draft = Release.objects.get(label="spring")
    assert (draft.state, draft.created_by) == (Release.State.DRAFT, cast.root)
    first = Release.objects.get(state=Release.State.CURRENT)

    chosen = {"action": "make_current", "_selected_action": [str(draft.pk)]}
    assert root.post(f"{ADMIN}/release/", chosen).status_code == 302
    draft.refresh_from_db()
    first.refresh_from_db()
    assert (draft.state, first.state) == (Release.State.CURRENT, Release.State.PAST)
    assert PlatformAudit.objects.get(action="release.current").user == cast.root

    assert root.post(f"{ADMIN}/release/{draft.pk}/change/", {"label": "autumn", **LINES}).status_code == 403
    assert TierModel.objects.filter(release=draft).count() == 1
    two = {"action": "make_current", "_selected_action": [str(draft.pk), str(first.pk)]}
    assert b"Choose one release." in root.post(f"{ADMIN}/release/", two, follow=True).content
    draft.refresh_from_db()
    assert draft.state == Release.State.CURRENT
