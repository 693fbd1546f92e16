"""Handing work to the workers: the one place outside of the tasks that knows Celery.

A task carries ids and is only a hint: whoever receives it asks the database what there is to do. A
hint that is lost is made up for by the reconciler.
"""

from enum import StrEnum

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


class Job(StrEnum):
    """Names under which tasks are registered."""

    WORK_ON_RUN = "migration.work_on_run"
    RECONCILE = "migration.reconcile"
    MAKE_PLAN = "migration.make_plan"


def enqueue_on_commit(job: Job, **arguments: int) -> None:
    """Hand a job to the workers once the present transaction is committed."""
    transaction.on_commit(lambda: enqueue(job, **arguments))


def enqueue(job: Job, **arguments: int) -> bool:
    """Hand a job to the workers now; False when there is no broker, or it can't be reached."""
    if not settings.CELERY_BROKER_URL:
        return False
    try:
        # By the registry, not by send_task(), which would ignore an eager configuration.
        current_app.tasks[job.value].apply_async(kwargs=arguments, retry=False)
    except (OperationalError, OSError) as exc:
        log.warning("broker_unreachable", job=job.value, error=type(exc).__name__)
        return False
    return True
