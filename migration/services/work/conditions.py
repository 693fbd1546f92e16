"""Whether a run may be worked on now: stop, yield, hours, room on the disk."""

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from migration.engine.catalog import Database
from migration.engine.lifecycle import HoldReason, RunState
from migration.engine.window import parse_window
from migration.models import MigrationRun
from migration.services import audit
from migration.services.moves import WORKER


def hold_wanted(
    run: MigrationRun, targets: Mapping[Database, Path]
) -> tuple[HoldReason, datetime | None] | None:
    """Say why the run must wait now, and until when if that is known; None when it need not."""
    now = timezone.now()
    if run.not_before and now < run.not_before:
        return HoldReason.OUTSIDE_WINDOW, run.not_before
    window = parse_window(run.window)
    # Catching up goes on at any hour: what it reads is what the application has just written.
    is_copying = run.run_state in {RunState.SNAPSHOTTING, RunState.COPYING}
    if window and is_copying and not window.contains(now):
        return HoldReason.OUTSIDE_WINDOW, window.opens_after(now)
    if is_disk_low(targets):
        return HoldReason.DISK_LOW, None
    if run.hold is HoldReason.SOURCE_SUSPICIOUS:
        return HoldReason.SOURCE_SUSPICIOUS, None
    return None


def is_disk_low(targets: Mapping[Database, Path]) -> bool:
    """Tell whether less than the reserve is free where a target lies."""
    return any(free_bytes(path) < settings.MIGRATOR_DISK_RESERVE for path in targets.values())


def free_bytes(path: Path) -> int:
    """Return the room on the disk that holds a path, whether or not it exists yet."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def set_hold(
    run: MigrationRun,
    reason: HoldReason,
    until: datetime | None = None,
    detail: dict[str, object] | None = None,
) -> None:
    """Write down that the run waits, once for each time it begins to."""
    if run.hold is reason and run.hold_until == until:
        return
    since = run.hold_since if run.hold is reason else timezone.now()
    MigrationRun.objects.filter(pk=run.pk).update(
        hold_reason=reason, hold_since=since, hold_until=until, hold_detail=detail or {}
    )
    if run.hold is not reason:
        audit.record(
            "run.held",
            actor=WORKER,
            object_type="run",
            object_id=run.name,
            code=reason.value,
            kind="event",
        )
    run.refresh_from_db()


def end_hold(run: MigrationRun) -> None:
    """Write down that the run goes on."""
    if run.hold is None:
        return
    reason = run.hold_reason
    MigrationRun.objects.filter(pk=run.pk).update(
        hold_reason="", hold_since=None, hold_until=None, hold_detail={}
    )
    audit.record(
        "run.hold_ended",
        actor=WORKER,
        object_type="run",
        object_id=run.name,
        code=reason,
        kind="event",
    )
    run.refresh_from_db()
