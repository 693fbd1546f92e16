"""Everything worth knowing of one datafile before (or instead of) copying it, counted exactly."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

import msgspec

from migration.engine.checkpoint import Counts, FileStat
from migration.engine.index_definitions import DeclaredIndex, IndexDefinition, KeyMaker
from migration.engine.nedb.batches import Batch
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.lines import BOM, LineInterpreter
from migration.engine.nedb.live import LiveDocuments
from migration.engine.nedb.refusal import KeyWatch
from migration.engine.quarantine import OddLine, Reason

SAMPLES_MAX: Final = 20
_INDEX_MARK: Final = b"$$index"
_TEXT: Final = b"s"
_KINDS: Final = {"string": _TEXT, "number": b"n", "boolean": b"b"}

_encode_claims = msgspec.msgpack.Encoder().encode
_decode_claims = msgspec.msgpack.Decoder(list[tuple[int, bytes]]).decode


@dataclass(slots=True)
class Survey:
    """What a datafile holds. ``odd`` counts lines by reason; ``samples`` keeps the first of each.

    ``conflicts`` has, for each unique index, groups of documents that claim the same value.
    ``bad_keys`` maps documents to a key that the NeDB library would refuse.
    """

    stat: FileStat
    counts: Counts = field(default_factory=Counts)
    live: int = 0
    tail_bytes: int = 0
    has_torn_tail: bool = False
    indexes: tuple[IndexDefinition, ...] = ()
    odd: Counter[Reason] = field(default_factory=Counter)
    samples: list[OddLine] = field(default_factory=list)
    conflicts: dict[str, list[list[str]]] = field(default_factory=dict)
    bad_keys: dict[str, str] = field(default_factory=dict)


def survey_datafile(datafile: Datafile) -> Iterator[Survey]:
    """Read a datafile once (and its index lines before), yielding what is known after each block.

    The last one yielded is complete. Memory does not grow with the file.

    Raises:
        SourceChangedError: the file became shorter while it was read.
    """
    with LiveDocuments() as live:
        yield from _Surveyor(datafile, live).run()


class _Surveyor:
    def __init__(self, datafile: Datafile, live: LiveDocuments) -> None:
        self._datafile = datafile
        self._live = live
        self._survey = Survey(stat=datafile.stat)
        self._definitions: dict[str, IndexDefinition] = {}
        self._keys = KeyWatch()
        self._unique = tuple(
            DeclaredIndex(definition=d, column=i)
            for i, d in enumerate(_declared(datafile))
            if d.unique
        )
        self._maker = KeyMaker(self._unique)

    def run(self) -> Iterator[Survey]:
        survey, size = self._survey, self._datafile.stat.size
        lines = LineInterpreter()
        for chunk in self._datafile.chunks(size):
            batch = lines.new_batch()
            if chunk.skipped_bytes:
                batch.add_skipped(chunk.skipped_bytes)
                survey.odd[Reason.LINE_TOO_LONG] += 1
            else:
                lines.add_lines(batch, chunk.data, chunk.offset)
            self._add(batch, chunk.data)
            yield survey
        self._add_tail(lines)
        survey.live = self._live.count()
        survey.indexes = tuple(self._definitions.values())
        survey.bad_keys = self._keys.bad
        survey.conflicts = self._conflicts()
        yield survey

    def _add(self, batch: Batch, data: bytes) -> None:
        survey = self._survey
        survey.counts += batch.counts
        for odd in batch.odd + self._collisions(batch):
            survey.odd[odd.reason] += 1
            if survey.odd[odd.reason] <= SAMPLES_MAX:
                survey.samples.append(odd)
        for name, definition in batch.indexes:
            self._definitions.pop(name, None)
            if definition is not None:
                self._definitions[name] = definition
        self._keys.watch(batch, data)
        self._live.apply(self._notes(batch))

    def _collisions(self, batch: Batch) -> list[OddLine]:
        """Tell which documents of a batch replace one whose ``_id`` has another type."""
        known = self._live.get(batch.firsts)
        return [
            OddLine.of(Reason.ID_COLLISION, line, offset, identity)
            for identity, (kind, line, offset) in batch.firsts.items()
            if known.get(identity, _KINDS[kind])[:1] != _KINDS[kind]
        ]

    def _notes(self, batch: Batch) -> dict[str, bytes | None]:
        """Note for each document the type of its ``_id``, and which unique values it claims."""
        kinds = {i: _KINDS[kind] for i, kind in batch.kinds.items()}
        if not self._unique:
            return {
                i: None if body is None else kinds.get(i, _TEXT)
                for i, body in batch.changes.items()
            }
        row = self._maker.row
        return {
            i: None if body is None else kinds.get(i, _TEXT) + _encode_claims(row(body).claims)
            for i, body in batch.changes.items()
        }

    def _add_tail(self, lines: LineInterpreter) -> None:
        survey = self._survey
        raw = self._datafile.tail(self._datafile.stat.size)
        survey.tail_bytes = len(raw)
        if not raw:
            return
        batch = lines.new_batch()
        survey.has_torn_tail = lines.add_tail(batch, raw, self._datafile.position)
        self._add(batch, raw)

    def _conflicts(self) -> dict[str, list[list[str]]]:
        if not self._unique:
            return {}
        claims = (
            (identity, column, key)
            for identity, note in self._live.items()
            for column, key in _decode_claims(note[1:])
        )
        names = {d.column: d.definition.name for d in self._unique}
        found: dict[str, list[list[str]]] = {}
        for column, ids in _repeated(claims):
            if names[column] in self._definitions:
                found.setdefault(names[column], []).append(ids)
        return found


def _repeated(claims: Iterable[tuple[str, int, bytes]]) -> Iterator[tuple[int, list[str]]]:
    """Yield (column, ids) for each claim that several documents make, sorted outside of memory."""
    with closing(sqlite3.connect("", isolation_level=None)) as db:
        db.execute("pragma journal_mode=off")
        db.execute("create table claims(field integer, k blob, id text)")
        db.execute("begin")
        db.executemany("insert into claims(id, field, k) values(?, ?, ?)", claims)
        db.execute("commit")
        rows = db.execute("select field, k from claims group by field, k having count(*) > 1")
        for column, key in rows.fetchall():
            ids = db.execute(
                "select id from claims where field = ? and k = ? order by id", (column, key)
            )
            yield column, [i for (i,) in ids]


def _declared(datafile: Datafile) -> list[IndexDefinition]:
    """Find the index definitions of a datafile beforehand; a compaction writes them last."""
    definitions: dict[str, IndexDefinition] = {}
    first = datafile.from_start()
    for chunk in first.chunks(first.stat.size):
        _note_definitions(definitions, chunk.data if chunk.offset else _without_bom(chunk.data))
    _note_definitions(definitions, first.tail(first.stat.size))
    return list(definitions.values())


def _without_bom(data: bytes) -> bytes:
    return data.removeprefix(BOM)


def _note_definitions(definitions: dict[str, IndexDefinition], data: bytes) -> None:
    if _INDEX_MARK not in data:
        return
    lines = LineInterpreter()
    batch = lines.new_batch()
    for line in data.split(b"\n"):
        if _INDEX_MARK in line:
            lines.add_lines(batch, line + b"\n", -1)
    for name, definition in batch.indexes:
        definitions.pop(name, None)
        if definition is not None:
            definitions[name] = definition
