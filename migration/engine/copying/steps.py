"""Steps of a copy: how big they are, and what one of them did."""

from dataclasses import dataclass
from enum import StrEnum

from migration.engine.nedb.datafile import BLOCK_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOptions:
    """How big the steps of a copy are; none of it changes what is copied."""

    batch_documents: int = 20_000
    batch_bytes: int = 8 << 20
    block_bytes: int = BLOCK_BYTES
    keys_per_step: int = 10_000
    deletions_per_step: int = 10_000


class Phase(StrEnum):
    """What a step of a collection's copy did."""

    DOCUMENTS = "documents"
    DELETIONS = "deletions"
    KEYS = "keys"
    INDEXES = "indexes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One committed piece of work. Bytes and lines are those of the datafile.

    ``batch_documents`` is how many documents this step alone wrote.
    """

    collection: str
    phase: Phase
    offset: int
    size: int
    lines: int
    documents: int
    batch_documents: int = 0
