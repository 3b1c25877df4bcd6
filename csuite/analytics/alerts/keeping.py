"""Findings become alerts: one for each scope and threshold, told of once when it begins and once when it is over.

In a tenant's scope. Two workers that find the same make one alert: the table has a constraint for it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from csuite.analytics.alerts.delivering import queue
from csuite.analytics.alerts.finding import Finding
from csuite.analytics.alerts.rows import Alert, AlertDelivery
from csuite.analytics.alerts.rules import RULES
from csuite.tenants.models import User

log = structlog.get_logger(__name__)


def check(now: datetime) -> list[Alert]:
    """Runs every rule. A rule that fails is logged and ends nobody's alert. Returns what is new."""
    new: list[Alert] = []
    for rule in RULES:
        try:
            with transaction.atomic():
                found = rule.find(now)
        except Exception:
            log.exception("alert_rule_failed", rule=rule.name)
            continue
        new += keep(rule.name, found, now, rule.quiet)
    return new


def keep(rule: str, found: Sequence[Finding], now: datetime, quiet: int) -> list[Alert]:
    """Opens, refreshes and ends the alerts of one rule. Returns what is new."""
    opened = [alert for one in found if (alert := raise_alert(one, now)) is not None]
    still = {(one.scope, one.threshold) for one in found}
    over = Alert.objects.filter(rule=rule, recovered_at=None, seen_at__lte=now - timedelta(seconds=quiet))
    for alert in over:
        if (alert.scope, alert.threshold) not in still:
            end(alert, now)
    return opened


def raise_alert(found: Finding, now: datetime) -> Alert | None:
    """The alert if it is new; one that is open already is brought up to date."""
    severity = Alert.Severity.SERIOUS if found.serious else Alert.Severity.WARNING
    said = {"title": found.title, "text": found.text, "facts": dict(found.facts), "severity": severity, "seen_at": now}
    alert: Alert
    alert, new = Alert.objects.get_or_create(
        rule=found.rule,
        scope=found.scope,
        threshold=found.threshold,
        recovered_at=None,
        defaults={**said, "opened_at": now},
    )
    if not new:
        Alert.objects.filter(id=alert.id).update(**said)
        return None
    log.warning("alert_raised", rule=found.rule, scope=found.scope, threshold=found.threshold, title=found.title)
    queue(alert, AlertDelivery.Event.RAISED)
    return alert


def end(alert: Alert, now: datetime) -> None:
    """It is over; who was told of it is told of that, too."""
    if Alert.objects.filter(id=alert.id, recovered_at=None).update(recovered_at=now):
        alert.recovered_at = now
        log.info("alert_over", rule=alert.rule, scope=alert.scope, threshold=alert.threshold)
        queue(alert, AlertDelivery.Event.RECOVERED)


def end_of(rule: str, scope: str, now: datetime) -> None:
    """Ends what is open of this rule and scope."""
    for alert in Alert.objects.filter(rule=rule, scope=scope, recovered_at=None):
        end(alert, now)


def acknowledge(alert: Alert, user: User, now: datetime) -> None:
    """Somebody looks after it. Twice is once."""
    Alert.objects.filter(id=alert.id, acknowledged_at=None).update(acknowledged_at=now, acknowledged_by=user)


def recent(now: datetime, most: int = 4) -> list[Alert]:
    """For the usage page: what is open, then what was over in the last days."""
    rows = Alert.objects.select_related("acknowledged_by").exclude(recovered_at__lt=now - timedelta(days=30))
    return sorted(rows[:50], key=lambda alert: (alert.recovered_at is not None, -alert.opened_at.timestamp()))[:most]
