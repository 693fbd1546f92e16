"""Rows of ``migrator_quarantine``: odd lines and what was decided about them."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

from migration.engine.quarantine import ItemState, OddLine, QuarantineItem, Reason

# A decision binds to the line, not to its place: it survives a compaction that moves the line.
_INSERT: Final = """
insert into migrator_quarantine(collection, datafile, generation, reason, byte_offset, length,
    sha256, raw, document_id, rival_id, field, state)
values(:collection, :datafile, :generation, :reason, :offset, :length, :sha256, :raw, :document_id,
    :rival_id, :field, coalesce((
        select state from migrator_quarantine
        where sha256 = :sha256 and collection = :collection and reason = :reason
            and state in ('waived', 'resolved') limit 1), 'open'))
on conflict(collection, generation, reason, byte_offset) do update set
    length = excluded.length, sha256 = excluded.sha256, raw = excluded.raw,
    document_id = excluded.document_id, rival_id = excluded.rival_id, field = excluded.field,
    state = excluded.state
"""
_SELECT: Final = (
    "select number, collection, datafile, generation, reason, byte_offset, length, sha256, raw,"
    " document_id, rival_id, field, state from migrator_quarantine"
)


def note(
    db: sqlite3.Connection,
    lines: Iterable[OddLine],
    *,
    collection: str,
    datafile: str,
    generation: int,
) -> None:
    """Keep odd lines of one generation of a datafile; noting a line again changes nothing."""
    db.executemany(
        _INSERT,
        [
            {
                "collection": collection,
                "datafile": datafile,
                "generation": generation,
                "reason": line.reason,
                "offset": line.offset,
                "length": line.length,
                "sha256": line.sha256,
                "raw": line.raw,
                "document_id": line.document_id,
                "rival_id": line.rival_id,
                "field": line.field,
            }
            for line in lines
        ],
    )


def withdraw(db: sqlite3.Connection, collection: str, *, generation: int, offset: int) -> None:
    """Mark as gone what was noted from an offset on and not decided."""
    db.execute(
        "update migrator_quarantine set state = 'gone' where collection = ? and generation = ?"
        " and byte_offset >= ? and state = 'open'",
        (collection, generation, offset),
    )


def forget_earlier(db: sqlite3.Connection, collection: str, generation: int) -> None:
    """Mark as gone what only earlier generations of the datafile said."""
    db.execute(
        "update migrator_quarantine set state = 'gone' where collection = ? and generation < ?"
        " and state <> 'gone'",
        (collection, generation),
    )


def end_conflicts(db: sqlite3.Connection, collection: str, ids: Iterable[str]) -> None:
    """Mark conflicts of documents as gone: they were written anew, or deleted."""
    db.executemany(
        "update migrator_quarantine set state = 'gone' where collection = ? and document_id = ?"
        f" and reason = '{Reason.UNIQUE_CONFLICT}' and state <> 'gone'",
        [(collection, identity) for identity in ids],
    )


def count_conflicts(db: sqlite3.Connection, collection: str) -> int:
    """Count documents that are set apart because they break uniqueness."""
    (found,) = db.execute(
        "select count(*) from migrator_quarantine where collection = ? and reason = ?"
        " and state <> 'gone'",
        (collection, Reason.UNIQUE_CONFLICT),
    ).fetchone()
    return int(found)


def items(db: sqlite3.Connection, collection: str | None) -> Iterator[QuarantineItem]:
    """Yield what is kept, oldest first."""
    where, values = (" where collection = ?", (collection,)) if collection else ("", ())
    for row in db.execute(f"{_SELECT}{where} order by number", values):
        number, name, datafile, generation, reason, offset, length, sha256, raw, *rest = row
        document_id, rival_id, field, state = rest
        yield QuarantineItem(
            number=number,
            collection=name,
            datafile=datafile,
            generation=generation,
            line=OddLine(
                reason=Reason(reason),
                offset=offset,
                length=length,
                sha256=sha256,
                raw=raw,
                document_id=document_id,
                rival_id=rival_id,
                field=field,
            ),
            state=ItemState(state),
        )
