"""A seat gets every frame once and in order, whenever it joins."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from csuite.conversations.hub import Hub, Watch


class Seat:
    def __init__(self) -> None:
        self.tenant = self.conversation = uuid.uuid4()
        self.got: list[str] = []

    def push(self, text: str) -> None:
        self.got.append(text)


def frames(first: int, last: int) -> list[tuple[int, str]]:
    return [(n, str(n)) for n in range(first, last)]


@given(after=st.integers(-1, 9), stored=st.integers(0, 10), live_from=st.integers(0, 10))
def test_past_and_live_overlap_without_a_double_or_a_gap(after: int, stored: int, live_from: int) -> None:
    """The log has what was stored before; live frames may begin anywhere up to there."""
    seat = Seat()
    watch = Watch(seat, after)
    watch.give(frames(min(live_from, stored), 10))  # arrives while the log is read
    watch.catch_up([f for f in frames(0, stored) if f[0] > after])
    watch.give(frames(10, 12))
    assert seat.got == [str(n) for n in range(after + 1, 12)]


def test_nothing_is_given_before_the_past_has_been_read() -> None:
    seat = Seat()
    watch = Watch(seat, -1)
    watch.give(frames(0, 3))
    assert seat.got == []


def test_leaving_forgets_the_seat_everywhere() -> None:
    hub = Hub(uuid.uuid4(), lambda work: work.close())
    seat = Seat()
    hub.enter(seat)
    hub.leave(seat)
    assert hub.rooms == {}
    assert hub.feeds == {}
