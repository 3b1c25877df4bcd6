"""`/api/v1/admin/flags`: platform staff see and set every flag, a tenant's admin those left to her, for her company."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.security import APIKeyCookie
from pydantic import ConfigDict, Field, StringConstraints

from csuite.tenants import audit, flag_settings, flags
from csuite.tenants.admin_site import needs_second_factor
from csuite.tenants.api import members
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Flag, Role, Tenant, User
from csuite.tenants.problems import Problem

router = Router(tags=["flags"])


class Staff(APIKeyCookie):
    """A session of platform staff who may change flags. A token acts for a company, so it is never the platform."""

    def __init__(self) -> None:
        self.param_name = settings.SESSION_COOKIE_NAME
        super().__init__()

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        return staff_of(request)


def staff_of(request: HttpRequest) -> User | None:
    user = request.user
    fits = isinstance(user, User) and user.is_active and user.is_staff and user.has_perm("tenants.change_flag")
    if not fits or getattr(request, "token", None) is not None or needs_second_factor(user):
        return None
    return user if isinstance(user, User) else None


class FlagOut(Schema):
    """`on` is what holds for who asks. The other fields below `chosen` are for platform staff only."""

    name: str
    note: str
    on: bool
    chosen: bool | None = None
    everyone: bool | None = None
    percent: str | None = None
    tenants: list[str] | None = None
    users: list[str] | None = None
    groups: list[str] | None = None
    staff: bool | None = None
    superusers: bool | None = None
    authenticated: bool | None = None
    tenant_settable: bool | None = None
    owner: str | None = None
    expires_at: datetime | None = None
    expired: bool | None = None


Slugs = Annotated[list[Annotated[str, StringConstraints(max_length=254)]], Field(max_length=1000)]


class FlagIn(Schema):
    """A tenant's admin sends `name` and `on` (null: as the platform has it); staff any of the other fields."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=100)
    on: bool | None = None
    note: str | None = Field(None, max_length=2000)
    everyone: bool | None = None
    percent: Decimal | None = Field(None, ge=0, le=Decimal("99.9"), decimal_places=1)
    tenants: Slugs | None = None
    users: Slugs | None = None
    groups: Slugs | None = None
    staff: bool | None = None
    superusers: bool | None = None
    authenticated: bool | None = None
    tenant_settable: bool | None = None
    owner: str | None = Field(None, max_length=120)
    expires_at: datetime | None = None


PLAIN = ("everyone", "percent", "expires_at")  # null is a value
FILLED = ("note", "staff", "superusers", "authenticated", "tenant_settable", "owner")


WHO = [Staff(), *members(Role.ADMIN)]


@router.get("/flags", response=list[FlagOut], exclude_unset=True, auth=WHO, url_name="flags")
def flags_now(request: MemberRequest) -> list[dict[str, Any]]:
    """Every flag for platform staff; for a tenant's admin those that are left to companies."""
    if staff_of(request):
        return [_whole(flag, request) for flag in Flag.objects.order_by("name")]
    return [_left(one) for one in flag_settings.settings_of(request.member)]


@router.put("/flags", response=FlagOut, exclude_unset=True, auth=WHO, url_name="flags")
def set_flag(request: MemberRequest, wanted: FlagIn) -> dict[str, Any]:
    """Sets one flag; staff make it if there is none. Fields that are not sent stay as they are."""
    person = staff_of(request)
    if person is not None:
        return _whole(_set(person, wanted), request)
    if wanted.model_fields_set != {"name", "on"}:
        raise Problem("forbidden", "You may set `on` for your company, nothing else.")
    return _left(flag_settings.choose(request.member, wanted.name, wanted.on))


@transaction.atomic
def _set(person: User, wanted: FlagIn) -> Flag:
    if "on" in wanted.model_fields_set:
        raise Problem("bad_frame", "`on` is a company's choice; set `everyone`.")
    flag: Any = Flag.objects.select_for_update().filter(name=wanted.name).first()
    before = _state(flag) if flag else {}
    flag = flag or Flag(name=wanted.name, superusers=False)
    for name in PLAIN:
        if name in wanted.model_fields_set:
            setattr(flag, name, getattr(wanted, name))
    for name in FILLED:
        if getattr(wanted, name) is not None:
            setattr(flag, name, getattr(wanted, name))
    if flag.expires_at is not None and flag.expires_at.tzinfo is None:
        raise Problem("bad_frame", "`expires_at` needs a time zone.")
    flag.save()
    _name(flag, wanted)
    was, now = audit.difference(before, _state(flag))
    if was or now:
        audit.record_platform("flag.set", user=person, name=flag.name, before=was, after=now)
    return flag  # type: ignore[no-any-return]


def _name(flag: Flag, wanted: FlagIn) -> None:
    """Raises Problem("bad_frame") for whom nobody knows: half a list would be a surprise."""
    for field, model, key in (("tenants", Tenant, "slug"), ("users", User, "email"), ("groups", Group, "name")):
        asked = getattr(wanted, field)
        if asked is None:
            continue
        rows: list[Any] = list(model.objects.filter(**{f"{key}__in": asked}))
        if len(rows) != len(set(asked)):
            raise Problem("bad_frame", f"Some of `{field}` are not known.")
        getattr(flag, field).set(rows)


def _state(flag: Any) -> dict[str, Any]:
    return {
        **{name: getattr(flag, name) for name in FILLED},
        "everyone": flag.everyone,
        "percent": None if flag.percent is None else str(flag.percent),
        "expires_at": flag.expires_at,
        "tenants": sorted(flag.tenants.values_list("slug", flat=True)),
        "users": sorted(flag.users.values_list("email", flat=True)),
        "groups": sorted(flag.groups.values_list("name", flat=True)),
    }


def _whole(flag: Any, request: MemberRequest) -> dict[str, Any]:
    tenant = request.member.tenant if request.member else None
    on = flags.is_on(flag, tenant, request.user, request.headers)
    return {"name": flag.name, "on": on, "expired": flags.has_expired(flag), **_state(flag)}


def _left(one: flag_settings.Setting) -> dict[str, Any]:
    return {"name": one.name, "note": one.note, "on": one.on, "chosen": one.chosen}
