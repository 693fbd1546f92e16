"""Which documents are alive after all lines of a datafile, whatever their number.

A dictionary while it is small; beyond that a temporary database of SQLite's own, on disk and
without a name, so that memory stays flat.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Final, Self

_HELD_BYTES_MAX: Final = 16 << 20
# What an entry costs beside its note: the id, two pointers, a slot.
_ENTRY_BYTES: Final = 200


class LiveDocuments:
    """A map from ``_id`` to a note about the document; a context manager.

    Lines are applied in order: a note replaces an earlier one, None deletes.
    """

    def __init__(self) -> None:
        self._held: dict[str, bytes | None] = {}
        self._bytes = 0
        self._spilled: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._spilled is not None:
            self._spilled.close()

    def apply(self, changes: Mapping[str, bytes | None]) -> None:
        """Apply the last state of some documents, in the order of their lines."""
        held, grown = self._held, 0
        for identity, note in changes.items():
            if note is not None:
                held[identity] = note
                grown += _ENTRY_BYTES + len(note)
            elif self._spilled is None:
                held.pop(identity, None)
            else:
                held[identity] = None
                grown += _ENTRY_BYTES
        self._bytes += grown
        if self._bytes > _HELD_BYTES_MAX:
            self._spill()

    def count(self) -> int:
        """Count the documents that are alive."""
        if self._spilled is None:
            return sum(1 for note in self._held.values() if note is not None)
        self._spill()
        (found,) = self._spilled.execute("select count(*) from live").fetchone()
        return int(found)

    def get(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return the notes of those ids that are alive."""
        found: dict[str, bytes] = {}
        for identity in ids:
            note = self._held.get(identity)
            if note is None and identity not in self._held and self._spilled is not None:
                row = self._spilled.execute(
                    "select note from live where id = ?", (identity,)
                ).fetchone()
                note = row[0] if row else None
            if note is not None:
                found[identity] = note
        return found

    def items(self) -> Iterator[tuple[str, bytes]]:
        """Yield every living document with its note, in no particular order."""
        if self._spilled is None:
            yield from ((i, n) for i, n in self._held.items() if n is not None)
            return
        self._spill()
        yield from self._spilled.execute("select id, note from live")

    def _spill(self) -> None:
        if self._spilled is None:
            # An empty name is a temporary file that vanishes with the connection.
            self._spilled = sqlite3.connect("", isolation_level=None)
            self._spilled.execute("pragma journal_mode=off")
            self._spilled.execute("pragma cache_size=-16000")
            self._spilled.execute("create table live(id text primary key, note blob) without rowid")
        db = self._spilled
        db.execute("begin")
        db.executemany(
            "insert or replace into live values(?, ?)",
            ((i, n) for i, n in sorted(self._held.items()) if n is not None),
        )
        db.executemany(
            "delete from live where id = ?", ((i,) for i, n in self._held.items() if n is None)
        )
        db.execute("commit")
        self._held.clear()
        self._bytes = 0
