"""Celery tasks: take ids, call one service, choose what follows; safe to deliver twice."""

from celery import shared_task

from migration.dispatch import Job
from migration.services import planning, reconciling

SLICE_SECONDS = 5.0


# A slice may contain one statement that takes long (building a large index); the lease, not the
# clock of the pool, tells whether its worker is alive.
@shared_task(
    name=Job.WORK_ON_RUN.value, ignore_result=True, soft_time_limit=3_000, time_limit=3_300
)
def work_on_run(*, run_id: int) -> None:
    """Work on a run for a slice, and hand on what follows."""
    reconciling.work_and_hand_on(run_id=run_id, seconds=SLICE_SECONDS)


@shared_task(name=Job.RECONCILE.value, ignore_result=True, expires=30)
def reconcile() -> None:
    """Find runs that nobody works on although somebody should."""
    reconciling.reconcile_runs()


@shared_task(name=Job.MAKE_PLAN.value, ignore_result=True, soft_time_limit=3_000, time_limit=3_300)
def make_plan() -> None:
    """Make the plan that somebody asked for."""
    planning.make_requested_plan()
