"""What a run of lines comes to."""

from dataclasses import dataclass, field

from migration.engine.checkpoint import Counts
from migration.engine.index_definitions import IndexDefinition
from migration.engine.quarantine import OddLine


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
