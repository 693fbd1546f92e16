"""Comparing every document of a datafile with every row of its target, each read on its own.

Nothing the copy remembered is used: the datafile is read from its first byte, the target row by
row. Bytes are compared first; where they differ, the documents themselves are, as the NeDB library
would read them. A window of target rows in reading order is kept beside the lines, since most lines
come in the order in which they were copied; it is only speed, a row that is not in it is asked for
by id.

A row is marked by one bit once its document was found equal; what differs or is missing is open
until a later line of the same document closes it. Open documents beyond what memory should hold
wait in a temporary database. Memory is a bit a row, and the window.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from migration.engine.checkpoint import Counts
from migration.engine.documents import NotJsonError, canonical, parse
from migration.engine.index_definitions import IndexDefinition
from migration.engine.nedb.batches import Batch
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.folder import Located
from migration.engine.nedb.lines import LineInterpreter
from migration.engine.nedb.live import LiveDocuments
from migration.engine.nedb.refusal import KeyWatch
from migration.engine.ports import Row, Store
from migration.engine.quarantine import OddLine, Reason

_WINDOW_ROWS: Final = 4000
SAMPLES_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was decided about a collection's odd lines: not evidence, only what needs no telling.

    ``set_apart`` has, by id, documents in quarantine that break uniqueness; ``decided`` are lines
    that somebody resolved or waived, by reason and sha256.
    """

    set_apart: Mapping[str, OddLine] = field(default_factory=dict)
    decided: frozenset[tuple[Reason, str]] = frozenset()


@dataclass(slots=True)
class Comparison:
    """What comparing one collection came to; lists are samples, counts are exact.

    ``unmoved`` counts lines that were not moved by reason, ``remarks`` lines moved with one;
    ``tail_bytes`` is the length of an unfinished last line that says nothing yet.
    """

    collection: str
    documents: int = 0
    rows: int = 0
    missing: int = 0
    set_apart: int = 0
    extra: int = 0
    mismatched: int = 0
    text_differs: int = 0
    missing_ids: list[str] = field(default_factory=list)
    extra_ids: list[str] = field(default_factory=list)
    mismatched_ids: list[str] = field(default_factory=list)
    unmoved: Counter[Reason] = field(default_factory=Counter)
    remarks: Counter[Reason] = field(default_factory=Counter)
    samples: list[OddLine] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    tail_bytes: int = 0
    indexes: dict[str, IndexDefinition] = field(default_factory=dict)
    bad_keys: dict[str, str] = field(default_factory=dict)


class _Window:
    """Rows of a collection in reading order, read ahead of the lines that ask for them."""

    def __init__(self, store: Store, collection: str) -> None:
        self._store = store
        self._collection = collection
        self._rows: OrderedDict[str, Row] = OrderedDict()
        self._number = 0
        self._is_at_end = False

    def take(self, ids: Iterable[str]) -> dict[str, Row]:
        """Return the rows of some ids; each row comes from the window once, else by its id."""
        found: dict[str, Row] = {}
        absent: list[str] = []
        for identity in ids:
            row = self._rows.pop(identity, None)
            if row is None:
                absent.append(identity)
            else:
                found[identity] = row
        if absent and not self._is_at_end:
            self._refill()
            still: list[str] = []
            for identity in absent:
                row = self._rows.pop(identity, None)
                if row is None:
                    still.append(identity)
                else:
                    found[identity] = row
            absent = still
        if absent:
            found |= self._store.rows_by_id(self._collection, absent)
        return found

    def _refill(self) -> None:
        # What lies longest was not asked for in its turn: it would keep fresh rows out.
        while len(self._rows) > _WINDOW_ROWS:
            self._rows.popitem(last=False)
        rows = self._store.rows_after(self._collection, self._number, _WINDOW_ROWS)
        self._is_at_end = len(rows) < _WINDOW_ROWS
        if rows:
            self._number = rows[-1].number
            self._rows.update((r.id, r) for r in rows)


class _Bits:
    """One bit for each row of the target: its document was named by the datafile."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def set(self, number: int) -> None:
        byte = number >> 3
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 65536 - len(self._bits)))
        self._bits[byte] |= 1 << (number & 7)

    def clear(self, number: int) -> None:
        if number >> 3 < len(self._bits):
            self._bits[number >> 3] &= ~(1 << (number & 7))

    def count(self) -> int:
        return int.from_bytes(self._bits, "little").bit_count()

    def is_set(self, number: int) -> bool:
        byte = number >> 3
        return byte < len(self._bits) and bool(self._bits[byte] >> (number & 7) & 1)


def compare_collection(
    located: Located, store: Store, known: Known | None = None
) -> Iterator[Comparison]:
    """Compare one collection, yielding after each block what is known; the last is complete.

    Raises:
        SourceError: the datafile can't be read.
        StoreError: the target can't be read.
    """
    comparison = Comparison(collection=located.collection.name)
    with LiveDocuments() as open_documents:
        comparer = _Comparer(comparison, store, open_documents, known or Known())
        if located.path is not None:
            with Datafile(located.path) as datafile:
                for _ in comparer.read(datafile):
                    yield comparison
        comparer.finish()
    yield comparison


class _Comparer:
    def __init__(
        self, comparison: Comparison, store: Store, open_documents: LiveDocuments, known: Known
    ) -> None:
        self._found = comparison
        self._known = known
        self._store = store
        self._open = open_documents
        self._window = _Window(store, comparison.collection)
        self._named = _Bits()
        self._keys = KeyWatch()

    def read(self, datafile: Datafile) -> Iterator[None]:
        size, found = datafile.stat.size, self._found
        lines = LineInterpreter()
        for chunk in datafile.chunks(size):
            batch = lines.new_batch()
            if chunk.skipped_bytes:
                batch.add_skipped(chunk.skipped_bytes)
                found.unmoved[Reason.LINE_TOO_LONG] += 1
            else:
                lines.add_lines(batch, chunk.data, chunk.offset)
            self._add(batch, chunk.data)
            yield
        tail = datafile.tail(size)
        batch = lines.new_batch()
        if not tail:
            return
        if lines.add_tail(batch, tail, datafile.position):
            found.tail_bytes = len(tail)
        self._add(batch, tail)

    def _add(self, batch: Batch, data: bytes) -> None:
        found = self._found
        found.counts += batch.counts
        for odd in batch.odd:
            self._add_odd(odd)
        self._keys.watch(batch, data)
        for name, definition in batch.indexes:
            found.indexes.pop(name, None)
            if definition is not None:
                found.indexes[name] = definition
        self._compare(batch.changes)

    def _add_odd(self, odd: OddLine) -> None:
        found = self._found
        if odd.reason.is_remark:
            counter = found.remarks
        elif (odd.reason, odd.sha256) in self._known.decided:
            return
        else:
            counter = found.unmoved
        counter[odd.reason] += 1
        if counter[odd.reason] <= SAMPLES_MAX:
            found.samples.append(odd)

    def _compare(self, changes: dict[str, bytes | None]) -> None:
        rows = self._window.take(changes)
        differing: dict[str, bytes | None] = {}
        for identity, body in changes.items():
            row = rows.get(identity)
            if row is None:
                differing[identity] = body
            elif body is None:
                self._named.clear(row.number)
                differing[identity] = None
            else:
                self._named.set(row.number)
                differing[identity] = None if row.body == body else body
        self._open.apply(differing)

    def finish(self) -> None:
        """Judge what stayed open, and find rows that no document names."""
        found = self._found
        found.bad_keys = self._keys.bad
        found.rows = self._store.count(found.collection)
        still_open = self._open.items()
        while group := dict(islice(still_open, _WINDOW_ROWS)):
            rows = self._store.rows_by_id(found.collection, list(group))
            for identity, body in group.items():
                self._judge(identity, body, rows.get(identity))
        named = self._named.count()
        found.documents = named + found.missing + found.set_apart
        found.extra = found.rows - named
        if found.extra:
            found.extra_ids = list(islice(self._unnamed(), SAMPLES_MAX))

    def _judge(self, identity: str, body: bytes, row: Row | None) -> None:
        found = self._found
        if row is None and identity in self._known.set_apart:
            found.set_apart += 1
            self._add_odd(self._known.set_apart[identity])
        elif row is None:
            found.missing += 1
            if len(found.missing_ids) < SAMPLES_MAX:
                found.missing_ids.append(identity)
        elif not _is_same_document(body, row.body):
            found.mismatched += 1
            if len(found.mismatched_ids) < SAMPLES_MAX:
                found.mismatched_ids.append(identity)
        elif row.body != body:
            found.text_differs += 1

    def _unnamed(self) -> Iterator[str]:
        number = 0
        while rows := self._store.rows_after(self._found.collection, number, _WINDOW_ROWS):
            yield from (r.id for r in rows if not self._named.is_set(r.number))
            number = rows[-1].number


def _is_same_document(one: bytes, other: bytes) -> bool:
    try:
        return canonical(parse(one)) == canonical(parse(other))
    except NotJsonError:
        return False
