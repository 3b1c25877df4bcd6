"""Reminders of decisions by e-mail: one for each threshold and date, none lost, none of what is over."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models import F
from django.utils import timezone

from csuite.conversations.decisions import deciding, reminding
from csuite.conversations.decisions.deciding import Wanted
from csuite.conversations.models import Decision, DecisionReminder
from csuite.conversations.tasks import remind_of_decisions
from csuite.tenants.models import Membership
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture
def bob(cast: Cast) -> Membership:
    return Membership.objects.select_related("tenant", "user").get(user=cast.bob)


def decided(
    member: Membership, days: int | None, review: int | None = None, steps: tuple[str, ...] = ("approved",)
) -> Decision:
    """One that this member owns, due in so many days, decided a month ago."""
    today = member.tenant.today()
    day = [None if n is None else today + timedelta(days=n) for n in (days, review)]
    with tenant_scope(member.tenant_id):
        row = deciding.propose(member, Wanted("Move the gate to day 6.", member.user_id, *day), None)
        for to in steps:
            row = deciding.move(member, row.id, to)
        Decision.objects.filter(id=row.id).update(
            created_at=timezone.now() - timedelta(days=30), decided_at=timezone.now() - timedelta(days=30)
        )
    return row


def kinds(member: Membership) -> list[str]:
    with tenant_scope(member.tenant_id):
        return list(DecisionReminder.objects.order_by("made_at").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("due", "kind"),
    [(8, None), (7, "week"), (2, "week"), (1, "day"), (0, "day"), (-1, "late"), (-7, "late"), (-8, None)],
)
def test_the_threshold_that_has_come(due: int, kind: str | None) -> None:
    made = TODAY - timedelta(days=30)
    assert reminding.threshold(TODAY + timedelta(days=due), made, TODAY) == kind


def test_a_threshold_from_before_the_decision_is_none() -> None:
    assert reminding.threshold(TODAY + timedelta(days=5), TODAY, TODAY) is None


def test_the_owner_gets_one_letter_for_each_threshold_and_date(bob: Membership) -> None:
    row = decided(bob, 7)
    for _ in range(3):
        remind_of_decisions()
    assert [letter.to for letter in mail.outbox] == [[bob.user.email]]
    assert mail.outbox[0].subject == "Decision is due in a week: Move the gate to day 6."
    assert f"/decisions/{row.id}/" in mail.outbox[0].body
    with tenant_scope(bob.tenant_id):
        Decision.objects.filter(id=row.id).update(due=bob.tenant.today() + timedelta(days=6))
    remind_of_decisions()
    assert len(mail.outbox) == 2


def test_what_was_done_is_asked_about_on_its_review_day(bob: Membership) -> None:
    decided(bob, 1, review=0, steps=("approved", "done"))
    remind_of_decisions()
    assert kinds(bob) == ["review"]
    assert "did it work?" in mail.outbox[0].body


@pytest.mark.parametrize("steps", [(), ("rejected",), ("approved", "done")])
def test_only_what_was_approved_and_is_open_is_reminded_of(bob: Membership, steps: tuple[str, ...]) -> None:
    decided(bob, 1, steps=steps)
    remind_of_decisions()
    assert mail.outbox == []


def test_who_has_left_gets_no_letter(bob: Membership) -> None:
    decided(bob, 1)
    Membership.objects.filter(id=bob.id).update(is_active=False)
    remind_of_decisions()
    assert kinds(bob) == []


def test_what_is_done_meanwhile_is_not_reminded_of(bob: Membership) -> None:
    row = decided(bob, 1)
    assert reminding.queue_due() == 1
    with tenant_scope(bob.tenant_id):
        deciding.move(bob, row.id, "done")
    assert reminding.send_due() == 0
    assert mail.outbox == []


def test_a_letter_of_a_killed_worker_goes_after_its_lease(bob: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(bob, 1)
    reminding.queue_due()

    def killed(letter: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(reminding, "_send", killed)
    with pytest.raises(KeyboardInterrupt):
        reminding.send_due()
    monkeypatch.undo()
    assert reminding.send_due() == 0  # somebody has it
    with tenant_scope(bob.tenant_id):
        DecisionReminder.objects.update(due_at=F("due_at") - reminding.LEASE)
    assert reminding.send_due() == 1
    assert reminding.send_due() == 0


def test_a_letter_that_does_not_go_is_tried_again_and_then_given_up(bob: Membership, settings: Any) -> None:
    decided(bob, 1)
    reminding.queue_due()
    settings.EMAIL_BACKEND = "django.core.mail.backends.nothing"
    for _ in range(len(reminding.PAUSES) + 1):
        assert reminding.send_due() == 0
        with tenant_scope(bob.tenant_id):
            DecisionReminder.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    with tenant_scope(bob.tenant_id):
        row = DecisionReminder.objects.get()
    assert (row.tries, row.due_at, row.sent_at) == (len(reminding.PAUSES) + 1, None, None)
    assert row.error.startswith("ImportError")
