"""Key tables of one collection: built from its documents, then kept with every write."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from migration.engine.index_definitions import DeclaredIndex, IndexDefinition, KeyMaker, KeyRow
from migration.engine.ports import Row
from migration.engine.stores.sqlite.key_feed import KeyBatch
from migration.engine.stores.sqlite.schema import key_index_name, key_tables, quoted

_SEPARATOR: Final = ","


def read_indexes(db: sqlite3.Connection, collection: str) -> tuple[DeclaredIndex, ...]:
    """Return the indexes kept for a collection, in the order of their key columns."""
    rows = db.execute(
        "select name, fields, is_unique, sparse, expire_after_seconds, key_column"
        " from migrator_indexes where collection = ? order by key_column",
        (collection,),
    )
    return tuple(
        DeclaredIndex(
            definition=IndexDefinition(
                name=name,
                fields=tuple(fields.split(_SEPARATOR)),
                unique=bool(unique),
                sparse=bool(sparse),
                expire_after_seconds=seconds,
            ),
            column=column,
        )
        for name, fields, unique, sparse, seconds, column in rows
    )


def drop_index(db: sqlite3.Connection, collection: str, name: str) -> bool:
    """Forget an index; True when there was one."""
    gone = db.execute(
        "delete from migrator_indexes where collection = ? and name = ?", (collection, name)
    )
    return gone.rowcount > 0


def drop_indexes_before(db: sqlite3.Connection, collection: str, generation: int) -> bool:
    """Forget the indexes that a generation of the datafile no longer declares; True if any."""
    gone = db.execute(
        "delete from migrator_indexes where collection = ? and generation < ?",
        (collection, generation),
    )
    return gone.rowcount > 0


def write_index(
    db: sqlite3.Connection, collection: str, definition: IndexDefinition, *, generation: int
) -> bool:
    """Remember an index; True when the key tables must be built anew for it."""
    known = {d.definition.name: d for d in read_indexes(db, collection)}
    name = definition.name
    before = known.get(name)
    column = before.column if before else 1 + max((d.column for d in known.values()), default=-1)
    db.execute(
        "insert or replace into migrator_indexes values(?, ?, ?, ?, ?, ?, ?, ?)",
        (
            collection,
            name,
            _SEPARATOR.join(definition.fields),
            definition.unique,
            definition.sparse,
            definition.expire_after_seconds,
            column,
            generation,
        ),
    )
    return before is None or _rules(before.definition) != _rules(definition)


def _rules(definition: IndexDefinition) -> tuple[tuple[str, ...], bool, bool]:
    return definition.fields, definition.unique, definition.sparse


def drop_key_tables(db: sqlite3.Connection, table: str) -> None:
    """Drop the key tables of a collection's table, where it has any."""
    for prefix in ("keys_", "elements_", "unique_"):
        db.execute(f"drop table if exists {quoted(prefix + table)}")


class Change(NamedTuple):
    """A document that was written: its row, and its body before (None when it is new) and after."""

    number: int
    id: str
    old: bytes | None
    new: bytes


class KeyTables:
    """The key tables of one collection, for one set of declared indexes."""

    def __init__(
        self, db: sqlite3.Connection, collection: str, table: str, indexes: Sequence[DeclaredIndex]
    ) -> None:
        self._db = db
        self._collection = collection
        self._table = table
        self._indexes = tuple(indexes)
        self._maker = KeyMaker(indexes)
        self._documents = quoted(table)
        self._keys = quoted("keys_" + table)
        self._elements = quoted("elements_" + table)
        self._unique = quoted("unique_" + table)
        self._insert_keys = (
            f"insert or replace into {self._keys}(rid, id{self._columns()})"
            f" values(?, ?{', ?' * len(indexes)})"
        )

    def _columns(self) -> str:
        return "".join(f", k{d.column}" for d in self._indexes)

    @property
    def maker(self) -> KeyMaker:
        """Makes the rows that these tables take."""
        return self._maker

    def insert(self, batch: KeyBatch) -> None:
        """Add the key rows of documents that have none yet; claims are compared at the end."""
        self._db.executemany(self._insert_keys, batch.keys)
        self._db.executemany(
            f"insert or replace into {self._elements} values(?, ?, ?, ?)", batch.elements
        )
        self._db.executemany(f"insert or ignore into {self._unique} values(?, ?, ?)", batch.claims)

    def prepare(self) -> int:
        """Make the tables fit the declared indexes; return the last rowid that has its keys."""
        wanted = ["rid", "id", *(f"k{d.column}" for d in self._indexes)]
        found = [r[1] for r in self._db.execute(f"pragma table_info({self._keys})")]
        if found != wanted:
            self.drop()
            for statement in key_tables(self._table, [d.column for d in self._indexes]):
                self._db.execute(statement)
        (last,) = self._db.execute(f"select max(rid) from {self._keys}").fetchone()
        return int(last or 0)

    def drop(self) -> None:
        """Drop the key tables; what was built is built anew when it is asked for."""
        drop_key_tables(self._db, self._table)

    def create_indexes(self) -> Iterator[str]:
        """Create the index over each key column, one at a time, yielding its name."""
        for index in self._indexes:
            name = key_index_name(self._table, index.column)
            self._db.execute(
                f"create index if not exists {quoted(name)} on {self._keys}(k{index.column}, id)"
            )
            yield index.definition.name

    def find_contests(self) -> None:
        """Note each unique value that several documents claim, its holder being unknown."""
        if not self._indexes:
            return
        self._db.execute(
            "insert or ignore into migrator_contests(collection, key_column, k, holder)"
            f" select ?, field, k, null from {self._unique} group by field, k having count(*) > 1",
            (self._collection,),
        )

    def replace(self, changes: Sequence[Change]) -> None:
        """Keep the keys of documents that were written, each once."""
        if not self._indexes:
            return
        gone: list[tuple[KeyRow, str]] = []
        made: list[tuple[Change, KeyRow, KeyRow | None]] = []
        for change in changes:
            row = self._maker.row(change.new)
            before = None if change.old is None else self._maker.row(change.old)
            if before != row:
                made.append((change, row, before))
                if before is not None:
                    gone.append((before, change.id))
        self._write_keys(made)
        self._forget_elements(before for before, _ in gone)
        self._insert_elements((change.number, row) for change, row, _ in made)
        kept = {c.id: set(row.claims) for c, row, _ in made}
        self._forget_claims((i, set(before.claims) - kept[i]) for before, i in gone)
        for change, row, before in made:
            self._claim(change.id, set(row.claims) - set(before.claims if before else ()))

    def _write_keys(self, made: Sequence[tuple[Change, KeyRow, KeyRow | None]]) -> None:
        """Write key rows; of a row that was there only what changed: each column has an index."""
        whole: list[tuple[object, ...]] = []
        parts: dict[tuple[int, ...], list[tuple[object, ...]]] = {}
        for change, row, before in made:
            if before is None:
                whole.append((change.number, row.identity, *row.keys))
                continue
            places = tuple(n for n, key in enumerate(row.keys) if key != before.keys[n])
            if places:
                values = (*(row.keys[n] for n in places), change.number)
                parts.setdefault(places, []).append(values)
        self._db.executemany(self._insert_keys, whole)
        for places, rows in parts.items():
            columns = ", ".join(f"k{self._indexes[n].column} = ?" for n in places)
            self._db.executemany(f"update {self._keys} set {columns} where rid = ?", rows)

    def remove(self, rows: Sequence[Row]) -> None:
        """Drop the keys of documents that are removed."""
        if not self._indexes:
            return
        before = [(self._maker.row(row.body), row) for row in rows]
        self._db.executemany(
            f"delete from {self._keys} where rid = ?", [(row.number,) for row in rows]
        )
        self._forget_elements(keys for keys, _ in before)
        self._forget_claims((row.id, keys.claims) for keys, row in before)

    def _insert_elements(self, rows: Iterable[tuple[int, KeyRow]]) -> None:
        self._db.executemany(
            f"insert or replace into {self._elements} values(?, ?, ?, ?)",
            [(c, key, k.identity, rid) for rid, k in rows for c, key in k.elements],
        )

    def _forget_elements(self, rows: Iterable[KeyRow]) -> None:
        self._db.executemany(
            f"delete from {self._elements} where field = ? and k = ? and id = ?",
            [(c, key, row.identity) for row in rows for c, key in row.elements],
        )

    def _forget_claims(self, claims: Iterable[tuple[str, Iterable[tuple[int, bytes]]]]) -> None:
        self._db.executemany(
            f"delete from {self._unique} where field = ? and k = ? and id = ?",
            [(c, key, identity) for identity, claimed in claims for c, key in claimed],
        )

    def _claim(self, identity: str, claims: Iterable[tuple[int, bytes]]) -> None:
        """Take unique values; where another document has one, both are noted."""
        for column, key in claims:
            holder = self._db.execute(
                f"select id from {self._unique} where field = ? and k = ? and id <> ? limit 1",
                (column, key, identity),
            ).fetchone()
            if holder:
                self._db.execute(
                    "insert or ignore into migrator_contests values(?, ?, ?, ?)",
                    (self._collection, column, key, holder[0]),
                )
            self._db.execute(
                f"insert or ignore into {self._unique} values(?, ?, ?)",
                (column, key, identity),
            )

    def claimants(self, column: int, key: bytes) -> tuple[str, ...]:
        """Return the ids of the documents that claim a unique value."""
        rows = self._db.execute(
            f"select id from {self._unique} where field = ? and k = ? order by id",
            (column, key),
        )
        return tuple(r[0] for r in rows)

    def free_for(self, identity: str, body: bytes) -> bool:
        """Tell whether a document could be added without breaking uniqueness."""
        return all(
            set(self.claimants(column, key)) <= {identity}
            for column, key in self._maker.row(body).claims
        )
