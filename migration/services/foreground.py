"""Doing a run's work in this process: for commands and for Python, with no worker and no broker."""

import time
from collections.abc import Callable
from typing import Final

from django.utils import timezone

from migration.engine.copying import Step
from migration.engine.lifecycle import HoldReason, RunState
from migration.models import MigrationRun
from migration.permissions import Actor, Right, require
from migration.services import audit, leases
from migration.services.errors import ConflictError
from migration.services.finding import current_run
from migration.services.moves import wrong_state
from migration.services.work import Outcome, work_on
from migration.services.work.slices import Budget

_POLL_SECONDS: Final = 0.1
_YIELD_SECONDS_MAX: Final = 60.0

Goal = Callable[[MigrationRun], bool]


def is_validated(run: MigrationRun) -> bool:
    """Tell whether everything was copied, caught up once and validated."""
    return run.validated_at is not None


def work_until(
    run: MigrationRun, goal: Goal, *, on_step: Callable[[Step], None] = lambda _: None
) -> MigrationRun:
    """Work on a run here until a goal is reached, it is stopped, fails, or must wait for somebody.

    A worker that holds the lease is asked to yield.

    Raises:
        ConflictError: the worker did not yield.
    """
    owner = leases.this_process()
    waited_since: float | None = None
    run.refresh_from_db()
    while not goal(run):
        outcome = work_on(
            run.pk, owner=owner, budget=Budget(seconds=None, goal=goal), on_step=on_step
        )
        run.refresh_from_db()
        if outcome is Outcome.OVER or needs_somebody(run):
            break
        if outcome is Outcome.BUSY:
            waited_since = waited_since or time.monotonic()
            if time.monotonic() - waited_since > _YIELD_SECONDS_MAX:
                raise ConflictError("The worker did not let go of the run.", code="run_busy")
            leases.ask_to_yield(run.pk, owner=owner)
        if outcome in {Outcome.BUSY, Outcome.WAIT}:
            time.sleep(_POLL_SECONDS)
    return run


def acknowledge_stop(run: MigrationRun) -> MigrationRun:
    """Wait until a run that was asked to stop is paused; pause it here when no worker holds it."""
    return work_until(run, lambda r: not r.stop_requested)


def catch_up(*, actor: Actor) -> tuple[MigrationRun, list[str]]:
    """Apply what the application wrote until nothing is left; names the collections that changed.

    Raises:
        ConflictError: the run is in no state to catch up in.
        NotFoundError: no run is under way.
    """
    with audit.audited("run.catch_up", actor=actor, object_type="run"):
        require(actor, Right.OPERATE)
        run = current_run()
        if run.run_state is not RunState.REPLICATING:
            raise wrong_state(run, f"A run that is {run.state} can't catch up.")
        began, changed = timezone.now(), set[str]()
        run = work_until(
            run,
            lambda r: r.caught_up_at is not None and r.caught_up_at > began,
            on_step=lambda step: changed.add(step.collection),
        )
        if run.hold_reason or run.failure_code:
            code = run.failure_code or run.hold_reason
            raise ConflictError(
                run.failure_message or f"The run waits: {run.hold_reason}.", code=code
            )
        audit.record("run.caught_up", actor=actor, object_type="run", object_id=run.name)
    return run, sorted(changed)


def needs_somebody(run: MigrationRun) -> bool:
    """Tell whether a run waits for a person, so that waiting here would not help."""
    return run.hold is HoldReason.SOURCE_SUSPICIOUS or run.run_state in {
        RunState.PAUSED,
        RunState.FAILED,
    }
