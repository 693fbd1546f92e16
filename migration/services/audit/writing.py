"""Writing entries: with an act, and after one that was refused or failed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final, Literal

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

from migration.models import AuditEntry
from migration.permissions import Actor, ServiceError
from migration.services.answers import code_of, status_of
from migration.services.audit.chain import append
from migration.services.redaction import escaped, redacted

Result = Literal["ok", "refused", "failed"]
Kind = Literal["action", "event"]

_DETAILS_CHARACTERS_MAX: Final = 20_000

log = structlog.get_logger(__name__)


def record(  # noqa: PLR0913  the columns of an entry
    action: str,
    *,
    actor: Actor,
    object_type: str = "",
    object_id: str = "",
    result: Result = "ok",
    code: str = "",
    details: Mapping[str, Any] | None = None,
    kind: Kind = "action",
) -> AuditEntry:
    """Write an entry in the transaction that is open: it stays or goes with what it tells of.

    Raises:
        UnavailableError: the entry can't be signed, so that the act must not happen either.
    """
    entry = AuditEntry(
        at=timezone.now(),
        kind=kind,
        action=action,
        actor=actor.name,
        door=actor.door.value,
        address=actor.address,
        request_id=actor.request_id,
        object_type=object_type,
        object_id=object_id,
        result=result,
        code=code,
        details_json=_details_json(details or {}),
    )
    _make_storable(entry)
    return append(entry)


def record_apart(  # noqa: PLR0913  the columns of an entry
    action: str,
    *,
    actor: Actor,
    result: Result,
    code: str,
    object_type: str = "",
    object_id: str = "",
    details: Mapping[str, Any] | None = None,
    kind: Kind = "action",
) -> None:
    """Write an entry about what was refused or failed, after its transaction was rolled back.

    Inside of a transaction it is written with that one. Where it can't be written, the log tells
    of it, and the caller's own error is not replaced by another.
    """
    words = {"action": action, "actor": actor.name, "result": result, "code": code}
    if connection.in_atomic_block and connection.needs_rollback:
        log.error("audit_entry_lost", reason="the transaction is broken", **words)
        return
    try:
        record(
            action,
            actor=actor,
            object_type=object_type,
            object_id=object_id,
            result=result,
            code=code,
            details=details,
            kind=kind,
        )
    except (ServiceError, DatabaseError) as exc:
        log.error("audit_entry_lost", reason=type(exc).__name__, **words)  # noqa: TRY400


@contextmanager
def audited(
    action: str,
    *,
    actor: Actor,
    object_type: str = "",
    object_id: str = "",
    details: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Write down when what happens inside is refused or fails; put it around the transaction."""
    try:
        yield
    except Exception as exc:
        blockers = getattr(exc, "blockers", None)
        record_apart(
            action,
            actor=actor,
            object_type=object_type,
            object_id=object_id,
            result="refused" if status_of(exc) < HTTPStatus.INTERNAL_SERVER_ERROR else "failed",
            code=code_of(exc),
            details={**(details or {}), **({"blockers": blockers} if blockers else {})},
        )
        raise


def _details_json(details: Mapping[str, Any]) -> str:
    text = json.dumps(redacted(details), sort_keys=True, separators=(",", ":"))
    return text if len(text) <= _DETAILS_CHARACTERS_MAX else '{"omitted":"too long"}'


def _make_storable(entry: AuditEntry) -> None:
    """Escape and shorten every text, so that each database keeps it just as it was signed."""
    for field in AuditEntry._meta.concrete_fields:
        limit = field.max_length
        if limit is not None and isinstance(getattr(entry, field.attname), str):
            text = escaped(getattr(entry, field.attname))
            setattr(entry, field.attname, text[:limit])
