"""Reading documents of one collection's table."""

import sqlite3
from collections.abc import Sequence
from itertools import islice
from typing import Final

from migration.engine.ports import Row
from migration.engine.stores.sqlite.schema import quoted

_IDS_PER_QUERY: Final = 500


class SqliteReader:
    """Reads one table; bodies come as the bytes they are."""

    def __init__(self, db: sqlite3.Connection, table: str) -> None:
        self._db = db
        self._select = f"select rowid, _id, cast(body as blob) from {quoted(table)}"

    def rows_after(self, number: int, limit: int) -> list[Row]:
        """Return the next rows in the order they were first written."""
        found = self._db.execute(
            f"{self._select} where rowid > ? order by rowid limit ?", (number, limit)
        )
        return [Row(n, i, b) for n, i, b in found]

    def rows_by_id(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return the rows of these ids that are there, by id."""
        rows: dict[str, Row] = {}
        wanted = iter(ids)
        while group := list(islice(wanted, _IDS_PER_QUERY)):
            marks = ", ".join("?" * len(group))
            found = self._db.execute(f"{self._select} where _id in ({marks})", group)
            rows.update((i, Row(n, i, b)) for n, i, b in found)
        return rows
