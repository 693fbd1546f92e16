"""Rows of ``migrator_states`` and the values they hold."""

import sqlite3
from typing import Any, Final

import msgspec

from migration.engine.checkpoint import Checkpoint, CollectionState, Counts, FileStat, Tail

_COLUMNS: Final = (
    "datafile",
    "generation",
    "byte_offset",
    "prefix_sha256",
    "last_line_bytes",
    "last_line_sha256",
    "device",
    "inode",
    "inode_generation",
    "size",
    "mtime_ns",
    "ctime_ns",
    "lines",
    "documents",
    "tombstones",
    "index_lines",
    "blank",
    "unread",
    "lines_to_nedb",
    "corrupt_to_nedb",
    "tail_bytes",
    "tail_is_waiting",
    "tail_counts",
    "tail_previous",
    "is_reconciling",
    "is_indexed",
    "has_other_ids",
)
_SELECT: Final = f"select {', '.join(_COLUMNS)} from migrator_states where collection = ?"
_REPLACE: Final = (
    f"insert or replace into migrator_states(collection, {', '.join(_COLUMNS)})"
    f" values(?{', ?' * len(_COLUMNS)})"
)
_decode_previous: Final = msgspec.msgpack.Decoder(dict[str, bytes | None]).decode
# SQLite integers are signed: device and inode numbers may use the 64th bit.
_WRAP: Final = 1 << 64
_SIGN: Final = 1 << 63


def read_state(db: sqlite3.Connection, collection: str) -> CollectionState | None:
    """Return what is remembered of a collection; None when nothing is."""
    found = db.execute(_SELECT, (collection,)).fetchone()
    if found is None:
        return None
    row: dict[str, Any] = dict(zip(_COLUMNS, found, strict=True))
    return CollectionState(
        datafile=row["datafile"],
        checkpoint=Checkpoint(
            generation=row["generation"],
            stat=_stat(row),
            offset=row["byte_offset"],
            prefix_sha256=row["prefix_sha256"],
            last_line_bytes=row["last_line_bytes"],
            last_line_sha256=row["last_line_sha256"],
        ),
        counts=Counts(**{name: row[name] for name in Counts.__dataclass_fields__}),
        tail=_tail(row),
        is_reconciling=bool(row["is_reconciling"]),
        is_indexed=bool(row["is_indexed"]),
        has_other_ids=bool(row["has_other_ids"]),
    )


def write_state(db: sqlite3.Connection, collection: str, state: CollectionState) -> None:
    """Remember a collection's state."""
    checkpoint, stat, counts, tail = (
        state.checkpoint,
        state.checkpoint.stat,
        state.counts,
        state.tail,
    )
    db.execute(
        _REPLACE,
        (
            collection,
            state.datafile,
            checkpoint.generation,
            checkpoint.offset,
            checkpoint.prefix_sha256,
            checkpoint.last_line_bytes,
            checkpoint.last_line_sha256,
            _signed(stat.device),
            _signed(stat.inode),
            None if stat.inode_generation is None else _signed(stat.inode_generation),
            stat.size,
            stat.mtime_ns,
            stat.ctime_ns,
            *(getattr(counts, name) for name in Counts.__dataclass_fields__),
            tail and tail.length,
            tail and tail.is_waiting,
            tail and msgspec.json.encode(tail.counts).decode(),
            tail and msgspec.msgpack.encode(tail.previous),
            state.is_reconciling,
            state.is_indexed,
            state.has_other_ids,
        ),
    )


def _stat(row: dict[str, Any]) -> FileStat:
    generation = row["inode_generation"]
    return FileStat(
        device=row["device"] % _WRAP,
        inode=row["inode"] % _WRAP,
        inode_generation=None if generation is None else generation % _WRAP,
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        ctime_ns=row["ctime_ns"],
    )


def _tail(row: dict[str, Any]) -> Tail | None:
    if row["tail_bytes"] is None:
        return None
    return Tail(
        length=row["tail_bytes"],
        is_waiting=bool(row["tail_is_waiting"]),
        counts=msgspec.json.decode(row["tail_counts"], type=Counts),
        previous=_decode_previous(row["tail_previous"]),
    )


def _signed(number: int) -> int:
    return number - _WRAP if number >= _SIGN else number
