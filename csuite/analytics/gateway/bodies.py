"""What a program may say: exactly these fields, and nothing that could choose an address, a key or a header (T29)."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from csuite.llm import Call, Message
from csuite.llm.errors import InvalidRequest
from csuite.llm.structured import validator
from csuite.tenants.models import Membership

MOST_TOKENS = 4096  # of an answer; who asks for more gets this many, and the finish reason says so
MOST_MESSAGES = 200
SCHEMA_DEPTH = 20
KIND = "api"  # of these calls in the ledger
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")

Task = Literal["chat", "summarize", "extract", "synthesize", "validate", "classify", "draft", "predict", "evaluate"]
Tier = Literal["", "premium", "standard", "bulk"]


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL")
    return text


def _an_image(url: str) -> str:
    if not _IMAGE.fullmatch(url):
        raise ValueError("an image is a data: URL of a PNG, JPEG, GIF or WebP, in base64")
    return url


def _a_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Looked at before anybody is asked and paid."""
    if _depth(schema) > SCHEMA_DEPTH:
        raise ValueError("the schema is nested too deeply")
    try:
        validator(schema)
    except InvalidRequest as error:
        raise ValueError(error.detail) from None
    return schema


def _depth(value: object) -> int:
    if isinstance(value, Mapping):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


Text = Annotated[str, Field(min_length=1, max_length=500_000), AfterValidator(_storable)]


@dataclass(frozen=True, slots=True)
class Labels:
    """Whom a call is booked to. message: the item of a batch."""

    tenant: str
    user: str
    message: str = ""
    kind: str = KIND

    @classmethod
    def of(cls, member: Membership) -> "Labels":
        return cls(str(member.tenant_id), str(member.user_id))


class Exact(BaseModel):
    """A body or a part of one: unknown fields are refused, and so are values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TextPart(Exact):
    type: Literal["text"]
    text: Text


class ImageAddress(Exact):
    url: Annotated[str, Field(max_length=1_000_000), AfterValidator(_an_image)]


class ImagePart(Exact):
    type: Literal["image_url"]
    image_url: ImageAddress


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class MessageIn(Exact):
    role: Literal["system", "user", "assistant"]
    content: Text | Annotated[list[Part], Field(min_length=1, max_length=20)]

    def message(self) -> Message:
        if isinstance(self.content, str):
            return Message(self.role, self.content)
        return Message(self.role, tuple(part.model_dump() for part in self.content))


class Wishes(Exact):
    """How the answer should be made."""

    task: Task = "chat"
    tier: Tier = ""
    max_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2, allow_inf_nan=False)
    form: Annotated[dict[str, Any], AfterValidator(_a_schema)] | None = Field(
        None, alias="schema", description="A JSON Schema: the answer is JSON that fits it."
    )

    def said(self) -> tuple[Message, ...]:
        raise NotImplementedError

    def call(self, labels: "Labels") -> Call:
        """The call, booked to this member."""
        return Call(
            task=self.task,
            messages=self.said(),
            labels={name: value for name, value in asdict(labels).items() if value},
            max_tokens=None if self.max_tokens is None else min(self.max_tokens, MOST_TOKENS),
            temperature=self.temperature,
            tier=self.tier,
            schema=self.form,
        )


class Completion(Wishes):
    prompt: Text
    system: Text | None = None

    def said(self) -> tuple[Message, ...]:
        before = () if self.system is None else (Message("system", self.system),)
        return (*before, Message("user", self.prompt))


class Dialog(Wishes):
    messages: Annotated[list[MessageIn], Field(min_length=1, max_length=MOST_MESSAGES)]

    @model_validator(mode="after")
    def _somebody_asks(self) -> Self:
        if not any(message.role == "user" for message in self.messages):
            raise ValueError("no message is a user's")
        return self

    def said(self) -> tuple[Message, ...]:
        return tuple(message.message() for message in self.messages)


class Chat(Dialog):
    stream: bool = False

    @model_validator(mode="after")
    def _streamed_or_checked(self) -> Self:
        if self.stream and self.form is not None:
            raise ValueError("an answer that must fit a schema is checked as a whole: it is not streamed")
        return self


class Batch(Exact):
    """Questions that can wait, each a completion or a dialog of its own."""

    items: Annotated[list[Completion | Dialog], Field(min_length=1, max_length=1000)]


_item: TypeAdapter[Completion | Dialog] = TypeAdapter(Completion | Dialog)


def item_from(body: Mapping[str, Any]) -> Completion | Dialog:
    """An item as it was stored."""
    return _item.validate_python(body)
