"""Asking for files and fetching them."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from csuite.conversations.access import conversation_for
from csuite.conversations.exports.files import FORMATS, Format, attachment, name_of, written
from csuite.conversations.exports.working import ALL, KEPT_FOR
from csuite.conversations.models import Conversation, Export, Message
from csuite.tenants.audit import record
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

AT_ONCE = {"md": 5000, "json": 5000, "docx": 200, "pdf": 60}  # messages; more are written by a worker
MOST_OPEN = 3  # files of one person that are being written


@require_GET
@member_required()
def conversation_file(request: MemberRequest, conversation: UUID) -> HttpResponse:
    """`format` is md, json, pdf or docx. A long one is written by a worker, and waits on the page of exports."""
    try:
        found = conversation_for(request.member, conversation)
    except Problem as problem:
        raise Http404(problem.message) from None
    form = _format(request.GET.get("format", "md"))
    record("conversation.exported", user=request.user, target=str(found.id), format=form.key)
    if Message.objects.filter(conversation=found).count() <= AT_ONCE[form.key]:
        return attachment(written(request.member, found, form), name_of(str(found), form.key), form.kind)
    _begin(request, form.key, found)
    return redirect("exports")


def _format(key: str) -> Format:
    if key not in FORMATS:
        raise Problem("bad_frame", "There is no such format.")
    return FORMATS[key]


@member_required()
def exports(request: MemberRequest) -> HttpResponse:
    """The files of the last days; a POST begins one of all conversations."""
    if request.method == "POST":
        record("conversations.exported", user=request.user)
        _begin(request, ALL, None)
        return redirect("exports")
    rows = Export.objects.filter(user=request.user, created_at__gt=timezone.now() - timedelta(days=7)).defer("data")
    found = list(rows.order_by("-created_at")[:30])
    context = {
        "exports": found,
        "busy": any(row.status in Export.OPEN for row in found),
        "now": timezone.now(),
        "hours": int(KEPT_FOR.total_seconds() // 3600),
    }
    return render(request, "conversations/exports.html", context)


def _begin(request: MemberRequest, form: str, conversation: Conversation | None) -> None:
    from csuite.conversations.tasks import write_export

    if Export.objects.filter(user=request.user, status__in=Export.OPEN).count() >= MOST_OPEN:
        raise Problem("rate_limited", "Three files are being written for you. Wait for one of them.", 30)
    name = name_of(str(conversation), form) if conversation else ""
    try:
        with transaction.atomic():
            row = Export.objects.create(user=request.user, conversation=conversation, format=form, name=name)
    except IntegrityError:
        return  # one of all is under way: a second click, another tab
    tenant, export = str(row.tenant_id), str(row.id)
    transaction.on_commit(lambda: write_export.delay(tenant, export))


@require_GET
@member_required()
def export_file(request: MemberRequest, export: UUID) -> HttpResponse:
    """The file, while it is kept. Its owner's alone."""
    row = Export.objects.filter(id=export, user=request.user, status=Export.Status.DONE).first()
    if row is None or row.data is None or row.expires_at is None or row.expires_at < timezone.now():
        raise Http404("There is no such file.")
    kind = "application/zip" if row.format == ALL else FORMATS[row.format].kind
    return attachment(bytes(row.data), row.name, kind)
