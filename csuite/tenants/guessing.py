"""Who asks for one id after the other that is not hers (THREATS T13): refused for a while, and told of.

Each miss looks like every other, so guessing tells nothing; the limit keeps it from being cheap, and somebody hears of
it. The limit is the row `misses`; an address with no id in it does not count.
"""

from collections.abc import Callable

import structlog
from django.dispatch import Signal
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from csuite.tenants import audit, limits
from csuite.tenants.models import Membership, User
from csuite.tenants.problem_pages import answer
from csuite.tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

LIMIT = "misses"
ids_guessed = Signal()  # user (None for nobody), tenant (its id, or None), address


class GuessingMiddleware:
    """Turns a miss into a 429 when there were too many of them from one person, or one address without a person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 404 or not (request.resolver_match and request.resolver_match.kwargs):
            return response
        user = request.user if isinstance(request.user, User) else None
        member = getattr(request, "member", None) or None
        usage = missed(user, member, limits.address(request))
        return answer(request, usage.problem()) if usage.exceeded else response


def missed(user: User | None, member: Membership | None, address: str) -> limits.Usage:
    """Counts one; tells of it when that is the first too many of a window."""
    usage = limits.take(LIMIT, str(user.pk) if user else f"address:{address}")
    if usage.used == usage.limit + 1:
        tenant = member.tenant_id if member else None
        log.warning("ids_guessed", user=str(user.pk) if user else "", tenant=str(tenant or ""), address=address)
        if user is not None and tenant is not None:
            with tenant_scope(tenant):
                audit.record("access.guessing", user=user, tries=usage.used, address=address)
        ids_guessed.send(sender=None, user=user, tenant=tenant, address=address)
    return usage
