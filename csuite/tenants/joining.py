"""The page behind the link of an invitation. Opening it uses nothing up: mail scanners open links too."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from csuite.tenants import invitations, sso
from csuite.tenants.access import ACTING_TENANT
from csuite.tenants.models import Invitation, SignIn, Tenant, User
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope
from csuite.tenants.signin import Capped


class Joining(Capped, forms.Form):
    """Name and password of a new person. With single sign-on only there is no password to set."""

    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1 = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    password2 = forms.CharField(
        label="The password again", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def __init__(self, *args: Any, email: str, sign_on: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        if sign_on:
            del self.fields["password1"], self.fields["password2"]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first = found.get("password1")
        if first:
            if first != found.get("password2"):
                self.add_error("password2", "The two passwords differ.")
            try:
                validate_password(first, User(email=self.email, name=found.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, tenant: UUID, invitation: UUID, key: str) -> HttpResponse:
    """Whatever is wrong with a link (another company's, used, withdrawn, too old, forged): the same answer."""
    with tenant_scope(tenant):
        row = invitations.opened(tenant, invitation, key)
    if row is None or request.POST.get("tenant", str(tenant)) != str(tenant):
        return render(request, "tenants/invitation_over.html", status=404)
    company = Tenant.objects.get(pk=tenant)
    if invitations.person_of(row) is not None:
        return _existing(request, row, company, key)
    return _new(request, row, company, key)


def _existing(request: HttpRequest, row: Invitation, company: Tenant, key: str) -> HttpResponse:
    """Who has an account joins after signing in with it."""
    user = request.user
    mine = isinstance(user, User) and user.email.lower() == row.email.lower()
    if request.method == "POST" and mine and isinstance(user, User):
        try:
            invitations.accept_as(user, company.pk, row.pk, key)
        except Problem:
            return render(request, "tenants/invitation_over.html", status=404)
        request.session[ACTING_TENANT] = str(company.pk)
        messages.success(request, f"You now belong to {company.name}.")
        return redirect("home")
    context = {"company": company, "invitation": row, "mine": mine}
    return render(request, "tenants/invitation_existing.html", context)


def _new(request: HttpRequest, row: Invitation, company: Tenant, key: str) -> HttpResponse:
    """A new person names herself. No session comes of it: she signs in as the company asks."""
    sign_on = sso.start_of(company) if company.sign_in == SignIn.SSO else None
    form = Joining(request.POST or None, email=row.email, sign_on=sign_on is not None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            invitations.accept_new(company.pk, row.pk, key, words["name"], words.get("password1"))
        except Problem as problem:
            if problem.code == "not_found":
                return render(request, "tenants/invitation_over.html", status=404)
            form.add_error("name", problem.message)
        else:
            messages.success(request, "Your account is made. Sign in now.")
            return redirect("sso_start" if sign_on else "account_login")
    context = {"company": company, "invitation": row, "form": form, "sign_on": sign_on}
    return render(request, "tenants/invitation_new.html", context)
