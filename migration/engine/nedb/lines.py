"""What one line of a datafile says: a document, a tombstone, an index definition, or something odd.

Nearly every line is decided by its head (``_id`` and two flags) without parsing the rest; whatever
the quick decoder refuses, or what stands in a block with unusual bytes, is looked at slowly and
exactly. A slow look never guesses: it parses the whole line as NeDB would.

Source: @seald-io/nedb lib/persistence.js ``treatRawStreamAsync``, lib/byline.js, lib/model.js.
Differs: NeDB drops corrupt lines (up to a tenth of the file) and lines without a usable ``_id``; we
report each. NeDB cuts lines at U+2028, U+2029, U+0085 and bare carriage returns and so loses
documents that hold them; we keep such a document where the whole line is one. A line of white
space is corrupt to NeDB; here it is blank.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from migration.engine.checkpoint import Counts
from migration.engine.documents import (
    JsDate,
    NotJsonError,
    Value,
    identity_text,
    is_truthy,
    nesting_depth,
    parse,
)
from migration.engine.index_definitions import IndexDefinition
from migration.engine.quarantine import OddLine, Reason

ID_BYTES_MAX: Final = 1024
# Node's stack ends between 2,000 and 3,000 levels: beyond, the library refuses the line or the
# file.
NEDB_DEPTH_MAX: Final = 2000

BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\n\x0b\x0c"
# Bytes that can make a line mean something else to NeDB than to a JSON parser.
_UNUSUAL: Final = re.compile(rb"[\r\x0b\x0c]|\xe2\x80[\xa8\xa9]|\xc2\x85|\\u0000|proto__")
_UNUSUAL_NEEDLES: Final = (
    b"\r",
    b"\xe2\x80\xa8",
    b"\xe2\x80\xa9",
    b"\xc2\x85",
    b"\\u0000",
    b"\x0b",
    b"\x0c",
    b"proto__",
)
_SEPARATOR: Final = re.compile("\r\n|[\x0b\x0c\r\x85\u2028\u2029]")


@dataclass(slots=True)
class Batch:
    """What a run of lines comes to: the last state of each document, and every line counted.

    ``changes`` maps an ``_id`` to its last line (without line end) or to None for a tombstone.
    ``kinds`` has the JSON type of ids that are, or may be mistaken for, something else than text;
    ``firsts`` has the type, the line and its offset of those whose first line here is a document,
    which may replace an earlier one of another type.
    """

    changes: dict[str, bytes | None] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    firsts: dict[str, tuple[str, bytes, int]] = field(default_factory=dict)
    odd: list[OddLine] = field(default_factory=list)
    indexes: list[tuple[str, IndexDefinition | None]] = field(default_factory=list)
    lines: int = 0
    documents: int = 0
    tombstones: int = 0
    index_lines: int = 0
    blank: int = 0
    unread: int = 0
    lines_to_nedb: int = 0
    corrupt_to_nedb: int = 0
    bytes: int = 0
    offsets: dict[str, int] | None = None

    @property
    def counts(self) -> Counts:
        """The numbers of the batch alone."""
        return Counts(**{name: getattr(self, name) for name in Counts.__dataclass_fields__})

    def add_skipped(self, length: int) -> None:
        """Count a line that was too long to be held."""
        self.lines += 1
        self.unread += 1
        self.lines_to_nedb += 1
        self.corrupt_to_nedb += 1
        self.bytes += length


# NeDB turns a line with this key into a date; its presence must make the quick decoder refuse.
_Never = Literal["no value is ever equal to this 6f0b8c2e"]


class _Head(msgspec.Struct, gc=False):
    """The fields that decide what a line is; anything unexpected in them raises."""

    id: str = msgspec.field(name="_id", default="")
    deleted: bool = msgspec.field(name="$$deleted", default=False)
    date: _Never = msgspec.field(name="$$date", default="no value is ever equal to this 6f0b8c2e")


_decode_head: Callable[[bytes], _Head] = msgspec.json.Decoder(_Head).decode
_UNDECIDED: Final = _Head()


class LineInterpreter:
    """Reads lines of one datafile in order and adds what they say to batches.

    ``seen_other_ids`` is True once an ``_id`` that is no text was met; from then on ids that look
    like a number or a boolean are watched, because NeDB keeps 7 and "7" under one key.
    """

    def __init__(self, *, seen_other_ids: bool = False, track_offsets: bool = False) -> None:
        self.seen_other_ids = seen_other_ids
        self._track_offsets = track_offsets

    def new_batch(self) -> Batch:
        """Begin a batch of the kind that this interpreter fills."""
        return Batch(offsets={} if self._track_offsets else None)

    def add_lines(self, batch: Batch, data: bytes, offset: int) -> None:
        """Add whole lines, each ended by a line feed, that begin at ``offset`` of the datafile."""
        lines = data.split(b"\n")
        lines.pop()
        batch.lines += len(lines)
        batch.bytes += len(data)
        if self._needs_care(data, offset):
            self._add_carefully(batch, lines, offset)
        else:
            self._add_plain(batch, lines, offset)

    def add_tail(self, batch: Batch, line: bytes, offset: int) -> bool:
        """Add a last line that has no line end yet; True when it waits to be completed.

        What is unreadable at its end is taken for unfinished, and not for a line of the batch.
        """
        batch.lines += 1
        self._add_line(batch, line, offset)
        last = batch.odd[-1] if batch.odd else None
        if last is None or last.reason is not Reason.UNREADABLE_LINE:
            return False
        if last.offset + last.length < offset + len(line):
            return False
        batch.odd.pop()
        batch.lines -= 1
        batch.unread -= 1
        return True

    def _needs_care(self, data: bytes, offset: int) -> bool:
        if self.seen_other_ids or self._track_offsets or any(n in data for n in _UNUSUAL_NEEDLES):
            return True
        if data.isascii():
            return False
        if offset == 0 and data.startswith(BOM):
            return True
        try:
            data.decode()
        except UnicodeDecodeError:
            return True
        return False

    def _add_plain(self, batch: Batch, lines: list[bytes], offset: int) -> None:
        """Add lines of a block that is valid UTF-8 and holds no unusual byte."""
        changes, decode = batch.changes, _decode_head
        documents = tombstones = passed = 0
        for i, line in enumerate(lines):
            try:
                head = decode(line)
            except (msgspec.DecodeError, RecursionError):
                head = _UNDECIDED
            key = head.id
            if not key or len(key) > ID_BYTES_MAX // 4:
                offset += sum(map(len, lines[passed:i])) + i - passed
                passed = i
                self._add_line(batch, line, offset)
                if self.seen_other_ids:
                    self._add_carefully(batch, lines[i + 1 :], offset + len(line) + 1)
                    break
            elif head.deleted:
                changes[key] = None
                tombstones += 1
            else:
                changes[key] = line
                documents += 1
        batch.documents += documents
        batch.tombstones += tombstones
        batch.lines_to_nedb += documents + tombstones

    def _add_carefully(self, batch: Batch, lines: list[bytes], offset: int) -> None:
        for line in lines:
            body = line[:-1] if line.endswith(b"\r") else line
            if not self._add_quickly(batch, body, offset):
                self._add_line(batch, line, offset)
            offset += len(line) + 1

    def _add_quickly(self, batch: Batch, line: bytes, offset: int) -> bool:
        """Add a line whose head says all; False when it must be parsed as a whole."""
        if _UNUSUAL.search(line) or not (line.isascii() or _is_utf8(line)):
            return False
        try:
            head = _decode_head(line)
        except (msgspec.DecodeError, RecursionError):
            return False
        key = head.id
        if not key or len(key) > ID_BYTES_MAX // 4:
            return False
        if self.seen_other_ids and _looks_like_another_type(key):
            return False
        batch.lines_to_nedb += 1
        if head.deleted:
            self._remove(batch, key)
        else:
            self._put(batch, key, line, offset)
        return True

    def _put(self, batch: Batch, key: str, line: bytes, offset: int) -> None:
        batch.changes[key] = line
        batch.documents += 1
        if batch.offsets is not None:
            batch.offsets[key] = offset

    def _remove(self, batch: Batch, key: str) -> None:
        batch.changes[key] = None
        batch.tombstones += 1
        if batch.offsets is not None:
            batch.offsets.pop(key, None)

    def _add_line(self, batch: Batch, raw: bytes, offset: int) -> None:
        """Add one line exactly, whatever it holds."""
        if not raw.strip(_BLANK):
            batch.blank += 1
            _count_pieces(batch, raw)
            return
        line = raw[:-1] if raw.endswith(b"\r") else raw
        has_bom = offset == 0 and line.startswith(BOM)
        text = (line[len(BOM) :] if has_bom else line).decode("utf-8", "replace")
        try:
            value = parse(text)
        except NotJsonError:
            self._add_unparsed(batch, raw, text, offset)
            return
        self._add_value(batch, value, _Origin(raw=raw, text=text, offset=offset, has_bom=has_bom))

    def _add_unparsed(self, batch: Batch, raw: bytes, text: str, offset: int) -> None:
        """Quarantine a line that is no JSON, unless NeDB would cut it into lines that are."""
        pieces = list(_pieces(raw)) if _SEPARATOR.search(text) else []
        if any(_is_record(piece) for piece, _ in pieces):
            batch.lines += len(pieces) - 1
            for piece, start in pieces:
                self._add_line(batch, piece, offset + start)
            return
        batch.unread += 1
        _count_pieces(batch, raw)
        batch.odd.append(OddLine.of(Reason.UNREADABLE_LINE, raw, offset))

    def _add_value(self, batch: Batch, value: Value, origin: "_Origin") -> None:
        if _SEPARATOR.search(origin.text):
            _count_pieces(batch, origin.raw)
        else:
            batch.lines_to_nedb += 1
            batch.corrupt_to_nedb += value is None or origin.is_lost
        if value is None:
            self._quarantine(batch, Reason.UNREADABLE_LINE, origin)
        elif not isinstance(value, dict) or not is_truthy(value.get("_id")):
            self._add_without_id(batch, value, origin)
        elif value.get("$$deleted") is True:
            self._add_tombstone(batch, value["_id"], origin)
        else:
            self._add_document(batch, value["_id"], origin)

    def _add_without_id(self, batch: Batch, value: Value, origin: "_Origin") -> None:
        if not isinstance(value, dict) or not _is_index_line(value):
            identity = value.get("_id") if isinstance(value, dict) else None
            known = None if identity is None else identity_text(identity)
            self._quarantine(batch, Reason.UNUSABLE_ID, origin, known)
            return
        batch.index_lines += 1
        change = _index_change(value)
        if _is_encodable(change[0]):
            batch.indexes.append(change)

    def _add_tombstone(self, batch: Batch, identity: Value, origin: "_Origin") -> None:
        if not _is_supported_id(identity):
            # No document of such an id was moved.
            batch.tombstones += 1
            return
        key = identity_text(identity)
        if origin.is_lost:
            batch.odd.append(OddLine.of(Reason.RESCUED, origin.raw, origin.offset, key))
        if not isinstance(identity, str):
            self.seen_other_ids = True
        self._remove(batch, key)
        batch.kinds.pop(key, None)

    def _add_document(self, batch: Batch, identity: Value, origin: "_Origin") -> None:
        if not _is_supported_id(identity):
            # A lone surrogate can't be stored as text, not even as the name of the culprit.
            known = identity if isinstance(identity, str) and _is_encodable(identity) else None
            self._quarantine(batch, Reason.UNSUPPORTED_ID, origin, known)
            return
        key = identity_text(identity)
        kind = _kind(identity)
        if kind != "string":
            self.seen_other_ids = True
        if self.seen_other_ids and _looks_like_another_type(key):
            if key not in batch.changes:
                batch.firsts[key] = (kind, origin.raw, origin.offset)
            elif _kind_before(batch, key) not in {None, kind}:
                batch.odd.append(OddLine.of(Reason.ID_COLLISION, origin.raw, origin.offset, key))
            batch.kinds[key] = kind
        self._put(batch, key, origin.body, origin.offset)
        for reason in origin.remarks(key):
            batch.odd.append(OddLine.of(reason, origin.raw, origin.offset, key))

    def _quarantine(
        self, batch: Batch, reason: Reason, origin: "_Origin", document_id: str | None = None
    ) -> None:
        batch.unread += 1
        batch.odd.append(OddLine.of(reason, origin.raw, origin.offset, document_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """A parsed line and the bytes it came from."""

    raw: bytes
    text: str
    offset: int
    has_bom: bool

    @property
    def body(self) -> bytes:
        return self.text.encode()

    @property
    def is_lost(self) -> bool:
        """Tell whether NeDB can't read this line as the one line that it is."""
        if self.has_bom or (_SEPARATOR.search(self.text) and _is_cut(self.raw)):
            return True
        return _is_too_deep(self.text)

    def remarks(self, key: str) -> Iterator[Reason]:
        """Tell what NeDB would have made of this document at its next load."""
        if not _is_utf8(self.raw):
            yield Reason.REPAIRED
        if key == "__proto__" or self.is_lost:
            yield Reason.RESCUED


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _pieces(raw: bytes) -> Iterator[tuple[bytes, int]]:
    """Cut a line where NeDB would, with the place of each piece in it."""
    start = 0
    for match in re.finditer(rb"\r\n|[\x0b\x0c\r]|\xe2\x80[\xa8\xa9]|\xc2\x85", raw):
        yield raw[start : match.start()], start
        start = match.end()
    if start < len(raw):
        yield raw[start:], start


def _is_record(piece: bytes) -> bool:
    try:
        return isinstance(parse(piece), dict)
    except NotJsonError:
        return False


def _count_pieces(batch: Batch, raw: bytes) -> None:
    """Count the lines that NeDB sees in one of ours, and those of them that it can't read."""
    pieces = [piece for piece, _ in _pieces(raw) if piece]
    batch.lines_to_nedb += len(pieces)
    batch.corrupt_to_nedb += sum(1 for piece in pieces if not _is_json(piece))


def _is_cut(raw: bytes) -> bool:
    """Tell whether a separator of NeDB's stands inside of what is one record to us."""
    return sum(1 for piece, _ in _pieces(raw) if piece.strip(_BLANK)) > 1


def _is_json(piece: bytes) -> bool:
    text = piece.decode("utf-8", "replace")
    try:
        return parse(text) is not None and not _is_too_deep(text)
    except NotJsonError:
        return False


def _is_too_deep(text: str) -> bool:
    is_suspect = text.count("[") + text.count("{") > NEDB_DEPTH_MAX
    return is_suspect and nesting_depth(text) > NEDB_DEPTH_MAX


def kind_of_id(body: bytes) -> str:
    """Return the JSON type of a document's ``_id``: string, number or boolean."""
    document = parse(body)
    return _kind(document["_id"]) if isinstance(document, dict) else "string"


def _kind(identity: Value) -> str:
    if isinstance(identity, str):
        return "string"
    return "boolean" if isinstance(identity, bool) else "number"


def _kind_before(batch: Batch, key: str) -> str | None:
    """Return the type under which this batch last wrote ``key``; None when it did not."""
    if batch.changes.get(key) is None:
        return None
    return batch.kinds.get(key, "string")


def _looks_like_another_type(key: str) -> bool:
    return key in {"true", "Infinity", "-Infinity"} or key[0] in "-0123456789"


def _is_supported_id(identity: Value) -> bool:
    if isinstance(identity, (list, dict, JsDate)):
        return False
    if not isinstance(identity, str):
        return True
    return (
        "\x00" not in identity
        and _is_encodable(identity)
        and len(identity.encode()) <= ID_BYTES_MAX
    )


def _is_index_line(value: dict[str, Value]) -> bool:
    created = value.get("$$indexCreated")
    if isinstance(created, dict) and created.get("fieldName") is not None:
        return True
    return isinstance(value.get("$$indexRemoved"), str)


def _index_change(value: dict[str, Value]) -> tuple[str, IndexDefinition | None]:
    created = value.get("$$indexCreated")
    if isinstance(created, dict) and created.get("fieldName") is not None:
        definition = _definition(created)
        return definition.name, definition
    return str(value["$$indexRemoved"]), None


def _definition(created: dict[str, Value]) -> IndexDefinition:
    name = created["fieldName"]
    parts = name if isinstance(name, list) else [name]
    fields = tuple(f for part in parts for f in str(part).split(","))
    seconds = created.get("expireAfterSeconds")
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    return IndexDefinition(
        name=",".join(fields),
        fields=fields,
        unique=is_truthy(created.get("unique")),
        sparse=is_truthy(created.get("sparse")),
        expire_after_seconds=float(seconds) if is_number else None,  # type: ignore[arg-type]
    )
