"""Findings as rows: the same one is one row from run to run, told anew when its words change, closed when it is over.

Inside a tenant scope. What nothing changed about is not written, so that answers that were kept still hold.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from csuite.deals.models import Customer, Deal, Invoice
from csuite.personas.insights import Finding
from csuite.profiles.models import Insight, Metric

LONGEST = 200  # characters of a key, and of a title
DRIFT = timedelta(days=93)  # a break may be dated a little differently as months come in
AGAIN = timedelta(days=7)  # closed for no longer than this: it was never away
SAID = timedelta(days=62)  # somebody wrote of this lately: a detector need not
NAMED = {
    "metric": (Metric, "key"),
    "deal": (Deal, "reference"),
    "invoice": (Invoice, "number"),
    "customer": (Customer, "name"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    new: int = 0
    changed: int = 0
    same: int = 0
    closed: int = 0


def keep(findings: Sequence[Finding], today: date) -> Kept:
    """Everything that was found today; an open finding that is not among them is over."""
    ids = _ids(findings)
    rows = list(Insight.objects.exclude(key=""))
    spoken = _spoken(today)
    new = changed = same = 0
    seen: set[UUID] = set()
    for one in findings:
        about = ids.get(one.about)
        if (one.kind, about) in spoken:
            continue
        row = _row_of(one, [row for row in rows if row.pk not in seen])
        fields = _fields(one, about)
        if row is None:
            row = Insight.objects.create(key=key_of(one), since=one.since, found_on=today, **fields)
            new += 1
        elif _renew(row, fields, today):
            changed += 1
        else:
            same += 1
        seen.add(row.pk)
    over = [row.pk for row in rows if row.closed_on is None and row.pk not in seen]
    if over:
        Insight.objects.filter(pk__in=over).update(closed_on=today)
    return Kept(new, changed, same, len(over))


def key_of(one: Finding) -> str:
    key = f"{one.kind}:{one.matter}"
    return key if len(key) <= LONGEST else f"{one.kind}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _fields(one: Finding, about: UUID | None) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "persona": one.persona,
        "title": one.title[:LONGEST],
        "text": one.text,
        "figures": [list(figure) for figure in one.figures],
        "strength": round(one.strength, 4),
        "about_kind": one.about[0] if about else "",
        "about_id": about,
    }


def _row_of(one: Finding, rows: Sequence[Insight]) -> Insight | None:
    """The row of this very finding, open or closed; else an open one of the same matter that began about then."""
    same = [row for row in rows if row.key == key_of(one)]
    exact = next((row for row in same if row.since == one.since), None)
    if exact is not None or one.since is None:
        return exact
    near = [row for row in same if row.closed_on is None and row.since and abs(row.since - one.since) <= DRIFT]
    return near[0] if near and one.kind == "trend_break" else None


def _renew(row: Insight, fields: Mapping[str, Any], today: date) -> bool:
    """Whether anything had to be written. One that was over for long is new again, for everybody."""
    before = {name: getattr(row, name) for name in fields}
    if row.closed_on is None and before == fields:
        return False
    if row.closed_on is not None and today - row.closed_on > AGAIN:
        row.found_on, row.found_at = today, timezone.now()
    row.closed_on = None
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return True


def _spoken(today: date) -> set[tuple[str, UUID]]:
    """Kind and subject of what people wrote lately."""
    rows = Insight.objects.filter(key="", closed_on__isnull=True, about_id__isnull=False, found_on__gt=today - SAID)
    return set(rows.values_list("kind", "about_id"))


def _ids(findings: Sequence[Finding]) -> dict[tuple[str, str], UUID]:
    """The ids behind what findings name."""
    found: dict[tuple[str, str], UUID] = {}
    for kind, (model, field) in NAMED.items():
        names = {one.about[1] for one in findings if one.about[0] == kind}
        rows = model._default_manager.filter(**{f"{field}__in": names}).values_list(field, "id") if names else ()
        found |= {(kind, name): id for name, id in rows}
    return found
