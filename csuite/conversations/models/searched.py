"""The words of titles and messages, for full-text search (search/finding.py)."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchEntry(models.Model):
    """One row per title and per message, kept by triggers.

    Full-text operators are not leakproof, so a policy would keep PostgreSQL from the index. The web role therefore
    has no right to this table at all, and reads it through conversation_search() alone, which asks for tenant and
    person. It is no TenantOwned; `behind_functions` takes the web role's rights (tenants/rls.py).
    """

    behind_functions = True

    id = models.UUIDField(primary_key=True, help_text="Of the message, or of the conversation for a title.")
    tenant_id = models.UUIDField()
    user_id = models.UUIDField()
    conversation_id = models.UUIDField(help_text="The database deletes with it: the web role may not.")
    is_title = models.BooleanField()
    at = models.DateTimeField()
    words = SearchVectorField(help_text="With a word of the person's own, so that the index finds hers only.")

    class Meta:
        indexes = [GinIndex(fields=["words"], name="searchentry_words", fastupdate=False)]

    def __str__(self) -> str:
        return f"words of {self.id}"
