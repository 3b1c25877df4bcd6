"""WSGI entry point, for servers that show pages only (no sockets)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")

application = get_wsgi_application()
