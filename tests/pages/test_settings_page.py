"""The page that explains every setting."""

import re
from pathlib import Path
from typing import Any

import pytest

from csuite.pages.console.explained.variables import records
from csuite.server.home import ROOT
from csuite.tenants.models import Limit, PlatformAudit
from tests.conftest import Cast

LISTED = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
EXAMPLES = {"OIDC_ACME_CLIENT_SECRET"}  # one for each company that has single sign-on


def shown(cast: Cast) -> dict[str, Any]:
    response = cast.client(cast.root).get("/admin/settings/")
    assert response.status_code == 200
    return {one.name: one for _, found in response.context["areas"] for one in found}


def test_every_variable_of_the_example_has_a_record() -> None:
    known = {name for rows in records().values() for name in rows}
    assert set(LISTED) - EXAMPLES - known == set()


@pytest.mark.django_db
def test_a_value_is_shown_with_its_source(cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ALERT_HOURLY_SPEND", "25")
    monkeypatch.delenv("ALERT_LEAST_CALLS", raising=False)
    file = tmp_path / "key"
    file.write_text("gsk-0123456789wxyz\n")
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    monkeypatch.setenv("GROQ_API_KEY_FILE", str(file))
    found = shown(cast)
    assert (found["ALERT_HOURLY_SPEND"].value, found["ALERT_HOURLY_SPEND"].source) == ("25", "environment")
    assert (found["ALERT_LEAST_CALLS"].value, found["ALERT_LEAST_CALLS"].source) == ("20", "code")
    key = found["GROQ_API_KEY"]
    assert (key.value, key.source, key.at_once) == ("…wxyz", "GROQ_API_KEY_FILE", "at once")


@pytest.mark.django_db
def test_no_secret_is_on_the_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "OPENAI_API_KEY": "sk-verysecret-abcd",
        "METRICS_TOKEN": "token-of-metrics",
        "OIDC_ACME_CLIENT_SECRET": "secret-of-oidc",
        "EMAIL_HOST_PASSWORD": "secret-of-mail",
        "SECRET_KEY": "signing-secret-x",
        "REDIS_URL": "redis://user:pw@redis.example",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    text = cast.client(cast.root).get("/admin/settings/").content.decode()
    for value in secrets.values():
        assert value not in text
        assert value[:-4] not in text
    assert "…abcd" in text


@pytest.mark.django_db
def test_a_row_says_whose_it_is_and_who_changed_it(cast: Cast) -> None:
    browser = cast.client(cast.root)
    form = {"name": "chat", "plan": "", "tenant": str(cast.acme.pk), "amount": "33", "seconds": "60"}
    assert browser.post("/admin/tenants/limit/add/", form).status_code == 302
    row = shown(cast)[str(Limit.objects.get(tenant=cast.acme))]
    assert (row.value, row.source) == ("33 in 60 s", "company Acme")
    assert row.changed.startswith("root@csuite.example, ")
    assert PlatformAudit.objects.filter(detail__reason="admin settings").exists()
