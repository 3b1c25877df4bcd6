"""`/api/v1/llm/`: members' programs ask models, metered and limited as their conversations are."""

from ninja import Router

from csuite.analytics.gateway import batches, spending, views

router = Router()
for part in (views, batches, spending):
    router.add_router("", part.router)
