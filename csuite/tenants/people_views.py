"""The pages of tenant admins: people and invitations, the sign-in policy, plan and limits."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csuite.tenants import company, invitations, limits, people
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership, Role
from csuite.tenants.problems import Problem

DEEDS = {"deactivate": people.deactivate, "reactivate": people.reactivate, "remove": people.remove}
SAID = {
    "deactivate": "{} can no longer act for the company.",
    "reactivate": "{} may act for the company again.",
    "remove": "{} was removed from the company.",
    "change": "{} was changed.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(Role.ADMIN)
def everybody(request: MemberRequest) -> HttpResponse:
    """The list; a POST invites."""
    problem, sent = None, request.POST
    if request.method == "POST":
        try:
            row = invitations.invite(request.member, sent.get("email", ""), sent.get("role", ""), sent.get("title", ""))
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, f"A letter is on its way to {row.email}.")
            return redirect("people")
    context = {
        "people": people.members_of(request.member.tenant),
        "invitations": invitations.open_of(request.member.tenant),
        "roles": Role.choices,
        "problem": problem,
        "sent": sent,
    }
    return render(request, "tenants/people.html", context, status=problem.status if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(Role.ADMIN)
def person(request: MemberRequest, member: UUID) -> HttpResponse:
    """One member. A POST says with `do` what happens: change (role, title), deactivate, reactivate, remove."""
    problem = None
    if request.method == "POST":
        try:
            done = _do(request, member)
        except Problem as refused:
            if refused.code == "not_found":
                raise
            problem = refused
        else:
            messages.success(request, SAID[request.POST["do"]].format(done.user.display_name))
            return redirect("people")
    found = next((one for one in people.members_of(request.member.tenant) if one.member.pk == member), None)
    if found is None:
        raise Problem("not_found", "There is no such person in your company.")
    context = {"person": found, "roles": Role.choices, "problem": problem}
    return render(request, "tenants/person.html", context, status=problem.status if problem else 200)


def _do(request: MemberRequest, member: UUID) -> Membership:
    deed = request.POST.get("do", "")
    if deed == "change":
        return people.change(request.member, member, request.POST.get("role", ""), request.POST.get("title", ""))
    if deed not in DEEDS:
        raise Problem("bad_frame", "Say what is to happen.")
    return DEEDS[deed](request.member, member)


@require_POST
@member_required(Role.ADMIN)
def invite_again(request: MemberRequest, invitation: UUID) -> HttpResponse:
    row = invitations.resend(request.member, invitation)
    messages.success(request, f"A new letter is on its way to {row.email}; the link of the old one ended.")
    return redirect("people")


@require_POST
@member_required(Role.ADMIN)
def revoke_invitation(request: MemberRequest, invitation: UUID) -> HttpResponse:
    row = invitations.revoke(request.member, invitation)
    messages.success(request, f"The invitation of {row.email} was withdrawn.")
    return redirect("people")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(Role.ADMIN)
def sign_in(request: MemberRequest) -> HttpResponse:
    """What the company asks of a sign-in. A POST sets it."""
    problem = None
    if request.method == "POST":
        try:
            company.set_sign_in(request.member, request.POST.get("sign_in", ""), request.session)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, "The sign-in policy was changed. It holds at once.")
            return redirect("people_sign_in")
    context = {**company.sign_in_of(request.member.tenant), "problem": problem}
    return render(request, "tenants/sign_in.html", context, status=problem.status if problem else 200)


@require_safe
@member_required(Role.ADMIN)
def plan(request: MemberRequest) -> HttpResponse:
    """The plan and where the company stands with its limits; the platform sets both."""
    context = {"standing": limits.standing(request.member), "seats": company.seats(request.member.tenant)}
    return render(request, "tenants/plan.html", context)
