"""Results as plain text that can be pasted anywhere."""

from collections.abc import Iterable, Iterator

from csuite.personas.writer.results import Compliance, DealSummary, NotesSummary, OrderAnalysis, Result

STATUS = {"complete": "Everything is there.", "incomplete": "Something is missing.", "unclear": "It is not clear yet."}


def as_text(result: Result) -> str:
    """Of a summary or a check; letters have texts of their own."""
    if isinstance(result, DealSummary):
        parts = _summary(result)
    elif isinstance(result, Compliance):
        parts = _compliance(result)
    elif isinstance(result, OrderAnalysis):
        parts = _order(result)
    elif isinstance(result, NotesSummary):
        parts = _notes(result)
    else:
        raise TypeError(f"{type(result).__name__} is a letter")
    return "\n\n".join(part for part in parts if part)


def _listed(title: str, lines: Iterable[str]) -> str:
    found = [f"- {line}" for line in lines if line]
    return "\n".join([f"{title}:", *found]) if found else ""


def _summary(result: DealSummary) -> Iterator[str]:
    yield result.summary
    yield result.next_action and f"Next: {result.next_action}"
    yield _listed("In the way", result.blockers)
    yield _listed("Not known", result.missing_information)
    yield _listed("Recommended", result.recommendations)


def _compliance(result: Compliance) -> Iterator[str]:
    yield STATUS[result.status]
    yield _listed(
        "Missing", (f"{one.item} (closest: {one.closest})" if one.closest else one.item for one in result.missing_items)
    )
    yield _listed("Contradictions", result.contradictions)


def _order(result: OrderAnalysis) -> Iterator[str]:
    said = {
        "End user": result.end_user,
        "Country": result.end_user_country,
        "Use": result.use,
        "Delivery": result.delivery_expectation,
    }
    yield "\n".join(f"{name}: {text or 'not known'}" for name, text in said.items())
    yield _listed("Risks", result.risks)
    yield _listed("To be asked", result.open_questions)


def _notes(result: NotesSummary) -> Iterator[str]:
    yield result.summary
    lines = (
        one.task + f" ({', '.join(part for part in (one.owner, one.due) if part)})" * bool(one.owner or one.due)
        for one in result.action_items
    )
    yield _listed("To do", lines)
    yield _listed("Open", result.open_points)
