"""Where a missing price is entered."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from csuite.tenants.models import User


def price_form(user: User | AnonymousUser, row: dict[str, Any]) -> str:
    """The form for the price of this provider's model; "" for who may not enter prices: they are the platform's."""
    if not user.is_authenticated or not user.is_staff:
        return ""
    query = urlencode({"provider": row["provider"], "model": row["model"]})
    return f"{reverse('admin:providers_price_add')}?{query}"
