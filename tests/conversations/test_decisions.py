"""Decisions: who may do what, what is kept of it, and which of them officers recall."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from docx import Document as docx_of
from pypdf import PdfReader

from csuite.conversations.decisions import deciding
from csuite.conversations.decisions.deciding import Wanted
from csuite.conversations.decisions.recalling import approved_lines
from csuite.conversations.decisions.showing import suggested
from csuite.conversations.models import Conversation, Decision, DecisionChange
from csuite.conversations.preparing import job_of
from csuite.tenants.models import Membership, Role
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast
from tests.conversations.minutes import board_of, held

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Cast) -> Any:
    member = Membership.objects.select_related("tenant", "user").get(user=cast.bob)
    with tenant_scope(member.tenant_id):
        yield member


@pytest.fixture
def fiona(cast: Cast, bob: Membership) -> Membership:
    """Finance: sees and proposes, and approves nothing."""
    member = Membership.objects.select_related("tenant", "user").get(user=cast.alice)
    member.role = Role.FINANCE
    member.save()
    return member


def code(call: Any, *args: Any) -> str:
    with pytest.raises(Problem) as caught:
        call(*args)
    return caught.value.code


def changes(row: Decision) -> list[tuple[str, str, str]]:
    return list(DecisionChange.objects.filter(decision=row).order_by("at").values_list("field", "before", "after"))


def test_a_decision_goes_its_way_and_each_step_is_kept_with_who(bob: Membership) -> None:
    row = deciding.propose(bob, Wanted("Hold the price.", bob.user_id, date(2026, 12, 1)), None)
    for to in ("approved", "done"):
        row = deciding.move(bob, row.id, to)
    row = deciding.move(bob, row.id, "reviewed", "worked", "Nobody left.")
    assert (row.status, row.outcome, row.outcome_text) == ("reviewed", "worked", "Nobody left.")
    assert changes(row) == [
        ("status", "", "Proposed"), ("status", "Proposed", "Approved"), ("status", "Approved", "Done"),
        ("outcome", "", "It worked. Nobody left."), ("status", "Done", "Reviewed"),
    ]  # fmt: skip
    assert {change.by for change in DecisionChange.objects.all()} == {bob.user}
    assert deciding.moves(bob, row) == []


def test_what_was_approved_is_decided_and_what_is_reopened_is_not(bob: Membership) -> None:
    row = deciding.propose(bob, Wanted("Hold the price."), None)
    assert deciding.move(bob, row.id, "approved").decided_at
    assert deciding.move(bob, row.id, "proposed").decided_at is None
    assert deciding.move(bob, row.id, "rejected").decided_at
    assert code(deciding.move, bob, row.id, "done") == "bad_frame"


def test_finance_proposes_and_does_not_approve_but_owns(bob: Membership, fiona: Membership) -> None:
    row = deciding.propose(fiona, Wanted("Hold the price.", fiona.user_id), None)
    assert deciding.moves(fiona, row) == []
    assert code(deciding.move, fiona, row.id, "approved") == "forbidden"
    row = deciding.move(bob, row.id, "approved")
    assert [step.to for step in deciding.moves(fiona, row)] == ["done"]
    row = deciding.move(fiona, row.id, "done")
    assert code(deciding.move, fiona, row.id, "reviewed") == "bad_frame"
    other = deciding.propose(bob, Wanted("Move the gate."), None)
    assert code(deciding.change, fiona, other.id, Wanted("Move it not.")) == "forbidden"


def test_words_change_only_while_proposed_and_the_rest_until_it_is_reviewed(bob: Membership) -> None:
    row = deciding.propose(bob, Wanted("Hold the price."), None)
    row = deciding.change(bob, row.id, Wanted("Hold it until May.", bob.user_id, date(2027, 5, 1)))
    assert changes(row)[1:] == [
        ("text", "Hold the price.", "Hold it until May."),
        ("owner", "", bob.user.display_name),
        ("due", "", "1 May 2027"),
    ]  # fmt: skip
    deciding.move(bob, row.id, "approved")
    assert code(deciding.change, bob, row.id, Wanted("Raise it.")) == "forbidden"
    assert deciding.change(bob, row.id, Wanted(row.text, bob.user_id, date(2027, 6, 1))).due == date(2027, 6, 1)


@pytest.mark.parametrize(("wanted", "why"), [(Wanted(" \x00 "), "bad_frame"), (Wanted("x" * 2001), "too_long")])
def test_what_cannot_be_stored_is_refused_in_words(bob: Membership, wanted: Wanted, why: str) -> None:
    assert code(deciding.propose, bob, wanted, None) == why


def test_an_owner_is_a_member(bob: Membership, cast: Cast) -> None:
    assert code(deciding.propose, bob, Wanted("Hold.", cast.charlie.id), None) == "bad_frame"


def test_officers_recall_what_was_approved_and_nothing_else(bob: Membership) -> None:
    for number, steps in enumerate(
        [(), ("approved",), ("rejected",), ("approved", "done"), ("approved", "proposed"), ("rejected", "proposed")]
    ):
        row = deciding.propose(bob, Wanted(f"Decision number {number}."), None)
        for to in steps:
            deciding.move(bob, row.id, to)
    told = "\n".join(approved_lines())
    assert [number for number in range(6) if f"number {number}." in told] == [1, 3]


def test_a_prompt_holds_approved_decisions_only(bob: Membership) -> None:
    kept = deciding.propose(bob, Wanted("Hold the price <b>until</b> May."), None)
    deciding.move(bob, kept.id, "approved")
    deciding.propose(bob, Wanted("Sell the company."), None)
    refused = deciding.propose(bob, Wanted("Fire the sales team."), None)
    deciding.move(bob, refused.id, "rejected")
    job = job_of(held(bob).turns.select_related("question").get())
    for one in job.written:
        told = "".join(message.text for message in one.asked.messages)
        assert "Hold the price &lt;b&gt;until&lt;/b&gt; May." in told
        assert "Sell the company" not in told
        assert "Fire the sales" not in told


def test_a_record_is_kept_when_its_conversation_goes(bob: Membership) -> None:
    talk = held(bob)
    row = deciding.propose(bob, Wanted("Pass it on."), board_of(talk).id)
    assert [one["persona"] for one in row.record["answers"]] == ["ceo", "cfo", "cmo", "cto"]
    Conversation.objects.filter(id=talk.id).delete()
    row.refresh_from_db()
    assert row.message_id is None
    assert row.record["question"] == "Absorb the surcharge, or pass it on?"
    assert row.record["minutes"]["dissent"][0]["officer"] == "cfo"


def test_one_cannot_make_a_decision_of_somebody_elses_answer(bob: Membership, fiona: Membership) -> None:
    assert code(deciding.propose, fiona, Wanted("Pass it on."), board_of(held(bob)).id) == "not_found"


@pytest.mark.parametrize(
    ("said", "found"), [("Head of Sales", True), ("bob", True), ("the head of something", False), ("", False)]
)
def test_an_owner_is_suggested_by_name_or_title(bob: Membership, said: str, found: bool) -> None:
    bob.title, bob.user.name = "head of sales", "Bob"
    assert suggested([bob], said) == (bob.user_id if found else None)
    if found:
        assert suggested([bob, Membership(user=bob.user, title="head of sales")], said) == bob.user_id


# Pages


@pytest.fixture
def page(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def test_a_synthesis_becomes_a_decision_and_walks_through_its_pages(page: Client, bob: Membership) -> None:
    board = board_of(held(bob))
    made = page.post(
        "/decisions/", {"message": str(board.id), "text": "Pass it on.", "owner": str(bob.user_id), "due": "2026-12-01"}
    )
    row = Decision.objects.get()
    assert made["Location"] == f"/decisions/{row.id}/"
    shown = page.get(made["Location"]).content.decode()
    assert "Absorb the surcharge" in shown
    assert "Each month of delay costs" in shown
    assert page.post(f"{made['Location']}move/", {"to": "approved"}).status_code == 302
    assert page.post(f"{made['Location']}move/", {"to": "rejected"}).status_code == 400
    page.post(f"{made['Location']}move/", {"to": "done"})
    page.post(f"{made['Location']}move/", {"to": "reviewed", "outcome": "partly", "outcome_text": "Two left."})
    assert "It worked in part. Two left." in page.get(made["Location"]).content.decode()
    assert "Pass it on." in page.get("/decisions/?state=reviewed").content.decode()
    assert "Nothing here yet" in page.get("/decisions/?state=proposed").content.decode()
    assert f'href="/decisions/{row.id}/"' in page.get(f"/boardroom/{board.conversation_id}/").content.decode()


def test_an_answer_fills_the_form_and_executives_approve_at_once(page: Client, bob: Membership) -> None:
    answer = held(bob).messages.get(persona="cto")
    form = page.get(f"/decisions/new/?message={answer.id}").content.decode()
    assert "Fix the cause first." in form
    wrong = page.post("/decisions/", {"message": str(answer.id), "text": " ", "due": ""})
    assert (wrong.status_code, "Write down what is decided" in wrong.content.decode()) == (400, True)
    page.post("/decisions/", {"message": str(answer.id), "text": "Fix it.", "approve": "1"})
    assert Decision.objects.get().status == "approved"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/decisions/", {"text": ""}, 400),
        ("/decisions/", {"text": "x", "due": "soon"}, 400),
        ("/decisions/", {"text": "x", "owner": "me"}, 400),
        ("/decisions/", {"text": "x", "message": "00000000-0000-4000-8000-000000000000"}, 404),
        ("/decisions/00000000-0000-4000-8000-000000000000/move/", {"to": "done"}, 404),
    ],
)
def test_a_form_that_cannot_be_read_is_answered_in_words(
    page: Client, bob: Membership, path: str, form: dict[str, str], status: int
) -> None:
    assert page.post(path, form).status_code == status
    assert page.post(path, form, headers={"accept": "application/json"}).status_code == status
    assert not Decision.objects.exists()


def test_pages_that_need_an_answer_and_have_none(page: Client, bob: Membership) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    assert page.get("/decisions/new/").status_code == 302
    assert page.get(f"/decisions/new/?message={nothing}").status_code == 404
    assert page.get(f"/decisions/{nothing}/").status_code == 404
    assert page.get(f"/decisions/{nothing}/move/").status_code == 302


def test_a_board_pack_holds_question_answers_dissent_owner_and_sources(page: Client, bob: Membership) -> None:
    talk = held(bob)
    mark = {
        "id": "f0", "start": 43, "end": 49, "class": "found", "text": "$21k", "value": "21000", "unit": "money",
        "metric": "air_freight_cost", "period": "2026-10-01", "as_of": "2026-11-06", "source": [], "calculation": None,
    }  # fmt: skip
    talk.messages.filter(persona="cfo").update(evidence=[mark])
    row = deciding.propose(
        bob, Wanted("Pass it on. Передать. 転嫁する。", bob.user_id, date(2026, 12, 1)), board_of(talk).id
    )
    deciding.move(bob, row.id, "approved")
    pdf, docx = page.get(f"/decisions/{row.id}/pack.pdf"), page.get(f"/decisions/{row.id}/pack.docx")
    written = "\n".join(one.extract_text() for one in PdfReader(BytesIO(pdf.content)).pages)
    body = docx_of(BytesIO(docx.content))
    told = "\n".join(
        [*(one.text for one in body.paragraphs), *(c.text for t in body.tables for r in t.rows for c in r.cells)]
    )
    for text in (" ".join(written.split()), " ".join(told.split())):
        for wanted in (
            "Передать", "転嫁する", "Absorb the surcharge, or pass it on?", "Win rate on renewals is 81%",
            "1 December 2026",
            "would take all of it at once", "Each month of delay costs $21k", bob.user.display_name, "Approved",
            "air_freight_cost, October 2026: $21k, from the company’s data, as of 6 November 2026.",
        ):  # fmt: skip
            assert wanted in text, wanted
    by_hand = deciding.propose(bob, Wanted("By hand."), None)
    assert page.get(f"/decisions/{by_hand.id}/pack.pdf").content.startswith(b"%PDF")
    assert page.get("/decisions/00000000-0000-4000-8000-000000000000/pack.pdf").status_code == 404
