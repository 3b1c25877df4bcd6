"""Server-sent events as the standard says, in whatever pieces they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.llm.sse import Decoder, TooLarge

CASES = [
    (b"data: a\n\n", [(b"", b"a")]),
    (b"data:a\n\n", [(b"", b"a")]),
    (b"data:  a\n\n", [(b"", b" a")]),
    (b"data\n\n", [(b"", b"")]),
    (b"data: a\r\n\r\n", [(b"", b"a")]),
    (b"data: a\r\r", [(b"", b"a")]),
    (b"data: a\r\n\n", [(b"", b"a")]),
    (b"data: a\n\r\n", [(b"", b"a")]),
    (b"data: a\ndata: b\n\n", [(b"", b"a\nb")]),
    (b"data: a\rdata: b\r\r", [(b"", b"a\nb")]),
    (b"event: error\ndata: a\n\n", [(b"error", b"a")]),
    (b"event: error\n\ndata: a\n\n", [(b"", b"a")]),
    (b": comment\n\ndata: a\n\n", [(b"", b"a")]),
    (b": comment\ndata: a\n\n", [(b"", b"a")]),
    (b"id: 1\nretry: 5\ndata: a\n\n", [(b"", b"a")]),
    (b"\n\n\n\ndata: a\n\n\n\ndata: b\n\n", [(b"", b"a"), (b"", b"b")]),
    (b"\n\ndata: a\n\n\ndata: b\n\n", [(b"", b"a"), (b"", b"b")]),
    (b"\xef\xbb\xbfdata: a\n\n", [(b"", b"a")]),
    (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
    (b"data: \xef\xbb\xbfa\n\n", [(b"", b"\xef\xbb\xbfa")]),
    ("data: a\u2028b\u0085c\x0bd\n\n".encode(), [(b"", "a\u2028b\u0085c\x0bd".encode())]),
    (b"data: a\n\ndata: half", [(b"", b"a")]),
    (b"data: a\n\ndata: half\n", [(b"", b"a")]),
    (b"", []),
    (b"\xef\xbb", []),
    (b"{}\n\n", []),
]


@pytest.mark.parametrize(("body", "events"), CASES)
def test_a_body_gives_its_events_however_it_is_split(body: bytes, events: list[tuple[bytes, bytes]]) -> None:
    assert Decoder().feed(body) == events
    for at in range(len(body) + 1):
        decoder = Decoder()
        assert decoder.feed(body[:at]) + decoder.feed(body[at:]) == events
    decoder = Decoder()
    assert [event for at in range(len(body)) for event in decoder.feed(body[at : at + 1])] == events


lines = st.sampled_from(["data: x", "data:y", "data", ": c", "event: error", "id: 1", "odd", "", "data: é\u2028ü"])
ends = st.sampled_from(["\n", "\r\n", "\r"])


@given(st.lists(st.tuples(lines, ends), max_size=30), st.booleans(), st.data())
def test_any_body_in_any_pieces_gives_what_a_line_by_line_reading_gives(
    parts: list[tuple[str, str]], bom: bool, data: st.DataObject
) -> None:
    body = ("\ufeff" if bom else "").encode() + "".join(line + end for line, end in parts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    decoder = Decoder()
    assert [event for piece in pieces for event in decoder.feed(piece)] == by_lines(body)


def by_lines(body: bytes) -> list[tuple[bytes, bytes]]:
    """The standard's own procedure, line after line."""
    text = body.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    events: list[tuple[bytes, bytes]] = []
    name, data = b"", list[bytes]()
    for line in text.split(b"\n")[:-1]:
        if not line:
            if data:
                events.append((name, b"\n".join(data)))
            name, data = b"", []
            continue
        field, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
    return events


def test_an_event_larger_than_the_limit_is_refused_in_pieces_and_whole() -> None:
    decoder = Decoder(limit=10)
    assert decoder.feed(b"data: 1") == []
    with pytest.raises(TooLarge):
        decoder.feed(b"2345")
    with pytest.raises(TooLarge):
        Decoder(limit=10).feed(b"data: 12345\n\n")


def test_many_small_pieces_of_one_large_event_cost_time_in_proportion() -> None:
    """Joined once at the end: 100,000 pieces would take minutes if each were added to a growing string."""
    decoder = Decoder()
    decoder.feed(b"data: ")
    for _ in range(100_000):
        decoder.feed(b"x")
    assert decoder.feed(b"\n\n") == [(b"", b"x" * 100_000)]
