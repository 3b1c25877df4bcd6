"""What the name of a model asks for: fake-200t-50ms-300f-xcut is 200 tokens, 50 ms apart, 300 ms to the first, cut.

    <n>t tokens   <n>ms between tokens   <n>f ms to the first   <n>a tokens before the fault (else half of them)
    <n>b reset after so many bytes of the body   x<fault>   y<form>   nousage
    stamp: each token carries the monotonic clock in nanoseconds, as " w~<ns>~"

Faults before anything is said: a status (429, 500, …), 429once (the next call of that model works), flap<n> (n of a
hundred calls are a 500), hang (accepted, no reply), gone (reset before any reply), html (a page instead of events).
Faults in the middle: stall (then silence), comments (only keep-alive comments from there on), idle (only pings, or
chunks with nothing but a role), thinks (40 pieces of reasoning, <n>ms apart, then on), cut (reset), fin (clean end
without a finish), malformed (one broken chunk), errchunk (error event), erropenai (error, usage of 0, [DONE]),
errgroq (`event: error`), erropenrouter (error and finish reason, usage, [DONE]). trickle: byte by byte, <n>ms apart.
Forms, all in order: crlf and cr (line ends), bom, nospace (after `data:`), multiline (one event over several lines),
gzip, wrongtype (text/html). Forms that are broken: badutf8 (one such chunk), huge (a line of 10 MB first).

forever is no fault: it speaks until the request's own limit cuts it.

/v1/messages speaks Anthropic's Messages; every other path OpenAI's chat completions, /embeddings its embeddings.
Retry-After and other headers are an Answer's `headers` (script.py); a refused connection is server.refusing().
"""

import re

from tests.fake_provider.script import Answer

PART = re.compile(
    r"-(?:(\d+)t|(\d+(?:\.\d+)?)ms|(\d+(?:\.\d+)?)f|(\d+)a|(\d+)b|x(\w+)|y(\w+)|(stamp)|(nousage))(?=-|$)"
)
DEFAULT_TOKENS = 24
FILLER = (
    "Gross margin fell because freight and components cost more while prices held. "
    "Revenue grew on both lines, so the gap is a matter of mix and not of demand. "
    "Two contracts renew next month; both can carry an indexation clause. "
    "If they do, the margin is back above its goal within the quarter. "
)
LETTERS = 4  # of a token: so that characters / 4 counts the same as we do


def steered(model: str, question: str) -> Answer:
    """The answer that a model of this name gives to this question."""
    answer = Answer()
    tokens = DEFAULT_TOKENS
    for count, pace, first, after, cut_at, fault, form, stamp, nousage in PART.findall(model):
        tokens = int(count) if count else tokens
        answer.pace_ms = float(pace) if pace else answer.pace_ms
        answer.ttft_ms = float(first) if first else answer.ttft_ms
        answer.after = int(after) if after else answer.after
        answer.cut_at = int(cut_at) if cut_at else answer.cut_at
        answer.form = form or answer.form
        answer.fault = fault or answer.fault
        answer.stamp = bool(stamp) or answer.stamp
        answer.usage = None if nousage else answer.usage
    answer.pieces = [" w"] * tokens if answer.stamp else spoken(question, tokens)
    return answer


def spoken(question: str, tokens: int) -> list[str]:
    """A text of so many tokens that begins with the question."""
    wanted = tokens * LETTERS
    text = f"You asked: {question[:200]}\n\n"
    text += FILLER * (max(0, wanted - len(text)) // len(FILLER) + 1)
    return [text[at : at + LETTERS] for at in range(0, wanted, LETTERS)]


def count(text: str) -> int:
    """Tokens of a text."""
    return -(-len(text) // LETTERS)
