"""The pages of imports: what was imported, and one import from its columns to its undoing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csuite.imports import asking, mapping, running
from csuite.imports.mapping import Chosen
from csuite.imports.models import ImportRun
from csuite.imports.reading.files import MOST_BYTES
from csuite.imports.targets import Field, Kind, target_of, targets
from csuite.imports.tasks import run_import
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import User
from csuite.tenants.problems import Problem

SHOWN = 50  # runs on the list
Status = ImportRun.Status


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column of the mapping form. `ways`: what a person must choose from, `doubt`: why."""

    place: int
    heading: str
    samples: Sequence[str]
    chosen: str
    ways: Sequence[tuple[str, str]] = ()
    way: str = ""
    doubt: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    what: str
    new: int
    changed: int
    same: int


@dataclass(frozen=True, slots=True)
class Line:
    """One import on the list."""

    run: ImportRun
    label: str
    who: str
    look: str


LOOKS = {Status.DONE: "good", Status.FAILED: "bad", Status.CHECKED: "warn", Status.MAPPING: "warn"}


def begins_steps(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the gated view a list `begun`: when its transaction is over, the step of each run in it is done, here if
    it is small, else by a worker."""

    @wraps(view)
    def outside(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        begun: list[ImportRun] = []
        response = view(request, *args, begun=begun, **kwargs)
        for run in begun:
            if asking.is_small(run):
                running.work(run.tenant_id, run.id)
            else:
                run_import.delay(str(run.tenant_id), str(run.id))
        return response

    return outside


@require_http_methods(["GET", "POST"])
@begins_steps
@member_required()
def imports(request: MemberRequest, begun: list[ImportRun]) -> HttpResponse:
    """The list with the upload form; a POST begins an import."""
    if request.method != "POST":
        return _list(request)
    target, file = target_of(request.POST.get("target", "")), request.FILES.get("file")
    if target is None:
        return _list(request, "Choose what the file holds.")
    if file is None:
        return _list(request, "Choose a file.")
    if (file.size or 0) > MOST_BYTES:
        return _list(request, f"The file is larger than {MOST_BYTES // 1024**2} MB. Split it.")
    run, new = asking.begin(request.member, target, _file_name(file.name), file.read())
    if new:
        begun.append(run)
    else:
        messages.info(request, "This very file is here already. This is its import.")
    return redirect("import", run.id)


def _file_name(name: str | None) -> str:
    """A name to show, never a path: without what stands before the last slash, and without control characters."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()) or "file"


def _list(request: MemberRequest, fault: str = "") -> HttpResponse:
    found = list(ImportRun.objects.defer("columns", "errors", "preview", "mapping")[:SHOWN])
    labels = {target.key: target.label for target in targets()}
    names = _names(found)
    lines = [Line(run, labels.get(run.target, run.target), names[run.user], LOOKS.get(run.status, "")) for run in found]
    chosen = request.POST.get("target") or request.GET.get("target") or ""
    context = {"lines": lines, "targets": targets(), "chosen": chosen, "fault": fault, "most": MOST_BYTES // 1024**2}
    return render(request, "imports/list.html", context, status=400 if fault else 200)


def _names(runs: Sequence[ImportRun]) -> dict[UUID, str]:
    known = {row.pk: row.display_name for row in User.objects.filter(pk__in={run.user for run in runs})}
    return {run.user: known.get(run.user, "Somebody who left") for run in runs}


@require_safe
@member_required()
def import_page(request: MemberRequest, run: UUID) -> HttpResponse:
    return _page(request, asking.run_of(run))


@require_safe
@member_required()
def import_progress(request: MemberRequest, run: UUID) -> HttpResponse:
    """For the script that moves the bar."""
    found = asking.run_of(run)
    return JsonResponse({"status": found.status, "busy": found.is_busy, "percent": running.progress(found)})


def _page(
    request: MemberRequest, run: ImportRun, said: Chosen | None = None, faults: dict[str, str] | None = None
) -> HttpResponse:
    target = target_of(run.target)
    fields = target.fields(run.columns) if target else ()
    faults = faults or {}
    context = {
        "run": run,
        "target": target,
        "who": _names([run])[run.user],
        "may": asking.may_change(request.member, run),
        "can_undo": asking.can_undo(run),
        "percent": running.progress(run) if run.is_busy else 0,
        "fields": fields,
        "lines": _columns(run, fields, said, faults),
        "fault": faults.get("", ""),
        "faulty": bool(faults),
        "counts": [Count(what, **counted) for what, counted in run.counts.items()],
        "heads": _heads(run, fields),
        "more": run.wrong - len({error["row"] for error in run.errors}),
        "page": _address(target.page) if target else "",
    }
    return render(request, "imports/import.html", context, status=400 if faults else 200)


def _columns(run: ImportRun, fields: Sequence[Field], said: Chosen | None, faults: dict[str, str]) -> list[ColumnLine]:
    if run.status not in (Status.MAPPING, Status.CHECKED):
        return []
    if said is None:
        kept = Chosen.from_json(run.mapping)
        said = kept if kept.fields else Chosen(mapping.suggested(run.columns, fields))
    lines = []
    for place, column in enumerate(run.columns):
        kind = Kind.DATE if column["order"]["read"] and column["order"]["decided"] is None else Kind.NUMBER
        ways = mapping.choices(column, kind)
        doubt = mapping.doubt(column, kind) if ways else ""
        lines.append(
            ColumnLine(place, column["heading"], column["samples"], said.fields.get(place, ""), ways,
                       said.ways.get(place, ""), doubt, faults.get(str(place), ""))
        )  # fmt: skip
    return lines


def _heads(run: ImportRun, fields: Sequence[Field]) -> list[str]:
    labels = {one.key: one.label for one in fields}
    return [labels.get(key, key) for _, key in sorted(Chosen.from_json(run.mapping).fields.items())]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@require_POST
@begins_steps
@member_required()
def import_mapping(request: MemberRequest, run: UUID, begun: list[ImportRun]) -> HttpResponse:
    """Takes the mapping; the rows are checked next."""
    held = asking.held_for(request.member, run, Status.MAPPING, Status.CHECKED)
    said = asking.chosen_from(request.POST, len(held.columns))
    faults = asking.choose(held, said)
    if faults:
        return _page(request, held, said, faults)
    begun.append(held)
    return redirect("import", held.id)


@require_POST
@begins_steps
@member_required()
def import_commit(request: MemberRequest, run: UUID, begun: list[ImportRun]) -> HttpResponse:
    held = asking.held_for(request.member, run, Status.CHECKED)
    asking.commit(request.member, held)
    begun.append(held)
    return redirect("import", held.id)


@require_POST
@begins_steps
@member_required()
def import_undo(request: MemberRequest, run: UUID, begun: list[ImportRun]) -> HttpResponse:
    held = asking.held_for(request.member, run, Status.DONE)
    if not asking.can_undo(held):
        raise Problem("bad_frame", "This import can no longer be undone.")
    held.step(Status.UNDOING, message="")
    begun.append(held)
    return redirect("import", held.id)


@require_POST
@member_required()
def import_discard(request: MemberRequest, run: UUID) -> HttpResponse:
    """Forgets an import that wrote nothing."""
    held = asking.held_for(request.member, run, Status.MAPPING, Status.CHECKED, Status.FAILED)
    held.delete()
    messages.success(request, "The import is discarded. Nothing of it was kept.")
    return redirect("imports")
