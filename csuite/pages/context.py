"""What the frame around every page needs: where one can go, for whom one acts, and where else one could."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from csuite.tenants.access import memberships_of
from csuite.tenants.models import Membership, Role

EVERYONE = frozenset(Role)
# (name of the address, label, who sees it). A page that does not exist yet is left out, not shown dead.
PAGES = (
    ("home", "Home", EVERYONE),
    ("conversations", "Conversations", EVERYONE),
    ("boardroom", "Boardroom", EVERYONE),
    ("decisions", "Decisions", EVERYONE),
    ("pipeline", "Pipeline", EVERYONE),
    ("usage", "Usage", frozenset({Role.FINANCE, Role.ADMIN})),
    ("profile", "Profile", EVERYONE),
    ("people", "People", frozenset({Role.ADMIN})),
)
ACCOUNT = (
    ("account_change_password", "Password"),
    ("mfa_index", "Two-step sign-in"),
    ("account_email", "E-mail"),
)
SWITCH = "act"


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Masthead:
    """`others`: the memberships one could switch to; `switch_url` takes a POST with `tenant`."""

    links: list[Link] = field(default_factory=list)
    member: Membership | None = None
    others: list[Membership] = field(default_factory=list)
    switch_url: str = ""
    account: list[Link] = field(default_factory=list)


def masthead(request: HttpRequest) -> dict[str, object]:
    """Context processor. Nothing is read until a template asks, so an error page survives without a database."""
    return {"masthead": SimpleLazyObject(lambda: _masthead(request))}


def _masthead(request: HttpRequest) -> Masthead:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Masthead()
    member: Membership | None = getattr(request, "member", None) or None
    others = [m for m in memberships_of(user) if not member or m.tenant_id != member.tenant_id]
    pages = [(name, label) for name, label, roles in PAGES if member and member.role in roles]
    if user.is_staff:
        pages.append(("admin:index", "Admin"))
    return Masthead(_links(request, pages), member, others, _address(SWITCH), _links(request, ACCOUNT))


def _links(request: HttpRequest, names: Iterable[tuple[str, str]]) -> list[Link]:
    links = [(label, _address(name)) for name, label in names]
    return [Link(label, url, _is_current(url, request.path)) for label, url in links if url]


def _address(name: str) -> str:
    """ "" for a page that does not exist yet."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _is_current(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
