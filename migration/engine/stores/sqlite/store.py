"""One target file: who may write to it, what it remembers, and transactions on its collections."""

import gc
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from migration.engine.checkpoint import CollectionState, Ledger
from migration.engine.errors import (
    CheckpointMovedError,
    StaleTokenError,
    StoreUnavailableError,
    TargetRefusedError,
)
from migration.engine.index_definitions import DeclaredIndex
from migration.engine.ports import Claim, Contest, Row
from migration.engine.quarantine import QuarantineItem
from migration.engine.stores.sqlite import quarantine as quarantine_rows
from migration.engine.stores.sqlite.connection import create, sync_folder
from migration.engine.stores.sqlite.handle import SqliteHandle, known_tables
from migration.engine.stores.sqlite.key_feed import KeyBatch, KeyFeed, read_key_batch
from migration.engine.stores.sqlite.keys import KeyTables, read_indexes
from migration.engine.stores.sqlite.reading import SqliteReader
from migration.engine.stores.sqlite.schema import (
    OWN_TABLES,
    collection_table,
    documents_view,
    fence_triggers,
    quoted,
    table_names,
)
from migration.engine.stores.sqlite.seen import SeenRows
from migration.engine.stores.sqlite.states import read_state
from migration.engine.stores.sqlite.write import SqliteWrite

# Below, starting a process costs more than it saves.
_FED_DOCUMENTS_MIN: Final = 30_000


class SqliteStore(SqliteHandle):
    """A target database in one SQLite file; satisfies ``ports.Store``."""

    def __init__(
        self, path: Path, *, collections: Sequence[str], now: Callable[[], float] = time.time
    ) -> None:
        super().__init__(path)
        self._collections = tuple(collections)
        self._now = now
        self._claim: Claim | None = None
        self._feed = KeyFeed(path)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that this database consists of; some may be absent."""
        return tuple(self.path.with_name(self.path.name + s) for s in ("", "-wal", "-shm"))

    def exists(self) -> bool:
        """Tell whether something stands where the target belongs."""
        return self.path.exists() or self.path.is_symlink()

    def close(self) -> None:
        """Close the connection; SQLite folds the write-ahead log in when it is the last."""
        self._feed.close()
        super().close()

    def claim(self, claim: Claim) -> None:
        """Take the target for a run, creating it when it is not there.

        Raises:
            TargetRefusedError: a file that we did not make, or another installation's target.
            StaleTokenError: a later claim holds the target.
        """
        if not self.exists():
            create(self.path, OWN_TABLES + documents_view({}))
        with self._transaction() as db:
            held = db.execute("select installation, token from migrator_claim").fetchone()
            if held is not None and held[0] != claim.installation:
                raise TargetRefusedError(
                    target=self.path.name, reason="it belongs to another installation"
                )
            if held is not None and held[1] > claim.token:
                raise StaleTokenError(target=self.path.name)
            db.execute(
                "insert into migrator_claim(one, installation, run, token, epoch)"
                " values(1, ?, ?, ?, 0) on conflict(one) do update set"
                " run = excluded.run, token = excluded.token",
                (claim.installation, claim.run, claim.token),
            )
            self._make_tables(db)
        self._claim = claim

    def check(self, installation: str) -> None:
        """Refuse what could not be claimed, without changing anything.

        Raises:
            TargetRefusedError: a file that we did not make, or another installation's target.
        """
        if not self.exists():
            self._check_folder()
            return
        with self._reading() as db:
            held = db.execute("select installation from migrator_claim").fetchone()
        if held is not None and held[0] != installation:
            raise TargetRefusedError(
                target=self.path.name, reason="it belongs to another installation"
            )

    def _check_folder(self) -> None:
        folder = self.path.parent
        while not folder.exists():
            folder = folder.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            raise TargetRefusedError(target=self.path.name, reason="its folder can't be written to")

    def _make_tables(self, db: sqlite3.Connection) -> None:
        known = known_tables(db)
        names = table_names(self._collections, taken=known)
        for position, (collection, table) in enumerate(names.items()):
            if collection not in known:
                db.execute(collection_table(table))
                db.execute(
                    "insert into migrator_collections values(?, ?, ?)",
                    (collection, table, position),
                )
        if names != known:
            db.execute("drop view if exists documents")
            db.execute(documents_view(names))
        self._tables = names

    # ------------------------------------------------------------------ state and writing

    def state(self, collection: str) -> CollectionState | None:
        """Return what is remembered of a collection's copy; None before its first batch."""
        with self._reading() as db:
            return read_state(db, collection)

    @contextmanager
    def write(self, collection: str, *, before: CollectionState | None) -> Iterator[SqliteWrite]:
        """Open a transaction on a collection; it commits when the block ends without an error.

        Raises:
            CheckpointMovedError: the state is not ``before`` any more; nothing was written.
            StaleTokenError: a later claim holds the target; nothing was written.
        """
        with self._transaction() as db:
            self._check_token(db)
            found = read_state(db, collection)
            if _place(found) != _place(before):
                raise CheckpointMovedError(collection=collection)
            tables = self._key_tables(db, collection) if found and found.is_indexed else None
            yield SqliteWrite(
                db,
                collection=collection,
                table=self._table(collection),
                keys=tables,
                now_ms=int(self._now() * 1000),
            )

    def _check_token(self, db: sqlite3.Connection) -> None:
        held = db.execute("select token from migrator_claim").fetchone()
        if self._claim is None or held != (self._claim.token,):
            raise StaleTokenError(target=self.path.name)

    # ------------------------------------------------------------------ reconciling

    def count_unseen(self, collection: str) -> int:
        """Count documents that the reconciled generation has not named."""
        with self._reading() as db:
            return self.count(collection) - SeenRows(db, collection).count()

    def delete_unseen(self, collection: str, *, before: CollectionState, limit: int) -> int:
        """Delete some documents that the new generation does not name; 0 when none is left."""
        with self.write(collection, before=before) as write:
            gone = write.delete_unseen(limit)
            write.move_to(before)
            return gone

    # ------------------------------------------------------------------ indexes

    def indexes(self, collection: str) -> tuple[DeclaredIndex, ...]:
        """Return the indexes that the collection's datafile declares."""
        with self._reading() as db:
            return read_indexes(db, collection)

    def build_keys(self, collection: str, *, limit: int) -> int:
        """Build index keys of some more documents; 0 when all have theirs."""
        # Thousands of tuples are alive at once and none is in a cycle: looking costs a tenth.
        with self._transaction() as db, _without_cycles_sought():
            self._check_token(db)
            indexes = read_indexes(db, collection)
            if not indexes:
                return 0
            tables = self._key_tables(db, collection)
            after = tables.prepare()
            batch = self._fed_keys(db, collection, indexes, after=after, limit=limit)
            if batch is None:
                batch = read_key_batch(
                    db, self._table(collection), tables.maker, after=after, limit=limit
                )
            tables.insert(batch)
            return len(batch.keys)

    def _fed_keys(
        self,
        db: sqlite3.Connection,
        collection: str,
        indexes: tuple[DeclaredIndex, ...],
        *,
        after: int,
        limit: int,
    ) -> KeyBatch | None:
        """Take keys from a second process, where it pays to have one; None where it does not."""
        table = self._table(collection)
        if not self._feed.is_busy_with(table, after):
            (last,) = db.execute(f"select max(rowid) from {quoted(table)}").fetchone()
            if len(os.sched_getaffinity(0)) < 2 or (last or 0) - after < _FED_DOCUMENTS_MIN:  # noqa: PLR2004
                return None
        return self._feed.take(table, indexes, after=after, limit=limit)

    def finish_indexes(self, collection: str) -> Iterator[str]:
        """Create the declared indexes, yielding each name; from then on writes keep them."""
        with self._reading() as db:
            names = self._key_tables(db, collection).create_indexes()
        while True:
            with self._transaction() as db:
                self._check_token(db)
                name = next(names, None)
                if name is None:
                    self._key_tables(db, collection).find_contests()
                    db.execute(
                        "update migrator_states set is_indexed = 1 where collection = ?",
                        (collection,),
                    )
                    return
            yield name

    def contests(self, collection: str) -> list[Contest]:
        """Return unique values that several documents claim since the last settlement."""
        with self._reading() as db:
            tables = self._key_tables(db, collection)
            names = {d.column: d.definition.name for d in read_indexes(db, collection)}
            rows = db.execute(
                "select key_column, k, holder from migrator_contests where collection = ?",
                (collection,),
            ).fetchall()
            return [
                Contest(
                    index=names.get(column, ""),
                    holder=holder,
                    ids=tables.claimants(column, key),
                )
                for column, key, holder in rows
            ]

    def _key_tables(self, db: sqlite3.Connection, collection: str) -> KeyTables:
        return KeyTables(db, collection, self._table(collection), read_indexes(db, collection))

    # ------------------------------------------------------------------ reading

    def ledger(self, collection: str) -> Ledger | None:
        """Return the account of the present generation; None before its first batch."""
        with self._reading() as db:
            state = read_state(db, collection)
            if state is None:
                return None
            return Ledger(
                collection=collection,
                datafile=state.datafile,
                generation=state.checkpoint.generation,
                counts=state.counts_with_tail,
                live=self.count(collection),
                conflicts=quarantine_rows.count_conflicts(db, collection),
                tail=int(state.has_waiting_tail),
            )

    def quarantine(self, collection: str | None = None) -> Iterator[QuarantineItem]:
        """Yield odd lines of one collection or all, oldest first."""
        with self._reading() as db:
            yield from quarantine_rows.items(db, collection)

    def count(self, collection: str) -> int:
        """Count the documents of a collection."""
        with self._reading() as db:
            table = self._tables.get(collection)
            if table is None:
                return 0
            (found,) = db.execute(f"select count(*) from {quoted(table)}").fetchone()
            return int(found)

    def rows_after(self, collection: str, number: int, limit: int) -> list[Row]:
        """Return the next documents in reading order."""
        with self._reading() as db:
            return SqliteReader(db, self._table(collection)).rows_after(number, limit)

    def rows_by_id(self, collection: str, ids: Sequence[str]) -> dict[str, Row]:
        """Return the documents of these ids that are there."""
        with self._reading() as db:
            return SqliteReader(db, self._table(collection)).rows_by_id(ids)

    def problems(self) -> list[str]:
        """Ask SQLite whether the file is whole; the answer names what is not."""
        with self._reading() as db:
            return [r[0] for r in db.execute("pragma integrity_check(20)") if r[0] != "ok"]

    def fold(self) -> None:
        """Fold the write-ahead log into the file, as far as readers allow."""
        with self._reading() as db:
            db.execute("pragma wal_checkpoint(truncate)").fetchall()

    def set_aside(self, label: str) -> Path | None:
        """Fence the database, make it one file, and rename it; None when there is none.

        The fence stays in it: a process that still has it open finds every write refused, in place
        of writing to a database that nobody reads any more.

        Raises:
            StaleTokenError: a later claim holds the target.
            StoreUnavailableError: somebody reads it and does not let go; nothing was renamed.
        """
        if not self.exists():
            return None
        with self._transaction() as db:
            self._check_token(db)
            for table in known_tables(db).values():
                for statement in fence_triggers(table):
                    db.execute(statement)
        with self._reading() as db:
            # Leaving WAL needs the database for oneself, and folds the log in.
            (mode,) = db.execute("pragma journal_mode=delete").fetchone()
        if mode != "delete":
            raise StoreUnavailableError(target=self.path.name, reason="somebody is reading it")
        self.close()
        aside = self.path.with_name(f"{self.path.name}.aside-{label}")
        self.path.rename(aside)
        sync_folder(self.path.parent)
        return aside


@contextmanager
def _without_cycles_sought() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _place(state: CollectionState | None) -> tuple[int, int, bool] | None:
    if state is None:
        return None
    return state.checkpoint.generation, state.checkpoint.offset, state.is_reconciling
