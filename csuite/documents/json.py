"""A document as JSON: each block an object with its `type`, what is empty left out."""

from dataclasses import fields, is_dataclass
from typing import Any

import orjson

from csuite.documents.model import Document
from csuite.documents.text import writable


def to_json(document: Document) -> bytes:
    """UTF-8, indented, the same bytes for the same document."""
    return orjson.dumps(_value(document), option=orjson.OPT_INDENT_2)


def _value(value: Any) -> Any:
    if is_dataclass(value):
        named = {field.name: _value(getattr(value, field.name)) for field in fields(value)}
        kept = {name: one for name, one in named.items() if one not in ("", None, False, [])}
        return {"type": type(value).__name__.lower(), **kept}
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    return writable(value) if isinstance(value, str) else value
