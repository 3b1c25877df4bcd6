"""What the platform says about providers, models, tasks, releases and prices. Global rows; none holds a key."""

from csuite.providers.models.price import Price
from csuite.providers.models.release import Release, TierModel
from csuite.providers.models.settings import LanguageModel, ProviderSetting, TaskSetting
from csuite.providers.models.state import CatalogueVersion, KeySeen, ProviderHealth

__all__ = [
    "CatalogueVersion",
    "KeySeen",
    "LanguageModel",
    "Price",
    "ProviderHealth",
    "ProviderSetting",
    "Release",
    "TaskSetting",
    "TierModel",
]
