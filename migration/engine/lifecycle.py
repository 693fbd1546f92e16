"""The states of a run, and the moves between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class RunState(StrEnum):
    """Where a run stands; stored, so the words never change."""

    PLANNED = "planned"
    SNAPSHOTTING = "snapshotting"
    COPYING = "copying"
    REPLICATING = "replicating"
    CUTTING_OVER = "cutting_over"
    MONITORING = "monitoring"
    COMPLETED = "completed"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REVERSING = "reversing"
    REVERSED = "reversed"
    RESTORING = "restoring"
    RESTORED = "restored"

    @property
    def is_terminal(self) -> bool:
        """Tell whether nothing can follow, so that another run may begin.

        A completed run is terminal only once cleanup deleted the datafiles, which the run itself
        knows.
        """
        return self in TERMINAL_STATES

    @property
    def is_worked_on(self) -> bool:
        """Tell whether a worker has something to do in this state."""
        return self in WORKED_STATES

    def may_become(self, other: "RunState") -> bool:
        """Tell whether the move is allowed."""
        return other in MOVES[self]


TERMINAL_STATES: Final = frozenset({RunState.CANCELLED, RunState.REVERSED, RunState.RESTORED})
WORKED_STATES: Final = frozenset(
    {
        RunState.SNAPSHOTTING,
        RunState.COPYING,
        RunState.REPLICATING,
        RunState.CUTTING_OVER,
        RunState.REVERSING,
        RunState.RESTORING,
    }
)
# A run may be paused or fail only where a worker can stop between two steps and go on later.
STOPPABLE_STATES: Final = frozenset({RunState.SNAPSHOTTING, RunState.COPYING, RunState.REPLICATING})

MOVES: Final[Mapping[RunState, frozenset[RunState]]] = {
    RunState.PLANNED: frozenset({RunState.SNAPSHOTTING, RunState.CANCELLED}),
    RunState.SNAPSHOTTING: frozenset(
        {RunState.COPYING, RunState.PAUSED, RunState.FAILED, RunState.CANCELLED}
    ),
    RunState.COPYING: frozenset(
        {RunState.REPLICATING, RunState.PAUSED, RunState.FAILED, RunState.CANCELLED}
    ),
    RunState.REPLICATING: frozenset(
        {
            RunState.CUTTING_OVER,
            RunState.PAUSED,
            RunState.FAILED,
            RunState.CANCELLED,
            RunState.RESTORING,
        }
    ),
    RunState.CUTTING_OVER: frozenset({RunState.MONITORING, RunState.REPLICATING, RunState.FAILED}),
    RunState.MONITORING: frozenset({RunState.COMPLETED, RunState.REVERSING, RunState.RESTORING}),
    RunState.COMPLETED: frozenset({RunState.REVERSING, RunState.RESTORING}),
    RunState.PAUSED: frozenset(
        {
            RunState.SNAPSHOTTING,
            RunState.COPYING,
            RunState.REPLICATING,
            RunState.CANCELLED,
            RunState.RESTORING,
        }
    ),
    RunState.FAILED: frozenset(
        {
            RunState.SNAPSHOTTING,
            RunState.COPYING,
            RunState.REPLICATING,
            RunState.CUTTING_OVER,
            RunState.REVERSING,
            RunState.RESTORING,
            RunState.CANCELLED,
        }
    ),
    RunState.REVERSING: frozenset({RunState.REVERSED, RunState.FAILED}),
    RunState.RESTORING: frozenset({RunState.RESTORED, RunState.FAILED}),
    RunState.CANCELLED: frozenset(),
    RunState.REVERSED: frozenset(),
    RunState.RESTORED: frozenset(),
}


class HoldReason(StrEnum):
    """Why a run waits although nobody stopped it."""

    THROTTLED = "throttled"
    DISK_LOW = "disk_low"
    QUEUE_DOWN = "queue_down"
    OUTSIDE_WINDOW = "outside_window"
    SOURCE_SUSPICIOUS = "source_suspicious"


class Action(StrEnum):
    """What an admin may do with a run."""

    START = "start"
    STOP = "stop"
    RESUME = "resume"
    ROLLBACK = "rollback"
    TUNING = "tuning"
    CATCH_UP = "catch-up"
    VALIDATE = "validate"
    CUT_OVER = "cutover"
    COMPLETE = "complete"
    CONFIRM_SOURCE = "confirm-source"


_BACK: Final = (Action.ROLLBACK, Action.TUNING)
_ACTIONS: Final[Mapping[RunState, tuple[Action, ...]]] = {
    RunState.PLANNED: _BACK,
    RunState.SNAPSHOTTING: (Action.STOP, *_BACK),
    RunState.COPYING: (Action.STOP, *_BACK),
    RunState.REPLICATING: (
        Action.VALIDATE,
        Action.CATCH_UP,
        Action.CUT_OVER,
        Action.STOP,
        *_BACK,
    ),
    RunState.PAUSED: (Action.RESUME, Action.VALIDATE, *_BACK),
    RunState.FAILED: (Action.RESUME, Action.VALIDATE, *_BACK),
    RunState.CUTTING_OVER: (),
    RunState.MONITORING: (Action.VALIDATE, Action.COMPLETE, Action.ROLLBACK),
    RunState.COMPLETED: (Action.VALIDATE, Action.ROLLBACK),
    RunState.REVERSING: (),
    RunState.RESTORING: (),
    RunState.CANCELLED: (Action.START,),
    RunState.REVERSED: (Action.START,),
    RunState.RESTORED: (Action.START,),
}


def allowed_actions(state: RunState, hold: HoldReason | None) -> list[Action]:
    """Return what may be done in a state, the most likely first."""
    confirming = [Action.CONFIRM_SOURCE] if hold is HoldReason.SOURCE_SUSPICIOUS else []
    return [*confirming, *_ACTIONS[state]]
