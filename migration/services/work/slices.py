"""One slice of work on a run: some seconds, under a lease, then a word on what should follow."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db import transaction

from migration.engine.copying import Step
from migration.engine.errors import (
    EngineError,
    SourceSuspiciousError,
    StaleTokenError,
    StoreFullError,
)
from migration.engine.lifecycle import HoldReason, RunState
from migration.engine.ports import Claim
from migration.models import Installation, MigrationRun, RunFailure
from migration.services import audit, leases
from migration.services.leases import Lease
from migration.services.moves import WORKER, advance
from migration.services.stores import Workplace, workplace
from migration.services.work import conditions
from migration.services.work.phases import Phases
from migration.services.work.reporter import Reporter

ATTEMPTS_MAX: Final = 5
_POLL_SECONDS: Final = 0.25

OnStep = Callable[[Step], None]


class Outcome(StrEnum):
    """What should follow a slice."""

    AGAIN = "again"  # there is more to do right now
    WAIT = "wait"  # nothing to do for the moment
    OVER = "over"  # no worker has anything to do with this run as it is
    BUSY = "busy"  # somebody else works on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long a slice may last; None for as long as there is work. ``goal`` ends it early."""

    seconds: float | None
    goal: Callable[[MigrationRun], bool] = lambda _: False


def work_on(
    run_id: int, *, owner: str, budget: Budget, on_step: OnStep = lambda _: None
) -> Outcome:
    """Work on a run for a while and say what should follow.

    Never raises for what can go wrong with the data or the disk: a failure is written down, tried
    again while that can help, and then ends in ``failed`` with its cause.
    """
    lease = leases.take_lease(run_id, owner=owner)
    if lease is None:
        return Outcome.BUSY
    try:
        with leases.kept(lease) as lost:
            return _Slice(lease, lost, budget, on_step).work()
    finally:
        leases.release(lease)


class _Slice:
    def __init__(
        self, lease: Lease, lost: threading.Event, budget: Budget, on_step: OnStep
    ) -> None:
        self._lease = lease
        self._lost = lost
        self._budget = budget
        self._on_step = on_step
        self._deadline = None if budget.seconds is None else time.monotonic() + budget.seconds
        self._run = MigrationRun.objects.get(pk=lease.run_id)
        self._place: Workplace | None = None

    def work(self) -> Outcome:
        try:
            if self._run.attempts > ATTEMPTS_MAX:
                return self._fail("worker_died", "Workers died at this place again and again.")
            self._place = workplace()
            return self._work(self._place)
        except StaleTokenError:
            return Outcome.BUSY
        except SourceSuspiciousError as exc:
            return self._hold_suspicious(exc)
        except StoreFullError:
            conditions.set_hold(self._run, HoldReason.DISK_LOW)
            return Outcome.WAIT
        except EngineError as exc:
            return self._note_failure(exc)

    def _work(self, place: Workplace) -> Outcome:
        if self._run.run_state is RunState.PLANNED:
            return self._begin(place)
        if not self._run.run_state.is_worked_on:
            return Outcome.OVER
        with place.stores() as stores:
            if not self._run.stop_requested:
                outcome = self._held(place)
                if outcome:
                    return outcome
            claim = Claim(
                installation=Installation.current().id, run=self._run.name, token=self._lease.token
            )
            for store in stores.values():
                store.claim(claim)
            if self._run.stop_requested:
                return self._acknowledge_stop()
            phases = Phases(
                self._run,
                place,
                stores,
                reporter=Reporter(self._lease),
                must_end=self._must_end,
                must_stop=self._must_stop,
                on_step=self._on_step,
            )
            return self._run_phases(phases)

    def _begin(self, place: Workplace) -> Outcome:
        outcome = self._held(place)
        if outcome:
            return outcome
        advance(self._run, RunState.SNAPSHOTTING, actor=WORKER)
        return Outcome.AGAIN

    def _run_phases(self, phases: Phases) -> Outcome:
        has_more = True
        while not self._must_end() and not self._budget.goal(self._run):
            has_more = phases.advance_once()
            self._run.refresh_from_db()
            if not has_more and not self._rests():
                break
        return self._what_follows(has_more=has_more)

    def _rests(self) -> bool:
        """Wait a moment for the application to write more, where a slice has time for that."""
        if self._deadline is None or self._run.run_state is not RunState.REPLICATING:
            return False
        self._lost.wait(_POLL_SECONDS)
        return True

    def _what_follows(self, *, has_more: bool) -> Outcome:
        if self._lost.is_set():
            return Outcome.BUSY
        if self._run.stop_requested and self._run.run_state.is_worked_on:
            return self._acknowledge_stop()
        if not self._run.run_state.is_worked_on:
            return Outcome.OVER
        is_following = self._deadline and self._run.run_state is RunState.REPLICATING
        return Outcome.AGAIN if has_more or is_following else Outcome.WAIT

    def _must_end(self) -> bool:
        """Tell whether this slice must end before its next step."""
        is_late = self._deadline is not None and time.monotonic() >= self._deadline
        return is_late or self._must_stop()

    def _must_stop(self) -> bool:
        """Tell whether somebody wants this holder to let go, or another one took over."""
        if self._lost.is_set():
            return True
        seen = MigrationRun.objects.values_list(
            "stop_requested", "lease_wanted_by", "token", "state"
        ).get(pk=self._run.pk)
        return bool(seen[0] or seen[1]) or seen[2:] != (self._lease.token, self._run.state)

    def _held(self, place: Workplace) -> Outcome | None:
        wanted = conditions.hold_wanted(self._run, place.targets)
        if wanted is None:
            conditions.end_hold(self._run)
            return None
        conditions.set_hold(self._run, *wanted, detail=self._run.hold_detail)
        return Outcome.WAIT

    # ------------------------------------------------------------------ ends

    @transaction.atomic
    def _acknowledge_stop(self) -> Outcome:
        """Say that nothing is being written: this holder has raised the token in both targets."""
        state = self._run.state
        advance(self._run, RunState.PAUSED, actor=WORKER, resumes_to=state, stop_requested=False)
        return Outcome.OVER

    def _hold_suspicious(self, exc: SourceSuspiciousError) -> Outcome:
        detail = {
            "collection": exc.collection,
            "datafile": exc.datafile,
            "lost": exc.lost,
            "of": exc.of,
        }
        conditions.set_hold(self._run, HoldReason.SOURCE_SUSPICIOUS, detail=detail)
        return Outcome.WAIT

    def _note_failure(self, exc: EngineError) -> Outcome:
        """Write a failure down; try again while that can help."""
        with transaction.atomic():
            RunFailure.objects.create(run=self._run, code=exc.code, message=str(exc))
            run = self._run
            MigrationRun.objects.filter(pk=run.pk).update(
                attempts=run.attempts + 1, errors=run.errors + 1
            )
            audit.record(
                "run.error",
                actor=WORKER,
                object_type="run",
                object_id=run.name,
                result="failed",
                code=exc.code,
                kind="event",
            )
        self._run.refresh_from_db()
        if exc.retryable and self._run.attempts <= ATTEMPTS_MAX:
            return Outcome.WAIT
        return self._fail(exc.code, str(exc))

    def _fail(self, code: str, message: str) -> Outcome:
        run = self._run
        if run.run_state.may_become(RunState.FAILED):
            advance(
                run,
                RunState.FAILED,
                actor=WORKER,
                details={"code": code},
                resumes_to=run.state,
                failure_code=code,
                failure_message=message,
            )
        return Outcome.OVER
