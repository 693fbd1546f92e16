"""Progress of a run for people: rows of the console's tables, written now and then.

What is exact lies in the targets. These numbers may be half a second old and are never read by the
work itself.
"""

import resource
import sys
import time
from collections import deque
from typing import Final

from django.db.models import F, FloatField, Value
from django.db.models.functions import Greatest

from migration.engine.copying import Phase, Step
from migration.models import CollectionProgress, MigrationRun
from migration.services.leases import Lease

_WRITE_EVERY_SECONDS: Final = 0.5
_RATE_OVER_SECONDS: Final = 10.0
# How much of a collection's work lies in its lines and in its index keys, as measured.
_LINES_SHARE: Final = 0.5
_COPY_SHARE: Final = 90.0
_CAUGHT_UP_PERCENTAGE: Final = 92.0
_UNFINISHED_MAX: Final = 99.9


class Reporter:
    """Writes down how far a run is, at most twice a second."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._written_at = 0.0
        self._rates: deque[tuple[float, int]] = deque()
        self._copied = 0
        self._last_lines: dict[str, int] = {}

    def copied(self, step: Step, live: int | None = None) -> None:
        """Note a step of a collection's copy; ``live`` is the count once it is finished."""
        before = self._last_lines.get(step.collection, step.documents)
        self._copied += max(step.documents - before, 0)
        self._last_lines[step.collection] = step.documents
        now = time.monotonic()
        if now - self._written_at < _WRITE_EVERY_SECONDS and live is None:
            return
        self._written_at = now
        self._write_collection(step, live)
        self._write_run(f"{step.phase.value} of {step.collection}")

    def _write_collection(self, step: Step, live: int | None) -> None:
        row = CollectionProgress.objects.filter(run=self._lease.run_id, name=step.collection)
        share = step.offset / step.size if step.size else 1.0
        total = row.values_list("total", flat=True).first() or 0
        completed = min(int(total * share), max(total - 1, 0)) if live is None else live
        row.update(
            state=_state_of(step.phase) if live is None else "copied",
            completed=Greatest(F("completed"), completed) if live is None else completed,
            total=F("total") if live is None else live,
            bytes_done=step.offset,
            bytes_total=step.size,
        )

    def _write_run(self, step: str) -> None:
        now = time.monotonic()
        self._rates.append((now, self._copied))
        while self._rates[0][0] < now - _RATE_OVER_SECONDS:
            self._rates.popleft()
        (then, before), (_, after) = self._rates[0], self._rates[-1]
        rate = (after - before) / (now - then) if now > then else 0.0
        MigrationRun.objects.filter(self._lease.mine()).update(
            step=step,
            documents_per_second=rate,
            memory_bytes=_peak_memory_bytes(),
            attempts=0,
            percentage=Greatest(F("percentage"), Value(self._percentage(), FloatField())),
        )

    def _percentage(self) -> float:
        done = total = 0.0
        rows = CollectionProgress.objects.filter(run=self._lease.run_id)
        for state, bytes_done, bytes_total in rows.values_list(
            "state", "bytes_done", "bytes_total"
        ):
            weight = bytes_total + 4096
            total += weight
            if state in {"copied", "caught-up"}:
                done += weight
            elif bytes_total:
                part = _LINES_SHARE if state == "indexing" else 0.0
                done += weight * max(part, _LINES_SHARE * bytes_done / bytes_total)
        return _COPY_SHARE * done / total if total else 0.0

    def reached(self, percentage: float, step: str) -> None:
        """Note that a part of the run is done."""
        MigrationRun.objects.filter(self._lease.mine()).update(
            step=step,
            percentage=Greatest(
                F("percentage"), Value(min(percentage, _UNFINISHED_MAX), FloatField())
            ),
            attempts=0,
        )


def _state_of(phase: Phase) -> str:
    return "copying" if phase is Phase.DOCUMENTS else "indexing"


def _peak_memory_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
