"""Where workflows and adapters meet: what a workflow may ask of a target database."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from migration.engine.checkpoint import CollectionState, Ledger
from migration.engine.index_definitions import DeclaredIndex, IndexDefinition
from migration.engine.quarantine import OddLine, QuarantineItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who writes to a target: an installation, on behalf of a run, under a fencing token."""

    installation: str
    run: str
    token: int


@dataclass(frozen=True, slots=True)
class Row:
    """A document as a target holds it; ``number`` is its place in reading order, from 1."""

    number: int
    id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contest:
    """Documents of one collection that claim one value of a unique index.

    ``holder`` is the document that had the value first; None when nobody can tell without the
    datafile.
    """

    index: str
    holder: str | None
    ids: tuple[str, ...]


class Write(Protocol):
    """One transaction on a collection: data and the state that speaks of it, or neither."""

    def put(self, documents: Sequence[tuple[str, bytes]]) -> None:
        """Insert or replace documents, given as id and body."""

    def delete(self, ids: Sequence[str]) -> None:
        """Remove documents; ids without one are passed over."""

    def rows(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return the documents of these ids that are there."""

    def declare_index(self, definition: IndexDefinition, *, generation: int) -> bool:
        """Keep an index that the datafile declares; True when keys must be built anew for it."""

    def drop_index(self, name: str) -> bool:
        """Forget an index; True when keys must be built anew."""

    def drop_indexes_before(self, generation: int) -> bool:
        """Forget indexes that only earlier generations declared; True to build keys anew."""

    def is_free(self, identity: str, body: bytes) -> bool:
        """Tell whether a document could be put without breaking a unique index."""

    def note(self, lines: Iterable[OddLine], *, datafile: str, generation: int) -> None:
        """Keep odd lines; a decision taken on the same line before still holds."""

    def withdraw_notes(self, *, generation: int, offset: int) -> None:
        """Mark as gone what was noted from an offset on and not decided: it is read again."""

    def forget_earlier_generations(self, generation: int) -> None:
        """Mark as gone what only earlier generations of the datafile said."""

    def forget_contests(self) -> None:
        """Drop the list of contested unique values: they were settled."""

    def clear_seen(self) -> None:
        """Begin or end a reconciliation: no row counts as named."""

    def mark_seen(self, numbers: Iterable[int]) -> None:
        """Remember rows that the generation being reconciled names."""

    def unmark_seen(self, numbers: Iterable[int]) -> None:
        """Forget rows that are removed: their numbers may be given out again."""

    def move_to(self, state: CollectionState) -> None:
        """Remember the state that speaks of what was written in this transaction."""


class Store(Protocol):
    """A target database, as workflows see it.

    Every method may raise StoreUnavailableError (a retry can help) or StoreError (it can't).
    """

    def exists(self) -> bool:
        """Tell whether something stands where the target belongs."""

    def check(self, installation: str) -> None:
        """Refuse what could not be claimed, without changing anything.

        Raises:
            TargetRefusedError: a file that we did not make, or another installation's target.
        """

    def claim(self, claim: Claim) -> None:
        """Take the target for a run, creating it when it is not there.

        Raises:
            TargetRefusedError: a file that we did not make, or another installation's target.
            StaleTokenError: a later claim holds the target.
        """

    def state(self, collection: str) -> CollectionState | None:
        """Return what is remembered of a collection's copy; None before its first batch."""

    def write(
        self, collection: str, *, before: CollectionState | None
    ) -> AbstractContextManager[Write]:
        """Open a transaction on a collection; it commits when the block ends without an error.

        Raises:
            CheckpointMovedError: the state is not ``before`` any more; nothing was written.
            StaleTokenError: a later claim holds the target; nothing was written.
        """

    def count_unseen(self, collection: str) -> int:
        """Count documents that the reconciled generation has not named."""

    def delete_unseen(self, collection: str, *, before: CollectionState, limit: int) -> int:
        """Delete some documents that the new generation does not name; 0 when none is left."""

    def build_keys(self, collection: str, *, limit: int) -> int:
        """Build index keys of some more documents; 0 when all have theirs."""

    def finish_indexes(self, collection: str) -> Iterator[str]:
        """Create the declared indexes, yielding each name; from then on writes keep them."""

    def contests(self, collection: str) -> list[Contest]:
        """Return unique values that several documents claim since the last settlement."""

    def indexes(self, collection: str) -> tuple[DeclaredIndex, ...]:
        """Return the indexes that the collection's datafile declares."""

    def ledger(self, collection: str) -> Ledger | None:
        """Return the account of the present generation; None before its first batch."""

    def quarantine(self, collection: str | None = None) -> Iterator[QuarantineItem]:
        """Yield odd lines of one collection or all, oldest first."""

    def count(self, collection: str) -> int:
        """Count the documents of a collection."""

    def rows_after(self, collection: str, number: int, limit: int) -> list[Row]:
        """Return the next documents in reading order."""

    def rows_by_id(self, collection: str, ids: Sequence[str]) -> dict[str, Row]:
        """Return the documents of these ids that are there."""

    def problems(self) -> list[str]:
        """Ask the database whether it is whole; the answer names what is not."""

    def fold(self) -> None:
        """Bring everything committed into the database's main file, where it has another."""

    def set_aside(self, label: str) -> Path | None:
        """Fence the database and put it away under another name; None when there is none."""

    def close(self) -> None:
        """Give back connections; the store may be used again."""
