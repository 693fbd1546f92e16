"""Making key rows in a second process while this one writes them.

SQLite has one writer, and while it inserts, Python waits; so reading bodies and making keys of
them costs nothing where another core is free. The process only reads, in short transactions, and
is of use for large collections alone. It ends with its parent: its pipe breaks.
"""

import json
import marshal
import os
import signal
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from migration.engine.index_definitions import DeclaredIndex, IndexDefinition, KeyMaker
from migration.engine.stores.sqlite.connection import connect
from migration.engine.stores.sqlite.schema import quoted

_FRAME: Final = struct.Struct(">I")


class KeyBatch(NamedTuple):
    """Key rows of some documents in reading order, ready to be inserted.

    ``keys`` has (rid, id key, keys …), ``elements`` (column, key, id key, rid), ``claims``
    (column, key, id).
    """

    keys: list[tuple[object, ...]]
    elements: list[tuple[int, bytes, bytes, int]]
    claims: list[tuple[int, bytes, str]]

    @property
    def last(self) -> int:
        """The number of the last document; 0 when there was none."""
        return int(self.keys[-1][0]) if self.keys else 0  # type: ignore[call-overload]


def read_key_batch(
    db: sqlite3.Connection, table: str, maker: KeyMaker, *, after: int, limit: int
) -> KeyBatch:
    """Make the key rows of the next documents."""
    rows = db.execute(
        f"select rowid, _id, cast(body as blob) from {quoted(table)}"
        " where rowid > ? order by rowid limit ?",
        (after, limit),
    )
    batch, make = KeyBatch([], [], []), maker.row
    for rid, identity, body in rows.fetchall():
        row = make(body)
        batch.keys.append((rid, row.identity, *row.keys))
        if row.elements:
            batch.elements.extend((c, key, row.identity, rid) for c, key in row.elements)
        if row.claims:
            batch.claims.extend((c, key, identity) for c, key in row.claims)
    return batch


class KeyFeed:
    """A process that makes key rows of one database, one table after another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process: subprocess.Popen[bytes] | None = None
        self._table = ""
        self._position = -1

    def is_busy_with(self, table: str, after: int) -> bool:
        """Tell whether the next batch of a table is on its way."""
        return (table, after) == (self._table, self._position)

    def take(
        self, table: str, indexes: Sequence[DeclaredIndex], *, after: int, limit: int
    ) -> KeyBatch | None:
        """Return the key rows of the documents behind ``after``; None when the process is lost."""
        if (table, after) != (self._table, self._position):
            self._begin(table, indexes, after=after, limit=limit)
        frame = self._read_frame()
        if frame is None:
            self.close()
            return None
        batch = KeyBatch(*marshal.loads(frame))  # noqa: S302  our own child wrote it
        self._position = batch.last
        return batch

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process, self._table, self._position = None, "", -1

    def _begin(
        self, table: str, indexes: Sequence[DeclaredIndex], *, after: int, limit: int
    ) -> None:
        if self._process is None or self._position != 0:
            # What an unfinished table still has in the pipe would be taken for the next one's.
            self.close()
            self._process = self._start()
        request = {"table": table, "after": after, "limit": limit}
        request["indexes"] = [asdict(index) for index in indexes]
        pipe = self._process.stdin
        if pipe is not None:
            try:
                pipe.write(json.dumps(request).encode() + b"\n")
                pipe.flush()
            except BrokenPipeError:
                return
        self._table, self._position = table, after

    def _start(self) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        return subprocess.Popen(  # noqa: S603  this very module
            [sys.executable, "-c", f"from {__name__} import main; main()", str(self._path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def _read_frame(self) -> bytes | None:
        pipe = self._process.stdout if self._process else None
        head = pipe.read(_FRAME.size) if pipe else b""
        if pipe is None or len(head) < _FRAME.size:
            return None
        (length,) = _FRAME.unpack(head)
        frame = pipe.read(length)
        return frame if len(frame) == length else None


def serve(path: Path, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each request with batches until one is empty."""
    db = connect(path, read_only=True)
    for line in requests:
        request = json.loads(line)
        maker = KeyMaker([_index(entry) for entry in request["indexes"]])
        after = request["after"]
        while True:
            batch = read_key_batch(db, request["table"], maker, after=after, limit=request["limit"])
            frame = marshal.dumps(tuple(batch))
            answers.write(_FRAME.pack(len(frame)))
            answers.write(frame)
            answers.flush()
            if not batch.keys:
                break
            after = batch.last


def _index(entry: dict[str, dict[str, object]]) -> DeclaredIndex:
    definition = dict(entry["definition"])
    definition["fields"] = tuple(definition["fields"])  # type: ignore[arg-type]
    return DeclaredIndex(
        definition=IndexDefinition(**definition),  # type: ignore[arg-type]
        column=entry["column"],  # type: ignore[arg-type]
    )


def main() -> None:
    """Be the second process."""
    # A terminal's Ctrl-C is meant for the parent, which ends this process itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
