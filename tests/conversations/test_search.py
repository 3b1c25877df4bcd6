"""Search finds one's own words, and only those: asked as the web role, past every other net."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from csuite.conversations.models import Conversation, Message
from csuite.conversations.search.finding import Hit, Wanted, find
from csuite.conversations.search.snippets import Piece, snippet, words_of
from csuite.tenants.models import Membership, Role
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast, visible

pytestmark = pytest.mark.django_db
CALL = "SELECT conversation, entry FROM conversation_search(%s, %s, %s, '', NULL, NULL, NULL, 10)"


def talk(cast: Cast, user: Any, title: str, *texts: str, tenant: Any = None, **fields: Any) -> Conversation:
    """A conversation with a question and answers, each following the one before."""
    with tenant_scope((tenant or cast.acme).id):
        row: Conversation = Conversation.objects.create(user=user, title=title, updated_at=timezone.now(), **fields)
        parent = None
        for number, text in enumerate(texts):
            kind, persona = ("answer", "cfo") if number % 2 else ("question", "")
            parent = Message.objects.create(conversation=row, parent=parent, kind=kind, persona=persona, text=text)
    return row


def found(cast: Cast, text: str, user: Any = None, **more: Any) -> list[Hit]:
    member = cast.member(user or cast.bob)
    with tenant_scope(member.tenant_id):
        return find(member, Wanted(text, **more))


def titles(hits: list[Hit]) -> list[str]:
    return [hit.title for hit in hits]


def test_titles_and_messages_are_found_by_words_and_their_beginnings(cast: Cast) -> None:
    talk(cast, cast.bob, "Margin in October", "Why did it fall?", "Freight costs rose by 4.2m.")
    talk(cast, cast.bob, "Hiring plan", "Whom first?", "")
    assert titles(found(cast, "marg")) == ["Margin in October"]
    assert titles(found(cast, "FREIGHT rose")) == ["Margin in October"]
    assert titles(found(cast, "4.2m")) == ["Margin in October"]
    assert titles(found(cast, "freight hiring")) == []
    (hit,) = found(cast, "freig")
    assert hit.speaker == "CFO"
    assert Piece("Freight", True) in hit.snippet


@pytest.mark.parametrize("text", ["", "   ", "!!! & | ' \\ :*", "<->", "'"])
def test_a_text_without_words_finds_nothing(cast: Cast, text: str) -> None:
    talk(cast, cast.bob, "Margin", "x")
    assert found(cast, text) == []


def test_signs_of_the_query_language_are_words_or_nothing(cast: Cast) -> None:
    talk(cast, cast.bob, "O'Brien's e-mail", "x")
    assert titles(found(cast, "o'brien")) == ["O'Brien's e-mail"]
    assert titles(found(cast, "e-mail & ! <-> (")) == ["O'Brien's e-mail"]


def test_a_changed_title_and_a_finished_answer_are_found_by_their_new_words(cast: Cast) -> None:
    row = talk(cast, cast.bob, "Before", "Question?", "")
    with tenant_scope(cast.acme.id):
        Conversation.objects.filter(id=row.id).update(title="Afterwards")
        Message.objects.filter(conversation=row, kind="answer").update(text="Written later")
    assert found(cast, "before") == []
    assert len(found(cast, "afterwards")) == len(found(cast, "later")) == 1


def test_nobody_finds_what_others_said(cast: Cast) -> None:
    talk(cast, cast.bob, "Secret margin", "secret question", "secret answer")
    assert found(cast, "secret", cast.alice) == []  # the same company, its admin
    assert found(cast, "secret", cast.charlie) == []
    Membership.objects.create(user=cast.bob, tenant=cast.rival, role=Role.EXECUTIVE)
    member = Membership.objects.select_related("tenant", "user").get(user=cast.bob, tenant=cast.rival)
    with tenant_scope(cast.rival.id):  # the same person in another company
        assert find(member, Wanted("secret")) == []


def test_the_function_answers_for_the_tenant_of_the_open_scope_alone(cast: Cast) -> None:
    """As the web role, with ids that somebody made up or changed on the way."""
    talk(cast, cast.bob, "Secret margin", "secret")

    def rows(scope: Any, tenant: Any, person: Any) -> int:
        with tenant_scope(scope.id), connection.cursor() as cursor:
            cursor.execute(CALL, [tenant.id, person.id, "'secret':*"])
            return len(cursor.fetchall())

    assert rows(cast.acme, cast.acme, cast.bob) == 1
    assert rows(cast.rival, cast.acme, cast.bob) == 0
    assert rows(cast.acme, cast.rival, cast.bob) == 0
    assert rows(cast.acme, cast.acme, cast.alice) == 0
    with transaction.atomic(), connection.cursor() as cursor:  # outside any scope
        cursor.execute(CALL, [cast.acme.id, cast.bob.id, "'secret':*"])
        assert cursor.fetchall() == []
    assert rows(cast.acme, cast.acme, cast.bob) == 1


@pytest.mark.parametrize("statement", ["SELECT * FROM", "DELETE FROM", "UPDATE {} SET at = now()", "TRUNCATE"])
def test_the_web_role_has_no_right_to_the_words(cast: Cast, statement: str) -> None:
    table = "conversations_searchentry"
    sql = statement.format(table) if "{}" in statement else f"{statement} {table}"
    with tenant_scope(cast.acme.id), pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
        connection.cursor().execute(sql)


def test_what_is_deleted_or_temporary_is_not_found(cast: Cast) -> None:
    row = talk(cast, cast.bob, "Margin", "margin")
    talk(cast, cast.bob, "Margin, hidden", "margin", deleted_at=timezone.now())
    talk(cast, cast.bob, "Margin, for an hour", "margin", temporary=True)
    assert titles(found(cast, "margin")) == ["Margin"]
    with tenant_scope(cast.acme.id):
        Message.objects.filter(conversation=row).delete()
        row.delete()
    assert found(cast, "margin") == []


def test_filters_leave_what_they_name(cast: Cast) -> None:
    talk(cast, cast.bob, "Margin one", "x", personas=["cfo"])
    talk(cast, cast.bob, "Margin two", "x", personas=["cmo", "cto"], archived_at=timezone.now())
    today = timezone.now().date()
    assert titles(found(cast, "margin", persona="cto")) == ["Margin two"]
    assert titles(found(cast, "margin", where="active")) == ["Margin one"]
    assert titles(found(cast, "margin", where="archived")) == ["Margin two"]
    assert len(found(cast, "margin", since=today - timedelta(days=1), until=today + timedelta(days=1))) == 2
    assert found(cast, "margin", since=today + timedelta(days=2)) == []
    assert found(cast, "margin", until=today - timedelta(days=2)) == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_index_finds_a_persons_words_and_no_table_is_read_through(cast: Cast) -> None:
    """The statement of the function, planned with the rights that it runs with (few rows: the scan is forbidden)."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'conversation_search'")
        ((body,),) = cursor.fetchall()
        values = {
            "p_tenant": f"'{cast.acme.id}'::uuid",
            "p_persona": "''::text",
            "p_person": f"'{cast.acme.id}'::uuid",
            "p_wanted": "'x:*'",
            "p_since": "NULL::timestamptz",
            "p_until": "NULL::timestamptz",
            "p_archived": "NULL::boolean",
            "p_most": "9",
        }
        for name, value in values.items():
            body = body.replace(name, value)
        cursor.execute("EXPLAIN " + body.replace("%", "%%"))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Bitmap Index Scan on searchentry_words" in plan


def test_the_page_and_the_dialog_show_hits_as_text(cast: Cast) -> None:
    row = talk(cast, cast.bob, "<b>Margin</b>", "Why margin?", "margin <script>alert(1)</script> rose")
    bob: Client = cast.client(cast.bob)
    page = visible(bob.get("/search/", {"q": "margin", "persona": "\x00", "since": "nonsense", "in": "x"}))
    assert "&lt;b&gt;Margin&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert "<mark>" in page
    assert "Nothing found" in visible(bob.get("/search/", {"q": "absent"}))
    assert "Results" not in visible(bob.get("/search/"))
    (hit,) = bob.get("/search/", {"q": "rose"}, headers={"Accept": "application/json"}).json()["hits"]
    assert hit["conversation"] == str(row.id)
    assert hit["url"] == f"/conversations/{row.id}/?at={hit['message']}#m-{hit['message']}"
    (titled,) = bob.get("/search/", {"q": "margin"}, headers={"Accept": "application/json"}).json()["hits"]
    assert titled["url"] == f"/conversations/{row.id}/"


@pytest.mark.parametrize(
    ("text", "wanted", "shown"),
    [
        ("Plain words here", "words", "Plain [words] here"),
        ("**Bold** and `code` in [a link](https://x.example)", "link", "Bold and code in a [link]"),
        ("a " * 100 + "needle " + "b " * 100, "needl", "needle"),
        ("nothing there", "absent", "nothing there"),
        ("Umsätze, umsatz-steuer", "umsatz", "Umsätze, [umsatz]-steuer"),
    ],
)
def test_a_snippet_marks_the_words(text: str, wanted: str, shown: str) -> None:
    pieces = snippet(text, words_of(wanted))
    line = "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in pieces)
    assert shown in line
    assert len(line) < 240
