"""The two protocols that are spoken: what an answer looks like on the wire, in OpenAI's and in Anthropic's shape."""

import json
from typing import Any

from tests.fake_provider.journal import Entry
from tests.fake_provider.script import SAY, Answer
from tests.fake_provider.steering import count

MESSAGE = "The server had an error"
Reply = dict[str, Any]


def counts(answer: Answer, body: Any, tokens: int) -> tuple[int, int]:
    """Prompt and completion tokens, as we count."""
    messages = list(body.get("messages", []))
    if body.get("system"):
        messages.append({"content": body["system"]})
    contents = [message.get("content") or "" for message in messages]
    prompt = sum(count(content if isinstance(content, str) else json.dumps(content)) + 4 for content in contents)
    return prompt, tokens


def event(value: Any, name: str = "") -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(value)}\n\n".encode()


class OpenAIWire:
    """/chat/completions."""

    def __init__(self, entry: Entry, answer: Answer) -> None:
        self.entry, self.answer = entry, answer
        self.wants_usage = bool((entry.body.get("stream_options") or {}).get("include_usage"))
        head: Reply = {"id": f"chatcmpl-fake{entry.number:020d}", "object": "chat.completion.chunk"}
        head |= {"created": 1763000000, "model": entry.model, "system_fingerprint": "fp_fake"}
        usage = ',"usage":null' if self.wants_usage else ""
        opened = "data: " + json.dumps(head, separators=(",", ":"))[:-1] + ',"choices":[{"index":0,"delta":'
        self._pre = opened.encode()
        self._post = f',"logprobs":null,"finish_reason":@}}]{usage}}}\n\n'.encode()
        self._plain = self._post.replace(b"@", b"null", 1)

    def _chunk(self, delta: str, finish_reason: str | None = None) -> bytes:
        return self._pre + delta.encode() + self._post.replace(b"@", json.dumps(finish_reason).encode(), 1)

    def opening(self) -> bytes:
        return self._chunk('{"role":"assistant","content":""}')

    def piece(self, text: str) -> bytes:
        return b'%b{"content":%b}%b' % (self._pre, json.dumps(text).encode(), self._plain)

    def idle(self) -> bytes:
        """What says nothing."""
        return self.opening()

    def thought(self, text: str) -> bytes:
        return self._chunk(json.dumps({"reasoning": text}))

    def closing(self, tokens: int) -> bytes:
        out = b""
        if self.answer.tool_calls:
            out += self._chunk(json.dumps({"tool_calls": self.answer.tool_calls}))
        out += self._chunk("{}", self.answer.finish_reason)
        usage = self._usage(tokens) if self.wants_usage else None
        if usage is not None:
            out += event({"id": "chatcmpl-fake", "object": "chat.completion.chunk", "choices": [], "usage": usage})
        return out + b"data: [DONE]\n\n"

    def malformed(self) -> bytes:
        return b'data: {"id":"chatcmpl-x","choices":[{"index":0,"delta":{"con\n\n'

    def error(self, shape: str) -> bytes:
        """An error in the middle of a stream, as this provider tells it."""
        told = {"error": {"message": MESSAGE, "type": "server_error", "code": None}}
        if shape == "groq":
            return event(told, "error")
        if shape == "openai":
            usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
            return event(told) + event({"id": "chatcmpl-x", "choices": [], "usage": usage}) + b"data: [DONE]\n\n"
        if shape == "openrouter":
            choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            failed = {"id": "gen-x", "error": {"code": 502, "message": MESSAGE}, "choices": [choice]}
            return event(failed) + event({"id": "gen-x", "choices": [], "usage": usage}) + b"data: [DONE]\n\n"
        return event(told)

    def whole(self, tokens: int, text: str) -> Reply:
        message: Reply = {"role": "assistant", "content": text or None}
        if self.answer.tool_calls:
            message["tool_calls"] = self.answer.tool_calls
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.answer.finish_reason}
        reply: Reply = {"id": f"chatcmpl-fake{self.entry.number}", "object": "chat.completion", "created": 1763000000}
        reply |= {"model": self.entry.model, "choices": [choice]}
        usage = self._usage(tokens)
        return reply if usage is None else {**reply, "usage": usage}

    def _usage(self, tokens: int) -> Any:
        self.entry.usage = self.answer.usage if self.answer.usage != SAY else self._counted(tokens)
        return self.entry.usage

    def _counted(self, tokens: int) -> Reply:
        prompt, completion = counts(self.answer, self.entry.body, tokens)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }

    def refusal(self, kind: str, code: str | None, message: str) -> Reply:
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class AnthropicWire:
    """/messages. Says text and counts; tools are not spoken."""

    def __init__(self, entry: Entry, answer: Answer) -> None:
        self.entry, self.answer = entry, answer

    def opening(self) -> bytes:
        usage = self._usage(1)
        message: Reply = {"id": f"msg_fake{self.entry.number}", "type": "message", "role": "assistant", "content": []}
        message |= {"model": self.entry.model, "stop_reason": None, **({"usage": usage} if usage else {})}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return (
            event({"type": "message_start", "message": message}, "message_start")
            + event(block, "content_block_start")
            + event({"type": "ping"}, "ping")
        )

    def piece(self, text: str) -> bytes:
        delta = {"type": "text_delta", "text": text}
        return event({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")

    def idle(self) -> bytes:
        """What says nothing."""
        return event({"type": "ping"}, "ping")

    def thought(self, text: str) -> bytes:
        delta = {"type": "thinking_delta", "thinking": text}
        return event({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")

    def closing(self, tokens: int) -> bytes:
        usage = self._usage(tokens)
        last: Reply = {"type": "message_delta", "delta": {"stop_reason": self._reason(), "stop_sequence": None}}
        return (
            event({"type": "content_block_stop", "index": 0}, "content_block_stop")
            + event({**last, **({"usage": usage} if usage else {})}, "message_delta")
            + event({"type": "message_stop"}, "message_stop")
        )

    def malformed(self) -> bytes:
        return b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n'

    def error(self, shape: str) -> bytes:
        return event(self.refusal("overloaded_error", None, "Overloaded"), "error")

    def whole(self, tokens: int, text: str) -> Reply:
        usage = self._usage(tokens)
        reply: Reply = {"id": f"msg_fake{self.entry.number}", "type": "message", "role": "assistant"}
        reply |= {"model": self.entry.model, "content": [{"type": "text", "text": text}] if text else []}
        return {**reply, "stop_reason": self._reason(), **({"usage": usage} if usage else {})}

    def _reason(self) -> str:
        return {"stop": "end_turn", "length": "max_tokens"}.get(self.answer.finish_reason, self.answer.finish_reason)

    def _usage(self, tokens: int) -> Any:
        self.entry.usage = self.answer.usage if self.answer.usage != SAY else self._counted(tokens)
        return self.entry.usage

    def _counted(self, tokens: int) -> Reply:
        prompt, completion = counts(self.answer, self.entry.body, tokens)
        return {"input_tokens": prompt, "output_tokens": completion}

    def refusal(self, kind: str, code: str | None, message: str) -> Reply:
        return {"type": "error", "error": {"type": kind, "message": message}}


Wire = OpenAIWire | AnthropicWire


def wire_of(path: str, entry: Entry, answer: Answer) -> Wire:
    """The protocol that is spoken at this path."""
    return (AnthropicWire if path.endswith("/messages") else OpenAIWire)(entry, answer)
