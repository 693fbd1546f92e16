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
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from migration.engine.documents import (
    NotJsonError,
    Value,
    identity_text,
    is_truthy,
    parse,
)
from migration.engine.nedb.batches import Batch
from migration.engine.nedb.cutting import (
    BLANK,
    SEPARATOR,
    is_cut,
    is_encodable,
    is_json,
    is_record,
    is_too_deep,
    is_utf8,
    pieces_of,
)
from migration.engine.nedb.identities import (
    ID_BYTES_MAX,
    is_supported_id,
    kind_of,
    looks_like_another_type,
)
from migration.engine.nedb.index_lines import index_change, is_index_line
from migration.engine.quarantine import OddLine, Reason

BOM: Final = b"\xef\xbb\xbf"
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
        if _UNUSUAL.search(line) or not (line.isascii() or is_utf8(line)):
            return False
        try:
            head = _decode_head(line)
        except (msgspec.DecodeError, RecursionError):
            return False
        key = head.id
        if not key or len(key) > ID_BYTES_MAX // 4:
            return False
        if self.seen_other_ids and looks_like_another_type(key):
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
        if not raw.strip(BLANK):
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
        pieces = list(pieces_of(raw)) if SEPARATOR.search(text) else []
        if any(is_record(piece) for piece, _ in pieces):
            batch.lines += len(pieces) - 1
            for piece, start in pieces:
                self._add_line(batch, piece, offset + start)
            return
        batch.unread += 1
        _count_pieces(batch, raw)
        batch.odd.append(OddLine.of(Reason.UNREADABLE_LINE, raw, offset))

    def _add_value(self, batch: Batch, value: Value, origin: "_Origin") -> None:
        if SEPARATOR.search(origin.text):
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
        if not isinstance(value, dict) or not is_index_line(value):
            identity = value.get("_id") if isinstance(value, dict) else None
            known = None if identity is None else identity_text(identity)
            self._quarantine(batch, Reason.UNUSABLE_ID, origin, known)
            return
        batch.index_lines += 1
        change = index_change(value)
        if is_encodable(change[0]):
            batch.indexes.append(change)

    def _add_tombstone(self, batch: Batch, identity: Value, origin: "_Origin") -> None:
        if not is_supported_id(identity):
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
        if not is_supported_id(identity):
            # A lone surrogate can't be stored as text, not even as the name of the culprit.
            known = identity if isinstance(identity, str) and is_encodable(identity) else None
            self._quarantine(batch, Reason.UNSUPPORTED_ID, origin, known)
            return
        key = identity_text(identity)
        kind = kind_of(identity)
        if kind != "string":
            self.seen_other_ids = True
        if self.seen_other_ids and looks_like_another_type(key):
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
        if self.has_bom or (SEPARATOR.search(self.text) and is_cut(self.raw)):
            return True
        return is_too_deep(self.text)

    def remarks(self, key: str) -> Iterator[Reason]:
        """Tell what NeDB would have made of this document at its next load."""
        if not is_utf8(self.raw):
            yield Reason.REPAIRED
        if key == "__proto__" or self.is_lost:
            yield Reason.RESCUED


def _count_pieces(batch: Batch, raw: bytes) -> None:
    """Count the lines that NeDB sees in one of ours, and those of them that it can't read."""
    pieces = [piece for piece, _ in pieces_of(raw) if piece]
    batch.lines_to_nedb += len(pieces)
    batch.corrupt_to_nedb += sum(1 for piece in pieces if not is_json(piece))


def _kind_before(batch: Batch, key: str) -> str | None:
    """Return the type under which this batch last wrote ``key``; None when it did not."""
    if batch.changes.get(key) is None:
        return None
    return batch.kinds.get(key, "string")
