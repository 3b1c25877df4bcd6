"""The boardroom's pages: with plain forms, and what they say in every state."""

from typing import Any

import pytest
from django.test import Client

from csuite.conversations.boardroom.sitting import state_of, waiting_words
from csuite.conversations.models import Conversation, Message, Turn
from csuite.tenants.models import Membership
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
def page(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def html(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_form_asks_several_officers_once(page: Client, bob: Membership) -> None:
    form = {"id": "12345678", "text": "Absorb it, or pass it on?", "persona": ["cfo", "cmo"]}
    first, second = page.post("/boardroom/", form), page.post("/boardroom/", form)
    turn = Turn.objects.get()
    assert first["Location"] == second["Location"] == f"/boardroom/{turn.conversation_id}/"
    shown = html(page.get(first["Location"]))
    assert "Waiting in the queue" in shown
    assert "The synthesis begins when both have finished." in shown
    assert 'http-equiv="refresh"' in shown


@pytest.mark.parametrize("officers", [[], ["cfo"], ["ceo", "cfo", "cmo", "cto", "cfo"], ["cfo", "nobody"]])
def test_a_board_has_two_to_four_officers_and_the_text_is_kept(
    page: Client, bob: Membership, officers: list[str]
) -> None:
    form = {"text": "Absorb it?", "persona": officers}
    refused = page.post("/boardroom/", form)
    assert (refused.status_code, "Absorb it?" in html(refused)) == (400, True)
    assert page.post("/boardroom/", form, headers={"accept": "application/json"}).status_code == 400
    assert not Conversation.objects.exists()


def test_the_list_shows_ones_own_questions_to_several(page: Client, bob: Membership) -> None:
    assert "No question yet" in html(page.get("/boardroom/"))
    talk = held(bob)
    assert "Absorb the surcharge" in html(page.get("/boardroom/"))
    page.post("/decisions/", {"message": str(board_of(talk).id), "text": "Pass it on."})
    assert ", decided" in html(page.get("/boardroom/"))


def test_a_meeting_that_is_over_shows_its_seats_and_its_synthesis(page: Client, bob: Membership) -> None:
    talk = held(bob)
    shown = html(page.get(f"/boardroom/{talk.id}/"))
    assert shown.count('class="seat"') == 4
    assert "Finished in 9 s" in shown
    assert "72%" in shown
    assert "three of four stand behind it fully" in shown
    assert "Each month of delay costs $21k" in shown
    question = talk.messages.get(kind="question")
    assert html(page.get(f"/boardroom/{talk.id}/?question={question.id}")).count('class="seat"') == 4
    for other in ("x", "00000000-0000-4000-8000-000000000000"):
        assert page.get(f"/boardroom/{talk.id}/?question={other}").status_code == 404


def test_a_synthesis_that_is_older_than_an_answer_says_so(page: Client, bob: Membership) -> None:
    talk = held(bob)
    cfo = talk.messages.get(persona="cfo")
    Message.objects.create(
        conversation=talk, turn=cfo.turn, parent=cfo.parent, kind="answer", persona="cfo", status="complete", text="No."
    )
    assert "An officer has answered since." in html(page.get(f"/boardroom/{talk.id}/"))


def test_a_board_without_a_synthesis_offers_one_where_two_have_answered(page: Client, bob: Membership) -> None:
    talk = held(bob)
    Message.objects.filter(id=board_of(talk).id).update(status="failed", synthesis=None, note="It failed.")
    assert "Make a synthesis" in html(page.get(f"/boardroom/{talk.id}/"))
    Message.objects.filter(conversation=talk, kind="answer").exclude(persona="cfo").update(status="failed")
    assert "Make a synthesis" not in html(page.get(f"/boardroom/{talk.id}/"))


def test_without_a_script_one_officer_or_all_are_asked_again(page: Client, bob: Membership) -> None:
    talk = held(bob)
    cfo, question = talk.messages.get(persona="cfo"), talk.messages.get(kind="question")
    assert page.post(f"/boardroom/{talk.id}/again/", {"message": str(cfo.id)}).status_code == 302
    assert Turn.objects.get(kind="regenerate").status == "queued"
    assert page.post(f"/boardroom/{talk.id}/again/", {"message": str(question.id)}).status_code == 302
    newest = Turn.objects.latest("number")
    assert [m.persona for m in newest.messages.filter(kind="answer").order_by("position")] == [
        "ceo", "cfo", "cmo", "cto", "board",
    ]  # fmt: skip
    assert page.post(f"/boardroom/{talk.id}/again/", {"message": "x"}).status_code == 404
    assert page.get(f"/boardroom/{talk.id}/again/").status_code == 302


def test_a_conversation_with_one_officer_is_no_board(page: Client, bob: Membership) -> None:
    talk = held(bob, ("cfo",))
    Message.objects.filter(id=board_of(talk).id).delete()
    assert page.get(f"/boardroom/{talk.id}/").status_code == 404


class Answer:
    def __init__(self, status: str, text: str = "", seconds: float | None = None) -> None:
        self.message, self.text, self.seconds = Message(status=status), text, seconds


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer("streaming", "A"), "Writing"), (Answer("streaming"), "Reading the company’s figures"),
        (Answer("queued"), "Waiting in the queue"), (Answer("complete", "A", 9.2), "Finished in 9 s"),
        (Answer("complete", "A", 0.4), "Finished"), (Answer("failed"), "No answer"), (Answer("stopped"), "Stopped"),
    ],
)  # fmt: skip
def test_a_seat_says_how_it_stands(answer: Any, words: str) -> None:
    assert state_of(answer) == words


def test_the_box_says_whom_it_waits_for() -> None:
    busy: list[Any] = [Answer("streaming", "A"), Answer("streaming", "A"), Answer("streaming")]
    all_of_them: list[Any] = [*busy, Answer("complete", "A")]
    assert waiting_words(all_of_them, busy) == (
        "The synthesis begins when all four have finished.", "Two are writing, one is reading.",
    )  # fmt: skip
    assert waiting_words(all_of_them, [])[0] == "The synthesis is being written."
    assert waiting_words(busy[:1], busy[:1])[0] == "The answer is being written."


@pytest.mark.django_db(transaction=True)
def test_the_whole_is_priced_before_it_is_asked(page: Client, cast: Cast) -> None:
    form = {"text": "Absorb it?", "persona": ["cfo", "cmo"]}
    said = page.post("/boardroom/estimate/", form).json()
    assert set(said) == {"type", "low", "high", "currency", "budget_left"}
    alone = page.post("/boardroom/estimate/", {"text": "Absorb it?", "persona": ["cfo"]})
    assert alone.status_code == 400
