"""Where the installation stands: what answers, and how much lies on either side."""

from collections.abc import Mapping
from typing import Any

from migration.engine.catalog import Database
from migration.engine.errors import StoreError
from migration.engine.lifecycle import RunState
from migration.engine.ports import Store
from migration.models import MigrationRun, StoredPlan
from migration.permissions import Actor, Right, require
from migration.services.progress import progress_of, status_word
from migration.services.stores import Workplace, workplace


def tell_status(*, actor: Actor) -> dict[str, Any]:
    """Return the status; ``legacy`` counts are those of the last plan or copy, not read anew."""
    require(actor, Right.READ)
    return current_status()


def current_status() -> dict[str, Any]:
    """Return the status without asking who wants to know."""
    place, run = workplace(), MigrationRun.objects.latest_run()
    with place.stores() as stores:
        counts = {database: _counts(place, database, stores) for database in Database}
    collections = {n: c for found in counts.values() for n, c in found.items()}
    admin, application = (sum(counts[d].values()) for d in Database)
    return {
        "currentStatus": status_word(run) if run else "not-started",
        "state": run.state if run else None,
        "run": run.name if run else None,
        "mode": "legacy",
        "legacy": _legacy_counts(place),
        "new": {"admin": admin, "application": application, "collections": collections},
        "newDatabaseRecords": admin + application,
        "adminRecords": admin,
        "applicationRecords": application,
        "migrationInProgress": bool(run and run.is_active and run.run_state is not RunState.PAUSED),
        "lastMigrationProgress": progress_of(run) if run else None,
    }


def _counts(
    place: Workplace, database: Database, stores: Mapping[Database, Store]
) -> dict[str, int]:
    """Count the documents of one new database; nothing where it is not there or not ours."""
    store = stores[database]
    names = [c.name for c in place.catalog.of(database)]
    if not store.exists():
        return dict.fromkeys(names, 0)
    try:
        return {name: store.count(name) for name in names}
    except StoreError:
        return dict.fromkeys(names, 0)


def _legacy_counts(place: Workplace) -> dict[str, int]:
    stored = StoredPlan.objects.latest_plan()
    planned = (
        {c["name"]: c["liveDocuments"] for c in stored.content["plan"]["collections"]}
        if stored
        else {}
    )
    return {c.name: planned.get(c.name, 0) for c in place.catalog.collections}
