"""Every change in the admin with before and after: mixed into each page of it by the site (admin_site.py).

Django logs which fields changed; this notes the values, and hands both to the platform's audit as one entry. What
belongs to a tenant is told to the tenant's own audit too.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from csuite.tenants import audit
from csuite.tenants.models import Tenant
from csuite.tenants.scope import tenant_scope

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Any]
else:
    Rows = admin.ModelAdmin  # generic for the type checker only

DEEDS = {ADDITION: "admin.add", CHANGE: "admin.change", DELETION: "admin.delete"}
Values = dict[str, Any]
_noted: ContextVar[Values] = ContextVar("csuite_admin_noted")


def values(row: models.Model | None) -> Values:
    """Every field of a row as the database has it, many-to-many by name; {} for None."""
    if row is None or row.pk is None:
        return {}
    plain = {field.name: _plain(field.value_from_object(row)) for field in row._meta.concrete_fields}
    many = {field.name: getattr(row, field.name).all() for field in row._meta.many_to_many}
    return plain | {name: sorted(str(other) for other in others) for name, others in many.items()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


class Audited(Rows):
    """Keeps what a row was before it is saved, and writes both down when Django logs the act."""

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        old = self.model._base_manager.filter(pk=form.instance.pk).first() if change else None
        request._csuite_before = {str(form.instance.pk): values(old)}  # type: ignore[attr-defined]
        return super().save_form(request, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """What stands in rows below the row."""
        noted = [_below(one) for one in formset.forms if one.has_changed()]
        request._csuite_below = getattr(request, "_csuite_below", []) + noted  # type: ignore[attr-defined]
        super().save_formset(request, form, formset, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        with _note(request, obj, {}, values(_fresh(obj))):
            return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        before = getattr(request, "_csuite_before", {}).get(str(obj.pk), {})
        with _note(request, obj, before, values(_fresh(obj))):
            return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """One by one: Django would write several at once, without a signal."""
        logged = []
        for row in queryset:
            with _note(request, row, values(row), {}):
                logged += super().log_deletions(request, [row])  # type: ignore[arg-type]
        return logged


def _below(form: Any) -> Values:
    was, now = audit.difference(
        {name: _shown(form.initial.get(name)) for name in form.changed_data},
        {name: _shown(form.cleaned_data.get(name)) for name in form.changed_data},
    )
    return {"row": f"{form.instance._meta.verbose_name} {form.instance}", "before": was, "after": now}


def _fresh(row: models.Model) -> models.Model | None:
    return type(row)._base_manager.filter(pk=row.pk).first()


def _shown(value: Any) -> Any:
    """A form's value, as the audit may keep it."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, models.QuerySet | list | tuple | set):
        return sorted(str(one) for one in value)
    return _plain(value)


@contextmanager
def _note(request: HttpRequest, row: models.Model, before: Values, after: Values) -> Iterator[None]:
    was, now = audit.difference(before, after)
    noted: Values = {"before": was, "after": now}
    below = getattr(request, "_csuite_below", [])
    if below:
        noted["below"] = below
    token = _noted.set(noted | {"tenant": _tenant_of(row)})
    try:
        yield
    finally:
        _noted.reset(token)


def _tenant_of(row: models.Model) -> UUID | None:
    if isinstance(row, Tenant):
        return row.pk
    found = getattr(row, "tenant_id", None)
    return found if isinstance(found, UUID) else None


@receiver(post_save, sender=LogEntry)
def _audit(sender: type[LogEntry], instance: LogEntry, created: bool, **kwargs: Any) -> None:
    """Whatever the admin logs, of any model, goes into the audit, which nobody can change."""
    if not created:
        return
    noted: Mapping[str, Any] = _noted.get({})
    deed, model = DEEDS.get(instance.action_flag, "admin.other"), str(instance.content_type)
    facts = {"model": model, "id": str(instance.object_id), "name": instance.object_repr}
    changed = {name: value for name, value in noted.items() if name != "tenant"}
    audit.record_platform(deed, user=instance.user, **facts, change=instance.get_change_message(), **changed)
    tenant = noted.get("tenant")
    if tenant is not None and Tenant.objects.filter(pk=tenant).exists():
        with tenant_scope(tenant):
            audit.record(
                f"platform.{deed.partition('.')[2]}",
                user=instance.user,
                target=str(instance.object_id),
                **facts,
                **changed,
            )
