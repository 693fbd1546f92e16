"""Which rows a new generation of a datafile has named: one bit a row, in pages, in the target.

Pages lie in the same database as the rows, so a reconciliation that was killed goes on where its
last transaction ended. A page covers 32,768 rows and is written only when one of its bits changed.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

_ROWS_PER_PAGE: Final = 32768


class SeenRows:
    """The bits of one collection; ``save`` writes what changed."""

    def __init__(self, db: sqlite3.Connection, collection: str) -> None:
        self._db = db
        self._collection = collection
        self._pages: dict[int, bytearray] = {}
        self._dirty: set[int] = set()

    def add(self, numbers: Iterable[int]) -> None:
        """Mark rows as named."""
        for number in numbers:
            page, bit = divmod(number, _ROWS_PER_PAGE)
            self._page(page)[bit >> 3] |= 1 << (bit & 7)
            self._dirty.add(page)

    def discard(self, numbers: Iterable[int]) -> None:
        """Mark rows as not named."""
        for number in numbers:
            page, bit = divmod(number, _ROWS_PER_PAGE)
            self._page(page)[bit >> 3] &= ~(1 << (bit & 7))
            self._dirty.add(page)

    def save(self) -> None:
        """Write the pages that changed."""
        self._db.executemany(
            "insert or replace into migrator_seen values(?, ?, ?)",
            [(self._collection, page, bytes(self._pages[page])) for page in self._dirty],
        )
        self._dirty.clear()

    def clear(self) -> None:
        """Forget everything, in the database too."""
        self._db.execute("delete from migrator_seen where collection = ?", (self._collection,))
        self._pages.clear()
        self._dirty.clear()

    def count(self) -> int:
        """Count the rows that were seen."""
        rows = self._db.execute(
            "select bits from migrator_seen where collection = ?", (self._collection,)
        )
        return sum(int.from_bytes(bits, "little").bit_count() for (bits,) in rows)

    def unseen(self, numbers: Iterable[int]) -> Iterator[int]:
        """Yield those of the numbers that were not seen."""
        for number in numbers:
            page, bit = divmod(number, _ROWS_PER_PAGE)
            if not self._page(page)[bit >> 3] >> (bit & 7) & 1:
                yield number

    def _page(self, page: int) -> bytearray:
        if page not in self._pages:
            found = self._db.execute(
                "select bits from migrator_seen where collection = ? and page = ?",
                (self._collection, page),
            ).fetchone()
            self._pages[page] = bytearray(found[0] if found else _ROWS_PER_PAGE >> 3)
        return self._pages[page]
