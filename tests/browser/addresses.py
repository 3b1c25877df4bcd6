"""Every address that the resolver knows, filled with ids of rows that exist."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Not pages: they answer programs or stream a file, or leave the site. The admin's pages are made from the same few
# templates: lists and forms are looked at for every model, the rest for one.
NOT_PAGES = re.compile(
    r"^(healthz|readyz|metrics|api/|usage/calls\.(csv|xlsx)|usage/recalculate/|decisions/[^/]+/pack|exports/<|conversations/[^/]+/file/|c-suite/|writer/|write/complete/|cashflow/|pipeline/forecast\.csv|admin/jsi18n/|admin/r/|admin/autocomplete/|"
    r"admin/\(\?P<url>|accounts/2fa/recovery-codes/download/|"
    r"admin/(?!tenants/limit/)\w+/\w+/<path:object_id>/(history/|delete/|$)|admin/tenants/limit/<path:object_id>/$)"
)


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """The routes as written, joined."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from patterns(entry, route)


def addresses(ids: Mapping[str, Any]) -> list[str]:
    """`ids` fills the named parts; `object_id` of the admin is looked up by the model's path."""
    found = []
    for route in patterns():
        if not NOT_PAGES.match(route):
            filled = _fill(route, ids)
            if filled is not None:
                found.append(f"/{filled}")
    return list(dict.fromkeys(found))


def _fill(route: str, ids: Mapping[str, Any]) -> str | None:
    """None where there is no row to show, which only the admin's empty tables may have."""
    route = route.replace("^", "").replace("$", "").replace("\\Z", "")
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        name = match["name"] or match["regex"]
        known = ids.get(route[: match.start()] if name == "object_id" else name)
        missing = missing or known is None
        return str(known)

    filled = re.sub(r"<(?:\w+:)?(?P<name>\w+)>|\(\?P<(?P<regex>\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", value, route)
    return None if missing else filled
