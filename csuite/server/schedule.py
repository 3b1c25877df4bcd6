"""What beat runs, and how often. Tasks are named: they stand above this package."""

from datetime import timedelta

SCHEDULE = {
    "close-orphaned-turns": {"task": "csuite.conversations.tasks.sweep", "schedule": timedelta(seconds=30)},
    "remind-of-decisions": {
        "task": "csuite.conversations.tasks.remind_of_decisions",
        "schedule": timedelta(minutes=5),
    },
    "forget-temporary-conversations": {
        "task": "csuite.conversations.tasks.forget",
        "schedule": timedelta(minutes=10),
    },
    "take-up-exports": {"task": "csuite.conversations.tasks.sweep_kept", "schedule": timedelta(minutes=1)},
    "fill-rollups": {"task": "csuite.analytics.tasks.fill_rollups", "schedule": timedelta(minutes=1)},
    "take-up-batches": {"task": "csuite.analytics.tasks.sweep_bulk_jobs", "schedule": timedelta(seconds=30)},
    "release-expired-holds": {"task": "csuite.analytics.tasks.release_expired_holds", "schedule": timedelta(minutes=1)},
    "book-left-behind": {
        "task": "csuite.analytics.tasks.book_what_was_left_behind",
        "schedule": timedelta(minutes=1),
    },
    "take-up-imports": {"task": "csuite.imports.tasks.sweep_imports", "schedule": timedelta(seconds=30)},
    "take-up-insights": {"task": "csuite.personas.tasks.sweep_insights", "schedule": timedelta(seconds=30)},
    "want-insights": {"task": "csuite.personas.tasks.want_insights", "schedule": timedelta(minutes=30)},
    "check-providers": {"task": "csuite.providers.tasks.check_providers", "schedule": timedelta(minutes=1)},
    "watch-release": {"task": "csuite.analytics.tasks.watch_release", "schedule": timedelta(minutes=1)},
    "check-alerts": {"task": "csuite.analytics.tasks.check_alerts", "schedule": timedelta(minutes=1)},
    "drop-old-counters": {"task": "csuite.tenants.tasks.drop_old_counters", "schedule": timedelta(hours=1)},
}
