"""Orders to a client, what they cost, and how the clients are told apart."""

import sys
from pathlib import Path

import pytest

from bench import peers
from bench.clients import Client, Gone, client, figures
from bench.orders import Bill, Order, carry_out, tokens_in
from bench.report import table

ROUND = {"token_us": 100.0, "call_cpu_ms": 1.0, "call_wall_ms": 1.0, "stream_cpu_ms": 1.0, "stream_wall_ms": 1.0}


def scaled(factor: float) -> dict[str, float]:
    return {name: value * factor for name, value in ROUND.items()}


async def test_an_order_is_carried_out_as_often_as_it_says() -> None:
    asked: list[bool] = []

    async def ask(streamed: bool) -> int:
        asked.append(streamed)
        return 7

    bill = await carry_out(Order(3, 7, apart=0.001), ask)
    assert (asked, bill.tokens) == ([True] * 3, 21)


async def test_an_answer_that_is_not_whole_is_no_figure() -> None:
    async def ask(_streamed: bool) -> int:
        return 6

    with pytest.raises(RuntimeError, match="6 tokens"):
        await carry_out(Order(1, 7), ask)


def test_tokens_that_came_in_one_piece_are_counted_apart() -> None:
    assert tokens_in(" w~12~ w~13~") == 2
    assert tokens_in(None) == 0


def test_cpu_for_a_token_is_in_microseconds() -> None:
    assert Bill(cpu=0.5, wall=1.0, tokens=1000).per_token() == 500


def test_ratios_are_taken_within_a_round() -> None:
    """A machine that is twice as slow in one round changes no ratio."""
    found = figures({"csuite": [scaled(0.5), scaled(1), scaled(0.5)], "openai": [scaled(1), scaled(2), scaled(1)]})
    assert set(found["csuite"]["ratios"].values()) == {0.5}
    assert "ratios" not in found["openai"]


def test_each_provider_has_its_own_yardstick() -> None:
    found = figures({"messages": [scaled(1)], "anthropic": [scaled(4)], "openai": [scaled(2)]})
    assert set(found["messages"]["ratios"].values()) == {0.25}


def test_without_the_yardstick_there_are_figures_and_no_ratios() -> None:
    assert figures({"csuite": [ROUND]}) == {"csuite": ROUND}


def test_the_table_shows_clients_beside_each_other() -> None:
    text = table({"llm": figures({"csuite": [scaled(0.5)], "openai": [ROUND]})})
    assert "csuite" in text.splitlines()[-6]
    assert "50.0 (0.5x)" in text


def test_a_client_that_breaks_off_is_gone_with_its_last_word(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.stdin.readline(); sys.exit('out of luck')"]
    with client(command, {}, tmp_path / "log") as one:
        with pytest.raises(Gone, match="out of luck"):
            one.carry_out(Order(1, 1))
        assert isinstance(one, Client)


def test_peers_that_cannot_be_installed_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "peers.txt"
    lock.write_text("# none\n")
    monkeypatch.setattr(peers, "LOCK", lock)
    monkeypatch.setattr(peers, "ENVIRONMENT", lock / "no-folder")
    said: list[str] = []
    assert peers.peers_python(said.append) is None
    assert "csuite is measured alone" in said[-1]


@pytest.mark.long
def test_peers_are_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "peers.txt"
    lock.write_text("# none\n")
    monkeypatch.setattr(peers, "LOCK", lock)
    monkeypatch.setattr(peers, "ENVIRONMENT", tmp_path / "environment")
    said: list[str] = []
    first = peers.peers_python(said.append)
    assert first is not None
    assert first.exists()
    assert peers.peers_python(said.append) == first
    assert len(said) == 1
