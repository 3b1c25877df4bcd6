"""Many drafts at once: what is there shows, what failed is tried again alone, and a dead worker loses nothing."""

import asyncio
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from csuite.analytics.bulk import leasing
from csuite.analytics.bulk.models import BulkItem, BulkJob
from csuite.analytics.bulk.running import run
from csuite.deals.models import Customer, Deal, Invoice, Pipeline, Stage
from csuite.llm import Call, conf, scripted
from csuite.personas.models import WritingBatch
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deals(cast: Cast) -> list[Deal]:
    today = timezone.localdate()
    with tenant_scope(cast.acme.pk):
        stage = Stage.objects.create(pipeline=Pipeline.objects.create(name="Sales"), name="Quoted")
        customer = Customer.objects.create(name="Halden Process")
        found = [
            Deal.objects.create(reference=f"D-{n}", title=f"Deal {n}", stage=stage, customer=customer, value=Decimal(n))
            for n in (11, 12, 13)
        ]
        for n in (1, 2):
            Invoice.objects.create(
                number=f"NW-{n}", customer=customer, issued_on=today - timedelta(60), due_on=today - timedelta(30 - n),
                amount=Decimal(100),
            )  # fmt: skip
    return found


@pytest.fixture
def bob(cast: Cast) -> Client:
    return cast.client(cast.bob)


def begun(bob: Client, kind: str, deals: list[Deal]) -> str:
    response = bob.post("/write/batches/", {"kind": kind, "deal": [str(deal.pk) for deal in deals]})
    assert response.status_code == 302
    return str(response["Location"])


def batch_of(cast: Cast, where: str) -> WritingBatch:
    with tenant_scope(cast.acme.pk):
        found: WritingBatch = WritingBatch.objects.get(pk=UUID(where.split("/")[3]))
    return found


def worked(cast: Cast, where: str, answer: Any) -> int:
    """Runs the job as a worker does; how many calls it made."""
    with scripted.answers(answer) as play, conf.override(ANALYST=""):
        asyncio.run(run(cast.acme.pk, batch_of(cast, where).job))
    return len(play.calls)


def fine(call: Call) -> scripted.Answer:
    form = {"summary": "In good order.", "short": "Subject: Open\nPlease pay.", "long": "Long.", "confidence": 0.8}
    return scripted.Answer(json.dumps(form))


def not_the_twelfth(call: Call) -> scripted.Answer:
    return scripted.Answer(error="content_filter") if "Deal 12" in call.messages[0].text else fine(call)


def test_what_failed_is_tried_again_alone(bob: Client, cast: Cast, deals: list[Deal]) -> None:
    where = begun(bob, "summaries", deals)
    assert "0 of 3" in bob.get(where).content.decode()
    assert worked(cast, where, not_the_twelfth) == 3
    text = bob.get(where).content.decode()
    assert "3 of 3" in text
    assert text.count("In good order.") == 2
    assert "This is a minimal version by rules." in text
    assert "Deal 12, Halden Process, $12, in Quoted" in text
    assert "Try the 1 that is missing again" in text
    assert bob.post(f"{where}retry/", {"position": "1"}).status_code == 302
    assert "2 of 3" in bob.get(where).content.decode()
    assert worked(cast, where, fine) == 1
    again = bob.get(where).content.decode()
    assert again.count("In good order.") == 3
    assert "Try the" not in again


def test_reminders_of_all_late_invoices_have_subject_and_text(bob: Client, cast: Cast, deals: list[Deal]) -> None:
    where = begun(bob, "reminders", [])
    assert worked(cast, where, fine) == 2
    text = bob.get(where).content.decode()
    assert text.count("Please pay.") == 2
    assert "Subject:</span> Open" in text
    assert "NW-1, Halden Process" in text


def test_another_worker_goes_on_where_one_was_killed(bob: Client, cast: Cast, deals: list[Deal]) -> None:
    where = begun(bob, "summaries", deals)
    job = batch_of(cast, where).job
    with tenant_scope(cast.acme.pk):
        killed = uuid4()
        assert leasing.take(job, killed)
        item = leasing.next_item(job, killed)
        assert item is not None
        text = json.dumps({"summary": "Written before.", "confidence": 0.9})
        leasing.settle(item, killed, {"status": "done", "answer": {"json": json.loads(text), "model": "m"}})
        leasing.next_item(job, killed)
        BulkJob.objects.filter(id=job).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert "1 of 3" in bob.get(where).content.decode()
    assert worked(cast, where, fine) == 2
    text = bob.get(where).content.decode()
    assert text.count("Written before.") == 1
    assert text.count("In good order.") == 2


def test_a_stopped_batch_keeps_what_is_there_and_can_go_on(bob: Client, cast: Cast, deals: list[Deal]) -> None:
    where = begun(bob, "summaries", deals)
    bob.post(f"{where}stop/")
    text = bob.get(where).content.decode()
    assert text.count("Stopped</span>") == 3
    assert worked(cast, where, fine) == 0
    bob.post(f"{where}retry/")
    assert worked(cast, where, fine) == 3
    with tenant_scope(cast.acme.pk):
        assert set(BulkItem.objects.values_list("status", flat=True)) == {"done"}


def test_a_batch_is_its_makers_alone(bob: Client, cast: Cast, deals: list[Deal]) -> None:
    where = begun(bob, "summaries", deals)
    for person in (cast.alice, cast.charlie):
        assert cast.client(person).get(where).status_code == 404
        assert cast.client(person).post(f"{where}stop/").status_code == 404
    assert bob.post("/write/batches/", {"kind": "poems"}).status_code == 400


def test_the_pipeline_offers_both(bob: Client, deals: list[Deal]) -> None:
    text = bob.get("/pipeline/").content.decode()
    assert "Summarize these 3" in text
    assert "Draft all" in text
