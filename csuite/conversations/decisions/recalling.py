"""What officers recall: approved decisions, and no others. A proposal or a refusal never reaches a prompt."""

from datetime import date

from csuite.conversations.models import Decision
from csuite.profiles import months

RECALLED = (Decision.Status.APPROVED, Decision.Status.DONE, Decision.Status.REVIEWED)  # each was approved
MOST = 8


def approved_lines() -> tuple[str, ...]:
    """The newest approved decisions as lines for a prompt, newest first. Inside a tenant scope; one query."""
    rows = Decision.objects.filter(status__in=RECALLED, decided_at__isnull=False).select_related("owner")
    return tuple(_line(row, row.decided_at.date()) for row in rows.order_by("-decided_at")[:MOST])


def _line(row: Decision, approved: date) -> str:
    said = [f"{months.day(approved)}: {row.text}"]
    if row.owner:
        said.append(f"Owner {row.owner.display_name}.")
    if row.due:
        said.append(f"Due {months.day(row.due)}.")
    if row.status != Decision.Status.APPROVED:
        said.append(f"{Decision.Status(row.status).label}.")
    if row.outcome:
        words = f"Outcome: {Decision.Outcome(row.outcome).label.lower()}. {row.outcome_text}"
        said.append(words.strip())
    return " ".join(said)
