"""Tokens of one call, in the provider's own words; a word it did not say stays None, which is not 0."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts as the provider gives them, by one meaning for all.

    prompt: what was read, with the cached tokens in it unless `cached_apart` (Anthropic). cache_write: what was
    written into the provider's cache, of it cache_write_1h for an hour at a higher price; apart like cached.
    completion: what was written, reasoning included.
    """

    prompt: int | None = None
    completion: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    estimated: bool = False
    cached_apart: bool = False
    cache_write_1h: int | None = None

    def grown(self, later: "Usage") -> "Usage":
        """The greater of each count: what is said again later in an answer includes what was said before."""
        counts: dict[str, Any] = {name: _greater(getattr(self, name), getattr(later, name)) for name in COUNTS}
        return replace(later, **counts)

    @property
    def read(self) -> int | None:
        """All tokens that the model read, wherever they are counted."""
        if self.prompt is None or not self.cached_apart:
            return self.prompt
        return self.prompt + (self.cached or 0) + (self.cache_write or 0)


COUNTS = ("prompt", "completion", "cached", "cache_write", "cache_write_1h", "reasoning")
UNSAID = Usage()


def _greater(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


@dataclass(frozen=True, slots=True)
class UsageDialect:
    """Where one family of providers puts its counts: paths of keys, the first that holds a number wins."""

    sits_at: tuple[Path, ...] = (("usage",),)
    prompt: tuple[Path, ...] = (("prompt_tokens",),)
    completion: tuple[Path, ...] = (("completion_tokens",),)
    cached: tuple[Path, ...] = (("prompt_tokens_details", "cached_tokens"),)
    cache_write: tuple[Path, ...] = (("prompt_tokens_details", "cache_write_tokens"),)
    cache_write_1h: tuple[Path, ...] = ()
    reasoning: tuple[Path, ...] = (("completion_tokens_details", "reasoning_tokens"), ("reasoning_tokens",))
    billed: tuple[Path, ...] = ()
    cached_apart: bool = False

    def find(self, chunk: Mapping[str, object]) -> Mapping[str, object] | None:
        """The usage object of a chunk or a reply, or None."""
        for path in self.sits_at:
            found = at(chunk, path)
            if isinstance(found, Mapping):
                return found
        return None

    def read(self, raw: Mapping[str, object]) -> Usage:
        """Counts out of a usage object."""
        return Usage(
            prompt=count(raw, self.prompt),
            completion=count(raw, self.completion),
            cached=count(raw, self.cached),
            cache_write=count(raw, self.cache_write),
            cache_write_1h=count(raw, self.cache_write_1h),
            reasoning=count(raw, self.reasoning),
            cached_apart=self.cached_apart,
        )

    def billed_cost(self, raw: Mapping[str, object]) -> Decimal | None:
        """What the provider itself says that it charges, in its currency."""
        for path in self.billed:
            value = at(raw, path)
            if isinstance(value, int | float | str) and not isinstance(value, bool):
                try:
                    amount = Decimal(str(value))
                except InvalidOperation:
                    continue
                if amount.is_finite():
                    return amount
        return None


def at(value: object, path: Path) -> object:
    """What lies at the end of a path of keys, or None."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def count(raw: Mapping[str, object], paths: tuple[Path, ...]) -> int | None:
    """The first whole, non-negative number at one of the paths."""
    for path in paths:
        value = at(raw, path)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None
