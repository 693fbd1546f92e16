"""A target file that is opened when it is needed, and opened anew after an error of the disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migration.engine.stores.sqlite.connection import connect, translated


class SqliteHandle:
    """The connection to one target file, and the names of its tables.

    Not for use by several threads at once. After an error of the disk the connection is dropped,
    for SQLite's page cache can't be trusted then; the next call opens a new one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None
        self._tables: dict[str, str] = {}

    def close(self) -> None:
        """Close the connection; SQLite folds the write-ahead log in when it is the last."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _table(self, collection: str) -> str:
        return self._tables[collection]

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = connect(self.path)
            with translated(self.path):
                self._tables = known_tables(self._db)
        return self._db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        db = self._connection()
        try:
            with translated(self.path):
                yield db
        except (GeneratorExit, LookupError):
            raise
        except Exception as exc:
            if isinstance(exc.__cause__, sqlite3.Error):
                self._drop_connection()
            raise

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as db:
            db.execute("begin immediate")
            try:
                yield db
                db.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("rollback")
                raise

    def _drop_connection(self) -> None:
        """Give up a connection after an error: what its cache holds may not be on the disk."""
        with suppress(sqlite3.Error):
            self.close()
        self._db = None


def known_tables(db: sqlite3.Connection) -> dict[str, str]:
    """Return the table of each collection, in the order in which they were made."""
    rows = db.execute("select collection, table_name from migrator_collections order by position")
    return dict(rows.fetchall())
