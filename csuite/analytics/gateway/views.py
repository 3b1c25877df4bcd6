"""`POST /api/v1/llm/completion` and `/chat`: one question to a model.

Each costs one of `api`, as every request does, and one of `chat`, as a question in a conversation does. Nothing of
the database is held while the model answers.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from ninja import Router

from csuite import llm
from csuite.analytics.gateway.answers import PROBLEMS, AnswerOut, answer, problem_of
from csuite.analytics.gateway.asking import whole
from csuite.analytics.gateway.bodies import Chat, Completion, Labels
from csuite.analytics.gateway.streaming import streamed
from csuite.llm.errors import LLMError
from csuite.tenants.db import in_db
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest, give_back_connections
from csuite.tenants.problems import Problem

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
    await let_in(request)
    return await _answered(body.call(Labels.of(request.member)))


@router.post("/chat", response=ANSWERS, by_alias=True, url_name="llm_chat", openapi_extra=EVENTS)
async def chat(request: MemberRequest, body: Chat) -> dict[str, Any] | HttpResponse | StreamingHttpResponse:
    """The next message of a conversation that the program itself keeps; whole, or as server-sent events."""
    await let_in(request)
    call = body.call(Labels.of(request.member))
    if not body.stream:
        return await _answered(call)
    try:
        return await streamed(call)
    except LLMError as error:
        raise problem_of(error) from None


async def let_in(request: MemberRequest) -> None:
    """Raises Problem. After it the request holds no connection to the database."""
    if request.content_type != "application/json":
        raise Problem("bad_frame", "Send JSON.")
    await in_db(take_chat, request.member)
    await sync_to_async(give_back_connections)()


async def _answered(call: llm.Call) -> dict[str, Any]:
    try:
        return answer(*await whole(call))
    except LLMError as error:
        raise problem_of(error) from None
