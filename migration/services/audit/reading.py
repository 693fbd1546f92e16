"""Reading entries: pages for people, a stream for files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final, get_args

from django.db import transaction
from django.utils.dateparse import parse_date, parse_datetime

from migration.models import AuditEntry
from migration.models.audit import AuditQuerySet
from migration.permissions import Actor, Right, require
from migration.services.answers import on_the_wire
from migration.services.audit.writing import Kind, audited, record
from migration.services.errors import InvalidInputError
from migration.services.redaction import escaped

PAGE_ENTRIES: Final = 50
PAGE_ENTRIES_MAX: Final = 500
_CHUNK_ENTRIES: Final = 500
_ANY_KIND: Final = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted.

    ``action`` may end in ``*`` for all that begin so. ``since`` is inclusive, ``until`` is not.
    ``kind`` is ``action``, ``event`` or ``all``.
    """

    action: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None
    kind: str = "action"

    @classmethod
    def parse(
        cls, *, action: str = "", actor: str = "", since: str = "", until: str = "", kind: str = ""
    ) -> "AuditFilter":
        """Make a filter of texts; times are ISO 8601, in UTC unless they say otherwise.

        Raises:
            InvalidInputError: a time or the kind can't be read.
        """
        if kind not in {"", _ANY_KIND, *get_args(Kind)}:
            raise InvalidInputError("kind must be action, event or all.", field="kind")
        return cls(
            # As they were written.
            action=escaped(action),
            actor=escaped(actor),
            since=_moment(since, "since"),
            until=_moment(until, "until"),
            kind=kind or "action",
        )

    def found(self) -> AuditQuerySet:
        """Return the entries that are wanted."""
        found = AuditEntry.objects.between(self.since, self.until)
        if self.kind != _ANY_KIND:
            found = found.filter(kind=self.kind)
        if self.actor:
            found = found.filter(actor=self.actor)
        if self.action.endswith("*"):
            return found.filter(action__startswith=self.action[:-1])
        return found.filter(action=self.action) if self.action else found


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some entries, the newest first; ``next_cursor`` leads to older ones, if there are any."""

    items: list[AuditEntry]
    next_cursor: str | None


def entries(
    wanted: AuditFilter, *, actor: Actor, cursor: str = "", limit: int = PAGE_ENTRIES
) -> AuditPage:
    """Return a page of entries.

    Raises:
        ForbiddenError: the actor may not look.
        InvalidInputError: the cursor is none of ours, or the limit out of range.
    """
    require(actor, Right.READ)
    if not 1 <= limit <= PAGE_ENTRIES_MAX:
        raise InvalidInputError(
            f"limit must lie between 1 and {PAGE_ENTRIES_MAX}.", field="limit", code="out_of_range"
        )
    found = wanted.found().order_by("-seq")
    if cursor:
        found = found.filter(seq__lt=_position(cursor))
    items = list(found[: limit + 1])
    has_more = len(items) > limit
    return AuditPage(
        items=items[:limit], next_cursor=str(items[limit - 1].seq) if has_more else None
    )


def export_entries(
    wanted: AuditFilter, *, actor: Actor, file_format: str
) -> Iterator[dict[str, Any]]:
    """Return all entries that are wanted, oldest first, a chunk in memory at a time.

    That somebody took them away is an entry itself.

    Raises:
        ForbiddenError: the actor may not take them away.
    """
    with audited("logs.export", actor=actor, object_type="logs"):
        require(actor, Right.EXPORT)
        with transaction.atomic():
            details = {"format": file_format, "action": wanted.action, "actor": wanted.actor}
            last = record("logs.exported", actor=actor, object_type="logs", details=details)
    return _stream(wanted, last.seq)


def page_data(page: AuditPage) -> dict[str, Any]:
    """Return a page as it goes over the wire."""
    return {
        "items": [entry_data(entry) for entry in page.items],
        "nextCursor": page.next_cursor,
    }


def entry_data(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry as it goes over the wire."""
    return {
        "seq": entry.seq,
        "at": on_the_wire(entry.at),
        "kind": entry.kind,
        "action": entry.action,
        "actor": entry.actor,
        "door": entry.door,
        "address": entry.address,
        "requestId": entry.request_id,
        "objectType": entry.object_type,
        "objectId": entry.object_id,
        "result": entry.result,
        "code": entry.code,
        "details": entry.details,
        "previous": entry.previous,
        "digest": entry.digest,
    }


def _stream(wanted: AuditFilter, last: int) -> Iterator[dict[str, Any]]:
    after = 0
    # Chunk by chunk: a cursor left open while a slow reader takes its time would keep SQLite's
    # log from being folded in.
    while chunk := list(
        wanted.found().filter(seq__gt=after, seq__lte=last).order_by("seq")[:_CHUNK_ENTRIES]
    ):
        yield from (entry_data(entry) for entry in chunk)
        after = chunk[-1].seq


def _moment(text: str, field: str) -> datetime | None:
    if not text:
        return None
    try:
        day = parse_date(text)
        # A plus sign that was not encoded arrives as a blank.
        moment = datetime.combine(day, time()) if day else parse_datetime(text.replace(" ", "+"))
        if moment is not None:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInputError(f"{field} must be a time such as 2026-01-31T22:00Z.", field=field)


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):  # noqa: PLR2004
        raise InvalidInputError("cursor is none that was given out.", field="cursor")
    return int(cursor)
