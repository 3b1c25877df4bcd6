"""The frames a browser may send. Anything else is a bad frame; unknown fields are ignored."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from csuite.tenants.problems import Problem

LONGEST = 64 * 1024  # bytes; the server closes with 1009 beyond it

ClientId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class _Frame(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class AskFrame(_Frame):
    type: Literal["ask"]
    id: ClientId
    text: str
    personas: list[str] = Field(min_length=1, max_length=4)
    parent: Annotated[UUID, Field(strict=False)] | None = None


class AgainFrame(_Frame):
    type: Literal["regenerate", "continue"]
    id: ClientId
    message: Annotated[UUID, Field(strict=False)]


class StopFrame(_Frame):
    type: Literal["stop"]
    turn: Annotated[UUID, Field(strict=False)]
    message: Annotated[UUID, Field(strict=False)] | None = None


class WatchFrame(_Frame):
    type: Literal["watch"]
    turn: Annotated[UUID, Field(strict=False)]
    after: int = Field(-1, ge=-1, le=2**31 - 1)


class EstimateFrame(_Frame):
    type: Literal["estimate"]
    id: ClientId
    text: str = ""
    personas: list[str] = Field(min_length=1, max_length=4)
    parent: Annotated[UUID, Field(strict=False)] | None = None


InFrame = AskFrame | AgainFrame | StopFrame | WatchFrame | EstimateFrame
_adapter: TypeAdapter[InFrame] = TypeAdapter(Annotated[InFrame, Field(discriminator="type")])


def parse(text: str) -> InFrame:
    """Raises Problem("bad_frame"): not JSON, not an object, unknown type, wrong fields."""
    data: Any
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Problem("bad_frame", "The frame is not JSON.") from None
    if not isinstance(data, dict):
        raise Problem("bad_frame", "The frame is not an object.")
    try:
        return _adapter.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "type"
        raise Problem("bad_frame", f"The frame's {where} is not valid.") from None


def client_id(text: str) -> str | None:
    """The id of a frame that could not be read, if it has one, so that its sender knows which."""
    try:
        found = orjson.loads(text)["id"]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return None
    return found if isinstance(found, str) and len(found) <= 64 else None
