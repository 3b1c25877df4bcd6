"""Every route of the resolver, and a path that leads to it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """As they are written in urls.py, joined: "conversations/<uuid:conversation>/"."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


def parameters(route: str) -> list[str]:
    return PARAMETER.findall(route)


def path_of(route: str, values: Mapping[str, object]) -> str:
    return "/" + PARAMETER.sub(lambda found: str(values[found[1]]), route)
