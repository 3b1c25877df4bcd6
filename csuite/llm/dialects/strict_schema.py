"""A JSON Schema as the providers that enforce one want it: closed objects, every property required, no more.

What they cannot enforce (bounds, lengths) is left out; our own validation still looks at it. Pure.
"""

from collections.abc import Mapping
from typing import Any

KEPT = frozenset({"type", "description", "enum", "const", "title"})
FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
DEFINITIONS = ("$defs", "definitions")


class NotStrict(ValueError):
    """The schema says something that cannot be enforced and cannot be left out."""


def strict(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema to send, or None where there is none: open objects, no object at the top, anything at all."""
    try:
        made = _strict(schema)
    except NotStrict:
        return None
    return made if made.get("type") == "object" and not _recursive(schema) else None


def _strict(schema: Any) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        raise NotStrict
    if "$ref" in schema and str(schema["$ref"]).startswith("#/"):
        return {"$ref": schema["$ref"]}  # nothing may stand beside it
    if isinstance(alone := schema.get("allOf"), list) and len(alone) == 1:
        return _strict({**alone[0], **{key: value for key, value in schema.items() if key in KEPT}})
    made: dict[str, Any] = {key: value for key, value in schema.items() if key in KEPT}
    if schema.get("format") in FORMATS:
        made["format"] = schema["format"]
    if isinstance(options := schema.get("anyOf") or schema.get("oneOf"), list):
        made["anyOf"] = [_strict(option) for option in options]
    elif "items" in schema:
        made["items"] = _strict(schema["items"])
    elif _is_object(schema):
        made |= _closed(schema)
    elif not made.keys() & {"type", "enum", "const"} or schema.get("type") == "array":
        raise NotStrict
    for name in DEFINITIONS:
        if name in schema:
            made[name] = {key: _strict(value) for key, value in schema[name].items()}
    return made


def _is_object(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "object" or "properties" in schema


def _closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or schema.get("additionalProperties") or "patternProperties" in schema:
        raise NotStrict
    return {
        "type": "object",
        "properties": {name: _strict(value) for name, value in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }


def _recursive(schema: Mapping[str, Any]) -> bool:
    """Whether a definition leads back to itself, which not everybody takes."""
    definitions = {f"#/{name}/{key}": value for name in DEFINITIONS for key, value in schema.get(name, {}).items()}

    def leads_back(value: Any, path: tuple[str, ...]) -> bool:
        if isinstance(value, list):
            return any(leads_back(item, path) for item in value)
        if not isinstance(value, Mapping):
            return False
        ref = value.get("$ref")
        if isinstance(ref, str):
            known = definitions.get(ref)
            return ref in path or known is None or leads_back(known, (*path, ref))
        return any(leads_back(item, path) for item in value.values())

    body = {key: value for key, value in schema.items() if key not in DEFINITIONS}
    return leads_back(body, ())
