"""One transaction on a collection: documents, keys, quarantine, and the state to match."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from migration.engine.checkpoint import CollectionState
from migration.engine.index_definitions import IndexDefinition
from migration.engine.ports import Row
from migration.engine.quarantine import OddLine
from migration.engine.stores.sqlite import quarantine
from migration.engine.stores.sqlite.keys import (
    Change,
    KeyTables,
    drop_index,
    drop_indexes_before,
    drop_key_tables,
    write_index,
)
from migration.engine.stores.sqlite.reading import SqliteReader
from migration.engine.stores.sqlite.schema import literal, quoted
from migration.engine.stores.sqlite.seen import SeenRows
from migration.engine.stores.sqlite.states import write_state

_ROWS_PER_LOOK: Final = 2000


class SqliteWrite:
    """Satisfies ``ports.Write``. ``keys`` is None while the collection's keys wait to be built."""

    def __init__(
        self,
        db: sqlite3.Connection,
        *,
        collection: str,
        table: str,
        keys: KeyTables | None,
        now_ms: int,
    ) -> None:
        self._db = db
        self._collection = collection
        self._name = table
        self._table = quoted(table)
        self._keys = keys
        self._seen = SeenRows(db, collection)
        self._reader = SqliteReader(db, table)
        self._has_conflicts = quarantine.count_conflicts(db, collection) > 0
        # The time is part of the statement, so that a row binds its id and its body alone. Bytes
        # are bound and cast: binding text would decode and encode each body once more.
        self._upsert = (
            f"insert into {self._table}(_collection, _id, body, migrated_at)"
            f" values({literal(collection)}, ?1, cast(?2 as text), {now_ms})"
            " on conflict(_id) do update set _collection = excluded._collection,"
            " body = excluded.body, migrated_at = excluded.migrated_at"
        )

    def put(self, documents: Sequence[tuple[str, bytes]]) -> None:
        """Insert or replace documents, given as id and body."""
        if self._has_conflicts:
            quarantine.end_conflicts(self._db, self._collection, [i for i, _ in documents])
        if self._keys is None:
            self._drop_keys()
            self._db.executemany(self._upsert, documents)
            return
        before = self.rows([i for i, _ in documents])
        self._db.executemany(self._upsert, documents)
        new = self.rows([i for i, _ in documents if i not in before])
        self._keys.replace(
            [
                Change(
                    number=(before.get(identity) or new[identity]).number,
                    id=identity,
                    old=before[identity].body if identity in before else None,
                    new=body,
                )
                for identity, body in documents
            ]
        )

    def delete(self, ids: Sequence[str]) -> None:
        """Remove documents; ids without one are passed over."""
        if self._has_conflicts:
            quarantine.end_conflicts(self._db, self._collection, ids)
        if self._keys is None:
            self._drop_keys()
        else:
            self._keys.remove(list(self.rows(ids).values()))
        self._db.executemany(
            f"delete from {self._table} where _id = ?",
            [(i,) for i in ids],
        )

    def rows(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return the documents of these ids that are there."""
        return self._reader.rows_by_id(ids)

    def declare_index(self, definition: IndexDefinition, *, generation: int) -> bool:
        """Keep an index that the datafile declares; True when keys must be built anew for it."""
        is_new = write_index(self._db, self._collection, definition, generation=generation)
        return self._drop_keys() if is_new else False

    def drop_index(self, name: str) -> bool:
        """Forget an index; True when keys must be built anew."""
        return drop_index(self._db, self._collection, name) and self._drop_keys()

    def drop_indexes_before(self, generation: int) -> bool:
        """Forget indexes that only earlier generations declared; True to build keys anew."""
        gone = drop_indexes_before(self._db, self._collection, generation)
        return gone and self._drop_keys()

    def _drop_keys(self) -> bool:
        """Drop keys that no longer fit their documents or indexes: all are built anew."""
        drop_key_tables(self._db, self._name)
        # Whoever claims one value is found again when the keys are built.
        self.forget_contests()
        return True

    def is_free(self, identity: str, body: bytes) -> bool:
        """Tell whether a document could be put without breaking a unique index."""
        return self._keys is None or self._keys.free_for(identity, body)

    def note(self, lines: Iterable[OddLine], *, datafile: str, generation: int) -> None:
        """Keep odd lines; a decision taken on the same line before still holds."""
        quarantine.note(
            self._db,
            lines,
            collection=self._collection,
            datafile=datafile,
            generation=generation,
        )

    def withdraw_notes(self, *, generation: int, offset: int) -> None:
        """Mark as gone what was noted from an offset on and not decided: it is read again."""
        quarantine.withdraw(self._db, self._collection, generation=generation, offset=offset)

    def forget_earlier_generations(self, generation: int) -> None:
        """Mark as gone what only earlier generations of the datafile said."""
        quarantine.forget_earlier(self._db, self._collection, generation)

    def forget_contests(self) -> None:
        """Drop the list of contested unique values: they were settled."""
        self._db.execute("delete from migrator_contests where collection = ?", (self._collection,))

    def clear_seen(self) -> None:
        """Begin or end a reconciliation: no row counts as named."""
        self._seen.clear()

    def mark_seen(self, numbers: Iterable[int]) -> None:
        """Remember rows that the generation being reconciled names."""
        self._seen.add(numbers)

    def unmark_seen(self, numbers: Iterable[int]) -> None:
        """Forget rows that are removed: their numbers may be given out again."""
        self._seen.discard(numbers)

    def delete_unseen(self, limit: int) -> int:
        """Delete up to ``limit`` documents that were not named; returns how many."""
        doomed: list[str] = []
        number = 0
        while len(doomed) < limit:
            rows = self._db.execute(
                f"select rowid, _id from {self._table} where rowid > ? order by rowid limit ?",
                (number, _ROWS_PER_LOOK),
            ).fetchall()
            if not rows:
                break
            number = rows[-1][0]
            unseen = set(self._seen.unseen(n for n, _ in rows))
            doomed += [i for n, i in rows if n in unseen]
        self.delete(doomed)
        return len(doomed)

    def move_to(self, state: CollectionState) -> None:
        """Remember the state that speaks of what was written in this transaction."""
        self._seen.save()
        write_state(self._db, self._collection, state)
