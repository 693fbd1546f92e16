"""Planning: what is there, what would happen to it, and whether anything stands in the way.

A plan changes nothing. Its hash covers the catalog and the inventory of the folder, so that a start
can tell whether the plan still speaks of what is there.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from migration.engine.catalog import Catalog, Collection, Database
from migration.engine.checkpoint import Counts
from migration.engine.errors import EngineError, SourceError
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.folder import LegacyFolder, Located
from migration.engine.nedb.refusal import is_too_corrupt
from migration.engine.nedb.survey import Survey, survey_datafile
from migration.engine.quarantine import Reason

# The new databases with their keys and the log beside them, and a compressed snapshot: measured on
# datafiles with and without many indexes, and rounded up.
TARGET_BYTES_PER_BYTE: Final = 2.0
SNAPSHOT_BYTES_PER_BYTE: Final = 0.4
LARGE_DOCUMENTS: Final = 1_000_000
_TRIAL_BYTES: Final = 4 << 20


class Status(StrEnum):
    """How a check came out."""

    PASS = "pass"  # noqa: S105  the word of a check that found nothing
    WARNING = "warning"
    CRITICAL = "critical"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A named check; ``severity`` is what its failing means, ``status`` how it came out."""

    code: str
    status: Status
    severity: Status
    message: str
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCollection:
    """One collection as the plan found it."""

    collection: Collection
    located: Located
    survey: Survey | None
    problem: str | None = None

    @property
    def live(self) -> int:
        """Documents that would be moved."""
        return self.survey.live if self.survey else 0

    @property
    def bytes(self) -> int:
        """The size of the datafile."""
        return self.survey.stat.size if self.survey else 0

    @property
    def counts(self) -> Counts:
        """Its lines, by what they say."""
        return self.survey.counts if self.survey else Counts()

    @property
    def quarantined(self) -> int:
        """Lines that would not be moved."""
        if self.survey is None:
            return 0
        groups = (ids for found in self.survey.conflicts.values() for ids in found)
        apart = {identity for ids in groups for identity in ids[1:]}
        return self.counts.unread + len(apart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do. Sizes in bytes, times in seconds."""

    collections: tuple[PlannedCollection, ...]
    checks: tuple[Check, ...]
    hash: str
    estimated_seconds: float
    disk_needed_bytes: int
    disk_free_bytes: int
    planned_in_seconds: float

    @property
    def estimated_records(self) -> int:
        """Documents that would be moved in all."""
        return sum(c.live for c in self.collections)

    def of(self, database: Database) -> Sequence[PlannedCollection]:
        """Return the collections that go to one database."""
        return [c for c in self.collections if c.collection.database is database]

    @property
    def is_ready(self) -> bool:
        """Tell whether no check found something critical."""
        return all(check.status is not Status.CRITICAL for check in self.checks)


# Copies a folder with one small datafile into scratch databases: how quick is this machine?
Trial = Callable[[Path, Collection], None]


@dataclass(slots=True)
class _Finder:
    """Collects the checks of a plan."""

    checks: list[Check] = field(default_factory=list)

    def check(self, code: str, severity: Status, names: Iterable[str], bad: str, good: str) -> None:
        """Add a check that fails for some collections or files, or passes for none."""
        found = tuple(names)
        status, message = (severity, f"{bad}: {_listed(found)}.") if found else (Status.PASS, good)
        self.checks.append(
            Check(code=code, status=status, severity=severity, message=message, collections=found)
        )


def inventory_hash(catalog: Catalog, folder: LegacyFolder) -> str:
    """Return a digest of the catalog and of what lies in the folder, without opening a file."""
    seen: list[object] = [catalog.digest]
    for collection in catalog.collections:
        path = folder.locate(collection).path
        if path is None:
            seen.append([collection.name, None])
            continue
        with suppress(FileNotFoundError):
            stat = path.lstat()
            seen.append(
                [
                    collection.name,
                    path.name,
                    stat.st_dev,
                    stat.st_ino,
                    stat.st_size,
                    stat.st_mtime_ns,
                ]
            )
    return sha256(msgspec.json.encode(seen)).hexdigest()


def make_plan(
    catalog: Catalog,
    folder: LegacyFolder,
    *,
    targets: Mapping[Database, Path],
    reserve_bytes: int,
    trial: Trial,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Plan:
    """Read the whole folder and say what a run would do.

    ``on_progress`` is told the collection, and bytes read and to read of its datafile.
    """
    began = time.monotonic()
    plan_hash = inventory_hash(catalog, folder)
    collections = tuple(_planned(folder.locate(c), on_progress) for c in catalog.collections)
    total = sum(c.bytes for c in collections)
    needed = int(total * (TARGET_BYTES_PER_BYTE + SNAPSHOT_BYTES_PER_BYTE))
    free = min((_free_bytes(path) for path in targets.values()), default=0)
    finder = _Finder()
    _check_folder(finder, folder, catalog, collections)
    _check_lines(finder, collections)
    _check_room(finder, needed=needed + reserve_bytes, free=free)
    return Plan(
        collections=collections,
        checks=tuple(finder.checks),
        hash=plan_hash,
        estimated_seconds=total * _seconds_per_byte(collections, trial),
        disk_needed_bytes=needed,
        disk_free_bytes=free,
        planned_in_seconds=round(time.monotonic() - began, 3),
    )


def _planned(located: Located, on_progress: Callable[[str, int, int], None]) -> PlannedCollection:
    collection, path = located.collection, located.path
    if path is None:
        return PlannedCollection(collection=collection, located=located, survey=None)
    found: Survey | None = None
    try:
        with Datafile(path) as datafile:
            for survey in survey_datafile(datafile):
                found = survey
                on_progress(collection.name, datafile.position, datafile.stat.size)
    except (SourceError, FileNotFoundError) as exc:
        return PlannedCollection(
            collection=collection, located=located, survey=None, problem=str(exc)
        )
    return PlannedCollection(collection=collection, located=located, survey=found)


def _free_bytes(path: Path) -> int:
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def _check_folder(
    finder: _Finder,
    folder: LegacyFolder,
    catalog: Catalog,
    collections: Sequence[PlannedCollection],
) -> None:
    check, names = finder.check, [c.collection.datafile for c in collections]
    missing = [c.collection.datafile for c in collections if c.located.path is None]
    nothing = [str(folder.path.name)] if missing == names else []
    check(
        "nothing_to_move",
        Status.CRITICAL,
        nothing,
        "There is no datafile of this catalog in the folder",
        "There are datafiles to move.",
    )
    check(
        "datafile_missing",
        Status.WARNING,
        missing if not nothing else [],
        "These datafiles are missing, their collections count as empty",
        "Every collection has its datafile.",
    )
    check(
        "datafile_unreadable",
        Status.CRITICAL,
        [f"{c.collection.datafile} ({c.problem})" for c in collections if c.problem],
        "These datafiles can't be read",
        "Every datafile can be read.",
    )
    check(
        "unclaimed_datafile",
        Status.WARNING,
        folder.unclaimed(catalog),
        "No collection of the catalog names these files, they would stay behind",
        "Every datafile belongs to a collection.",
    )
    check(
        "crash_leftover",
        Status.WARNING,
        [f"{c.collection.datafile}~" for c in collections if c.located.from_leftover],
        "Only the file of an interrupted compaction is there; it is read as NeDB would read it",
        "No compaction was left half done.",
    )
    check(
        "leftover_ignored",
        Status.WARNING,
        [f"{c.collection.datafile}~" for c in collections if c.located.has_leftover],
        "These files of interrupted compactions are ignored, as NeDB ignores them",
        "No leftover of a compaction lies beside a datafile.",
    )


def _check_lines(finder: _Finder, collections: Sequence[PlannedCollection]) -> None:
    surveyed = [(c, c.survey) for c in collections if c.survey]

    def with_reason(*reasons: Reason) -> list[str]:
        return [c.collection.name for c, s in surveyed if any(s.odd[r] for r in reasons)]

    finder.check(
        "datafile_refused",
        Status.CRITICAL,
        [
            c.collection.name
            for c, s in surveyed
            if s.bad_keys or s.conflicts or is_too_corrupt(s.counts)
        ],
        "The NeDB library itself would refuse these datafiles at its next start",
        "The NeDB library can load every datafile.",
    )
    finder.check(
        "lines_not_moved",
        Status.WARNING,
        [c.collection.name for c in collections if c.quarantined],
        "Some lines can't be moved and would be quarantined",
        "Every line can be moved.",
    )
    finder.check(
        "unique_conflict",
        Status.WARNING,
        [c.collection.name for c, s in surveyed if s.conflicts],
        "Documents break a unique index; the first of each stays, the others go to quarantine",
        "No document breaks a unique index.",
    )
    finder.check(
        "rescued_lines",
        Status.WARNING,
        with_reason(Reason.RESCUED, Reason.REPAIRED),
        "NeDB would lose or change documents here at its next start; they are moved",
        "NeDB would lose nothing at its next start.",
    )
    finder.check(
        "id_collision",
        Status.WARNING,
        with_reason(Reason.ID_COLLISION),
        "Ids differ only in their type; NeDB keeps the last of each at its next start",
        "No two ids differ only in their type.",
    )
    finder.check(
        "torn_tail",
        Status.WARNING,
        [c.collection.name for c, s in surveyed if s.has_torn_tail],
        "The last line is unfinished and waits to be completed",
        "No datafile ends in an unfinished line.",
    )
    finder.check(
        "ttl_index",
        Status.WARNING,
        [
            c.collection.name
            for c, s in surveyed
            if any(d.expire_after_seconds is not None for d in s.indexes)
        ],
        "Indexes with an expiry are kept as plain ones",
        "No index has an expiry.",
    )
    total = sum(c.live for c in collections)
    finder.check(
        "large_dataset",
        Status.WARNING,
        [f"{total} documents"] if total > LARGE_DOCUMENTS else [],
        "This is much data; think of a maintenance window",
        "The amount of data needs no special care.",
    )


def _check_room(finder: _Finder, *, needed: int, free: int) -> None:
    finder.check(
        "disk_low",
        Status.CRITICAL,
        [f"{needed} bytes are needed and {free} are free"] if needed > free else [],
        "There is not enough room on the disk",
        "There is enough room on the disk.",
    )


def _seconds_per_byte(collections: Iterable[PlannedCollection], trial: Trial) -> float:
    """Copy the beginning of the largest datafile into a scratch database, and time it."""
    largest = max((c for c in collections if c.survey), key=lambda c: c.bytes, default=None)
    if largest is None or largest.located.path is None or not largest.bytes:
        return 0.0
    with tempfile.TemporaryDirectory() as scratch, suppress(EngineError, OSError):
        folder = Path(scratch)
        size = 0
        with Datafile(largest.located.path) as datafile:
            target = folder / largest.collection.datafile
            with target.open("wb") as copy:
                for data in _first_lines(datafile):
                    size += copy.write(data)
        if size:
            began = time.perf_counter()
            trial(folder, largest.collection)
            return (time.perf_counter() - began) / size
    return 0.0


def _first_lines(datafile: Datafile) -> Iterator[bytes]:
    for chunk in datafile.chunks(datafile.stat.size):
        yield chunk.data
        if chunk.end >= _TRIAL_BYTES:
            return


def _listed(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
