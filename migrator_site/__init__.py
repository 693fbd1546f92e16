"""The Django project: settings, the root URLs, and the programs that serve them."""

from migrator_site.celery import app as celery_app

__all__ = ["celery_app"]
