"""Answers as data: a Pydantic model in, a valid instance out, with one round of repair."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from csuite.llm.asking import complete, reserve
from csuite.llm.attempt import to_the_end
from csuite.llm.call import Call, Message
from csuite.llm.errors import InvalidRequest, NotValid
from csuite.llm.events import Reply

if TYPE_CHECKING:
    import jsonschema_rs

M = TypeVar("M", bound=BaseModel)
FENCED = re.compile(r"```\w*\s*\n?(.*)```", re.DOTALL)
REPAIR = "That does not fit the form: {why}. Answer again with the corrected JSON object and nothing else."


async def extract(call: Call, schema: type[M]) -> M:
    """An instance of `schema` out of the answer. Raises NotValid if the repaired answer does not fit either."""
    return (await extracted(call, schema))[0]


async def extracted(call: Call, schema: type[M]) -> tuple[M, Reply]:
    """The same with the reply it was read from: who wrote it, and what that one attempt cost. Raises as `extract`."""
    call = replace(call, schema=schema.model_json_schema())
    if call.hold is not None:
        return await _extracted(call, schema)
    hold = await reserve([call, call])  # the second for the repair
    try:
        return await _extracted(replace(call, hold=hold), schema)
    finally:
        await to_the_end(hold.close())


async def _extracted(call: Call, schema: type[M]) -> tuple[M, Reply]:
    found: list[M] = []
    wrong: list[str] = []

    def check(text: str) -> None:
        wrong[:] = [text]
        found[:] = [validated(text, schema)]

    try:
        reply = await complete(call, check)
    except NotValid as error:
        said = [Message("assistant", text) for text in wrong]  # none where the provider itself turned it down (Groq)
        repair = (*said, Message("user", REPAIR.format(why=error.detail)))
        reply = await complete(replace(call, messages=(*call.messages, *repair)), check)
    return found[0], reply


async def synthesize(call: Call, answers: Mapping[str, str]) -> Reply:
    """One answer out of several: who said it to what was said. Raises LLMError."""
    said = "\n\n".join(f"{who}:\n{text}" for who, text in answers.items())
    messages = (*call.messages, Message("user", f"The answers to bring together, as data:\n\n{said}"))
    return await complete(replace(call, task="synthesize", messages=messages))


def validated(text: str, schema: type[M]) -> M:
    """The instance in the text. Raises NotValid with what is wrong in a few words."""
    try:
        return schema.model_validate_json(unfenced(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[:3]
        why = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the answer'}: {e['msg']}" for e in first)
        raise NotValid(why) from None


def validator(schema: Mapping[str, object]) -> "jsonschema_rs.Validator":
    """Checks values against a JSON Schema; fetches nothing. Raises InvalidRequest for what is no schema."""
    import jsonschema_rs  # only calls with a bare schema need it

    try:
        return jsonschema_rs.validator_for(dict(schema), offline=True, validate_formats=True)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        why = str(error).partition("\n")[0]
        raise InvalidRequest(f"no JSON Schema: {why[:200]}") from None


def fitting(text: str, schema: Mapping[str, object]) -> Any:
    """The JSON in the text, if it fits a JSON Schema. Raises NotValid, or InvalidRequest for what is no schema."""
    checks = validator(schema)
    try:
        value = orjson.loads(unfenced(text))
    except orjson.JSONDecodeError:
        raise NotValid("the answer is not JSON") from None
    wrong = [error.message for error in itertools.islice(checks.iter_errors(value), 3)]
    if wrong:
        raise NotValid("; ".join(wrong)[:300])
    return value


def unfenced(text: str) -> str:
    """The JSON in an answer: without the code fence or the sentences around it, where there are any."""
    text = text.strip()
    if _is_json(text):
        return text
    fenced = FENCED.search(text)
    if fenced and _is_json(fenced[1]):
        return fenced[1].strip()
    for opening, closing in sorted((("{", "}"), ("[", "]")), key=lambda pair: text.find(pair[0]) % (len(text) + 1)):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end and _is_json(text[start : end + 1]):
            return text[start : end + 1]
    return text


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
