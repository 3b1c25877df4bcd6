"""`/people/flags/`: the features that a tenant's admin may turn on and off for the company."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from csuite.tenants import flag_settings
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Role
from csuite.tenants.problems import Problem

CHOICES = {"on": True, "off": False, "default": None}


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(Role.ADMIN)
def flags(request: MemberRequest) -> HttpResponse:
    """A POST sets `name` to on, off or default."""
    if request.method == "POST":
        wanted = request.POST.get("set", "")
        if wanted not in CHOICES:
            raise Problem("bad_frame", "Say on, off or default.")
        done = flag_settings.choose(request.member, request.POST.get("name", ""), CHOICES[wanted])
        messages.success(request, f"{done.name} is {'on' if done.on else 'off'} for you now.")
        return redirect("people_flags")
    return render(request, "tenants/flags.html", {"flags": flag_settings.settings_of(request.member)})
