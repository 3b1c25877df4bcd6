"""What concerns the installation itself becomes an alert of the platform's own tenant, or ends one."""

from typing import Any

from csuite.analytics.alerts.looking import platform_event


async def about_us(*, event: str, **facts: Any) -> None:
    await platform_event(event, **facts)
