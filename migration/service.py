"""``DatabaseMigration``: the whole move from Python, for scripts and applications.

    migration = DatabaseMigration()
    plan = migration.analyze_migration_plan()
    print(f"{plan.estimated_records} documents")
    result = migration.execute_full_migration(lambda p: print(p.percentage, p.step))
    if not migration.validate_migration().valid:
        migration.rollback()

Everything runs in the calling process; no worker and no broker is needed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from migration.engine.copying import Step
from migration.models import MigrationRun
from migration.permissions import Door
from migration.services import planning, progress, rollback, runs, validation
from migration.services.accounts import acting_as
from migration.services.errors import NotAvailableError
from migration.services.foreground import is_validated, work_until


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """What a run would do."""

    admin_collections: tuple[str, ...]
    application_collections: tuple[str, ...]
    estimated_records: int
    estimated_seconds: float
    estimated_time_minutes: float
    disk_needed_bytes: int
    disk_free_bytes: int
    collections: tuple[dict[str, Any], ...]
    checks: tuple[dict[str, Any], ...]
    hash: str
    ready_for_migration: bool
    recommendation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationProgress:
    """How far a run is; ``percentage`` never falls and is 100 only when all is validated."""

    status: str
    step: str
    completed: int
    total: int
    percentage: float
    documents_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationResult:
    """What a full migration came to."""

    success: bool
    run: str
    state: str
    documents: int
    report: dict[str, Any] | None
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationValidation:
    """A validation's verdict and its report."""

    valid: bool
    report: dict[str, Any]


OnProgress = Callable[[MigrationProgress], None]


class DatabaseMigration:
    """Plans, moves, validates and goes back.

    Acts as the account named by ``user``, else as the system's account that the process runs as.
    """

    def __init__(self, *, user: str | None = None) -> None:
        self._actor = acting_as(user, door=Door.PYTHON)

    def analyze_migration_plan(self) -> MigrationPlan:
        """Read the legacy folder and say what a run would do; changes nothing."""
        content = planning.plan_migration(actor=self._actor).content
        plan = content["plan"]
        return MigrationPlan(
            admin_collections=tuple(plan["adminCollections"]),
            application_collections=tuple(plan["applicationCollections"]),
            estimated_records=plan["estimatedRecords"],
            estimated_seconds=plan["estimatedSeconds"],
            estimated_time_minutes=plan["estimatedTimeMinutes"],
            disk_needed_bytes=plan["diskNeededBytes"],
            disk_free_bytes=plan["diskFreeBytes"],
            collections=tuple(plan["collections"]),
            checks=tuple(plan["checks"]),
            hash=plan["hash"],
            ready_for_migration=content["readyForMigration"],
            recommendation=content["recommendation"],
        )

    def create_rollback_snapshot(self) -> None:
        """Take a snapshot of the datafiles.

        Raises:
            NotAvailableError: always, in this version.
        """
        raise NotAvailableError("Snapshots are not available in this version.")

    def execute_full_migration(self, on_progress: OnProgress = lambda _: None) -> MigrationResult:
        """Copy everything, catch up once and validate, in this process.

        Raises:
            ConflictError: something is in the way of a start; nothing was written.
        """
        run = runs.start_run(actor=self._actor, enqueue=False)

        def told(_: Step) -> None:
            on_progress(_progress(run.pk))

        run = work_until(run, is_validated, on_step=told)
        on_progress(_progress(run.pk))
        report = progress.tell_report(actor=self._actor) if run.validated_at else None
        return MigrationResult(
            success=bool(run.overall),
            run=run.name,
            state=run.state,
            documents=sum(row.completed for row in run.collections.all()),
            report=report,
            failure=run.failure_message or run.hold_reason,
        )

    def validate_migration(self) -> MigrationValidation:
        """Compare every document on both sides."""
        report = validation.validate_migration(actor=self._actor).content
        return MigrationValidation(valid=report["overall"], report=report)

    def rollback(self) -> dict[str, Any]:
        """Go back: before writes moved, the new databases are set aside and nothing is lost.

        Raises:
            NotFoundError: no run is under way.
            NotAvailableError: this version can't go back from where the run is.
        """
        return rollback.roll_back(actor=self._actor)


def _progress(run_id: int) -> MigrationProgress:
    found = progress.progress_of(MigrationRun.objects.get(pk=run_id))
    return MigrationProgress(
        status=found["status"],
        step=found["step"] or "",
        completed=found["completed"],
        total=found["total"],
        percentage=found["percentage"],
        documents_per_second=found["documentsPerSecond"],
    )
