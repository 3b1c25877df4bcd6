"""The formats of an export and how each is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpResponse

from csuite.conversations.models import Conversation
from csuite.conversations.paper import paper
from csuite.conversations.snapshot import branches, snapshot
from csuite.documents import Document, to_docx, to_markdown, to_pdf
from csuite.documents.text import writable
from csuite.tenants.models import Membership

_UNSAFE = re.compile(r"[^\w\-. ]+")


@dataclass(frozen=True, slots=True)
class Format:
    key: str
    label: str
    kind: str  # the content type
    write: Callable[[Document], bytes] | None = None  # None: JSON of all branches


FORMATS = {
    one.key: one
    for one in (
        Format("md", "Markdown", "text/markdown; charset=utf-8", lambda document: to_markdown(document).encode()),
        Format("json", "JSON, all branches", "application/json"),
        Format("pdf", "PDF", "application/pdf", to_pdf),
        Format("docx", "DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", to_docx),
    )
}


def written(member: Membership, conversation: Conversation, form: Format) -> bytes:
    """The whole file, in the tenant's scope."""
    if form.write is None:
        return orjson.dumps(branches(conversation), option=orjson.OPT_INDENT_2)
    return form.write(paper(snapshot(member, conversation), ZoneInfo(member.tenant.time_zone)))


def name_of(title: str, extension: str) -> str:
    """A file name that no system minds."""
    base = " ".join(_UNSAFE.sub(" ", writable(title)).split()).strip(". ")[:80]
    return f"{base or 'conversation'}.{extension}"


def attachment(data: Any, name: str, kind: str) -> HttpResponse:
    """A download; never shown in place, whatever is in it."""
    response = HttpResponse(data, content_type=kind)
    ascii_name = name.encode("ascii", "ignore").decode() or "file"
    response["Content-Disposition"] = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
