"""Northwind with one conversation that shows every state of an answer, and people with a second factor."""

import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from csuite.analytics.budgets import raising
from csuite.analytics.budgets.changing import create
from csuite.analytics.bulk.models import BulkItem, BulkJob
from csuite.analytics.models import Budget
from csuite.conversations.decisions.deciding import Wanted, move, propose
from csuite.conversations.events import evidence_path
from csuite.conversations.markdown import render
from csuite.conversations.models import Conversation, Message, Turn
from csuite.deals import changing
from csuite.deals.models import Deal, Expectation, Invoice
from csuite.imports.models import ImportRun
from csuite.personas.analysis.checking import checks
from csuite.personas.analysis.reading import read_dossier
from csuite.personas.analysis.running import by_rules, keep
from csuite.personas.models import WritingBatch
from csuite.personas.readiness import ready
from csuite.server.demo import load_demo
from csuite.tenants import invitations, people
from csuite.tenants.models import ApiToken, Flag, Invitation, Membership, TenantOwned, User
from csuite.tenants.scope import platform_scope, tenant_scope
from csuite.tenants.tokens import make
from tests.conftest import PASSWORD
from tests.conversations.minutes import board_of, held
from tests.imports.driving import checked, imported, uploaded

TEXT = """# Findings

Gross margin was **38.4%**, 2.8 points below September, and $9.9m is nowhere. See [the bank](https://bank.example/).

| | Points |
|---|--:|
| Air freight | -1.1 |

1. Put it back
2. Release `14` visits

```python
def margin(a, b):
    return "share", 1  # why
```

> Quoted
"""
STATES = (
    ("complete", "No language model was used. The built-in analyst answered.", "analyst"),
    ("stopped", "", "groq"),
    ("interrupted", "The connection to the model closed.", "groq"),
    ("failed", "No provider could answer. Ask again in a minute.", ""),
)


@dataclass(frozen=True)
class Showcase:
    conversation: uuid.UUID
    answer: uuid.UUID
    figure: str
    token: uuid.UUID
    elena: User
    tomas: User
    priya: User
    root: User
    invitation: Invitation
    member: uuid.UUID
    budget: uuid.UUID
    imports: list[uuid.UUID]
    invoice: uuid.UUID
    deal: uuid.UUID
    batch: uuid.UUID
    board: uuid.UUID
    decision: uuid.UUID
    synthesis: uuid.UUID


def showcase() -> Showcase:
    """Fills an empty database."""
    load_demo(password=PASSWORD)
    elena, tomas, priya = (User.objects.get(email=f"{name}@northwind.example") for name in ("elena", "tomas", "priya"))
    root = User.objects.get(email="root@csuite.example")
    for user in (elena, root):
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
    member = Membership.objects.select_related("user", "tenant").get(user=elena)
    return Showcase(
        *_conversation(member),
        _token(member),
        elena,
        tomas,
        priya,
        root,
        _administered(priya, member),
        member.pk,
        _budgets(member),
        _imports(member),
        _invoice(member),
        _deal(member),
        _batch(member),
        *_board(member),
    )


def _board(member: Membership) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """A meeting that is over, a decision of it that is overdue and one that was reviewed."""
    yesterday = member.tenant.today() - timedelta(days=1)
    with tenant_scope(member.tenant_id):
        talk = held(member)
        board = board_of(held(member))
        made = propose(member, Wanted("Pass it on in two steps.", member.user_id, yesterday), board_of(talk).id)
        move(member, made.id, "approved")
        other = propose(member, Wanted("Move the gate to day 6."), None)
        for to in ("approved", "done"):
            move(member, other.id, to)
        move(member, other.id, "reviewed", "partly", "Half of the shipments are on time.")
    return talk.pk, made.pk, board.pk


def _administered(priya: User, member: Membership) -> Invitation:
    """A flag that is left to companies, a member who was changed, and an open invitation."""
    Flag(name="early-look", note="New pages first.", tenant_settable=True).save()
    admin = Membership.objects.select_related("user", "tenant").get(user=priya)
    with tenant_scope(admin.tenant_id):
        people.change(admin, member.pk, "executive", "Chief executive")
        return invitations.invite(admin, "nora@northwind.example", "finance", "Controller")


def _budgets(member: Membership) -> uuid.UUID:
    """One of each kind: near its end and raised, used up, unlimited."""
    rows = [
        Budget(tenant_id=member.tenant_id, amount=Decimal(550), step_down_at=Decimal("0.9"), step_down_to="bulk"),
        Budget(tenant_id=member.tenant_id, scope="persona", persona="cfo", amount=Decimal(0), period="day"),
        Budget(tenant_id=member.tenant_id, scope="user", user=member.user_id),
    ]
    with tenant_scope(member.tenant_id):
        for row in rows:
            create(row, None)
        rows[0].counters.update(spent=Decimal("460"), held=Decimal("12.5"))
        raising.add(rows[0], Decimal(50), timezone.now() + timedelta(days=3), "The board meets on Monday", member.user)
    key: uuid.UUID = rows[0].id
    return key


def _imports(member: Membership) -> list[uuid.UUID]:
    """One that waits for its columns, with a question; one with errors; one to be committed; done; being read."""
    asks = uploaded(member, "values", b"metric,month,value\nCash;03/04/05;1.234\n".replace(b";", b","), "asks.csv")
    wrong = checked(member, "values", b"metric,month,value\nCash,2024-01,1\nCash,2024-01,2\n", "wrong.csv")
    ready = checked(member, "values", b"metric,month,value\nCash,2024-01,1\n", "ready.csv")
    done = imported(member, "values", b"metric,month,value\nCash,2024-02,1\n", "done.csv")
    with tenant_scope(member.tenant_id):
        busy = ImportRun(target="values", user=member.user_id, file_name="busy.csv", digest="0" * 64, size=1)
        busy.save()
    return [asks.id, wrong.id, ready.id, done.id, busy.id]


def _invoice(member: Membership) -> uuid.UUID:
    with tenant_scope(member.tenant_id):
        found: uuid.UUID = Invoice.objects.filter(settled_on=None).order_by("due_on").values_list("pk", flat=True)[0]
    return found


def _deal(member: Membership) -> uuid.UUID:
    """With a note, an invoice, a change by hand, something that somebody expects, and an analysis."""
    with tenant_scope(member.tenant_id):
        deal = Deal.objects.filter(invoices=None).order_by("reference")[0]
        changing.add_note(member, deal, "They want delivery in May.")
        today = member.tenant.today()
        bill = changing.Bill("NW-30001", "Ardmore Gas", today, today + timedelta(days=30), Decimal(1200))
        changing.add_invoice(member, bill, deal)
        Expectation.objects.create(deal=deal, chance=Decimal("0.5"), reason="The buyer said so", made_by=member.user)
        Flag.objects.filter(name="deal-analysis").update(everyone=True)
        dossier = read_dossier(deal, today)
        keep(by_rules(dossier, checks(dossier), ["No language model could be asked."]), member.user_id)
    found: uuid.UUID = deal.pk
    return found


def _batch(member: Membership) -> uuid.UUID:
    """Of three summaries: written, failed, waiting."""
    with tenant_scope(member.tenant_id):
        subjects = [str(key) for key in Deal.objects.order_by("reference").values_list("pk", flat=True)[:3]]
        job = BulkJob.objects.create(user=member.user_id, client_id=str(uuid.uuid4()), digest=b"", total=3)
        answer = {"json": {"summary": "In good order.", "confidence": 0.8}, "model": "model-1"}
        states: list[dict[str, Any]] = [
            {"status": "done", "answer": answer}, {"status": "failed", "error": "It took too long."}, {},
        ]  # fmt: skip
        for place, state in enumerate(states):
            BulkItem.objects.create(job=job, position=place, body={}, **state)
        row = WritingBatch.objects.create(job=job.pk, user=member.user_id, kind="summaries", subjects=subjects)
    return uuid.UUID(str(row.pk))


def _token(member: Membership) -> uuid.UUID:
    make(member, "Board pack")
    token: uuid.UUID = ApiToken.objects.get(membership=member).id
    return token


def _conversation(member: Membership) -> tuple[uuid.UUID, uuid.UUID, str]:
    """The conversation, an answer that has figures, and one of them."""
    with tenant_scope(member.tenant_id):
        talk = Conversation.objects.create(
            user=member.user, title="Every state", personas=["cfo"], updated_at=timezone.now()
        )
        evidence = _evidence(member)
        parent = first = None
        for number, (status, note, provider) in enumerate(STATES, start=1):
            parent = _turn(talk, number, parent, status, note, provider, evidence)
            first = first or parent
        assert first is not None
        return talk.id, first.id, str(evidence[0]["id"])


def _evidence(member: Membership) -> list[dict[str, Any]]:
    checker = ready("cfo", member.tenant.today()).grounds.checker("")
    return [found.evidence() for found in checker.read(TEXT, final=True) if found.cls != "not_a_claim"]


def _turn(
    talk: Conversation,
    number: int,
    parent: Message | None,
    status: str,
    note: str,
    provider: str,
    evidence: list[dict[str, Any]],
) -> Message:
    question = Message.objects.create(conversation=talk, parent=parent, kind="question", text=f"Question {number}?")
    turn = Turn.objects.create(
        conversation=talk,
        user=talk.user,
        client_id=str(uuid.uuid4()),
        fingerprint="",
        status=Turn.Status.FINISHED,
        number=number,
        question=question,
    )
    text = "" if status == "failed" else TEXT
    shared = {"conversation": talk, "turn": turn, "parent": question, "kind": "answer", "persona": "cfo"}
    tries = [
        Message.objects.create(
            **shared,
            id=id,
            status=status,
            text=text,
            html=render(text, evidence, evidence_path(id)) if text else "",
            evidence=evidence if text else [],
            data_age={"as_of": "2026-10-31", "closed_on": "2026-11-06", "late": []},
            note=note,
            provider=provider,
            model="llama-3.1",
            prompt_version="persona.cfo.v1",
            prompt_tokens=1200,
            completion_tokens=300,
            total_ms=6200,
        )
        for id in (uuid.uuid4(), uuid.uuid4())
    ]
    last: Message = tries[-1]
    return last


def fresh_session(user: User) -> str:
    """The cookie of somebody who signed in with her password a moment ago."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "email": user.email}]
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def rows_of_the_admin() -> dict[str, Any]:
    """`admin/tenants/limit/` -> the id of a row, for every model that has one."""
    found: dict[str, Any] = {}
    with platform_scope("test"):
        for model in apps.get_models():
            if getattr(model, "behind_functions", False):
                continue
            manager = model._default_manager if not issubclass(model, TenantOwned) else model.objects
            row = manager.first()
            if row is not None:
                found[f"admin/{model._meta.app_label}/{model._meta.model_name}/"] = row.pk
    return found
