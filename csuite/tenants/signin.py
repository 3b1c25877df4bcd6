"""How people sign in: allauth by e-mail, nobody signs up by herself, passwords of sane length."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.urls import reverse

from csuite.tenants.access import memberships_of

PASSWORD_MAX_LENGTH = 256


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Platform staff without a company of their own have nothing but the admin to go to."""
        user: Any = request.user
        if user.is_staff and not memberships_of(user):
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))


def cap(value: object) -> None:
    """Hashing a megabyte is work that a stranger could order; refused with a 400 before any hash is made."""
    if len(str(value)) > PASSWORD_MAX_LENGTH:
        raise BadRequest(f"A password has at most {PASSWORD_MAX_LENGTH} characters.")


class Capped(forms.BaseForm):
    """Caps every password field of a form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.PasswordInput):
                field.validators.append(cap)


class LoginForm(Capped, account_forms.LoginForm):
    pass


class ChangePasswordForm(Capped, account_forms.ChangePasswordForm):
    pass


class SetPasswordForm(Capped, account_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(Capped, account_forms.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(Capped, account_forms.ReauthenticateForm):
    pass
