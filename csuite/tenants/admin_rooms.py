"""The admin's rooms: what people come to do, and which table stands where. A new table needs a row here."""

from typing import Any

PEOPLE, MINDS, MODELS, MONEY, SAFETY, SYSTEM = ROOMS = ("People", "Minds", "Models", "Money", "Safety", "System")
OTHER = "Other"  # never empty-handed: a table that somebody forgot is still reachable

ROOM_OF = {
    "tenants.User": PEOPLE,
    "tenants.Tenant": PEOPLE,
    "tenants.Membership": PEOPLE,
    "tenants.Invitation": PEOPLE,
    "tenants.SsoConnection": PEOPLE,
    "tenants.OwnedDomain": PEOPLE,
    "account.EmailAddress": PEOPLE,
    "auth.Group": PEOPLE,
    "personas.Persona": MINDS,
    "personas.PromptVersion": MINDS,
    "personas.PromptRelease": MINDS,
    "personas.PromptOverride": MINDS,
    "providers.ProviderSetting": MODELS,
    "providers.LanguageModel": MODELS,
    "providers.TaskSetting": MODELS,
    "providers.Release": MODELS,
    "providers.Price": MONEY,
    "analytics.Budget": MONEY,
    "analytics.BudgetHold": MONEY,
    "analytics.LedgerEntry": MONEY,
    "analytics.CostCorrection": MONEY,
    "analytics.Recalculation": MONEY,
    "analytics.ExchangeRate": MONEY,
    "analytics.Alert": MONEY,
    "analytics.AlertDelivery": MONEY,
    "tenants.Flag": SAFETY,
    "tenants.Limit": SAFETY,
    "tenants.ApiToken": SAFETY,
    "mfa.Authenticator": SAFETY,
    "tenants.PlatformAudit": SAFETY,
    "tenants.AuditEntry": SAFETY,
    "analytics.BulkJob": SYSTEM,
}


def by_room(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Django's list of apps, arranged by rooms; within one in the order of ROOM_OF. Empty rooms are left out."""
    order = {label: place for place, label in enumerate(ROOM_OF)}
    models = sorted(
        (model for app in apps for model in app["models"]),
        key=lambda model: order.get(model["model"]._meta.label, len(order)),
    )
    rooms: dict[str, list[dict[str, Any]]] = {room: [] for room in (*ROOMS, OTHER)}
    for model in models:
        rooms[ROOM_OF.get(model["model"]._meta.label, OTHER)].append(model)
    return [
        {"name": room, "app_label": room.lower(), "app_url": "", "has_module_perms": True, "models": found}
        for room, found in rooms.items()
        if found
    ]
