"""Lines with something to tell about them: not moved, or moved with a remark."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Reason(StrEnum):
    """Why a line was not moved, or what is remarkable about one that was."""

    UNREADABLE_LINE = "unreadable_line"
    UNUSABLE_ID = "unusable_id"
    UNSUPPORTED_ID = "unsupported_id"
    LINE_TOO_LONG = "line_too_long"
    UNIQUE_CONFLICT = "unique_conflict"
    TORN_TAIL = "torn_tail"
    RESERVED_FIELD = "reserved_field"
    RESCUED = "rescued"
    REPAIRED = "repaired"
    ID_COLLISION = "id_collision"

    @property
    def is_remark(self) -> bool:
        """Tell whether such lines were moved and are live."""
        return self in {Reason.RESCUED, Reason.REPAIRED, Reason.ID_COLLISION}


class ItemState(StrEnum):
    """What became of a quarantined line; ``gone`` means that the datafile no longer says it."""

    OPEN = "open"
    RESOLVED = "resolved"
    WAIVED = "waived"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class OddLine:
    """A line of a datafile worth telling.

    ``raw`` holds the bytes as they stand in the datafile, without the line end; None when the line
    was too long to be kept. ``rival_id`` names the document that holds the unique value of
    ``field``.
    """

    reason: Reason
    offset: int
    length: int
    sha256: str
    raw: bytes | None
    document_id: str | None = None
    rival_id: str | None = None
    field: str | None = None

    @classmethod
    def of(
        cls, reason: Reason, raw: bytes, offset: int, document_id: str | None = None
    ) -> "OddLine":
        """Describe a line by its bytes and its place."""
        return cls(
            reason=reason,
            offset=offset,
            length=len(raw),
            sha256=sha256(raw).hexdigest(),
            raw=raw,
            document_id=document_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineItem:
    """An odd line as a target keeps it; ``number`` is unique within its database."""

    number: int
    collection: str
    datafile: str
    generation: int
    line: OddLine
    state: ItemState
