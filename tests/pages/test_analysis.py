"""A deal is analyzed from rows to rows: by API and by page, behind its flag, with what it cost, and without a model."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from csuite.analytics.models import LedgerEntry
from csuite.deals.models import Customer, Deal, Invoice, Note, Pipeline, Stage
from csuite.llm import retrying, scripted
from csuite.llm.call import Call
from csuite.llm.tokens import count_messages, count_tokens
from csuite.llm.usage import Usage
from csuite.personas.models import DealAnalysis
from csuite.tenants.models import Flag
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.analytics.money import priced
from tests.conftest import Cast

TARGET = Decimal("0.032")
FACTS = {
    "facts": [
        {"kind": "blocker", "statement": "Halden disputes the freight.", "quote": "disputes the freight", "source": 1},
        {"kind": "other", "statement": "They love us.", "quote": "We love you", "source": 1},
    ],
    "confidence": 0.8,
}
VIEW = {
    "standing": "at_risk",
    "view": "The freight is disputed. The invoice is late.",
    "risks": ["Dispute"],
    "next_steps": ["Call Halden"],
    "confidence": 0.7,
}

INVENTED = {**VIEW, "view": "It is worth $999,111."}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.005)  # seconds


def flag_on() -> None:
    Flag.objects.filter(name="deal-analysis").update(everyone=True)


def deal(cast: Cast, notes: int = 1, words: str = "Halden disputes the freight line.") -> Deal:
    today = cast.acme.today()
    with tenant_scope(cast.acme.id):
        stage, _ = Stage.objects.get_or_create(
            name="Invoiced", pipeline=Pipeline.objects.get_or_create(name="Sales")[0]
        )
        customer, _ = Customer.objects.get_or_create(name="Halden Process")
        row: Deal = Deal.objects.create(
            reference="D1", title="Flow meters", stage=stage, customer=customer, value=214_300, entered_on=today
        )
        Invoice.objects.create(number="NW-1", deal=row, customer=customer, amount=214_300, disputed=True,
                               issued_on=today - timedelta(days=60), due_on=today - timedelta(days=20))  # fmt: skip
        for n in range(notes):
            Note.objects.create(deal=row, written_on=today - timedelta(days=n), author="Priya", text=words)
    return row


def model(call: Call) -> str:
    """Answers each of the two steps with its form."""
    return json.dumps(FACTS if call.labels["kind"] == "deal-extract" else VIEW)


async def post(cast: Cast, row: Deal, who: str = "bob") -> Any:
    client = AsyncClient()
    await client.aforce_login(getattr(cast, who))
    return await client.post(f"/api/v1/deals/{row.pk}/analysis", "{}", content_type="application/json")


@sync_to_async
def rows(of: Any) -> list[Any]:
    with platform_scope("test"):
        return list(of.objects.all())


@sync_to_async
def begun(cast: Cast, **fields: Any) -> Deal:
    flag_on()
    return deal(cast, **fields)


@pytest.mark.django_db(transaction=True)
async def test_a_program_gets_facts_checked_by_rules_and_a_view_and_it_is_kept_and_booked(cast: Cast) -> None:
    row = await begun(cast)
    with scripted.answers(model) as play:
        response = await post(cast, row)
    assert response.status_code == 200, response.content
    made = response.json()
    assert [(one["statement"], one["verdict"]) for one in made["facts"]] == [
        ("Halden disputes the freight.", "unchecked"),
        ("They love us.", "unsupported"),
    ]
    assert made["checks"][0]["text"] == "Invoice NW-1 over $214,300 is 20 days late and disputed."
    assert (made["view"]["standing"], made["confidence"], made["number"]) == ("at_risk", 0.7, 1)
    assert (made["cost"], made["target"], made["calls"]) == ("0", "0.032", 2)
    assert made["prompt_versions"] == ["deal.extract_facts.v1", "deal.synthesize.v1"]
    told = play.calls[1].messages[0].text
    assert "Fact, blocker, not checked: Halden disputes the freight." in told
    assert "love us" not in told
    ledger = await rows(LedgerEntry)
    assert {(one.kind, one.deal) for one in ledger} == {("deal-extract", row.pk), ("deal-synthesize", row.pk)}
    (kept,) = await rows(DealAnalysis)
    assert (kept.tenant_id, kept.made_by_id, kept.number) == (cast.acme.id, cast.bob.id, 1)
    client = AsyncClient()
    await client.aforce_login(cast.alice)
    assert (await client.get(f"/api/v1/deals/{row.pk}/analysis")).json() == made
    assert (await post(cast, row, "charlie")).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("answers", "by", "warning"),
    [
        ([scripted.Answer(error="server_error")], ("rules", "rules"), "by rules"),
        (["no JSON at all"], ("rules", "rules"), "by rules"),
        ([json.dumps(FACTS), scripted.Answer(error="quota")], ("model", "rules"), "by rules"),
        ([json.dumps(FACTS), json.dumps(INVENTED)], ("model", "model"), "Not in the data"),
    ],
)  # fmt: skip
async def test_rules_do_what_a_model_could_not(
    cast: Cast, answers: list[Any], by: tuple[str, str], warning: str
) -> None:
    row = await begun(cast)
    with scripted.answers(*answers):
        made = (await post(cast, row)).json()
    assert (made["facts_by"], made["view_by"]) == by
    assert any(warning in one for one in made["warnings"])
    assert made["view"]["view"]
    assert made["view"]["standing"] == "at_risk"
    assert "Halden disputes the freight" in made["facts"][0]["statement"]


@pytest.mark.django_db(transaction=True)
async def test_a_deal_without_a_word_is_told_from_its_records_in_one_call(cast: Cast) -> None:
    row = await begun(cast, notes=0)
    with scripted.answers(model) as play:
        made = (await post(cast, row)).json()
    assert [call.labels["kind"] for call in play.calls] == ["deal-synthesize"]
    assert made["facts"] == []
    assert made["warnings"][0].startswith("Nothing is written about this deal")


LONG = (
    "Call with Jan Moen of purchasing about the flow meters for the Rotterdam line. He confirms that the board wants"
    " the instruments before the spring shutdown, but the plant manager still waits for the certificate of calibration"
    " and for a second offer on freight. They expect our answer by Friday; the order is to be split in two deliveries."
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("notes", [3, 90])
async def test_what_a_realistic_deal_costs_is_what_was_metered_and_within_the_target(cast: Cast, notes: int) -> None:
    """With the longest answers that the prompts allow, at prices of a large model ($1.25 and $10 a million tokens)."""
    row = await begun(cast, notes=notes, words=LONG)
    await sync_to_async(priced)("gpt-5", "paid", input=Decimal("1.25"), output=Decimal(10))

    def metered(call: Call) -> scripted.Answer:
        said = model(call)
        written = max(count_tokens("gpt-5", said), call.max_tokens or 0)
        return scripted.Answer(said, usage=Usage(count_messages("gpt-5", call.messages), written))

    paid = {"paid": {"title": "Paid", "model": "gpt-5", "dialect": "csuite.llm.scripted.Script", "key_wanted": False}}
    with scripted.answers(metered, PRIMARY="paid", PROVIDERS=paid):
        made = (await post(cast, row)).json()
    booked = sum((one.cost for one in await rows(LedgerEntry)), Decimal(0))
    assert made["facts_by"] == made["view_by"] == "model", made["warnings"]
    assert Decimal(made["cost"]) == booked > 0
    assert any("of 90 notes were read" in one for one in made["warnings"]) is (notes == 90)
    assert booked <= TARGET, f"{notes} notes: {booked} USD for {made['tokens']} tokens"


@pytest.mark.django_db(transaction=True)
def test_the_page_analyzes_and_shows_what_was_found_what_it_cost_and_what_was_before(cast: Cast) -> None:
    flag_on()
    row = deal(cast)
    bob = cast.client(cast.bob)
    path = f"/pipeline/deals/{row.pk}/analysis/"
    assert "Analyze this deal" in bob.get(path).content.decode()
    with scripted.answers(model):
        bob.post(path)
        html = bob.post(path, follow=True).content.decode()
    for words in (
        "The freight is disputed.", "At risk", "Only said", "Not in the notes", "Call Halden", "Cost $0 in 2 calls",
        "at most $0.032 aimed at", "Facts by a model, checked by rules, told by a model", "Earlier analyses",
    ):  # fmt: skip
        assert words in html, words
    with tenant_scope(cast.acme.id):
        DealAnalysis.objects.update(cost=Decimal("0.05"))
        assert "bad" in bob.get(path).content.decode()
        DealAnalysis.objects.update(cost=None)
        assert "Cost not known" in bob.get(path).content.decode()
        DealAnalysis.objects.update(cost=Decimal("0.00001"))
        assert "Cost under $0.0001" in bob.get(path).content.decode()


@pytest.mark.django_db
def test_while_the_flag_is_off_nobody_finds_it(cast: Cast) -> None:
    row = deal(cast)
    bob = cast.client(cast.bob)
    assert bob.get(f"/pipeline/deals/{row.pk}/analysis/").status_code == 404
    assert bob.get(f"/api/v1/deals/{row.pk}/analysis").status_code == 404
    assert bob.post(f"/pipeline/deals/{row.pk}/analysis/").status_code == 404
    flag_on()
    assert bob.get(f"/api/v1/deals/{row.pk}/analysis").json()["detail"] == "This deal has not been analyzed yet."
    assert cast.client(cast.charlie).get(f"/pipeline/deals/{row.pk}/analysis/").status_code == 404
