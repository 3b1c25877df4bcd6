"""The pages of a prompt version in the admin: compare, preview and try, release. Each step is one POST."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from csuite.personas import publishing
from csuite.personas.catalogue import live_version
from csuite.personas.comparing import side_by_side
from csuite.personas.models import PromptOverride, PromptRelease, PromptVersion
from csuite.personas.previewing import QUESTION, Trial, preview, try_out
from csuite.personas.templating import PromptError
from csuite.tenants.models import Tenant, User
from csuite.tenants.models.tenant import PLATFORM_SLUG
from csuite.tenants.scope import platform_scope

QUESTION_LENGTH = 5000
_TITLES = {"compare": "Compare", "preview": "Preview and try", "release": "Release"}


def live_id(name: str) -> int | None:
    found = live(name)
    return found.pk if found else None


def live(name: str) -> PromptVersion | None:
    """What everybody speaks with who made no choice of his own."""
    try:
        return live_version(name)
    except PromptVersion.DoesNotExist:
        return None


def desk(version: PromptVersion) -> dict[str, Any]:
    """What the pages of a version say above everything else."""
    return {
        "version": version,
        "live": live(version.name),
        "pages": [(page, _url(page, version), title) for page, title in _TITLES.items()],
        "step": _url("step", version),
    }


def _url(page: str, version: PromptVersion) -> str:
    return reverse(f"admin:personas_promptversion_{page}", args=[version.pk])


def _page(request: HttpRequest, name: str, version: PromptVersion, **context: Any) -> HttpResponse:
    return TemplateResponse(
        request,
        f"admin/personas/prompt_{name}.html",
        {
            **admin.site.each_context(request),
            "title": f"{_TITLES[name]}: {version.identifier}",
            "opts": PromptVersion._meta,
            "original": version,
            "desk": desk(version),
            "here": name,
            **context,
        },
    )


@require_safe
def named(request: HttpRequest, identifier: str) -> HttpResponseRedirect:
    """From `persona.cfo.v2`, as an answer and the ledger name it, to its page."""
    name, _, number = identifier.rpartition(".v")
    row = get_object_or_404(PromptVersion, name=name, version=_number(number) or 0)
    return redirect("admin:personas_promptversion_change", row.pk)


@require_safe
def compare(request: HttpRequest, version: int) -> HttpResponse:
    """Side by side with another version: the one asked for, else the live one, else the one before."""
    row = get_object_or_404(PromptVersion, pk=version)
    others = list(PromptVersion.objects.filter(name=row.name).exclude(pk=row.pk))
    other = next((one for one in others if str(one.pk) == request.GET.get("with")), None)
    if other is None:
        now = live(row.name)
        other = now if now is not None and now.pk != row.pk else next(iter(others), None)
    lines = side_by_side(other.body if other else "", row.body)
    settings = [
        (label, getattr(other, field, None), getattr(row, field))
        for field, label in (("tier", "Tier"), ("temperature", "Temperature"), ("max_tokens", "Longest answer"))
    ]
    changed = sum(line.kind != "same" for line in lines)
    return _page(request, "compare", row, other=other, others=others, lines=lines, settings=settings, changed=changed)


def try_it(request: HttpRequest, version: int) -> HttpResponse:
    """GET shows what would be sent for a tenant and a question; POST asks a model, too."""
    row = get_object_or_404(PromptVersion, pk=version)
    given = request.POST if request.method == "POST" else request.GET
    tenants = list(Tenant.objects.exclude(slug=PLATFORM_SLUG))
    tenant = next((one for one in tenants if str(one.pk) == given.get("tenant")), None)
    question = given.get("question", "").replace("\0", "")[:QUESTION_LENGTH]
    shown, trial, error = None, None, ""
    if tenant is not None:
        try:
            shown = preview(row, tenant, _person(request), question)
        except PromptError as refused:
            error = str(refused)
    if shown is not None and request.method == "POST":
        trial = try_out(shown, _person(request))
    return _page(
        request, "preview", row, tenants=tenants, tenant=tenant, question=question or QUESTION, shown=shown,
        trial=trial or Trial(), tried=trial is not None, error=error,
    )  # fmt: skip


@require_safe
def release(request: HttpRequest, version: int) -> HttpResponse:
    """Where it stands, what can be done next, and what was live when."""
    row = get_object_or_404(PromptVersion, pk=version)
    history = PromptRelease.objects.filter(name=row.name).select_related("version", "before", "by")
    with platform_scope(f"choices of {row.name}", user=_person(request)):
        choices = list(PromptOverride.objects.filter(name=row.name).select_related("tenant", "version"))
    return _page(
        request, "release", row, history=history[:50], choices=choices, target=publishing.before_last(row.name),
        tenants=Tenant.objects.exclude(slug=PLATFORM_SLUG), mine=row.created_by_id == request.user.pk,
    )  # fmt: skip


Step = Callable[[PromptVersion, User, Any], tuple[str, PromptVersion]]


def _draft(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    made = publishing.draft_from(row, user)
    return f"New draft {made.identifier}, with the words of {row.identifier}.", made


def _submit(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    publishing.submit(row, user)
    return f"Waiting for a review: {row.identifier}.", row


def _send_back(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    publishing.send_back(row, user, form.get("reason", ""))
    return f"A draft again: {row.identifier}.", row


def _review(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    publishing.review(row, user)
    return f"Reviewed: {row.identifier}. It can be published.", row


def _publish(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    publishing.publish(row, user, form.get("reason", ""), _number(form.get("seen")))
    return f"Live now: {row.identifier}. The next answer uses it.", row


def _roll_back(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    done = publishing.roll_back(row.name, user, form.get("reason", ""), _number(form.get("seen")))
    return f"Live again: {done.version.identifier}. The next answer uses it.", done.version


def _retire(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    publishing.retire(row, user)
    return f"Retired: {row.identifier}.", row


def _choose(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    tenant = _tenant(form)
    publishing.choose_for(tenant.pk, row, user, form.get("reason", ""))
    return f"{tenant} speaks with {row.identifier} from the next answer on.", row


def _follow(row: PromptVersion, user: User, form: Any) -> tuple[str, PromptVersion]:
    tenant = _tenant(form)
    publishing.follow_again(tenant.pk, row.name, user, form.get("reason", ""))
    return f"{tenant} speaks with what is live again.", row


STEPS: dict[str, Step] = {
    "draft": _draft, "submit": _submit, "send_back": _send_back, "review": _review, "publish": _publish,
    "roll_back": _roll_back, "retire": _retire, "choose": _choose, "follow": _follow,
}  # fmt: skip


@require_POST
def step(request: HttpRequest, version: int) -> HttpResponseRedirect:
    """One step of STEPS; what came of it is said on the next page."""
    row = get_object_or_404(PromptVersion, pk=version)
    take = STEPS.get(request.POST.get("step", ""))
    try:
        if take is None:
            raise publishing.Refused("There is no such step.")
        said, row_after = take(row, _person(request), request.POST)
    except (publishing.Refused, PromptError) as refused:
        messages.error(request, str(refused))
        return redirect(_url("release", row))
    messages.success(request, said)
    if take is _draft:
        return redirect("admin:personas_promptversion_change", row_after.pk)
    return redirect(_url("release", row_after))


def _tenant(form: Any) -> Tenant:
    try:
        return Tenant.objects.exclude(slug=PLATFORM_SLUG).get(pk=UUID(form.get("tenant", "")))
    except (ValueError, Tenant.DoesNotExist):
        raise publishing.Refused("Choose a company.") from None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 19 else None


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody else in
    return request.user
