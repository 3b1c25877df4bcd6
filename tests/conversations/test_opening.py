"""Opening a turn stores the question once, whatever is sent how often."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from csuite.conversations import closing
from csuite.conversations.access import conversation_for
from csuite.conversations.events import Outcome
from csuite.conversations.models import Conversation, Frame, Message, Turn
from csuite.conversations.opening import Ask, check_personas, check_text, open_turn
from csuite.conversations.paths import shown_path
from csuite.conversations.replay import finished_frames
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db

RUNNER = uuid.uuid4()


@pytest.fixture
def bob(cast: Any) -> Iterator[Membership]:
    """Bob of Acme, inside his tenant's scope."""
    member = Membership.objects.select_related("tenant", "user").get(user=cast.bob, tenant=cast.acme)
    with tenant_scope(member.tenant_id):
        yield member


@pytest.fixture
def talk(bob: Membership) -> Conversation:
    made: Conversation = Conversation.objects.create(user=bob.user, updated_at=timezone.now())
    return made


def ask(text: str = "Why did margin fall?", **more: Any) -> Ask:
    return Ask(more.pop("client_id", str(uuid.uuid4())), text, more.pop("personas", ("cfo",)), **more)


def ending(turn: Turn, runner: uuid.UUID) -> closing.Ending:
    return closing.Ending(turn.tenant_id, turn.conversation_id, turn.id, runner, 4)


def finish(turn: Turn, status: str = "complete", text: str = "Because.") -> Message:
    answers = list(Message.objects.filter(turn=turn))
    written = [(Outcome(a.id, status, text), closing.Seen(1, 2, 3)) for a in answers]
    closing.close_turn(ending(turn, RUNNER), written)
    first: Message = Message.objects.get(id=answers[0].id)
    return first


def code(call: Any, *args: Any) -> str:
    with pytest.raises(Problem) as caught:
        call(*args)
    return caught.value.code


def test_the_question_and_its_answers_are_rows_before_a_model_is_called(bob: Membership, talk: Conversation) -> None:
    opened = open_turn(bob, talk.id, ask(personas=("cfo", "cmo")), RUNNER)
    assert opened.new
    assert opened.turn.status == "running"
    assert opened.turn.question.text == "Why did margin fall?"
    answers = Message.objects.filter(turn=opened.turn).order_by("position")
    assert [(a.persona, a.status, a.parent_id) for a in answers] == [
        ("cfo", "streaming", opened.turn.question_id),
        ("cmo", "streaming", opened.turn.question_id),
        ("board", "streaming", opened.turn.question_id),
    ]
    talk.refresh_from_db()
    assert talk.title == "Why did margin fall?"
    assert talk.personas == ["cfo", "cmo"]


def test_the_same_id_twice_is_one_question(bob: Membership, talk: Conversation) -> None:
    same = ask()
    first = open_turn(bob, talk.id, same, RUNNER)
    again = open_turn(bob, talk.id, same, RUNNER)
    assert not again.new
    assert again.turn.id == first.turn.id
    assert Message.objects.filter(conversation=talk, kind="question").count() == 1


@pytest.mark.parametrize("change", [{"text": "Something else"}, {"personas": ("ceo",)}, {"kind": "regenerate"}])
def test_the_same_id_with_other_content_is_refused(bob: Membership, talk: Conversation, change: dict[str, Any]) -> None:
    open_turn(bob, talk.id, ask(client_id="12345678"), RUNNER)
    assert code(open_turn, bob, talk.id, ask(client_id="12345678", **change), RUNNER) == "id_reused"


def test_the_same_id_in_another_conversation_is_refused(bob: Membership, talk: Conversation) -> None:
    other = Conversation.objects.create(user=bob.user, updated_at=timezone.now())
    same = ask()
    open_turn(bob, talk.id, same, RUNNER)
    assert code(open_turn, bob, other.id, same, RUNNER) == "id_reused"


def test_three_questions_wait_and_the_fourth_is_refused(bob: Membership, talk: Conversation) -> None:
    positions = [open_turn(bob, talk.id, ask(), RUNNER).position for _ in range(4)]
    assert positions == [0, 1, 2, 3]
    assert code(open_turn, bob, talk.id, ask(), RUNNER) == "queue_full"
    assert Turn.objects.filter(conversation=talk).count() == 4


def test_a_closed_turn_lets_the_next_in_the_queue_run(bob: Membership, talk: Conversation) -> None:
    first = open_turn(bob, talk.id, ask(), RUNNER).turn
    second = open_turn(bob, talk.id, ask(), RUNNER).turn
    assert closing.claim_next(talk.id, RUNNER) is None
    finish(first)
    claimed = closing.claim_next(talk.id, RUNNER)
    assert claimed is not None
    assert claimed.id == second.id
    assert Message.objects.get(turn=second).status == "streaming"


def test_without_a_runner_the_question_waits(bob: Membership, talk: Conversation) -> None:
    opened = open_turn(bob, talk.id, ask(), None)
    assert opened.turn.status == "queued"
    assert Message.objects.get(turn=opened.turn).status == "queued"


def test_closing_writes_the_answer_and_drops_the_frames(bob: Membership, talk: Conversation) -> None:
    turn = open_turn(bob, talk.id, ask(), RUNNER).turn
    Frame.objects.create(turn_id=turn.id, seq=0, payload="{}")
    answer = finish(turn)
    assert (answer.status, answer.text) == ("complete", "Because.")
    assert not Frame.objects.filter(turn_id=turn.id).exists()
    kinds = [text.split('"type":"')[1].split('"')[0] for _, text in finished_frames(Turn.objects.get(id=turn.id), -1)]
    assert kinds == ["turn.started", "answer.started", "text.delta", "answer.finished", "turn.finished"]


def test_who_was_taken_for_dead_cannot_close_any_more(bob: Membership, talk: Conversation) -> None:
    turn = open_turn(bob, talk.id, ask(), RUNNER).turn
    with pytest.raises(closing.NotOurs):
        closing.close_turn(ending(turn, uuid.uuid4()), [])


def test_a_stopped_queued_turn_has_all_its_frames(bob: Membership, talk: Conversation) -> None:
    open_turn(bob, talk.id, ask(), RUNNER)
    waiting = open_turn(bob, talk.id, ask(personas=("cfo", "cto")), RUNNER).turn
    assert closing.stop_queued(waiting.id)
    assert not closing.stop_queued(waiting.id)
    frames = finished_frames(Turn.objects.get(id=waiting.id), -1)
    assert [seq for seq, _ in frames] == [0, 1, 2, 3, 4]
    assert all('"stopped"' in text for _, text in frames[1:3])


def test_regenerating_makes_a_sibling_answer(bob: Membership, talk: Conversation) -> None:
    first = finish(open_turn(bob, talk.id, ask(), RUNNER).turn)
    again = open_turn(bob, talk.id, Ask("87654321", kind="regenerate", message=first.id), RUNNER).turn
    assert again.question_id == first.parent_id
    assert Message.objects.filter(parent_id=first.parent_id).count() == 2
    talk.refresh_from_db()
    assert talk.shown[f"{first.parent_id}:cfo"] == str(Message.objects.get(turn=again).id)


def test_only_an_interrupted_or_stopped_answer_can_be_continued(bob: Membership, talk: Conversation) -> None:
    whole = finish(open_turn(bob, talk.id, ask(), RUNNER).turn)
    assert code(open_turn, bob, talk.id, Ask("87654321", kind="continue", message=whole.id), RUNNER) == "bad_frame"
    cut = finish(open_turn(bob, talk.id, ask(), RUNNER).turn, "interrupted")
    turn = open_turn(bob, talk.id, Ask("87654322", kind="continue", message=cut.id), RUNNER).turn
    assert Message.objects.get(turn=turn).continues_id == cut.id


def test_an_answer_that_is_being_written_is_not_regenerated(bob: Membership, talk: Conversation) -> None:
    answer = Message.objects.get(turn=open_turn(bob, talk.id, ask(), RUNNER).turn)
    assert code(open_turn, bob, talk.id, Ask("87654321", kind="regenerate", message=answer.id), RUNNER) == "bad_frame"


def test_a_parent_of_another_conversation_is_not_found(bob: Membership, talk: Conversation) -> None:
    other = Conversation.objects.create(user=bob.user, updated_at=timezone.now())
    answer = finish(open_turn(bob, other.id, ask(), RUNNER).turn)
    assert code(open_turn, bob, talk.id, ask(parent=answer.id), RUNNER) == "not_found"
    assert code(open_turn, bob, talk.id, Ask("87654321", kind="regenerate", message=answer.id), RUNNER) == "not_found"
    assert (
        code(open_turn, bob, talk.id, Ask("87654321", kind="regenerate", message=uuid.uuid4()), RUNNER) == "not_found"
    )


def test_a_colleagues_and_a_strangers_conversation_are_not_found(cast: Any) -> None:
    alice = Membership.objects.get(user=cast.alice, tenant=cast.acme)
    bob = Membership.objects.get(user=cast.bob, tenant=cast.acme)
    charlie = Membership.objects.get(user=cast.charlie, tenant=cast.rival)
    with tenant_scope(cast.acme.id):
        talk = Conversation.objects.create(user=bob.user, updated_at=timezone.now())
        assert conversation_for(bob, talk.id) == talk
        assert code(conversation_for, alice, talk.id) == "not_found"
    with tenant_scope(cast.rival.id):
        assert code(conversation_for, charlie, talk.id) == "not_found"
        assert code(open_turn, charlie, talk.id, ask(), RUNNER) == "not_found"


@pytest.mark.parametrize("text", ["", "  \n ", "a\x00b"])
def test_a_question_that_cannot_be_asked_is_refused(text: str) -> None:
    assert code(check_text, text) == "bad_frame"


def test_a_question_of_more_than_five_thousand_characters_is_too_long() -> None:
    assert check_text("é" * 5000)
    assert code(check_text, "é" * 5001) == "too_long"


@pytest.mark.parametrize("keys", [(), ("nobody",), ("cfo", "cfo"), ("ceo", "cfo", "cmo", "cto", "cfo")])
def test_personas_that_do_not_exist_are_refused(keys: tuple[str, ...]) -> None:
    assert code(check_personas, keys) == "bad_frame"


def test_a_question_brings_the_version_that_it_follows_on_screen(bob: Membership, talk: Conversation) -> None:
    """Another tab may have asked for a newer one meanwhile: what one asks must not be out of one's sight."""
    first = finish(open_turn(bob, talk.id, ask(), RUNNER).turn)
    finish(open_turn(bob, talk.id, Ask("87654321", kind="regenerate", message=first.id), RUNNER).turn)
    open_turn(bob, talk.id, ask("And then?", parent=first.id), RUNNER)
    talk.refresh_from_db()
    path = shown_path(Message.objects.filter(conversation=talk), talk.shown)
    assert [one.question.text for one in path] == ["Why did margin fall?", "And then?"]
