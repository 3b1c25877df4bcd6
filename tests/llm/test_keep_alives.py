"""What only keeps a connection open keeps no call waiting (THREATS F3): the limits are for signs that the model works.

Comments (": OPENROUTER PROCESSING"), pings and chunks with nothing but a role are none; thinking and tool calls are.
"""

import json
from typing import Any

import pytest

from csuite.llm import conf
from csuite.llm.dialects import Said
from csuite.llm.dialects.anthropic_reader import AnthropicReader
from csuite.llm.dialects.openai_reader import OpenAIReader
from csuite.llm.providers import table
from tests.fake_provider import FakeProvider
from tests.llm.asking import hear, primary, together
from tests.llm.conftest import KeepingMeter
from tests.llm.servers import gone
from tests.llm.test_fault_matrix import DIALECTS

NEVER = 900.0  # seconds; a test that needs it to end has failed


@pytest.fixture(params=sorted(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> dict[str, Any]:
    return DIALECTS[request.param]


@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize("fault", ["comments", "idle"])
async def test_before_a_word_they_do_not_put_off_the_first_limit_and_another_answers(
    fake_provider: FakeProvider, meter: KeepingMeter, dialect: dict[str, Any], fault: str
) -> None:
    rows = {"other": fake_provider.row("fake-4t")}
    limits = {"first_byte": 0.1, "between": NEVER, "total": NEVER}
    with (
        primary(fake_provider, f"fake-8t-0a-x{fault}", rows=rows, **limits, **dialect),
        conf.override(FALLBACK="other"),
    ):
        heard = await hear()
    assert (heard.error, heard.finished.provider) == (None, "other")
    assert heard.text == fake_provider.requests[1].text
    assert [row.error_kind for row in meter.attempts] == ["timeout", ""]
    assert fake_provider.requests[0].outcome == "aborted"


@pytest.mark.usefixtures("transport")
async def test_in_the_middle_they_do_not_fill_a_gap_and_what_came_is_kept(fake_provider: FakeProvider) -> None:
    limits = {"between": 0.12, "total": NEVER}
    said = await together(
        {
            f"{name} {fault}": fake_provider.row(f"fake-8t-1ms-x{fault}", **limits, **dialect)
            for name, dialect in DIALECTS.items()
            for fault in ("comments", "idle")
        }
    )
    for name, heard in said.items():
        assert heard.kind == "timeout", name
        assert heard.text in [one.text for one in fake_provider.requests], name
        assert heard.error is not None
        assert "silence" in heard.error.detail
    await gone(fake_provider)


@pytest.mark.usefixtures("transport")
async def test_who_thinks_is_alive(fake_provider: FakeProvider) -> None:
    limits = {"first_byte": 0.3, "between": 0.3}
    said = await together(
        {name: fake_provider.row("fake-8t-10ms-0a-xthinks", **limits, **dialect) for name, dialect in DIALECTS.items()}
    )
    for name, heard in said.items():
        assert heard.error is None, name
        assert heard.text in [one.text for one in fake_provider.requests], name
        assert (heard.finished.ttft_ms or 0) > 300, name


def openai(delta: dict[str, Any], **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None, **more}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


def anthropic(**event: Any) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()


def block(**fields: Any) -> bytes:
    return anthropic(type="content_block_start", index=0, content_block=fields)


def delta(**fields: Any) -> bytes:
    return anthropic(type="content_block_delta", index=0, delta=fields)


USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":0}}\n\n'


@pytest.mark.parametrize(
    ("sent", "moved"),
    [
        (b": OPENROUTER PROCESSING\n\n", False),
        (b": a\n\n" * 50, False),
        (openai({"role": "assistant"}), False),
        (openai({"role": "assistant", "content": "", "refusal": None}), False),
        (openai({"content": None}), False),
        (USAGE, False),
        (b"data: {\n\n", False),
        (b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}', False),  # not whole yet
        (openai({"content": "a"}), True),
        (openai({"reasoning": "a"}), True),
        (openai({"reasoning_content": "a"}), True),
        (openai({"content": "", "reasoning_details": [{"type": "reasoning.encrypted"}]}), True),
        (openai({"content": [{"type": "thinking", "thinking": []}]}), True),
        (openai({"tool_calls": [{"index": 0, "function": {"name": "m"}}]}), True),
        (openai({"refusal": "No"}), True),
        (openai({}, finish_reason="stop"), True),
        (b'{"choices": [', True),  # an answer that is not streamed after all
    ],
)
def test_what_counts_as_a_sign_in_openais_dialect(sent: bytes, moved: bool) -> None:
    reader = OpenAIReader(table()["openrouter"], Said())
    reader.feed(sent)
    assert reader.moved is moved
    reader.feed(b": OPENROUTER PROCESSING\n\n")
    assert reader.moved is (sent[:1] == b"{")


@pytest.mark.parametrize(
    ("sent", "moved"),
    [
        (b'event: ping\ndata: {"type":"ping"}\n\n', False),
        (anthropic(type="message_start", message={"usage": {"input_tokens": 3, "output_tokens": 1}}), False),
        (block(type="text", text=""), False),
        (delta(type="text_delta", text=""), False),
        (anthropic(type="something_new"), False),
        (block(type="text", text="a"), True),
        (block(type="thinking", thinking=""), True),
        (block(type="tool_use", id="t", name="m", input={}), True),
        (delta(type="text_delta", text="a"), True),
        (delta(type="thinking_delta", thinking="a"), True),
        (delta(type="signature_delta", signature="a"), True),
        (delta(type="input_json_delta", partial_json="{"), True),
        (anthropic(type="message_delta", delta={"stop_reason": "end_turn"}), True),
    ],
)
def test_what_counts_as_a_sign_in_anthropics_dialect(sent: bytes, moved: bool) -> None:
    reader = AnthropicReader(table()["anthropic"], Said())
    reader.feed(sent)
    assert reader.moved is moved
