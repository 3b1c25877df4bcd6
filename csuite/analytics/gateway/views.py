"""`POST /api/v1/llm/completion` and `/chat`: one question to a model.

Each costs one of `api`, as every request does, and one of `chat`, as a question in a conversation does. Nothing of
the database is held while the model answers.
"""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from ninja import Router

from csuite import llm
from csuite.analytics.gateway.answers import PROBLEMS, AnswerOut, answer, problem_of
from csuite.analytics.gateway.asking import whole
from csuite.analytics.gateway.bodies import Chat, Completion, Labels
from csuite.analytics.gateway.streaming import streamed
from csuite.llm.errors import LLMError
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.questioning import let_in

router = Router(tags=["llm"])
ANSWERS: dict[int, Any] = {200: AnswerOut, **PROBLEMS}
EVENTS = {
    "responses": {
        200: {
            "description": "The whole answer, or with `stream` the events start, chunk, done and error.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    }
}


@router.post("/completion", response=ANSWERS, by_alias=True, url_name="llm_completion")
async def completion(request: MemberRequest, body: Completion) -> dict[str, Any]:
    """The whole answer to a prompt."""
    return await _answered(body.call(await let_in(request, Labels.of)))


@router.post("/chat", response=ANSWERS, by_alias=True, url_name="llm_chat", openapi_extra=EVENTS)
async def chat(request: MemberRequest, body: Chat) -> dict[str, Any] | HttpResponse | StreamingHttpResponse:
    """The next message of a conversation that the program itself keeps; whole, or as server-sent events."""
    call = body.call(await let_in(request, Labels.of))
    if not body.stream:
        return await _answered(call)
    try:
        return await streamed(call)
    except LLMError as error:
        raise problem_of(error) from None


async def _answered(call: llm.Call) -> dict[str, Any]:
    try:
        return answer(*await whole(call))
    except LLMError as error:
        raise problem_of(error) from None
