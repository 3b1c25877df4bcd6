"""A line in the log for every sign-in and sign-out, and for every one that failed: who, how and whence; no secret."""

from typing import Any

import structlog
from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from csuite.tenants import limits
from csuite.tenants.models import User

log = structlog.get_logger(__name__)


@receiver(user_logged_in)
def _in(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    log.info("signed_in", user=str(user.pk), staff=user.is_staff, address=_address(request))


@receiver(user_logged_out)
def _out(request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        log.info("signed_out", user=str(user.pk), address=_address(request))


@receiver(user_login_failed)
def _failed(request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Whom somebody tried to be is not told: it may be a password in the wrong field."""
    log.warning("sign_in_failed", address=_address(request))


@receiver(password_changed)
@receiver(password_reset)
def _password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    log.info("password_changed", user=str(user.pk), address=_address(request))


def _address(request: HttpRequest | None) -> str:
    return limits.address(request) if request is not None else ""
