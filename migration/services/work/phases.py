"""What is done in each state of a run, one step at a time."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from django.utils import timezone

from migration.engine.catalog import Collection, Database
from migration.engine.copying import CollectionCopy, CopyOptions, Step
from migration.engine.lifecycle import RunState
from migration.engine.ports import Store
from migration.engine.throttle import Throttle
from migration.models import CollectionProgress, MigrationRun
from migration.services import audit, lags, validation
from migration.services.moves import WORKER, advance
from migration.services.stores import Workplace
from migration.services.work.reporter import Reporter

if TYPE_CHECKING:
    from hashlib import _Hash

# Digests of what was read of each datafile, kept between slices of one process: with them a prefix
# need not be hashed again. They are only ever trusted when they equal the checkpoint's own.
_digests: dict[str, "_Hash | None"] = {}


class _InterruptedError(Exception):
    """A validation was left because the run shall stop, or the lease is lost."""


class Phases:
    """The work of one run in one slice.

    ``must_end`` is asked before each step; ``must_stop`` leaves the time of the slice aside, for
    work that can't be cut.
    """

    def __init__(  # noqa: PLR0913  what a phase works with
        self,
        run: MigrationRun,
        place: Workplace,
        stores: Mapping[Database, Store],
        *,
        reporter: Reporter,
        must_end: Callable[[], bool],
        must_stop: Callable[[], bool],
        on_step: Callable[[Step], None],
    ) -> None:
        self._run = run
        self._place = place
        self._stores = stores
        self._reporter = reporter
        self._must_end = must_end
        self._must_stop = must_stop
        self._on_step = on_step
        self._throttle = Throttle(
            batch_documents_max=run.batch_documents, nice_ratio=run.nice_ratio
        )

    def advance_once(self) -> bool:
        """Do the next piece of work; False when there is none for the moment."""
        match self._run.run_state:
            case RunState.SNAPSHOTTING:
                return self._pass_snapshot()
            case RunState.COPYING:
                return self._copy()
            case RunState.REPLICATING:
                return self._replicate()
            case _:
                return False

    def _pass_snapshot(self) -> bool:
        audit.record(
            "snapshot.not_taken",
            actor=WORKER,
            object_type="run",
            object_id=self._run.name,
            kind="event",
        )
        advance(self._run, RunState.COPYING, actor=WORKER)
        return True

    # ------------------------------------------------------------------ copying

    def _copy(self) -> bool:
        done = set(
            CollectionProgress.objects.filter(run=self._run, state="copied").values_list(
                "name", flat=True
            )
        )
        for collection in self._place.catalog.collections:
            if collection.name not in done and not self._copy_collection(collection):
                return True
        for store in self._stores.values():
            store.fold()
        advance(self._run, RunState.REPLICATING, actor=WORKER, copied_at=timezone.now())
        return True

    def _copy_collection(self, collection: Collection) -> bool:
        """Copy one collection as far as the slice allows; True when it is finished."""
        copy = self._pass_over(collection, hash_prefix=self._run.must_rehash)
        step: Step | None = None
        began = time.monotonic()
        for step in copy.steps():
            self._on_step(step)
            self._reporter.copied(step)
            began = self._adapt(copy, step, began)
            if self._must_end():
                self._keep_digest(copy)
                return False
        self._keep_digest(copy)
        count = self._stores[collection.database].count(collection.name)
        self._reporter.copied(step or copy.standing(), live=count)
        return True

    def _adapt(self, copy: CollectionCopy, step: Step, began: float) -> float:
        """Fit the size of the next batch to how long this one took, and rest if asked to."""
        seconds = time.monotonic() - began
        self._throttle = self._throttle.after(documents=step.batch_documents, seconds=seconds)
        copy.options = CopyOptions(batch_documents=self._throttle.batch_documents)
        rest = self._throttle.rest_seconds(seconds)
        if rest:
            time.sleep(rest)
        return time.monotonic()

    def _pass_over(self, collection: Collection, *, hash_prefix: bool) -> CollectionCopy:
        return CollectionCopy(
            self._place.folder.locate(collection),
            self._stores[collection.database],
            options=CopyOptions(batch_documents=self._throttle.batch_documents),
            is_confirmed=collection.name in self._run.confirmed_collections,
            hash_prefix=hash_prefix,
            digest=_digests.get(collection.name),
        )

    def _keep_digest(self, copy: CollectionCopy) -> None:
        _digests[copy.name] = copy.last_digest

    # ------------------------------------------------------------------ replicating

    def _replicate(self) -> bool:
        has_moved = self._catch_up()
        if has_moved is None:
            return True
        if self._run.caught_up_at is None:
            self._reporter.reached(92.0, "caught up")
        MigrationRun.objects.filter(pk=self._run.pk).update(
            caught_up_at=timezone.now(), must_rehash=False
        )
        if self._run.validated_at is None:
            self._validate()
            return True
        return has_moved

    def _catch_up(self) -> bool | None:
        """Apply what the application wrote; None when the slice ended before all was read."""
        has_moved = False
        for collection in self._place.catalog.collections:
            copy = self._pass_over(collection, hash_prefix=self._run.must_rehash)
            for step in copy.steps():
                self._on_step(step)
                if self._must_end():
                    self._keep_digest(copy)
                    return None
            self._keep_digest(copy)
            if copy.changed or copy.standing().offset == 0:
                has_moved = has_moved or copy.changed
                self._confirmed(collection)
        lags.measure(self._run, self._place, self._stores)
        return has_moved

    def _confirmed(self, collection: Collection) -> None:
        """A confirmation counts for one loss only."""
        names = self._run.confirmed_collections
        if collection.name in names:
            left = [n for n in names if n != collection.name]
            MigrationRun.objects.filter(pk=self._run.pk).update(confirmed_collections=left)

    def _validate(self) -> None:
        try:
            report = validation.validate_stores(
                self._place,
                self._stores,
                run=self._run,
                checks_files=False,
                on_progress=self._validating,
            )
        except _InterruptedError:
            return
        MigrationRun.objects.filter(pk=self._run.pk).update(
            validated_at=timezone.now(),
            overall=report.overall,
            percentage=100.0,
            step="copied and validated",
        )

    def _validating(self, share: float) -> None:
        self._reporter.reached(93.0 + 6.9 * share, "validating")
        if self._must_stop():
            raise _InterruptedError
