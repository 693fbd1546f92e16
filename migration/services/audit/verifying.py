"""Checking the chain from its first entry to its head."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from migration.models import GENESIS, AuditEntry
from migration.permissions import Actor, Right, require
from migration.services.audit.chain import audit_key, signature
from migration.services.audit.head import Head, UnreadableHeadError, read_head

_CHUNK_ENTRIES: Final = 1_000


class HeadState(StrEnum):
    """What the head outside of the database says about the chain."""

    AGREES = "agrees"
    MISSING = "missing"  # no file: it was never written, or somebody took it away
    UNREADABLE = "unreadable"
    DIFFERS = "differs"  # the database lacks the entry: its end was cut off, or it is another chain


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerdict:
    """What a check of the chain found; ``first_bad`` is the first number that can't be trusted."""

    entries: int
    is_whole: bool
    first_bad: int | None
    head: HeadState


def verify(*, actor: Actor) -> AuditVerdict:
    """Check every entry, and the head outside of the database.

    Entries written meanwhile may or may not be among those checked.

    Raises:
        ForbiddenError: the actor may not look.
        UnavailableError: there is no usable signing key.
    """
    require(actor, Right.READ)
    key = audit_key()
    # Read before the entries: the chain only grows, so it still has to hold this one.
    noted, state = _noted_head()
    count, first_bad = _follow(key)
    if noted is not None and not noted.is_in_database():
        state = HeadState.DIFFERS
        first_bad = min(noted.seq, count + 1) if first_bad is None else first_bad
    entries = AuditEntry.objects.count()
    return AuditVerdict(
        entries=entries, is_whole=first_bad is None, first_bad=first_bad, head=state
    )


def _noted_head() -> tuple[Head | None, HeadState]:
    try:
        noted = read_head()
    except UnreadableHeadError:
        return None, HeadState.UNREADABLE
    return noted, HeadState.AGREES if noted else HeadState.MISSING


def _follow(key: bytes) -> tuple[int, int | None]:
    """Return how many entries fit, and the number of the first one that does not."""
    count, previous = 0, GENESIS
    for seq, entry in _entries():
        if entry is None or not _fits(entry, count + 1, previous, key):
            return count, min(seq, count + 1)
        count, previous = count + 1, entry.digest
    return count, None


def _fits(entry: AuditEntry, expected: int, previous: str, key: bytes) -> bool:
    try:
        is_signed = hmac.compare_digest(signature(entry, key), entry.digest)
    except (AttributeError, TypeError, ValueError):  # a value that we never write
        return False
    return is_signed and entry.seq == expected and entry.previous == previous


def _entries() -> Iterator[tuple[int, AuditEntry | None]]:
    """Yield all entries in order, a chunk in memory at a time; None for one that can't be read."""
    after: int | None = None
    while numbers := _numbers(after):
        try:
            chunk = AuditEntry.objects.in_bulk(numbers)
        except (TypeError, ValueError, OverflowError):
            chunk = _one_by_one(numbers)
        for number in numbers:
            yield number, chunk.get(number)
        after = numbers[-1]


def _numbers(after: int | None) -> list[int]:
    found = AuditEntry.objects.order_by("seq").values_list("seq", flat=True)
    later = found if after is None else found.filter(seq__gt=after)
    return list(later[:_CHUNK_ENTRIES])


def _one_by_one(numbers: list[int]) -> dict[int, AuditEntry]:
    found: dict[int, AuditEntry] = {}
    for number in numbers:
        try:
            found[number] = AuditEntry.objects.get(seq=number)
        except (TypeError, ValueError, OverflowError):
            continue
    return found
