"""Making plans, and the last one made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from migration.dispatch import Job, enqueue
from migration.engine.catalog import Database
from migration.engine.lifecycle import RunState
from migration.engine.planning import Check, Plan, PlannedCollection, inventory_hash, make_plan
from migration.engine.quarantine import Reason
from migration.models import MigrationRun, PlanRequest, StoredPlan
from migration.permissions import Actor, Right, require
from migration.services import audit
from migration.services.errors import UnavailableError
from migration.services.moves import WORKER
from migration.services.stores import Workplace, try_copy, workplace

OnProgress = Callable[[str, int, int], None]
# A request that is older was made by a worker that died over it.
_PLAN_AGE_MAX: Final = timedelta(minutes=10)


def plan_migration(*, actor: Actor, on_progress: OnProgress = lambda *_: None) -> StoredPlan:
    """Read the whole folder, say what a run would do, and keep the answer."""
    require(actor, Right.READ)
    place = workplace()
    plan = make_plan(
        place.catalog,
        place.folder,
        targets=place.targets,
        reserve_bytes=settings.MIGRATOR_DISK_RESERVE,
        trial=try_copy,
        on_progress=on_progress,
    )
    with transaction.atomic():
        stored = StoredPlan.objects.create(hash=plan.hash, content=_content(plan))
        audit.record(
            "plan.made", actor=actor, object_type="plan", object_id=plan.hash[:12], kind="event"
        )
    return stored


def current_plan(*, actor: Actor) -> StoredPlan | None:
    """Return the last plan while it still speaks of what is there, else None."""
    require(actor, Right.READ)
    stored = StoredPlan.objects.latest_plan()
    return stored if stored and stored.hash == current_hash(workplace()) else None


def request_plan(*, actor: Actor) -> None:
    """Have the workers make a plan, unless somebody asked for one already.

    Raises:
        UnavailableError: the workers can't be reached.
    """
    require(actor, Right.READ)
    now = timezone.now()
    PlanRequest.objects.filter(asked_at__lt=now - _PLAN_AGE_MAX).delete()
    _, is_new = PlanRequest.objects.get_or_create(number=1, defaults={"asked_at": now})
    if is_new and not enqueue(Job.MAKE_PLAN):
        PlanRequest.objects.all().delete()
        raise UnavailableError(
            "There is no plan yet, and no worker can be asked for one. Nothing was changed. "
            "Make one with migration_plan, or start the workers.",
            code="queue_down",
        )


def make_requested_plan() -> None:
    """Make the plan that was asked for; called by a worker."""
    try:
        if current_plan(actor=WORKER) is None:
            plan_migration(actor=WORKER)
    finally:
        PlanRequest.objects.all().delete()


def current_hash(place: Workplace) -> str:
    """Return the hash that a plan made now would have."""
    return inventory_hash(place.catalog, place.folder)


def plan_answer(stored: StoredPlan) -> dict[str, Any]:
    """Return a plan as ``GET plan`` tells it."""
    run = MigrationRun.objects.latest_run()
    answer: dict[str, Any] = stored.content | {"currentStatus": run.state if run else "not-started"}
    return answer


def _content(plan: Plan) -> dict[str, Any]:
    return {
        "plan": {
            "adminCollections": [c.collection.name for c in plan.of(Database.ADMIN)],
            "applicationCollections": [c.collection.name for c in plan.of(Database.APPLICATION)],
            "estimatedRecords": plan.estimated_records,
            "estimatedSeconds": round(plan.estimated_seconds, 1),
            "estimatedTimeMinutes": round(plan.estimated_seconds / 60, 2),
            "diskNeededBytes": plan.disk_needed_bytes,
            "diskFreeBytes": plan.disk_free_bytes,
            "collections": [_collection(c) for c in plan.collections],
            "checks": [_check(c) for c in plan.checks],
            "hash": plan.hash,
        },
        "readyForMigration": plan.is_ready,
        "recommendation": _recommendation(plan),
    }


def _collection(planned: PlannedCollection) -> dict[str, Any]:
    survey, counts, path = planned.survey, planned.counts, planned.located.path
    has_torn_tail = survey.has_torn_tail if survey else False
    return {
        "name": planned.collection.name,
        "database": planned.collection.database.value,
        "datafile": path.name if path else planned.collection.datafile,
        "present": path is not None,
        "bytes": planned.bytes,
        "lines": counts.lines + has_torn_tail,
        "liveDocuments": planned.live,
        "tombstones": counts.tombstones,
        "indexLines": counts.index_lines,
        "blankLines": counts.blank,
        "quarantined": planned.quarantined,
        "tornTail": has_torn_tail,
        "rescued": survey.odd[Reason.RESCUED] + survey.odd[Reason.REPAIRED] if survey else 0,
        "idCollisions": survey.odd[Reason.ID_COLLISION] if survey else 0,
        "conflicts": [
            {"index": name, "documentIds": ids}
            for name, groups in (survey.conflicts if survey else {}).items()
            for ids in groups[:20]
        ],
        "indexes": [
            {"fields": list(d.fields), "unique": d.unique, "sparse": d.sparse}
            for d in (survey.indexes if survey else ())
        ],
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "code": check.code,
        "status": check.status.value,
        "severity": check.severity.value,
        "message": check.message,
    }


def _recommendation(plan: Plan) -> str:
    run = MigrationRun.objects.latest_run()
    if run is not None and run.is_active and run.run_state is not RunState.PLANNED:
        return f"A run is under way: {run.name}. Follow it before you plan another."
    if not plan.is_ready:
        return "Look at the critical checks before you start; nothing is changed until you do."
    if plan.estimated_seconds > 600:  # noqa: PLR2004  ten minutes
        return "Start in a quiet hour: the copy takes a while. The application may go on running."
    return "Start when you like: the application may go on running."
