"""How far the new databases are behind the datafiles."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils import timezone

from migration.engine.catalog import Database
from migration.engine.checkpoint import CollectionState
from migration.engine.errors import SourceError
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.folder import Located
from migration.engine.ports import Store
from migration.models import CollectionProgress, MigrationRun
from migration.services.stores import Workplace

_COUNTED_BYTES_MAX: Final = 64 << 20


def measure(run: MigrationRun, place: Workplace, stores: Mapping[Database, Store]) -> int:
    """Compare sizes with checkpoints and write the lag down; returns the bytes behind in all."""
    now, total = timezone.now(), 0
    for collection in place.catalog.collections:
        located = place.folder.locate(collection)
        state = stores[collection.database].state(collection.name)
        behind = bytes_behind(located, state)
        total += behind
        row = CollectionProgress.objects.filter(run=run, name=collection.name)
        if behind:
            row.filter(lag_since=None).update(lag_since=_written_at(located) or now)
        row.update(
            state="behind" if behind else "caught-up",
            lag_bytes=behind,
            lag_lines=lines_behind(located, state) if behind else 0,
            **({} if behind else {"lag_since": None}),
        )
    return total


def bytes_behind(located: Located, state: CollectionState | None) -> int:
    """Return how many bytes of a datafile were not applied; a torn tail is no lag."""
    if located.path is None:
        return 0
    try:
        seen = located.path.lstat()
    except FileNotFoundError:
        return 0
    if state is None:
        return seen.st_size
    if seen.st_ino != state.checkpoint.stat.inode:
        return seen.st_size
    tail = state.tail.length if state.tail else 0
    return max(seen.st_size - state.checkpoint.offset - tail, 0)


def lines_behind(located: Located, state: CollectionState | None) -> int:
    """Count the lines of a datafile that were not applied; of a long backlog, its beginning."""
    if located.path is None:
        return 0
    try:
        with Datafile(located.path) as datafile:
            is_same = state is not None and state.checkpoint.stat.is_same_file(datafile.stat)
            start = state.checkpoint.offset if state and is_same else 0
            return datafile.count_lines(start, start + _COUNTED_BYTES_MAX)
    except (FileNotFoundError, SourceError):
        return 0


def _written_at(located: Located) -> datetime | None:
    if located.path is None:
        return None
    try:
        return datetime.fromtimestamp(
            located.path.lstat().st_mtime, tz=timezone.get_current_timezone()
        )
    except FileNotFoundError:
        return None
