"""Understanding a question by rule: which metrics, which months, what is wanted."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from csuite.personas.analyst.lexicon import FELL, FOLLOW_UP, INTENTS, ROSE, language
from csuite.personas.analyst.periods import Window, windows
from csuite.personas.vocabulary import SYNONYMS
from csuite.profiles import formatting
from csuite.profiles.records import Elsewhere, Facts, Series

LONGEST = 5000  # characters that are read
MOST_METRICS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. `elsewhere`: metrics that another persona sees. `moved`: fell, rose or empty."""

    text: str
    metrics: tuple[Series, ...] = ()
    windows: tuple[Window, ...] = ()
    intents: frozenset[str] = frozenset()
    moved: str = ""
    target: Decimal | None = None
    lines: tuple[str, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    language: str = "en"

    def wants(self, *intents: str) -> bool:
        return any(intent in self.intents for intent in intents)

    def month(self, newest: date) -> date:
        """The one month it is about: the last of the window, else the newest."""
        return self.windows[-1].last if self.windows else newest


def read(question: str, facts: Facts, history: Sequence[str] = ()) -> Reading:
    """`history`: earlier questions, oldest first; a follow-up without a metric takes those of the last one."""
    newest = facts.newest
    text = question[:LONGEST]
    found = Reading(text=text, language=language(text))
    if newest is None:
        return found
    metrics, elsewhere = named_metrics(text, facts)
    metrics = metrics or (() if elsewhere else by_goal(text, facts))
    fell, rose = bool(FELL.search(text)), bool(ROSE.search(text))
    found = replace(
        found,
        metrics=metrics,
        elsewhere=elsewhere,
        windows=tuple(windows(text, newest, facts.company.fiscal_year_start)),
        intents=frozenset(name for name, pattern in INTENTS.items() if pattern.search(text)),
        moved="fell" if fell and not rose else "rose" if rose and not fell else "",
        target=_target(text, metrics),
        lines=_lines(text, metrics),
    )
    return _continued(found, facts, history)


def _continued(found: Reading, facts: Facts, history: Sequence[str]) -> Reading:
    short = len(found.text.split()) <= 6 and bool(found.windows)
    if found.metrics or found.elsewhere or not history or not (FOLLOW_UP.search(found.text) or short):
        return found
    before = read(history[-1], facts, history[:-1])
    intents = found.intents or before.intents - {"reach", "advice"}
    return replace(found, metrics=before.metrics, intents=intents)


@lru_cache(maxsize=4096)
def _called(key: str, name: str, synonyms: tuple[str, ...]) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Everything a metric is called, in lower case: as it is, folded, as a pattern. Whoever uses the words."""
    own = {name, key.replace("_", " "), key.removesuffix("_pct").replace("_", " ")}
    said = {phrase.lower().strip() for phrase in {*own, *synonyms, *SYNONYMS.get(key, ())} if phrase.strip()}
    return tuple((phrase, _folded(phrase), _pattern(phrase)) for phrase in sorted(said))


def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(phrase).replace(chr(92) + ' ', '[ -]')}(?!\w)", re.IGNORECASE)


def _folded(text: str) -> str:
    return text.lower().replace("-", " ")


def named_metrics(text: str, facts: Facts) -> tuple[tuple[Series, ...], tuple[Elsewhere, ...]]:
    """Metrics in the order they are named, the longest names first taken out; and names that others see."""
    named_by: list[Series | Elsewhere] = [*(s for s in facts.metrics if s.points), *facts.elsewhere]
    folded = _folded(text)
    candidates = [
        (phrase, pattern, named)
        for named in named_by
        for phrase, plain, pattern in _called(named.key, named.name, named.synonyms)
        if plain in folded  # true of few, and a hundred patterns are slow
    ]
    candidates.sort(key=lambda candidate: -len(candidate[0]))
    places: dict[str, tuple[int, Series | Elsewhere]] = {}
    for _, pattern, named in candidates:
        match = pattern.search(text)
        if match is None:
            continue
        text = f"{text[: match.start()]}{chr(0) * len(match[0])}{text[match.end() :]}"
        if named.key not in places:
            places[named.key] = (match.start(), named)
    ordered = [named for _, named in sorted(places.values(), key=lambda pair: pair[0])]
    seen = tuple(named for named in ordered if isinstance(named, Series))
    return seen[:MOST_METRICS], tuple(named for named in ordered if isinstance(named, Elsewhere))


def by_goal(text: str, facts: Facts) -> tuple[Series, ...]:
    """`Can we still reach 41%?`: the metric of the one goal with that target."""
    currency = facts.company.currency
    named = [
        goal for goal in facts.goals if formatting.target(goal.target, goal.unit, currency).lower() in text.lower()
    ]
    series = facts.metric(named[0].metric) if len(named) == 1 else None
    return (series,) if series is not None and series.points else ()


def _target(text: str, metrics: Iterable[Series]) -> Decimal | None:
    """`41%` or `$2.5m` in the question, when the first metric is measured so."""
    first = next(iter(metrics), None)
    if first is None:
        return None
    if first.unit == "percent":
        found = re.search(r"(\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|per ?cent|prozent|por ciento)", text, re.IGNORECASE)
        return Decimal(found[1].replace(",", ".")) if found else None
    if first.unit == "currency":
        found = re.search(r"[$€£]\s?(\d{1,6}(?:\.\d{1,3})?)\s?(m|k|million|thousand)\b", text, re.IGNORECASE)
        scale = {"m": 1_000_000, "k": 1000}
        return Decimal(found[1]) * scale.get(found[2][0].lower(), 1000) if found else None
    return None


def _lines(text: str, metrics: Iterable[Series]) -> tuple[str, ...]:
    names = {line for series in metrics for line in series.lines}
    return tuple(line for line in sorted(names) if _pattern(line.lower()).search(text))
