"""The legacy folder: which file is which collection's, which are nobody's, and which are not data.

The new databases live in the same folder by default and end in ``.db`` too. They are told apart by
device and inode before anything is opened: a process that opens and closes a SQLite file by itself
drops the locks of its own SQLite connections on it.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from migration.engine.catalog import Catalog, Collection

DATAFILE_SUFFIX: Final = ".db"
LEFTOVER_SUFFIX: Final = "~"
_SQLITE_COMPANIONS: Final = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where a collection's lines are read from.

    ``path`` is None when there is no datafile. ``from_leftover`` is True when only the ``~`` file
    of an interrupted compaction is there: NeDB would rename and read it, so we read it.
    ``has_leftover`` is True when one lies beside the datafile, which NeDB ignores and overwrites.
    """

    collection: Collection
    path: Path | None
    from_leftover: bool = False
    has_leftover: bool = False


class LegacyFolder:
    """A folder of datafiles; ``targets`` are the files of the new databases, wherever they lie."""

    def __init__(self, path: Path, *, targets: Iterable[Path] = ()) -> None:
        self.path = path
        self._targets = tuple(targets)

    def locate(self, collection: Collection) -> Located:
        """Find the file of one collection without opening anything."""
        main = self.path / collection.datafile
        leftover = main.with_name(main.name + LEFTOVER_SUFFIX)
        has_main, has_leftover = self._is_data(main), self._is_data(leftover)
        if has_main or not has_leftover:
            path = main if has_main else None
            return Located(collection=collection, path=path, has_leftover=has_leftover)
        return Located(collection=collection, path=leftover, from_leftover=True)

    def unclaimed(self, catalog: Catalog) -> list[str]:
        """Name the files that look like datafiles and that no collection names, sorted."""
        claimed = {c.datafile for c in catalog.collections}
        return sorted(
            entry.name
            for entry in self._entries()
            if entry.name.endswith(DATAFILE_SUFFIX)
            and not entry.name.startswith(".")
            and entry.name not in claimed
            and not entry.is_dir()
            and self._is_data(Path(entry.path))
        )

    def _entries(self) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.path) as entries:
                return list(entries)
        except FileNotFoundError:
            return []

    def _is_data(self, path: Path) -> bool:
        identity = _identity(path)
        return identity is not None and identity not in self._target_identities()

    def _target_identities(self) -> set[tuple[int, int]]:
        identities = (
            _identity(target.with_name(target.name + companion))
            for target in self._targets
            for companion in _SQLITE_COMPANIONS
        )
        return {identity for identity in identities if identity is not None}


def _identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of what stands at ``path``; None where nothing does."""
    try:
        seen = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return seen.st_dev, seen.st_ino
