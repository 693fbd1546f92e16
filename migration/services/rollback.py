"""The one button that goes back: which way it takes, what that would mean, and taking it.

Before writes moved to the new databases, going back is *cancel*: the new databases are set aside
and nothing of the legacy is touched, so nothing can be lost.
"""

import time
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction

from migration.engine.lifecycle import RunState
from migration.engine.ports import Claim
from migration.models import Installation, MigrationRun
from migration.permissions import Actor, Right, require
from migration.services import audit, leases
from migration.services.errors import ConflictError, NotAvailableError
from migration.services.finding import current_run
from migration.services.leases import Lease
from migration.services.moves import advance, wrong_state
from migration.services.stores import workplace

_CANCELLABLE: Final = frozenset(
    {
        RunState.PLANNED,
        RunState.SNAPSHOTTING,
        RunState.COPYING,
        RunState.REPLICATING,
        RunState.PAUSED,
        RunState.FAILED,
    }
)
_LEASE_SECONDS_MAX: Final = 60.0


def preview_rollback(*, actor: Actor) -> dict[str, Any]:
    """Say which way going back would take now, and what would be lost.

    Raises:
        NotFoundError: no run is under way.
    """
    require(actor, Right.READ)
    return _preview(current_run())


def _preview(run: MigrationRun) -> dict[str, Any]:
    is_cancel = run.run_state in _CANCELLABLE
    return {
        "way": "cancel" if is_cancel else None,
        "run": run.name,
        "state": run.state,
        "lossless": True if is_cancel else None,
        "message": (
            "The new databases are set aside under a dated name. The datafiles are not touched; "
            "nothing is lost."
            if is_cancel
            else "This version can't go back from here."
        ),
        "collections": [
            {"name": row.name, "documentsLost": 0, "newDocuments": row.completed}
            for row in run.collections.all()
        ],
        "newDatabases": [path.name for path in workplace().targets.values() if path.exists()],
    }


def roll_back(*, actor: Actor, snapshot_id: str | None = None) -> dict[str, Any]:
    """Go back the way that the preview names; for now, cancel the run under way.

    Raises:
        NotFoundError: no run is under way.
        NotAvailableError: another way back than cancelling.
        ConflictError: the worker did not let go in time. Nothing was done.
    """
    with audit.audited("run.roll_back", actor=actor, object_type="run"):
        require(actor, Right.OPERATE)
        if snapshot_id is not None:
            raise NotAvailableError("Restoring from a snapshot is not available in this version.")
        run = current_run()
        if run.run_state not in _CANCELLABLE:
            raise wrong_state(run, f"A run that is {run.state} can't be cancelled.")
        return {"way": "cancel", "run": run.name, "setAside": _cancel(run, actor)}


def _cancel(run: MigrationRun, actor: Actor) -> list[str]:
    lease = _take_over(run)
    try:
        place = workplace()
        label = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside: list[str] = []
        with place.stores() as stores:
            claim = Claim(installation=Installation.current().id, run=run.name, token=lease.token)
            there = [store for store in stores.values() if store.exists()]
            for store in there:
                store.claim(claim)
            for store in there:
                path = store.set_aside(f"{label}-{run.name}")
                aside += [path.name] if path else []
        run.refresh_from_db()
        with transaction.atomic():
            advance(
                run,
                RunState.CANCELLED,
                actor=actor,
                details={"setAside": aside},
                stop_requested=False,
                hold_reason="",
            )
    finally:
        leases.release(lease)
    return aside


def _take_over(run: MigrationRun) -> Lease:
    """Take the lease of a run, asking its worker to yield."""
    owner = leases.this_process()
    deadline = time.monotonic() + _LEASE_SECONDS_MAX
    while time.monotonic() < deadline:
        lease = leases.take_lease(run.pk, owner=owner)
        if lease is not None:
            return lease
        leases.ask_to_yield(run.pk, owner=owner)
        time.sleep(0.05)
    raise ConflictError(
        "The worker did not let go of the run in time. Nothing was done; try again.",
        code="run_busy",
    )
