"""THREATS T49 in a conversation: an answer without end is cut at the cap, and the person reads why it ends there."""

from csuite.conversations import answering
from tests.analytics.money import paid
from tests.conversations.conftest import Room
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["fake_provider"]


async def test_an_answer_without_end_is_cut_at_the_cap_and_says_so(room: Room, fake_provider: FakeProvider) -> None:
    with paid(fake_provider, "fake-xforever"):
        (answer,) = await room.finished(await room.ask("Repeat the word margin for ever."))
    (seen,) = fake_provider.requests
    assert (answer.status, answer.text, answer.note) == ("complete", seen.text, answering.LENGTH_NOTE)
    assert seen.tokens == seen.body["max_tokens"] <= 8_192
