"""Validating what was moved, and the reports of it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from migration.engine.catalog import Database
from migration.engine.ports import Store
from migration.engine.validation.comparison import Comparison
from migration.engine.validation.findings import Finding, Report, Severity
from migration.engine.validation.suite import validate
from migration.models import CollectionProgress, Installation, MigrationRun, StoredReport
from migration.permissions import Actor, Right, require
from migration.services import audit
from migration.services.errors import ConflictError
from migration.services.finding import find_run
from migration.services.moves import WORKER
from migration.services.stores import Workplace, refused_targets, workplace


def validate_migration(
    *,
    actor: Actor,
    run_name: str | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
) -> StoredReport:
    """Compare both sides now and keep the report.

    Raises:
        NotFoundError: there is no run of that name.
        ConflictError: a target is not ours to read.
    """
    require(actor, Right.VALIDATE)
    run = find_run(run_name) if run_name else MigrationRun.objects.latest_run()
    place = workplace()
    reasons = refused_targets(place, Installation.current().id)
    if reasons:
        raise ConflictError(reasons[0], code="target_refused", blockers=["target_refused"])
    with place.stores() as stores:
        return validate_stores(place, stores, run=run, actor=actor, on_progress=on_progress)


def validate_stores(
    place: Workplace,
    stores: Mapping[Database, Store],
    *,
    run: MigrationRun | None,
    actor: Actor = WORKER,
    checks_files: bool = True,
    on_progress: Callable[[float], None] = lambda _: None,
) -> StoredReport:
    """Compare both sides, with stores that are open already, and keep the report.

    A run's own validation leaves out what ``checks_files`` stands for: its copy is fresh, and it
    must not take longer than half of it.
    """
    names = [c.name for c in place.catalog.collections]
    sizes = dict.fromkeys(names, 1) | dict(
        CollectionProgress.objects.filter(run=run).values_list("name", "bytes_total")
    )
    total = sum(sizes.values()) or 1

    def compared(comparison: Comparison) -> None:
        position = names.index(comparison.collection)
        on_progress(sum(sizes[n] for n in names[:position]) / total)

    report = validate(
        place.catalog,
        place.folder,
        stores,
        checks_files=checks_files,
        on_comparison=compared,
    )
    with transaction.atomic():
        stored = StoredReport.objects.create(
            run=run, overall=report.overall, content=report_content(report)
        )
        audit.record(
            "validation.made",
            actor=actor,
            object_type="validation",
            object_id=str(stored.pk),
            details={"overall": report.overall},
        )
    return stored


def report_content(report: Report) -> dict[str, Any]:
    """Return a report with the names that go over the wire."""
    return {
        "overall": report.overall,
        "criticalIssues": [_result(f) for f in report.of(Severity.CRITICAL)],
        "warnings": [_result(f) for f in report.of(Severity.WARNING)],
        "info": [_result(f) for f in report.of(Severity.INFO)],
        "recommendations": list(report.recommendations),
        "timestamp": report.timestamp.isoformat(),
        "scope": report.scope,
        "durationSeconds": report.duration_seconds,
    }


def _result(finding: Finding) -> dict[str, Any]:
    return {
        "valid": finding.is_valid,
        "category": finding.category.value,
        "code": finding.code,
        "message": finding.message,
        "collection": finding.collection,
        "count": finding.count,
        "samples": list(finding.samples),
        "details": finding.details,
    }
