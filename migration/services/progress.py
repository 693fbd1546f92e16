"""Progress and status, as every door tells them."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from migration.engine.lifecycle import RunState, allowed_actions
from migration.models import CollectionProgress, MigrationRun, StoredReport
from migration.permissions import Actor, Right, require

_WORDS: Final = {
    RunState.PLANNED: "running",
    RunState.SNAPSHOTTING: "running",
    RunState.COPYING: "running",
    RunState.PAUSED: "paused",
    RunState.FAILED: "error",
    RunState.CANCELLED: "cancelled",
    RunState.REVERSED: "reversed",
    RunState.RESTORED: "restored",
}


def tell_progress(*, actor: Actor) -> dict[str, Any]:
    """Return the progress of the run under way, else of the last one."""
    require(actor, Right.READ)
    run = MigrationRun.objects.latest_run()
    return progress_of(run) if run else nothing_started()


def nothing_started() -> dict[str, Any]:
    """Return the progress of an installation that has not moved anything yet."""
    return {
        "status": "not-started",
        "step": None,
        "completed": 0,
        "total": 0,
        "percentage": 0,
        "startTime": None,
        "estimatedEndTime": None,
        "documentsPerSecond": 0,
        "lagSeconds": 0,
        "lagBytes": 0,
        "hold": None,
        "errors": 0,
        "memoryBytes": None,
        "validation": {"overall": None},
        "collections": [],
    }


def progress_of(run: MigrationRun) -> dict[str, Any]:
    """Return the progress of a run; reads the console's own tables alone."""
    rows: QuerySet[CollectionProgress] = run.collections.all()
    behind = [r for r in rows if r.lag_bytes]
    oldest = min((r.lag_since for r in behind if r.lag_since), default=None)
    return {
        "status": status_word(run),
        "run": run.name,
        "state": run.state,
        "version": run.version,
        "step": run.step or None,
        "completed": sum(r.completed for r in rows),
        "total": sum(r.total for r in rows),
        "percentage": round(run.percentage, 1),
        "startTime": _iso(run.created_at),
        "estimatedEndTime": _iso(_estimated_end(run)),
        "documentsPerSecond": round(run.documents_per_second, 1),
        "lagSeconds": round((timezone.now() - oldest).total_seconds(), 1) if oldest else 0,
        "lagBytes": sum(r.lag_bytes for r in behind),
        "hold": hold_of(run),
        "errors": run.errors,
        "failure": _failure(run),
        "memoryBytes": run.memory_bytes or None,
        "validation": {"overall": run.overall},
        "stopRequested": run.stop_requested,
        "collections": [_collection(r) for r in rows],
    }


def status_word(run: MigrationRun) -> str:
    """Return how the copy stands; ``completed`` once it was caught up and validated."""
    word = _WORDS.get(run.run_state)
    if word is not None:
        return word
    return "completed" if run.validated_at else "running"


def run_output(run: MigrationRun) -> dict[str, Any]:
    """Return a run as the API shows it."""
    return {
        "id": run.pk,
        "name": run.name,
        "state": run.state,
        "version": run.version,
        "hold": hold_of(run),
        "planHash": run.plan_hash,
        "acceptUndrilled": run.accept_undrilled,
        "stopRequested": run.stop_requested,
        "failure": _failure(run),
        "notBefore": _iso(run.not_before),
        "window": run.window,
        "tuning": {"batchDocuments": run.batch_documents, "niceRatio": run.nice_ratio},
        "createdAt": _iso(run.created_at),
        "copiedAt": _iso(run.copied_at),
        "caughtUpAt": _iso(run.caught_up_at),
        "validatedAt": _iso(run.validated_at),
        "endedAt": _iso(run.ended_at),
        "validation": {"overall": run.overall},
        "notes": run.notes,
        "allowedActions": [a.value for a in allowed_actions(run.run_state, run.hold)],
    }


def hold_of(run: MigrationRun) -> dict[str, Any] | None:
    """Return why a run waits; None when it does not."""
    if run.hold is None:
        return None
    return {
        "reason": run.hold.value,
        "since": _iso(run.hold_since),
        "until": _iso(run.hold_until),
        "detail": run.hold_detail or None,
    }


def _failure(run: MigrationRun) -> dict[str, Any] | None:
    if not run.failure_code:
        return None
    return {"code": run.failure_code, "message": run.failure_message}


def _collection(row: CollectionProgress) -> dict[str, Any]:
    return {
        "name": row.name,
        "database": row.database,
        "state": row.state,
        "completed": row.completed,
        "total": row.total,
        "bytesDone": row.bytes_done,
        "bytesTotal": row.bytes_total,
        "lag": {"bytes": row.lag_bytes, "lines": row.lag_lines, "since": _iso(row.lag_since)},
    }


def _estimated_end(run: MigrationRun) -> datetime | None:
    """Reckon when the copy ends; unknown on hold, when stopped, and before anything moved."""
    is_moving = run.run_state in {RunState.COPYING, RunState.REPLICATING} and not run.validated_at
    if not is_moving or run.hold or run.percentage <= 0:
        return None
    spent = timezone.now() - (run.started_at or run.created_at)
    return timezone.now() + spent * ((100 - run.percentage) / run.percentage)


def _iso(moment: datetime | timedelta | None) -> str | None:
    return moment.isoformat() if isinstance(moment, datetime) else None


def tell_report(*, actor: Actor) -> dict[str, Any] | None:
    """Return the last validation's report."""
    require(actor, Right.READ)
    stored = StoredReport.objects.latest_report()
    return stored.content if stored else None
