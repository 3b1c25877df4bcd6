"""THREATS T14 to T21: an error frame or a clean close, never a traceback, never 1011."""

import asyncio
import contextlib
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from csuite.conversations.models import Message
from csuite.tenants.models import Membership
from csuite.tenants.scope import tenant_scope
from tests.conversations.processes import Pair, Person, bob, left, pair
from tests.conversations.talk import Talk

__all__ = ["bob", "pair"]


async def status_of(pair: Pair, person: Person, **how: Any) -> int:
    """The HTTP status with which a handshake is refused."""
    talk = person.talk(pair.one, uuid.uuid4(), **how)
    with pytest.raises(InvalidStatus) as refused:
        await talk.__aenter__()
    return int(refused.value.response.status_code)


async def closed_with(talk: Talk) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        await talk.until(lambda frame: False)
    await talk.socket.wait_closed()
    assert closed.value.rcvd is not None, "the line went dead without a close frame"
    return int(closed.value.rcvd.code)


@pytest.mark.parametrize(
    "origin",
    ["https://evil", "null", "http://127.0.0.1.evil.com", "https://127.0.0.1", "http://127.0.0.1:1"],
)
async def test_a_foreign_origin_is_refused(bob: Person, pair: Pair, origin: str) -> None:
    assert await status_of(pair, bob, origin=origin) == 403


async def test_no_origin_is_refused(bob: Person, pair: Pair) -> None:
    talk = bob.talk(pair.one, uuid.uuid4())
    with pytest.raises(InvalidStatus) as refused:
        await connect(talk.address, additional_headers=talk.headers)
    assert refused.value.response.status_code == 403


async def test_two_origins_are_refused(bob: Person, pair: Pair) -> None:
    talk = bob.talk(pair.one, uuid.uuid4())
    headers = [("Cookie", talk.headers["Cookie"]), ("Origin", pair.one.url), ("Origin", "https://evil")]
    with pytest.raises(InvalidStatus) as refused:
        await connect(talk.address, additional_headers=headers)
    assert refused.value.response.status_code in (400, 403)


async def test_nobody_is_refused(bob: Person, pair: Pair) -> None:
    for cookie in ("", "nonsense", "a" * 4000):
        bob.cookie = cookie
        assert await status_of(pair, bob) == 403


async def test_a_session_key_in_the_address_is_worth_nothing(bob: Person, pair: Pair) -> None:
    address = f"{pair.one.url.replace('http', 'ws')}/ws/conversations/{uuid.uuid4()}/?sessionid={bob.cookie}"
    with pytest.raises(InvalidStatus) as refused:
        await connect(address, origin=pair.one.url)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403
    assert bob.cookie not in pair.one.output()


async def test_another_path_is_refused(bob: Person, pair: Pair) -> None:
    with pytest.raises(InvalidStatus):
        await connect(f"{pair.one.url.replace('http', 'ws')}/ws/other/", origin=pair.one.url)  # type: ignore[arg-type]


async def test_a_strangers_and_an_unknown_conversation_close_the_same_way(bob: Person, pair: Pair, cast: Any) -> None:
    mine = await bob.conversation()
    charlie = await sync_to_async(Person)(cast.charlie)
    alice = await sync_to_async(Person)(cast.alice)
    for person, conversation in ((charlie, mine), (alice, mine), (charlie, uuid.uuid4())):
        talk = person.talk(pair.one, conversation)
        talk.socket = await connect(talk.address, additional_headers=talk.headers, origin=talk.origin)  # type: ignore[arg-type]
        assert await closed_with(talk) == 4404
        assert talk.frames == []


BAD = [
    "",
    "{",
    "[]",
    "1",
    "null",
    '{"type":null}',
    '{"type":"nonsense"}',
    '{"type":"chat.message"}',
    "[" * 10_000,
    '{"a":' * 9_000 + "1" + "}" * 9_000,
    '{"type":"ask","type":"ask"}',
    '{"type":"ask","id":NaN}',
    '{"type":"ask","id":"12345678","text":"\\ud800","personas":["cfo"]}',
    '{"type":"ask","id":"12345678","text":"a\\u0000b","personas":["cfo"]}',
    '{"type":"ask","id":"12345678","text":"","personas":["cfo"]}',
    '{"type":"ask","id":"12345678","text":"x","personas":["nobody"]}',
    '{"type":"stop","turn":"00000000-0000-0000-0000-000000000000","message":7}',
    '{"type":"watch","turn":"00000000-0000-0000-0000-000000000000","after":-1}',
    '{"type":"regenerate","id":"12345678","message":"00000000-0000-0000-0000-000000000000"}',
]


async def test_bad_frames_get_an_error_and_the_socket_lives(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    async with bob.talk(pair.one, conversation) as talk:
        for frame in BAD:
            await talk.socket.send(frame)
            error = await talk.next()
            assert error["type"] == "error", frame
            assert error["code"] in ("bad_frame", "not_found"), frame
        await talk.ask("Are you there?")
        await talk.finished()
    assert "Traceback" not in pair.one.output()
    assert pair.one.process is not None
    assert pair.one.process.poll() is None


async def test_a_fragmented_frame_and_many_pings_are_read(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    async with bob.talk(pair.one, conversation) as talk:
        text = f'{{"type":"ask","id":"{uuid.uuid4()}","text":"Why?","personas":["cfo"]}}'
        await talk.socket.send(iter(text))
        for _ in range(300):
            await talk.socket.ping()
        await talk.finished()


async def test_a_text_that_is_too_long_is_an_error(bob: Person, pair: Pair) -> None:
    async with bob.talk(pair.one, await bob.conversation()) as talk:
        client_id = await talk.ask("é" * 5001)
        error = await talk.of_type("error")
        assert (error["code"], error["id"]) == ("too_long", client_id)


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"\x00\x01", 1003), ("x" * 70_000, 1009), ("x" * 5_000_000, 1009)],
    ids=["binary", "70k", "5M"],
)
async def test_what_is_no_frame_closes_cleanly(bob: Person, pair: Pair, payload: Any, code: int) -> None:
    async with bob.talk(pair.one, await bob.conversation()) as talk:
        with contextlib.suppress(ConnectionClosed):
            await talk.socket.send(payload)
        assert await closed_with(talk) == code


async def test_invalid_utf8_closes_with_1007(bob: Person, pair: Pair) -> None:
    async with bob.talk(pair.one, await bob.conversation()) as talk:
        await talk.socket.send(b"\xff\xfe", text=True)
        assert await closed_with(talk) == 1007


async def test_a_flood_is_told_and_closed(bob: Person, pair: Pair) -> None:
    async with bob.talk(pair.one, await bob.conversation()) as talk:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(200):
                await talk.socket.send('{"type":"nonsense"}')
        assert await closed_with(talk) == 1008
        assert talk.frames[-1]["code"] == "rate_limited"


async def test_too_many_sockets_of_one_person_are_refused(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    codes = []

    async def sit() -> None:
        talk = bob.talk(pair.one, conversation)
        try:
            async with talk:
                await closed_with(talk)
        except ConnectionClosed as closed:
            codes.append(closed.rcvd and closed.rcvd.code)

    tasks = [asyncio.create_task(sit()) for _ in range(60)]
    while not codes:
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert set(codes) == {1008}


async def test_a_session_that_ended_gets_no_answer(bob: Person, pair: Pair) -> None:
    async with bob.talk(pair.one, await bob.conversation()) as talk:
        await Session.objects.all().adelete()
        await talk.ask("Why?")
        assert await closed_with(talk) == 4401
    assert (await left())["open turns"] == 0
    assert pair.journal() == []


@pytest.mark.parametrize("what", ["membership", "person", "tenant", "policy"])
async def test_who_loses_the_right_is_sent_away_without_a_word(bob: Person, pair: Pair, cast: Any, what: str) -> None:
    async with bob.talk(pair.one, await bob.conversation()) as talk:
        if what == "membership":
            await Membership.objects.filter(user=cast.bob).aupdate(is_active=False)
        elif what == "policy":
            await type(cast.acme).objects.filter(pk=cast.acme.pk).aupdate(sign_in="sso")
        else:
            row = cast.bob if what == "person" else cast.acme
            row.is_active = False
            await row.asave(update_fields=["is_active"])
        assert await closed_with(talk) == (4401 if what == "person" else 4403)


async def test_no_frame_of_an_own_conversation_reaches_into_anothers(bob: Person, pair: Pair, cast: Any) -> None:
    """THREATS T3, T9: the address is the sender's own, the ids in the frame are Bob's."""
    mine = await bob.conversation()
    async with bob.talk(pair.one, mine) as talk:
        await talk.ask("Why is the margin down?")
        frames = await talk.finished()
    turn = next(f["turn"] for f in frames if f["type"] == "turn.started")
    answer = next(f["message"] for f in frames if f["type"] == "answer.finished")
    before = await sync_to_async(said)(cast)
    reaching: list[dict[str, Any]] = [
        {"type": "ask", "text": "And?", "personas": ["cfo"], "parent": answer},
        {"type": "regenerate", "message": answer},
        {"type": "continue", "message": answer},
        {"type": "estimate", "text": "And?", "personas": ["cfo"], "parent": answer},
        {"type": "watch", "turn": turn, "after": -1},
    ]
    for user in (cast.charlie, cast.alice):
        person = await sync_to_async(Person)(user)
        async with person.talk(pair.two, await person.conversation()) as talk:
            for frame in reaching:
                await talk.send(**{"id": str(uuid.uuid4())} | frame)
                reply = await talk.next()
                assert (reply["type"], reply.get("code")) == ("error", "not_found"), (frame, reply)
            await talk.send(type="stop", turn=turn)  # is never answered
            await talk.send(type="stop", turn=turn, message=answer)
            await talk.send(type="estimate", id=str(uuid.uuid4()), text="And?", personas=["cfo"])
            assert (await talk.next())["type"] == "estimate"
    assert await sync_to_async(said)(cast) == before


def said(cast: Any) -> list[Any]:
    with tenant_scope(cast.acme.id):
        return list(Message.objects.order_by("id").values("id", "text", "status"))
