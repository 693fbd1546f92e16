"""Starting, stopping and changing runs."""

import re
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from migration.dispatch import Job, enqueue_on_commit
from migration.engine.lifecycle import STOPPABLE_STATES, HoldReason, RunState
from migration.engine.window import parse_window
from migration.models import CollectionProgress, Installation, MigrationRun, StoredPlan
from migration.permissions import Actor, Right, require
from migration.services import audit, leases, planning
from migration.services.errors import ConflictError, InvalidInputError
from migration.services.finding import current_run, find_run
from migration.services.moves import advance, swap, wrong_state
from migration.services.stores import Workplace, refused_targets, workplace
from migration.services.work import conditions

_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,40}")
BATCH_DOCUMENTS_RANGE: Final = (1, 1_000_000)
NICE_RATIO_RANGE: Final = (0.0, 100.0)


def start_run(  # noqa: PLR0913  the options of a start
    *,
    actor: Actor,
    name: str | None = None,
    plan_hash: str | None = None,
    accept_undrilled: bool = False,
    not_before: datetime | None = None,
    window: dict[str, str] | None = None,
    enqueue: bool = True,
) -> MigrationRun:
    """Make a run from what is there and hand it to the workers.

    Raises:
        ConflictError: something is in the way; its blockers say what. Nothing was written.
        InvalidInputError: the name or the window can't be used.
    """
    with audit.audited("run.start", actor=actor, object_type="run", object_id=name or ""):
        require(actor, Right.OPERATE)
        parse_window(window)
        chosen = _checked_name(name) if name else offered_name()
        place = workplace()
        _refuse_blocked(place, plan_hash)
        try:
            with transaction.atomic():
                run = MigrationRun.objects.create(
                    name=chosen,
                    state=RunState.PLANNED,
                    plan_hash=plan_hash or planning.current_hash(place),
                    accept_undrilled=accept_undrilled,
                    not_before=not_before,
                    window=window,
                )
                _plan_collections(run, place)
                audit.record("run.started", actor=actor, object_type="run", object_id=run.name)
                if enqueue:
                    enqueue_on_commit(Job.WORK_ON_RUN, run_id=run.pk)
        except IntegrityError as exc:
            # Two starts at once: the database let only one of them make its run.
            _refuse_active()
            raise InvalidInputError(
                "A run of that name exists already.", field="name", code="name_taken"
            ) from exc
    return run


def _refuse_active() -> None:
    active = MigrationRun.objects.active().first()
    if active is None:
        return
    raise ConflictError(
        f"Not started: a run is under way. {active.name} is {active.state}.",
        code="run_active",
        blockers=["run_active"],
        detail={"run": active.name, "state": active.state},
    )


def _refuse_blocked(place: Workplace, plan_hash: str | None) -> None:
    """Refuse a start that could not end well; what is wrong with the data never blocks it."""
    _refuse_active()
    blockers: dict[str, str] = {}
    if plan_hash and plan_hash != planning.current_hash(place):
        blockers["plan_stale"] = "The plan speaks of another state of the folder; plan again."
    if all(place.folder.locate(c).path is None for c in place.catalog.collections):
        blockers["nothing_to_move"] = "There is no datafile of this catalog in the folder."
    refused = refused_targets(place, Installation.current().id)
    if refused:
        blockers["target_refused"] = refused[0]
    if conditions.is_disk_low(place.targets) or _needs_more_room(place):
        blockers["disk_low"] = "There is not enough room on the disk."
    if blockers:
        code, message = next(iter(blockers.items()))
        raise ConflictError(f"Not started: {message}", code=code, blockers=list(blockers))


def _needs_more_room(place: Workplace) -> bool:
    """Tell whether the new databases can't fit, going by the last plan of this folder."""
    stored = StoredPlan.objects.latest_plan()
    if stored is None or stored.hash != planning.current_hash(place):
        return False
    needed = int(stored.content["plan"]["diskNeededBytes"])
    held = sum(p.stat().st_size for p in place.targets.values() if p.exists())
    return any(conditions.free_bytes(p) + held < needed for p in place.targets.values())


def _plan_collections(run: MigrationRun, place: Workplace) -> None:
    stored = StoredPlan.objects.latest_plan()
    planned = {c["name"]: c for c in stored.content["plan"]["collections"]} if stored else {}
    CollectionProgress.objects.bulk_create(
        CollectionProgress(
            run=run,
            position=position,
            name=collection.name,
            database=collection.database.value,
            total=planned.get(collection.name, {}).get("liveDocuments", 0),
            bytes_total=_size(place, collection.name),
        )
        for position, collection in enumerate(place.catalog.collections)
    )


def _size(place: Workplace, name: str) -> int:
    path = place.folder.locate(place.catalog[name]).path
    try:
        return path.lstat().st_size if path else 0
    except FileNotFoundError:
        return 0


def offered_name() -> str:
    """Offer a name for the next run: month and number."""
    month = timezone.localtime().strftime("%Y-%m")
    taken = set(MigrationRun.objects.values_list("name", flat=True))
    number = 1
    while f"{month}-{number}" in taken:
        number += 1
    return f"{month}-{number}"


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            "A name has up to 40 letters, digits and dashes.", field="name", code="bad_name"
        )
    return name


def stop_run(*, actor: Actor) -> MigrationRun:
    """Ask the run under way to stop; it is paused once its worker acknowledged.

    Raises:
        ConflictError: the run can't be stopped in its state.
        NotFoundError: no run is under way.
    """
    with audit.audited("run.stop", actor=actor, object_type="run"):
        require(actor, Right.OPERATE)
        run = current_run()
        if run.run_state is RunState.PAUSED:
            return run
        if run.run_state not in STOPPABLE_STATES:
            raise wrong_state(run, f"A run that is {run.state} can't be stopped.")
        with transaction.atomic():
            MigrationRun.objects.filter(pk=run.pk).update(stop_requested=True)
            audit.record("run.stop_requested", actor=actor, object_type="run", object_id=run.name)
            enqueue_on_commit(Job.WORK_ON_RUN, run_id=run.pk)
        run.refresh_from_db()
    return run


def resume_run(*, actor: Actor, enqueue: bool = True) -> MigrationRun:
    """Let a paused or failed run go on from its checkpoints; also takes over one that is orphaned.

    Raises:
        ConflictError: the run is neither paused nor failed, and its worker is alive.
        NotFoundError: no run is under way.
    """
    with audit.audited("run.resume", actor=actor, object_type="run"):
        require(actor, Right.OPERATE)
        run = current_run()
        with transaction.atomic():
            if run.run_state in {RunState.PAUSED, RunState.FAILED}:
                advance(
                    run,
                    RunState(run.resumes_to),
                    actor=actor,
                    resumes_to="",
                    attempts=0,
                    stop_requested=False,
                    must_rehash=True,
                    failure_code="",
                    failure_message="",
                )
            elif run.run_state.is_worked_on and leases.is_free(run):
                swap(run, attempts=0, stop_requested=False, must_rehash=True)
                audit.record("run.taken_over", actor=actor, object_type="run", object_id=run.name)
            else:
                raise wrong_state(run, f"A run that is {run.state} can't be resumed.")
            if enqueue:
                enqueue_on_commit(Job.WORK_ON_RUN, run_id=run.pk)
    return run


def tune_run(*, run_id: int, actor: Actor, changes: dict[str, Any]) -> MigrationRun:
    """Change how gently a run copies: ``batch_documents``, ``nice_ratio``, ``window``.

    Raises:
        InvalidInputError: a value is out of its range.
        ConflictError: the run is over.
    """
    with audit.audited("run.tune", actor=actor, object_type="run", object_id=str(run_id)):
        require(actor, Right.OPERATE)
        run = find_run(run_id)
        if not run.is_active:
            raise wrong_state(run, "A run that is over can't be tuned.")
        _check_tuning(changes)
        with transaction.atomic():
            MigrationRun.objects.filter(pk=run.pk).update(**changes)
            audit.record(
                "run.tuned", actor=actor, object_type="run", object_id=run.name, details=changes
            )
        run.refresh_from_db()
    return run


def _check_tuning(changes: dict[str, Any]) -> None:
    ranges: dict[str, tuple[float, float]] = {
        "batch_documents": BATCH_DOCUMENTS_RANGE,
        "nice_ratio": NICE_RATIO_RANGE,
    }
    for name, (lowest, highest) in ranges.items():
        if name in changes and not lowest <= changes[name] <= highest:
            raise InvalidInputError(
                f"{name} must lie between {lowest} and {highest}.", field=name, code="out_of_range"
            )
    if "window" in changes:
        parse_window(changes["window"])


def confirm_source(*, run_id: int, actor: Actor) -> MigrationRun:
    """Confirm that a datafile may have lost what it lost; its documents are then deleted.

    Raises:
        ConflictError: the run does not wait for a confirmation.
    """
    with audit.audited("run.confirm_source", actor=actor, object_type="run", object_id=str(run_id)):
        require(actor, Right.OPERATE)
        run = find_run(run_id)
        if run.hold is not HoldReason.SOURCE_SUSPICIOUS:
            raise wrong_state(run, "The run does not wait for a datafile to be confirmed.")
        name = str(run.hold_detail.get("collection", ""))
        with transaction.atomic():
            MigrationRun.objects.filter(pk=run.pk).update(
                confirmed_collections=sorted({*run.confirmed_collections, name})
            )
            run.refresh_from_db()
            conditions.end_hold(run)
            audit.record(
                "run.source_confirmed",
                actor=actor,
                object_type="run",
                object_id=run.name,
                details={"collection": name},
            )
            enqueue_on_commit(Job.WORK_ON_RUN, run_id=run.pk)
    return run


def write_notes(*, run_id: int, notes: str, actor: Actor) -> MigrationRun:
    """Keep what people want to remember of a run."""
    with audit.audited("run.write_notes", actor=actor, object_type="run", object_id=str(run_id)):
        require(actor, Right.OPERATE)
        run = find_run(run_id)
        with transaction.atomic():
            MigrationRun.objects.filter(pk=run.pk).update(notes=notes)
            audit.record("run.notes_written", actor=actor, object_type="run", object_id=run.name)
        run.refresh_from_db()
    return run
