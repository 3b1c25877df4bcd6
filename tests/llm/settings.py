"""For a run of these tests alone: csuite.llm needs no application and no database, and starts in half the time."""

SECRET_KEY = "not for anything"
USE_TZ = True
INSTALLED_APPS: list[str] = []
