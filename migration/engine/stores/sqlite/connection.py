"""Opening a target file, and turning SQLite's errors into ours."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from migration.engine.errors import (
    StoreBrokenError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
    TargetRefusedError,
)

# "RMIG": written into the file's header, so that a file of ours is known before its tables are
# read.
APPLICATION_ID: Final = 0x524D4947
_BUSY_SECONDS: Final = 30.0

_PRAGMAS: Final = (
    "pragma journal_mode=wal",
    "pragma synchronous=full",
    "pragma cache_size=-24000",
    # Debian builds SQLite with secure_delete: every delete would write zeros.
    "pragma secure_delete=off",
    "pragma temp_store=file",
    "pragma wal_autocheckpoint=4000",
    "pragma foreign_keys=off",
)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open an existing target file; never creates one.

    Raises:
        TargetRefusedError: it is no SQLite database, or none that we made.
        StoreUnavailableError: it can't be opened now.
    """
    _check_ours(path)
    connection = _open(path, mode="ro" if read_only else "rw")
    try:
        with translated(path):
            for pragma in _PRAGMAS[1:] if read_only else _PRAGMAS:
                connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _open(path: Path, *, mode: str) -> sqlite3.Connection:
    with translated(path):
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )


def _check_ours(path: Path) -> None:
    # Read-only, since a connection that may write folds the write-ahead log of a stranger's
    # database when it is closed.
    with translated(path), closing(_open(path, mode="ro")) as connection:
        (found,) = connection.execute("pragma application_id").fetchone()
    if found != APPLICATION_ID:
        raise TargetRefusedError(target=path.name, reason="it is a database that we did not make")


def create(path: Path, schema: str) -> None:
    """Make a target file whole: built beside, synced, and renamed into its place.

    Raises:
        TargetRefusedError: something stands there already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".migration-{path.name}.{secrets.token_hex(6)}")
    try:
        os.close(os.open(building, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, 0o600))
        with translated(path), closing(sqlite3.connect(building, isolation_level=None)) as fresh:
            # The page size must be set before the first table, and before WAL.
            fresh.executescript(f"pragma page_size=8192; pragma application_id={APPLICATION_ID};")
            fresh.executescript(schema)
        _sync_file(building)
        try:
            # A link refuses an existing name, where a rename would replace it.
            os.link(building, path, follow_symlinks=False)
        except FileExistsError as exc:
            raise TargetRefusedError(
                target=path.name, reason="a file stands there already"
            ) from exc
    except OSError as exc:
        raise StoreUnavailableError(target=path.name, reason=exc.strerror or str(exc)) from exc
    finally:
        building.unlink(missing_ok=True)
    sync_folder(path.parent)


def _sync_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_folder(path: Path) -> None:
    """Make renames inside a folder survive a power cut."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise our errors in place of SQLite's."""
    try:
        yield
    except sqlite3.Error as exc:
        raise _translation(exc, path.name) from exc


def _translation(exc: sqlite3.Error, target: str) -> StoreError:
    name = str(getattr(exc, "sqlite_errorname", ""))
    if name.startswith("SQLITE_FULL"):
        return StoreFullError(target=target)
    if name.startswith("SQLITE_NOTADB"):
        return TargetRefusedError(target=target, reason="it is not a SQLite database")
    if name.startswith("SQLITE_CORRUPT"):
        return StoreBrokenError(target=target, reason=str(exc))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN")):
        return StoreUnavailableError(target=target, reason=str(exc))
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return StoreUnavailableError(target=target, reason=str(exc))
    return StoreBrokenError(target=target, reason=str(exc))
