"""Objects that an address names by a path parameter, for the walks over all addresses."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from csuite.analytics.alerts.finding import Finding
from csuite.analytics.alerts.keeping import raise_alert
from csuite.analytics.alerts.rows import Alert, AlertChannel
from csuite.analytics.budgets import raising
from csuite.analytics.budgets.changing import create
from csuite.analytics.budgets.rows import Budget, BudgetRaise
from csuite.analytics.bulk.models import BulkJob
from csuite.conversations.decisions.deciding import Wanted, propose
from csuite.conversations.models import Conversation, Decision, Export, Message, Share
from csuite.deals.models import Customer, Deal, Expectation, Invoice, Pipeline, Stage
from csuite.imports.models import ImportRun
from csuite.imports.reading.columns import Column
from csuite.personas.models import WritingBatch
from csuite.profiles.models import Insight
from csuite.tenants import invitations, tokens
from csuite.tenants.models import ApiToken, Invitation, Membership
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast
from tests.conversations.minutes import held


def _conversation(cast: Cast) -> UUID:
    row = Conversation(user=cast.bob, title="Margin in Q3", updated_at=timezone.now())
    with tenant_scope(cast.acme.id):
        row.save()
    return UUID(str(row.id))


def _answer(cast: Cast) -> UUID:
    figure = dict.fromkeys(("metric", "period", "as_of", "calculation"))
    figure |= {"id": "f0", "start": 0, "end": 2, "class": "not_found", "text": "5%", "value": "5", "unit": "percent"}
    figure["source"] = []
    row = Message(conversation_id=_conversation(cast), kind="answer", persona="cfo", text="5%", evidence=[figure])
    with tenant_scope(cast.acme.id):
        row.save()
    return UUID(str(row.id))


def _board(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        return UUID(str(held(cast.member(cast.bob), ("ceo", "cfo")).id))


def _decision(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        return UUID(str(propose(cast.member(cast.bob), Wanted("Hold the price."), None).id))


def _share(cast: Cast) -> UUID:
    conversation, ends = _conversation(cast), timezone.now() + timedelta(days=1)
    with tenant_scope(cast.acme.id):
        kept = {"title": "Margin", "person": "Bob", "company": "Acme", "turns": []}
        row = Share(conversation_id=conversation, user=cast.bob, title="Margin", snapshot=kept, expires_at=ends)
        row.save()
    return UUID(str(row.id))


def _export(cast: Cast) -> UUID:
    row = Export(user=cast.bob, format="zip", status="done", data=b"x", name="a.zip")
    row.expires_at = timezone.now() + timedelta(hours=1)
    with tenant_scope(cast.acme.id):
        row.save()
    return UUID(str(row.id))


def _run(cast: Cast) -> UUID:
    row = ImportRun(target="metrics", user=cast.bob.id, file_name="a.csv", digest=uuid4().hex, size=1, status="mapping")
    row.columns = [Column("Month").to_json()]
    with tenant_scope(cast.acme.id):
        row.save()
    return UUID(str(row.id))


def _invoice(cast: Cast) -> UUID:
    today = timezone.localdate()
    with tenant_scope(cast.acme.id):
        customer, _ = Customer.objects.get_or_create(name="Halden Process")
        row = Invoice.objects.create(
            number=uuid4().hex[:12], customer=customer, issued_on=today, due_on=today, amount=Decimal(100)
        )
    return UUID(str(row.id))


def _expectation(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        row = Expectation.objects.create(
            invoice_id=_invoice(cast), amount=Decimal(5), reason="A call", made_by=cast.bob
        )
    return UUID(str(row.pk))


def _deal(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        pipeline, _ = Pipeline.objects.get_or_create(name="Sales")
        stage, _ = Stage.objects.get_or_create(pipeline=pipeline, name="Quoted")
        row = Deal.objects.create(reference=uuid4().hex[:12], stage=stage)
    return UUID(str(row.id))


def _insight(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        row = Insight.objects.create(kind="record", persona="cfo", title="Record", found_on=timezone.localdate())
    return UUID(str(row.id))


def _token(cast: Cast) -> UUID:
    return tokens.make(cast.member(cast.bob), "Report")[0].id


def _job(cast: Cast) -> UUID:
    row = BulkJob(user=cast.bob.id, client_id=str(uuid4()), digest=b"", total=0)
    with tenant_scope(cast.acme.id):
        row.save()
    return UUID(str(row.id))


def _batch(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        row = WritingBatch.objects.create(job=_job(cast), user=cast.bob.id, kind="summaries")
    return UUID(str(row.id))


def _alert(cast: Cast) -> UUID:
    found = Finding("health", uuid4().hex, "down", "groq is down", "It does not answer.")
    with tenant_scope(cast.acme.id):
        made = raise_alert(found, timezone.now())
    assert made is not None
    return UUID(str(made.id))


def _channel(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        row = AlertChannel.objects.create(kind="email", target=f"{uuid4().hex}@acme.example")
    return UUID(str(row.id))


def _member(cast: Cast) -> UUID:
    return cast.member(cast.bob).id


def _invitation(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        return UUID(str(invitations.invite(cast.member(cast.alice), f"{uuid4().hex}@acme.example", "executive", "").id))


def _budget(cast: Cast) -> UUID:
    row = Budget(tenant=cast.acme, scope="persona", persona=uuid4().hex[:30], amount=Decimal(5))
    with tenant_scope(cast.acme.id):
        create(row, None)
    return UUID(str(row.id))


def _raised(cast: Cast) -> UUID:
    with tenant_scope(cast.acme.id):
        budget = Budget.objects.get(id=_budget(cast))
        made = raising.add(budget, Decimal(1), timezone.now() + timedelta(days=1), "a reason", None)
    return UUID(str(made.id))


# How to make Bob's, and its model (to see that strangers change nothing).
OBJECTS: dict[str, tuple[Callable[[Cast], UUID], Any]] = {
    "conversation": (_conversation, Conversation),
    "answer": (_answer, Message),
    "board": (_board, Conversation),
    "decision": (_decision, Decision),
    "share": (_share, Share),
    "export": (_export, Export),
    "token": (_token, ApiToken),
    "job": (_job, BulkJob),
    "batch": (_batch, WritingBatch),
    "run": (_run, ImportRun),
    "deal": (_deal, Deal),
    "expectation": (_expectation, Expectation),
    "insight": (_insight, Insight),
    "invoice": (_invoice, Invoice),
    "budget": (_budget, Budget),
    "raised": (_raised, BudgetRaise),
    "member": (_member, Membership),
    "invitation": (_invitation, Invitation),
    "alert": (_alert, Alert),
    "channel": (_channel, AlertChannel),
}
# These belong to the company and not to a person: its admins see them, an admin of another company is the stranger.
OF_COMPANIES = {
    "share",
    "member",
    "invitation",
    "budget",
    "raised",
    "alert",
    "channel",
    "run",
    "invoice",
    "insight",
    "deal",
    "expectation",
    "decision",
}
