"""What a WSGI server serves."""

import os

from django.core.wsgi import get_wsgi_application

from migration.checks import refuse_unsafe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "migrator_site.settings")

application = get_wsgi_application()
refuse_unsafe_settings()
