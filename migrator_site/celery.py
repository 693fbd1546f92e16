"""The Celery application: configured by the settings named ``CELERY_…``."""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "migrator_site.settings")

app = Celery("migrator_site")
app.config_from_object("django.conf:settings", namespace="CELERY")


@setup_logging.connect
def keep_logging_of_django(**_: object) -> None:
    """Leave logging as the settings have it; a receiver is all that Celery asks for."""


@worker_init.connect
@beat_init.connect
def refuse_unsafe_settings(**_: object) -> None:
    """Stop a worker or a beat that must not run with these settings."""
    # Only now: the app registry is not ready while this module loads.
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    from migration.checks import refuse_unsafe_settings as refuse  # noqa: PLC0415

    try:
        refuse()
    except ImproperlyConfigured as exc:
        # Celery swallows ordinary exceptions of a receiver.
        raise SystemExit(f"Not started: {exc}") from exc
