"""How old the providers' keys are. A key of a file is as old as the file; one of the environment is counted from when
csuite saw it first, which a row remembers without holding the key (models/state.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from csuite.llm import keys
from csuite.llm.errors import Unauthenticated
from csuite.llm.providers import table
from csuite.providers.models import KeySeen

ROTATE_AFTER = timedelta(days=90)
MARK = "csuite.providers.keyring:"  # the same secret signs other things, too


@dataclass(frozen=True, slots=True)
class KeyAge:
    """A key that is set. since: None where nobody has noticed it yet. unreadable: its file is there in name only."""

    name: str
    last4: str = ""
    since: datetime | None = None
    unreadable: bool = False

    @property
    def age(self) -> timedelta | None:
        return None if self.since is None else timezone.now() - self.since

    @property
    def is_old(self) -> bool:
        return self.age is not None and self.age > ROTATE_AFTER

    def __str__(self) -> str:
        if self.unreadable:
            return "its file cannot be read"
        shown = f"…{self.last4}" if self.last4 else "set"
        if self.age is None:
            return shown
        days = self.age.days
        return f"{shown}, {days} day{'' if days == 1 else 's'} old" + (": rotate it" if self.is_old else "")


def names() -> list[str]:
    """The variables of all providers' keys."""
    return sorted({row.key_name for row in table().values() if row.key_name})


def age(name: str) -> KeyAge | None:
    """None where the key is not set."""
    try:
        key = keys.find(name)
    except Unauthenticated:
        return KeyAge(name, unreadable=True)
    if key is None:
        return None
    seen = KeySeen.objects.filter(name=name, mark=_mark(key)).first()
    return KeyAge(name, key.last4, keys.changed_at(name) or (seen.first_seen if seen else None))


def notice() -> None:
    """Write down which keys are there, and since when; forget those that are gone. Idempotent."""
    for name in names():
        try:
            key = keys.find(name)
        except Unauthenticated:
            continue
        if key is None:
            KeySeen.objects.filter(name=name).delete()
            continue
        row, made = KeySeen.objects.get_or_create(
            name=name, defaults={"mark": _mark(key), "first_seen": timezone.now()}
        )
        if not made and row.mark != _mark(key):
            row.mark, row.first_seen = _mark(key), timezone.now()
            row.save()


def _mark(key: keys.Key) -> str:
    return key.mark(MARK + settings.SECRET_KEY)
