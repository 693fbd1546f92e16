"""Keeping the chain of slices alive: what a task does after its slice, and what beat looks for."""

from typing import Final

from django.db.models import Q
from django.db.models.functions import Now

from migration.dispatch import Job, enqueue
from migration.engine.lifecycle import WORKED_STATES, HoldReason, RunState
from migration.models import MigrationRun
from migration.services import leases
from migration.services.work import Outcome, work_on
from migration.services.work.conditions import set_hold
from migration.services.work.slices import Budget

_WORKED: Final = [RunState.PLANNED.value, *(s.value for s in WORKED_STATES)]


def work_and_hand_on(*, run_id: int, seconds: float) -> Outcome:
    """Work on a run for a slice and queue the next one, when there is more to do right now.

    A run that waits (for data, an hour, or a person) is looked at again by the reconciler.
    """
    if not MigrationRun.objects.filter(pk=run_id).exists():
        return Outcome.OVER
    outcome = work_on(run_id, owner=leases.this_process(), budget=Budget(seconds=seconds))
    if outcome is Outcome.AGAIN:
        enqueue(Job.WORK_ON_RUN, run_id=run_id)
    return outcome


def reconcile_runs() -> int:
    """Queue every run that should be worked on and whose lease nobody holds; returns how many.

    Queueing one twice does no harm: the second delivery finds the lease taken.
    """
    free = Q(lease_owner="") | Q(lease_expires_at__lt=Now())
    queued = 0
    for run in MigrationRun.objects.active().filter(free, state__in=_WORKED):
        if enqueue(Job.WORK_ON_RUN, run_id=run.pk):
            queued += 1
        elif run.hold is None:
            set_hold(run, HoldReason.QUEUE_DOWN)
    return queued
