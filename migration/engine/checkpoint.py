"""What must be remembered of a datafile to go on reading it later.

NeDB compacts by writing a new file and renaming it over the old one, and file systems hand out
inodes again, so neither a path nor an inode proves that an offset still means what it meant. A
checkpoint therefore carries the file's identity, how it looked when it was read, a digest of the
last line read and one of everything before the offset.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStat:
    """A datafile as the operating system describes it.

    ``inode_generation`` tells two files apart that were given the same inode; it is None where the
    file system keeps none. Times are nanoseconds since 1970.
    """

    device: int
    inode: int
    inode_generation: int | None
    size: int
    mtime_ns: int
    ctime_ns: int

    def is_same_file(self, other: "FileStat") -> bool:
        """Tell whether both describe one file, as far as identity alone can tell."""
        return (self.device, self.inode, self.inode_generation) == (
            other.device,
            other.inode,
            other.inode_generation,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where reading of one generation of a datafile stands.

    ``offset`` is in bytes and always just behind a line end (or 0). ``generation`` counts the
    files that stood under this name, from 1. Digests are sha256 in hexadecimal.
    """

    generation: int
    stat: FileStat
    offset: int
    prefix_sha256: str
    last_line_bytes: int
    last_line_sha256: str


class Recognition(StrEnum):
    """What a datafile is, compared with the checkpoint taken of it."""

    UNCHANGED = "unchanged"
    GROWN = "grown"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Lines of one generation of a datafile up to its checkpoint, by what they say.

    ``unread`` lines were quarantined when they were read. ``lines_to_nedb`` is how many lines that
    are not empty the NeDB library would see, cutting lines its own way; ``corrupt_to_nedb`` is how
    many of those it would call corrupt.
    """

    lines: int = 0
    documents: int = 0
    tombstones: int = 0
    index_lines: int = 0
    blank: int = 0
    unread: int = 0
    lines_to_nedb: int = 0
    corrupt_to_nedb: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        names = self.__dataclass_fields__
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """A last line without line end: applied where it can be read, else it waits to be completed.

    NeDB may see several lines in it, of which only the last can be unfinished. ``counts`` are those
    of what was applied; ``previous`` maps each document it speaks of to the body that stood in the
    target before, None where there was none.
    """

    length: int
    is_waiting: bool
    counts: Counts = Counts()
    previous: Mapping[str, bytes | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionState:
    """All that a target remembers of one collection's copy; committed with the data it speaks of.

    ``is_reconciling``: a new generation is being compared with what the target holds, and documents
    it does not name are deleted at its end. ``is_indexed``: keys of declared indexes are kept with
    every write; while False they wait to be built from the documents.
    """

    datafile: str
    checkpoint: Checkpoint
    counts: Counts = Counts()
    tail: Tail | None = None
    is_reconciling: bool = False
    is_indexed: bool = False
    has_other_ids: bool = False

    @property
    def counts_with_tail(self) -> Counts:
        """The counts, and the unfinished last line where it was applied."""
        return self.counts + self.tail.counts if self.tail else self.counts

    @property
    def has_waiting_tail(self) -> bool:
        """Tell whether an unfinished last line waits to be completed."""
        return self.tail is not None and self.tail.is_waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Every line of one generation of a datafile, accounted for.

    ``live`` counts documents in the target; ``superseded`` are document lines that a later line
    replaced or deleted; ``tail`` is 1 while an unfinished last line waits.
    """

    collection: str
    datafile: str
    generation: int
    counts: Counts
    live: int
    conflicts: int
    tail: int

    @property
    def lines(self) -> int:
        """All lines, an unfinished last one included."""
        return self.counts.lines + self.tail

    @property
    def quarantined(self) -> int:
        """Lines that were not moved: unread ones, and those that break uniqueness."""
        return self.counts.unread + self.conflicts

    @property
    def superseded(self) -> int:
        """Document lines that a later line replaced or deleted."""
        return self.counts.documents - self.live - self.conflicts

    @property
    def is_balanced(self) -> bool:
        """Check that each line is counted once and that no count is impossible."""
        parts = (
            self.live,
            self.superseded,
            self.counts.tombstones,
            self.counts.index_lines,
            self.counts.blank,
            self.quarantined,
            self.tail,
        )
        return min(parts) >= 0 and self.lines == sum(parts)
