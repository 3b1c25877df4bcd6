"""Exports: one conversation as a file, or all of them in a zip that a worker writes."""

import io
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone
from pypdf import PdfReader

from csuite.conversations.exports import working
from csuite.conversations.exports.files import name_of
from csuite.conversations.models import Conversation, Export, Message
from csuite.conversations.paper import paper, source_of
from csuite.conversations.tasks import sweep_kept
from csuite.documents import to_markdown
from csuite.tenants.models import AuditEntry, Membership
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast, visible

pytestmark = pytest.mark.django_db
HOSTILE = "It was **$4.2m** <script>alert(1)</script> ![x](https://evil.example/x.png)\n\n| a |\n|--|\n| =cmd |"
NAMED = {"metric": "net_revenue", "period": "2026-09-01", "as_of": "2026-10-01"}
EVIDENCE = [
    {"class": "found", "start": 9, "end": 14, "text": "$4.2m", **NAMED},
    {"class": "not_a_claim", "start": 0, "end": 2, "text": "It"},
]


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    """A question asked twice: the second branch is on screen."""
    with tenant_scope(cast.acme.id):
        row: Conversation = Conversation.objects.create(user=cast.bob, title="Margin / Q3", updated_at=timezone.now())
        for number, text in enumerate(("First branch?", "Why " + "very " * 40 + "low?\nSecond line")):
            asked = Message.objects.create(conversation=row, kind="question", text=text)
            said = {"text": HOSTILE, "evidence": EVIDENCE, "persona": "cfo", "model": "m-1"}
            ended = {"status": "interrupted", "note": "The provider went away."} if number else {}
            Message.objects.create(conversation=row, parent=asked, kind="answer", **said, **ended)
    return row


def fetch(cast: Cast, talk: Conversation, form: str, person: Any = None) -> Any:
    return cast.client(person or cast.bob).get(f"/conversations/{talk.id}/file/?format={form}")


def test_a_conversation_is_exported_as_markdown_with_the_path_shown_and_its_sources(
    cast: Cast, talk: Conversation
) -> None:
    reply = fetch(cast, talk, "md")
    text = reply.content.decode()
    assert reply["Content-Disposition"].startswith('attachment; filename="Margin Q3.md"')
    assert "First branch" not in text
    assert "## Why very" in text
    assert "Second line" in text
    assert "**$4.2m**[^1]" in text or "**$4.2m[^1]**" in text
    assert "[^1]: Net revenue, 2026-09, as of 2026-10-01" in text
    assert "Interrupted before its end. The provider went away." in text
    assert "\\<script\\>" in text


def test_json_holds_all_branches_and_nothing_of_others(cast: Cast, talk: Conversation) -> None:
    found = orjson.loads(fetch(cast, talk, "json").content)
    assert [message["kind"] for message in found["messages"]] == ["question", "answer"] * 2
    assert found["messages"][1]["parent"] == found["messages"][0]["id"]
    assert found["messages"][1]["usage"]["currency"] == "USD"
    assert str(cast.acme.id) not in orjson.dumps(found).decode()


def test_pdf_and_docx_hold_the_text_and_run_nothing(cast: Cast, talk: Conversation) -> None:
    pdf = fetch(cast, talk, "pdf").content
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "$4.2m¹" in text
    assert "<script>alert(1)</script>" in text
    assert b"/JavaScript" not in pdf
    with zipfile.ZipFile(io.BytesIO(fetch(cast, talk, "docx").content)) as file:
        assert "$4.2m" in file.read("word/document.xml").decode()


def test_exports_are_written_down_and_only_for_ones_own(cast: Cast, talk: Conversation) -> None:
    assert fetch(cast, talk, "md", cast.alice).status_code == 404
    assert fetch(cast, talk, "md", cast.charlie).status_code == 404
    assert fetch(cast, talk, "exe").status_code == 400
    fetch(cast, talk, "md")
    with tenant_scope(cast.acme.id):
        assert AuditEntry.objects.filter(action="conversation.exported", target=str(talk.id)).count() == 1


def begun(cast: Cast) -> Export:
    assert cast.client(cast.bob).post("/exports/").status_code == 302
    with tenant_scope(cast.acme.id):
        found: Export = Export.objects.get(user=cast.bob)
        return found


def again(cast: Cast, export: Export) -> Export:
    with tenant_scope(cast.acme.id):
        found: Export = Export.objects.get(id=export.id)
        return found


def test_all_conversations_are_a_zip_that_expires(cast: Cast, talk: Conversation) -> None:
    bob, export = cast.client(cast.bob), begun(cast)
    assert bob.post("/exports/").status_code == 302
    assert begun(cast).id == export.id  # two clicks, one file
    assert "Waits for its turn" in visible(bob.get("/exports/"))
    assert bob.get(f"/exports/{export.id}/").status_code == 404
    working.work(cast.acme.id, export.id)
    working.work(cast.acme.id, export.id)  # delivered twice
    assert "Ready" in visible(bob.get("/exports/"))
    with zipfile.ZipFile(io.BytesIO(bob.get(f"/exports/{export.id}/").content)) as file:
        assert file.namelist() == ["00001 Margin Q3.md", "00001 Margin Q3.json"]
    assert cast.client(cast.alice).get(f"/exports/{export.id}/").status_code == 404
    with tenant_scope(cast.acme.id):
        Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert bob.get(f"/exports/{export.id}/").status_code == 404
    sweep_kept()
    assert again(cast, export).data is None
    assert "Expired" in visible(bob.get("/exports/"))


def test_a_long_conversation_is_written_by_a_worker(
    cast: Cast, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csuite.conversations.exports.pages.AT_ONCE", dict.fromkeys(("md", "pdf"), 1))
    assert fetch(cast, talk, "md")["Location"] == "/exports/"
    with tenant_scope(cast.acme.id):
        export = Export.objects.get()
    working.work(cast.acme.id, export.id)
    reply = cast.client(cast.bob).get(f"/exports/{export.id}/")
    assert "Margin Q3.md" in reply["Content-Disposition"]
    for _ in range(3):
        last = fetch(cast, talk, "pdf")
    assert last.status_code == 302
    assert fetch(cast, talk, "pdf").status_code == 429


def test_a_lost_export_is_taken_up_and_a_broken_one_given_up(
    cast: Cast, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = begun(cast)

    def breaks(*_: Any) -> Any:
        raise RuntimeError("disk full")

    monkeypatch.setattr("csuite.conversations.exports.working._all", breaks)
    for _ in range(4):
        with tenant_scope(cast.acme.id):
            Export.objects.update(step_at=timezone.now() - timedelta(minutes=5))
        assert [one for _, one in working.left_over()] == (
            [export.id] if again(cast, export).status != "failed" else []
        )
        working.work(cast.acme.id, export.id)
    assert again(cast, export).status == "failed"
    working.work(cast.acme.id, uuid.uuid4())


def test_who_has_left_gets_no_file(cast: Cast, talk: Conversation) -> None:
    export = begun(cast)
    Membership.objects.filter(user=cast.bob).delete()
    working.work(cast.acme.id, export.id)
    assert again(cast, export).status == "failed"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc passwd.md"),
        ("", "conversation.md"),
        ("Q3\u202e\r\n: x", "Q3 x.md"),
        ("日本", "日本.md"),
    ],
)
def test_file_names_hold_nothing_that_a_system_minds(title: str, name: str) -> None:
    assert name_of(title, "md") == name


def test_an_empty_conversation_is_a_document_and_calculations_are_told() -> None:
    from zoneinfo import ZoneInfo

    empty = {"title": "Nothing", "person": "Bob", "company": "Acme", "turns": []}
    assert to_markdown(paper(empty, ZoneInfo("UTC"))).startswith("# Nothing")
    assert source_of({"calculation": {"text": "a − b"}}) == "The company's data, calculated: a − b"
    assert source_of({"metric": "margin", "calculation": "a / b"}) == "Margin, calculated: a / b"
