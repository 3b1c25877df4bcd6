"""The interview that fills in the business profile, and the versions of it."""

from datetime import date
from functools import partial

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from csuite.pages.goals import goal_rows
from csuite.personas.catalogue import all_personas
from csuite.personas.interview import questions, sorting
from csuite.personas.interview.questions import END, QUESTIONS, Question
from csuite.personas.metric_names import metric_in
from csuite.personas.writer.drafting import Author
from csuite.profiles import drafts, entries, facts, interviewing
from csuite.profiles.models import BusinessProfile, Goal, InterviewAnswer
from csuite.tenants.afterwards import Afterwards
from csuite.tenants.gate import member_required
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Role
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope

EDITORS = (Role.EXECUTIVE, Role.ADMIN)
LONGEST = 5000  # characters of an answer
INTERVIEWER = "ceo"


@require_safe
@member_required(*EDITORS)
def interview(request: MemberRequest) -> HttpResponse:
    """Where it stands: what was said, what is asked next, and the profile beside it."""
    today = request.member.tenant.today()
    profile = drafts.current()
    said = interviewing.answers(profile)
    question = questions.first_open(interviewing.settled(said))
    shown = profile or drafts.published() or BusinessProfile(currency=request.member.tenant.currency)
    lines = drafts.lines(shown)
    known = sum(bool(line.text) for line in lines)
    goals = list(shown.goals.all()) if shown.pk else []
    context = {
        "interviewer": next((one for one in all_personas() if one.key == INTERVIEWER), None),
        "profile": profile,
        "published": drafts.published(),
        "said": said,
        "question": question,
        "asked": _asked(request, question) if question else END,
        "place": QUESTIONS.index(question) + 1 if question else len(QUESTIONS),
        "total": len(QUESTIONS),
        "groups": _groups(lines),
        "known": known,
        "entries": len(lines),
        "share": round(100 * known / len(lines)),
        "goals": list(zip(goals, goal_rows(facts.goals(shown), facts.all_series(today), shown.currency), strict=True)),
        "goal_form": GoalForm(initial={"deadline": _deadline(today)}),
        "longest": LONGEST,
    }
    return render(request, "pages/interview.html", context)


def _groups(lines: list[drafts.Line]) -> dict[str, list[drafts.Line]]:
    found: dict[str, list[drafts.Line]] = {}
    for line in lines:
        found.setdefault(line.entry.group, []).append(line)
    return found


def _deadline(today: date) -> date:
    """The end of next year, as the question about goals asks for it."""
    return date(today.year + 1, 12, 31)


def _asked(request: MemberRequest, question: Question) -> str:
    return questions.asked(question, request.member.tenant.name, _deadline(request.member.tenant.today()).year)


@require_POST
@member_required(*EDITORS)
def answer(request: MemberRequest) -> HttpResponse:
    """Keeps the answer, then sorts it; no transaction is open while a model reads it."""
    text = request.POST.get("text", "").strip()
    skipped = "skip" in request.POST
    if not skipped and not text:
        raise Problem("bad_frame", "Write an answer, or skip the question.")
    if len(text) > LONGEST:
        raise Problem("too_long", f"An answer has at most {LONGEST:,} characters.")
    if "\0" in text:
        raise Problem("bad_frame", "The answer has a character that cannot be stored.")
    profile = drafts.draft(request.member)
    said = interviewing.answers(profile)
    question = questions.first_open(interviewing.settled(said))
    if question is None or request.POST.get("place") != str(len(said)):
        return redirect("interview")  # sent twice, or from a page that is older than the last answer
    if not skipped:
        take_chat(request.member)
    kept = interviewing.keep(profile, request.member, question.key, _asked(request, question), "" if skipped else text)
    if skipped:
        return redirect("interview")
    known = {line.entry.label: line.text for line in drafts.lines(profile) if line.text}
    return Afterwards(
        partial(_sort, Author.of(request.member), kept, question, known, _deadline(request.member.tenant.today()))
    )


def _sort(
    author: Author, kept: InterviewAnswer, question: Question, known: dict[str, str], deadline: date
) -> HttpResponse:
    said, model = async_to_sync(sorting.sort)(author, question, kept.asked, kept.text, deadline, known)
    with tenant_scope(author.tenant):
        interviewing.enter(kept, interviewing.Said(said.entries, said.goals, said.ask, model), metric_in)
    return redirect("interview")


@require_POST
@member_required(*EDITORS)
def entry(request: MemberRequest) -> HttpResponse:
    """One entry of the draft by hand: `save` with `text`, or `confirm`."""
    found = entries.BY_KEY.get(request.POST.get("key", ""))
    if found is None:
        raise Problem("bad_frame", "There is no such entry.")
    profile = drafts.draft(request.member)
    if "confirm" in request.POST:
        drafts.confirm(profile, found)
    else:
        try:
            drafts.enter(profile, found, request.POST.get("text", ""), drafts.DONE)
        except entries.BadEntry as error:
            messages.error(request, str(error))
    return redirect(f"{reverse('interview')}#entry-{found.key}")


class GoalForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    class Meta:
        model = Goal
        fields = ["title", "target", "unit", "direction", "deadline"]
        widgets = {"deadline": forms.DateInput(attrs={"type": "date"})}


@require_POST
@member_required(*EDITORS)
def goal(request: MemberRequest) -> HttpResponse:
    """Adds a goal to the draft, or takes the one of `key` out."""
    profile = drafts.draft(request.member)
    if "remove" in request.POST:
        profile.goals.filter(key=request.POST["remove"]).delete()
        return redirect(f"{reverse('interview')}#goals")
    form = GoalForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    elif interviewing.add_goal(profile, form.instance, metric_in) is None:
        messages.error(request, "There is a goal of that name already.")
    return redirect(f"{reverse('interview')}#goals")


@require_POST
@member_required(*EDITORS)
def publish(request: MemberRequest) -> HttpResponse:
    """The draft becomes what answers use."""
    profile = drafts.current()
    if profile is None:
        raise Problem("not_found", "There is no draft to publish.")
    try:
        drafts.publish(profile, request.member)
    except drafts.NothingToPublish as error:
        messages.error(request, str(error))
        return redirect("interview")
    messages.success(request, f"Version {profile.version} is published. Answers use it from now on.")
    return redirect("profile")


@require_POST
@member_required(*EDITORS)
def discard(request: MemberRequest) -> HttpResponse:
    """The draft goes; what is published stays."""
    profile = drafts.current()
    if profile is not None:
        drafts.discard(profile, request.member)
        messages.success(request, f"The draft of version {profile.version} is gone.")
    return redirect("profile")


@require_safe
@member_required()
def versions(request: MemberRequest) -> HttpResponse:
    """Every version with who and when, and what each changed."""
    rows = list(
        BusinessProfile.objects.select_related("created_by", "published_by")
        .prefetch_related("goals")
        .order_by("version")
    )
    before: BusinessProfile | None = None
    found = []
    for row in rows:
        found.append((row, drafts.changes(before, row)))
        before = row if row.status == row.Status.PUBLISHED else before
    return render(request, "pages/profile_versions.html", {"versions": found[::-1]})
