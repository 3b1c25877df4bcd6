"""Prices are entered by platform staff, with a trace, and never changed."""

from decimal import Decimal
from typing import Any

import pytest

from csuite.providers.models import Price
from csuite.tenants.models import PlatformAudit

pytestmark = pytest.mark.django_db

FORM = {
    "provider": "groq",
    "model": "llama-3.3-70b-versatile",
    "currency": "USD",
    "input": "0.59",
    "output": "0.79",
    "valid_from_0": "2026-11-01",
    "valid_from_1": "00:00:00",
    "source": "groq.com/pricing",
}


def test_who_entered_a_price_is_kept_with_it_and_in_the_audit(cast: Any) -> None:
    response = cast.client(cast.root).post("/admin/providers/price/add/", FORM)
    assert response.status_code == 302
    price = Price.objects.get()
    assert (price.input, price.cached_input, price.entered_by) == (Decimal("0.59"), None, cast.root)
    assert PlatformAudit.objects.filter(action="admin.add", user=cast.root).exists()


def test_a_price_below_zero_is_refused(cast: Any) -> None:
    assert cast.client(cast.root).post("/admin/providers/price/add/", {**FORM, "input": "-1"}).status_code == 200
    assert not Price.objects.exists()


def test_a_price_cannot_be_changed_or_deleted(cast: Any) -> None:
    price = Price.objects.create(provider="groq", model="m", input=Decimal(1), output=Decimal(1), source="x")
    root = cast.client(cast.root)
    assert root.post(f"/admin/providers/price/{price.pk}/change/", FORM).status_code == 403
    assert root.post(f"/admin/providers/price/{price.pk}/delete/", {"post": "yes"}).status_code == 403
