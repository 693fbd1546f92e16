"""Moving a run from state to state: compare, swap, and write it into the audit trail."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from migration.engine.lifecycle import RunState, allowed_actions
from migration.models import MigrationRun
from migration.permissions import Actor
from migration.services import audit
from migration.services.errors import ConflictError

WORKER = Actor.worker()


@transaction.atomic
def advance(
    run: MigrationRun,
    state: RunState,
    *,
    actor: Actor,
    details: dict[str, Any] | None = None,
    **fields: Any,  # noqa: ANN401  columns of the row
) -> None:
    """Move a run to another state, with other columns that change along.

    Raises:
        ConflictError: the move is not allowed, or somebody moved the run first.
    """
    before = run.run_state
    if not before.may_become(state):
        raise wrong_state(run, f"A run that is {before} can't become {state}.")
    if state.is_terminal:
        fields |= {"is_active": False, "ended_at": timezone.now()}
    swap(run, state=state, **fields)
    audit.record(
        f"run.{state}",
        actor=actor,
        object_type="run",
        object_id=run.name,
        details={"from": before.value} | (details or {}),
    )


def swap(run: MigrationRun, **fields: Any) -> None:  # noqa: ANN401  columns of the row
    """Change a run only if it is still as it was read.

    Raises:
        ConflictError: somebody changed it first.
    """
    fresh = {"version": run.version + 1, **fields}
    if not MigrationRun.objects.filter(pk=run.pk, version=run.version).update(**fresh):
        current = MigrationRun.objects.get(pk=run.pk)
        raise wrong_state(current, "Somebody else changed the run first. Nothing was done.")
    run.refresh_from_db()


def wrong_state(run: MigrationRun, message: str) -> ConflictError:
    """Make the refusal of a move, with what is allowed instead."""
    actions = [a.value for a in allowed_actions(run.run_state, run.hold)]
    return ConflictError(message, code="illegal_state", allowed_actions=actions)
