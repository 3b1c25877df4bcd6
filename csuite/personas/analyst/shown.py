"""Figures as asked: one month, a list of months, a window as one figure, extremes, comparisons."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import joined, plain, sentence, table
from csuite.personas.analyst.periods import Window
from csuite.profiles import arithmetic, formatting, months
from csuite.profiles.records import Point, Series

SPOKEN = 6  # up to so many months are listed in a sentence, more in a table


def missing(desk: Desk, series: Series, window: Window) -> str:
    """Where the asked months lie outside the data; empty when they do not."""
    first, last = series.points[0].period, series.points[-1].period
    if series.within(window.first, window.last):
        return ""
    asked = desk.pen.month(window.first) if window.length == 1 else "those months"
    return (
        f"There is no figure for {desk.pen.inner(series)} in {asked}; the data run from {months.long(first)}"
        f" to {months.long(last)}."
    )


def value(desk: Desk, series: Series) -> Part:
    """One metric, without a special wish: the month, its changes, and what is remarkable."""
    window = desk.reading.windows[-1] if desk.reading.windows else None
    if window is not None:
        gap = missing(desk, series, window)
        if gap:
            return Part(lead=gap)
        if window.length > 1:
            return total(desk, series, window)
    month = desk.reading.month(desk.pen.newest)
    point = series.at(month) or series.points[-1]
    return Part(lead=" ".join(filter(None, [_one(desk, series, point), remarkable(desk, series, point)])))


def _one(desk: Desk, series: Series, point: Point) -> str:
    pen = desk.pen
    earlier = [series.at(months.shift(point.period, -back)) for back in (1, 12)]
    against = [pen.against(series, point, other) for other in earlier if other is not None]
    start = f"{pen.name(series)} stood at **{pen.value(series, point.value)}** in {pen.month(point.period)}"
    return f"{start}, {joined(against)}." if against else f"{start}."


def remarkable(desk: Desk, series: Series, point: Point) -> str:
    """A record, or a run of months in one direction, up to that month."""
    until = [p for p in series.points if p.period <= point.period]
    record = arithmetic.is_record([p.value for p in until])
    count = formatting.in_words(len(until))
    if record:
        return (
            f"That is the {record}est of the last {count} months."
            if record == "high"
            else (f"That is the lowest of the last {count} months.")
        )
    run = arithmetic.streak([p.value for p in until])
    if abs(run) >= 3:
        return f"It has {'risen' if run > 0 else 'fallen'} for {formatting.in_words(abs(run))} months in a row."
    return ""


def listed(desk: Desk, chosen: Sequence[Series]) -> Part:
    """The months of a window, for one metric or several side by side."""
    window = (
        desk.reading.windows[-1]
        if desk.reading.windows
        else Window(months.shift(desk.pen.newest, -11), desk.pen.newest, "last")
    )
    gaps = [missing(desk, series, window) for series in chosen]
    shown = [series for series, gap in zip(chosen, gaps, strict=True) if not gap]
    if not shown:
        return Part(lead=" ".join(gaps))
    lead = " ".join([*filter(None, gaps), *(_spoken(desk, series, window) for series in shown)])
    if window.length <= SPOKEN and len(shown) == 1:
        return Part(lead=lead)
    return Part(lead=lead, body=(_month_table(desk, shown, window),), rank=20)


def _spoken(desk: Desk, series: Series, window: Window) -> str:
    pen, points = desk.pen, series.within(window.first, window.last)
    if len(points) == 1:
        return f"{_one(desk, series, points[0])} {remarkable(desk, series, points[0])}".strip()
    if len(points) <= SPOKEN:
        first, *rest = points
        said = [f"{pen.value(series, first.value)} in {pen.month(first.period)}"]
        said += [f"**{pen.bare(series, p.value)}** in {pen.month(p.period)}" for p in rest]
        text = f"{pen.name(series)}: {joined(said)}."
    else:
        way = pen.moved(series, points[0].value, points[-1].value)
        text = (
            f"{pen.name(series)} went from {pen.value(series, points[0].value)} in {pen.month(points[0].period)} to"
            f" **{pen.value(series, points[-1].value)}** in {pen.month(points[-1].period)}, {way} the start."
        )
        low, high = best_of_points(points, low=True), best_of_points(points, low=False)
        text += (
            f" Lowest {pen.value(series, low.value)} in {pen.month(low.period)}, highest"
            f" {pen.value(series, high.value)} in {pen.month(high.period)}."
        )
    return f"{text} {remarkable(desk, series, points[-1])}".strip()


def best_of_points(points: Sequence[Point], *, low: bool) -> Point:
    pick = min if low else max
    return pick(reversed(points), key=lambda point: point.value)


def _month_table(desk: Desk, shown: Sequence[Series], window: Window) -> str:
    rows = []
    for period in reversed(months.span(window.first, window.last)):
        found = [series.at(period) for series in shown]
        if any(found):
            cells = [desk.pen.bare(s, p.value) if p else "" for s, p in zip(shown, found, strict=True)]
            rows.append([f"{months.short(period)}", *cells])
    return table(["Month", *(desk.pen.name(series) for series in shown)], rows)


def total(desk: Desk, series: Series, window: Window) -> Part:
    """A window as one figure, held against the same months a year before where the data have them all."""
    points = series.within(window.first, window.last)
    whole = desk.pen.aggregated(series, points)
    if whole is None:
        return listed(desk, [series])
    pen = desk.pen
    how = {"sum": "came to", "last": "ended at"}.get(series.aggregation, "averaged")
    span = f"{pen.month(points[0].period)} to {pen.month(points[-1].period)}"
    text = f"{pen.name(series)} {how} **{pen.value(series, whole)}** from {span}"
    weighted = series.aggregation == "weighted"
    text += f", weighted by {weight_name(desk, series)}." if weighted else "."
    return Part(lead=f"{text} {_on_year(desk, series, points, whole)} {_extremes(desk, series, points)}".strip())


def weight_name(desk: Desk, series: Series) -> str:
    weight = desk.facts.metric(series.weight)
    return desk.pen.inner(weight) if weight else "another metric"


def _extremes(desk: Desk, series: Series, points: Sequence[Point]) -> str:
    if len(points) < 3:
        return ""
    best = best_of_points(points, low=series.good == "down")
    worst = best_of_points(points, low=series.good != "down")
    pen = desk.pen
    return (
        f"Best month {pen.month(best.period)} with {pen.value(series, best.value)}, weakest"
        f" {pen.month(worst.period)} with {pen.value(series, worst.value)}."
    )


def _on_year(desk: Desk, series: Series, points: Sequence[Point], whole: Decimal) -> str:
    earlier = [series.at(months.shift(point.period, -12)) for point in points]
    known = [point for point in earlier if point is not None]
    before = desk.pen.aggregated(series, known)
    if before is None:
        return ""
    if len(known) == len(points):
        return f"That is {desk.pen.moved(series, before, whole)} the same months a year before."
    return like_for_like(desk, series, points)


def like_for_like(desk: Desk, series: Series, points: Sequence[Point]) -> str:
    """The months that both years have, where the data begin within the year before."""
    pairs = [(point, series.at(months.shift(point.period, -12))) for point in points]
    now = [point for point, other in pairs if other is not None]
    then = [other for _, other in pairs if other is not None]
    new, old = desk.pen.aggregated(series, now), desk.pen.aggregated(series, then)
    if new is None or old is None:
        return ""
    span = f"{desk.pen.month(now[0].period)} to {desk.pen.month(now[-1].period)}"
    return (
        f"In the {formatting.in_words(len(now))} months that both years have, {span}, it was"
        f" {desk.pen.value(series, new)} against {desk.pen.value(series, old)}:"
        f" {desk.pen.moved(series, old, new)} the year before."
    )


def compare(desk: Desk, chosen: Sequence[Series]) -> Part:
    """Two named months, or the newest month and the year so far with the year before."""
    singles = [window for window in desk.reading.windows if window.kind == "month"]
    if len(singles) >= 2:
        return Part(lead=" ".join(_two(desk, series, singles[0].first, singles[1].first) for series in chosen))
    leads = []
    for series in chosen:
        point = series.at(desk.reading.month(desk.pen.newest)) or series.points[-1]
        start = months.year_start(point.period, desk.facts.company.fiscal_year_start)
        year = series.within(start, point.period)
        so_far = like_for_like(desk, series, year) if series.aggregation != "last" and len(year) > 1 else ""
        leads.append(f"{_one(desk, series, point)} {so_far}".strip())
    return Part(lead=" ".join(leads))


def _two(desk: Desk, series: Series, one: date, other: date) -> str:
    """The later of two months against the earlier one."""
    earlier, later = sorted((one, other))
    before, after = series.at(earlier), series.at(later)
    if before is None or after is None:
        return missing(desk, series, Window(earlier, earlier, "month")) or missing(
            desk, series, Window(later, later, "month")
        )
    pen = desk.pen
    start = f"{pen.name(series)} stood at {pen.value(series, before.value)} in {pen.month(earlier)} and at"
    change = f"{pen.moved(series, before.value, after.value)} that"
    return f"{start} **{pen.value(series, after.value)}** in {pen.month(later)}, {change}."


def extremes(desk: Desk, series: Series) -> Part:
    """The best or the worst month, of the window or of all."""
    window = desk.reading.windows[-1] if desk.reading.windows else None
    points = series.within(window.first, window.last) if window and window.length > 1 else list(series.points)
    if not points:
        return Part(lead=missing(desk, series, window) if window else "")
    said = []
    for intent, word in (("best", "best"), ("worst", "weakest")):
        if desk.reading.wants(intent):
            low = (series.good == "down") == (intent == "best")
            point = best_of_points(points, low=low)
            said.append(
                f"the {word} month was {desk.pen.month(point.period)} with **{desk.pen.value(series, point.value)}**"
            )
    newest = series.points[-1]
    tail = f"{desk.pen.month(newest.period)} stands at {desk.pen.value(series, newest.value)}."
    count = formatting.in_words(len(points))
    return Part(lead=f"{desk.pen.name(series)}, of {count} months: {joined(said)}. {tail}")


def by_product_line(desk: Desk, series: Series) -> Part:
    """The product lines that were named, month by month for the newest three."""
    rows = []
    for line in desk.reading.lines:
        points = series.lines.get(line, ())[-3:]
        said = [f"{desk.pen.value(series, p.value)} in {desk.pen.month(p.period)}" for p in points]
        if said:
            rows.append(f"{plain(line)}, {desk.pen.inner(series)}: {joined(said)}.")
    return Part(lead=sentence(" ".join(rows)))
