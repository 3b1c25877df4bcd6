"""What an answer may draw on, made ready to be asked: the facts that the persona was given, once for every answer."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from csuite.personas.evidence.blocks import masked
from csuite.personas.evidence.dating import Clock, Named, periods
from csuite.personas.evidence.derived import derived
from csuite.personas.evidence.lexicon import MONTHS, SPELLED, VERBS
from csuite.personas.evidence.naming import Names, called, unique_firsts, unique_heads, words
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.records import Figure, Kind
from csuite.personas.evidence.scanning import scan
from csuite.personas.vocabulary import SYNONYMS
from csuite.profiles import months
from csuite.profiles.goals import Standing, standing
from csuite.profiles.records import Cause, Facts, GoalRecord, Point, Series

KINDS: dict[str, Kind] = {"currency": "currency", "percent": "percent", "days": "days", "hours": "hours"}


_NUMBER = re.compile(r"\d(?:[\d.,'\u00a0\u202f ]*\d)?")


@dataclass(frozen=True, slots=True)
class Deal:
    """One measure of a deal or an invoice, as `Offer` of `Fjord Shipping`."""

    name: str
    measure: str
    unit: str
    value: Decimal
    as_of: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure that stands in a text of the facts, with the words around it."""

    figure: Figure
    words: frozenset[str]
    following: str
    id: str
    metric: str
    periods: tuple[Named, ...]
    entity: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal with where it stands."""

    goal: GoalRecord
    quantity: Quantity
    standing: Standing


@dataclass(slots=True)
class Knowledge:
    clock: Clock
    currency: str
    quantities: dict[str, list[Quantity]] = field(default_factory=dict)
    of_entity: dict[str, list[Quantity]] = field(default_factory=dict)
    aims: dict[str, list[Aim]] = field(default_factory=dict)
    causes: dict[str, Cause] = field(default_factory=dict)
    told: dict[Decimal, list[Told]] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    today: date | None = None  # that the texts are of
    names: Names = field(default_factory=Names)
    weak: Names = field(default_factory=lambda: Names(weak=True))  # `overdue` for overdue receivables

    def add(self, quantity: Quantity) -> None:
        self.quantities.setdefault(quantity.metric, []).append(quantity)
        if quantity.entity:
            self.of_entity.setdefault(quantity.entity, []).append(quantity)

    def plain(self, metric: str) -> Quantity | None:
        """The metric as a whole."""
        return next((one for one in self.quantities.get(metric, ()) if not one.entity), None)

    def of(self, metric: str, entities: Iterable[str]) -> list[Quantity]:
        """The metric's lines that are named; without any, the whole."""
        wanted = set(entities)
        lines = [one for one in self.quantities.get(metric, ()) if one.entity and one.entity in wanted]
        plain = self.plain(metric)
        return lines or ([plain] if plain else [])

    def told_also(self, texts: Sequence[str], today: date) -> "Knowledge":
        """The same with further lines that the persona was given. They are read when a figure may stand in one."""
        return replace(self, texts=tuple(texts), today=today)

    def told_of(self, figure: Figure) -> Iterator[Told]:
        """What texts say in the figure's number: those of the facts, then the further lines."""
        for reading in figure.readings:
            yield from self.told.get(reading.value, ())
        digits = _NUMBER.search(figure.text)
        for number, text in enumerate(self.texts if digits else ()):
            if digits and digits.group() in text:
                more = replace(self, told={}, texts=())
                for one, sentence in told_figures(text):
                    _add_told(more, f"text:{number}", "", one, sentence, self.today)
                for reading in figure.readings:
                    yield from more.told.get(reading.value, ())

    def unit(self, metric: str) -> Kind | None:
        found = self.quantities.get(metric)
        return found[0].unit if found else None


def prepared(facts: Facts, deals: Sequence[Deal] = (), texts: Sequence[str] = ()) -> Knowledge:
    """`texts`: further lines that the persona was given, as what the server worked out for the question."""
    newest = facts.newest or months.last_closed(facts.today)
    known = Knowledge(Clock(newest, facts.company.fiscal_year_start), facts.company.currency)
    for series in sorted(facts.metrics, key=lambda series: series.key):
        _add_series(known, series, facts)
    _name_metrics(known, facts)
    _add_goals(known, facts)
    for number, cause in enumerate(sorted(facts.causes, key=lambda c: (c.metric, c.cause, c.period))):
        _add_cause(known, f"cause:{number}", cause)
    for deal in sorted(deals, key=lambda deal: (deal.name, deal.measure)):
        _add_deal(known, deal)
    _add_texts(known, facts)
    return known.told_also(texts, facts.today) if texts else known


def _add_series(known: Knowledge, series: Series, facts: Facts) -> None:
    if not series.points:
        return
    weight = facts.metric(series.weight)
    weights = {point.period: point.value for point in weight.points} if weight else {}
    known.add(_quantity(series, series.points, weights, facts))
    for line, points in sorted(series.lines.items()):
        if points:
            known.add(_quantity(series, points, {}, facts, line))
            known.names.add(line, ("entity", f"line:{line}"))


def _quantity(
    series: Series, points: Sequence[Point], weights: dict[date, Decimal], facts: Facts, line: str = ""
) -> Quantity:
    return Quantity(
        id=f"metric:{series.key}" + (f"/{line}" if line else ""),
        metric=series.key,
        name=f"{series.name}, {line}" if line else series.name,
        unit=KINDS.get(series.unit, "count"),
        values={point.period: point.value for point in points},
        entity=f"line:{line}" if line else "",
        aggregation=series.aggregation,
        planned={} if line else {point.period: point.value for point in series.forecast},
        weights=weights,
        currency=facts.company.currency,
        places=series.places,
        as_of={point.period: point.as_of for point in points if point.as_of},
        source=points[-1].source,
    )


def _name_metrics(known: Knowledge, facts: Facts) -> None:
    series = {one.key: one for one in facts.metrics if one.points}
    for key, one in series.items():
        for name in (*called(one.name, one.synonyms), *SYNONYMS.get(key, ()), key.replace("_", " ")):
            known.names.add(name, ("metric", key))
        for pattern, verbs in VERBS:
            if re.search(pattern, f"{key} {one.name}", re.IGNORECASE):
                for verb in verbs:
                    known.names.add(verb, ("metric", key))
    for head, key in unique_heads({key: one.name for key, one in series.items()}):
        known.names.add(head, ("metric", key))
    for first, key in unique_firsts({key: one.name for key, one in series.items()}):
        if first not in known.names.by_first or (first,) not in known.names.by_first[first]:
            known.weak.add(first, ("metric", key))
    texts = {key: (key, one.name, *one.synonyms) for key, one in series.items()}
    plain = [one for found in known.quantities.values() for one in found if not one.entity]
    for record, quantity in derived(plain, texts):
        if quantity.values:
            known.add(quantity)
            for name in record.names:
                known.names.add(name, ("metric", record.key))


def _add_goals(known: Knowledge, facts: Facts) -> None:
    for goal in sorted(facts.goals, key=lambda goal: goal.key):
        series = facts.metric(goal.metric)
        quantity = known.plain(goal.metric) if goal.metric else None
        found = standing(goal, series, facts.metric(series.weight)) if series else None
        if quantity and found:
            known.aims.setdefault(quantity.metric, []).append(Aim(goal, quantity, found))


_COMMON = frozenset(
    words(
        "the a an of and or in on at to for from by with is was are were be been it its this that those these we our us"
        " they their than then as not no but more less most all each per about over under between after before since"
        " until der die das den dem und oder im in am an zu von für mit ist war sind el la los las y o en de del a al"
        " un una con would will could should has have had can may might month months year years quarter day days week"
        " weeks yes open there one"
    )
) | frozenset(word for name in MONTHS for word in words(name))


def content(text: str) -> frozenset[str]:
    """The words of a text that say what it is about."""
    return frozenset(
        word
        for word in words(text)
        if word not in _COMMON and word not in SPELLED and len(word) > 2 and not word.isdigit()
    )


def _add_cause(known: Knowledge, id: str, cause: Cause) -> None:
    known.causes[id] = cause
    known.names.add(cause.cause, ("entity", id))
    known.names.add(cause.cause.split(",")[0], ("entity", id))
    for word in re.findall(r"[^\W_]+", cause.remedy):
        if len(word) > 3 and word.lower() not in _COMMON and words(word)[0] not in known.names.by_first:
            known.weak.add(word, ("entity", id))
    for word in re.findall(r"[^\W_]+", cause.cause):
        if (len(word) > 3 or (len(word) == 3 and word.isupper())) and word.lower() not in _COMMON:
            known.names.add(word, ("entity", id))


def _add_deal(known: Knowledge, deal: Deal) -> None:
    entity, metric = f"deal:{deal.name}", f"deal:{deal.measure}"
    known.add(
        Quantity(
            id=f"{entity}/{deal.measure}",
            metric=metric,
            name=f"{deal.name}, {deal.measure}",
            unit=KINDS.get(deal.unit, "count"),
            values={months.first_of(deal.as_of) if deal.as_of else known.clock.newest: deal.value},
            entity=entity,
            aggregation="last",
            steady=True,
            currency=known.currency,
            as_of={months.first_of(deal.as_of): deal.as_of} if deal.as_of else {},
            source=deal.source,
        )
    )
    known.names.add(deal.name, ("entity", entity))
    known.names.add(deal.name.split()[0], ("entity", entity))
    known.names.add(deal.measure, ("metric", metric))


def _add_texts(known: Knowledge, facts: Facts) -> None:
    company = facts.company
    lines: list[tuple[str, str, str, date | None]] = [
        *((f"company:{name}", "", f"{name}: {entry}", None) for name, entry in sorted(company.entries.items())),
        ("company:about", "", company.description, None),
        ("company:people", "", f"{company.people} people employees" if company.people else "", None),
        ("company:stage", "", company.stage, None),
        *((f"goal:{goal.key}", goal.metric or "", goal.title, None) for goal in facts.goals),
    ]
    for insight in sorted(facts.insights, key=lambda one: (one.title, one.text)):
        id = f"insight:{insight.kind}:{insight.about}"
        lines += [(id, insight.about, text, insight.found_on) for text in (insight.title, insight.text)]
    for id, cause in known.causes.items():
        lines += [(id, cause.metric, text, None) for text in (cause.lasts, cause.remedy) if text]
    for id, metric, text, as_of in lines:
        for figure_, sentence in told_figures(text):
            _add_told(known, id, metric, figure_, sentence, as_of)


def told_figures(text: str) -> Iterable[tuple[Figure, str]]:
    for sentence in re.split(r"(?<=[.!?;])\s+(?=[^a-z])", text):
        clean = masked(sentence)
        figures = scan(clean)
        for figure in figures:
            around = _around(clean, figure)
            yield figure, around if len(figures) > 2 and len(content(around)) > 1 else clean


def _around(text: str, figure: Figure) -> str:
    """The clause that the figure stands in."""
    start = max((text.rfind(mark, 0, figure.start) for mark in (", ", " and ", ": ")), default=-1)
    ends = [at for mark in (", ", " and ", ": ") if (at := text.find(mark, figure.end)) >= 0]
    return text[max(0, start) : min(ends, default=len(text))]


def _add_told(known: Knowledge, id: str, metric: str, figure: Figure, text: str, as_of: date | None) -> None:
    following = words(text[text.find(figure.text) + len(figure.text) :][:40])
    told = Told(
        figure,
        content(text),
        next((word for word in following if word not in _COMMON), ""),
        id,
        metric,
        tuple(periods(text, known.clock)),
        id if id in known.causes else "",
        as_of,
    )
    known.told.setdefault(figure.readings[0].value, []).append(told)
