"""Answers in the shape that every door gives them: the envelope, and its names and values.

What goes well is ``{"success": true, "data": …}``; what does not has a sentence, a stable code,
what stands in the way, and what can be done instead.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from http import HTTPStatus
from pathlib import PurePath
from typing import Any, Final

from django.db import DatabaseError

from migration.engine.errors import (
    CatalogError,
    EngineError,
    SourceSuspiciousError,
    StaleTokenError,
    TargetRefusedError,
    WindowError,
)
from migration.permissions import ServiceError
from migration.services.redaction import without_secrets

_INTERNAL: Final = "Something went wrong here. The log has an entry about it."
_DATABASE_DOWN: Final = "The console's database does not answer. Try again."
_ENGINE_STATUS: Final[Mapping[type[EngineError], HTTPStatus]] = {
    WindowError: HTTPStatus.BAD_REQUEST,
    CatalogError: HTTPStatus.CONFLICT,
    SourceSuspiciousError: HTTPStatus.CONFLICT,
    StaleTokenError: HTTPStatus.CONFLICT,
    TargetRefusedError: HTTPStatus.CONFLICT,
}
_FOLDERS: Final = re.compile(r"(?<![\w.:/])/(?:[^\s/:;,'\"]+/)+")


def success(data: object) -> dict[str, Any]:
    """Wrap what an act or a question gave."""
    return {"success": True, "data": on_the_wire(data)}


def refusal(exc: Exception, *, shows_folders: bool = False) -> dict[str, Any]:
    """Say what was refused or failed; of a failure that nobody foresaw, nothing is told.

    ``shows_folders`` is for people on the host itself.
    """
    has_words = isinstance(exc, ServiceError | EngineError)
    sentence = without_secrets(str(exc)) if has_words else _unforeseen(exc)
    return {
        "success": False,
        "error": sentence if shows_folders else _FOLDERS.sub("", sentence),
        "code": code_of(exc),
        "detail": on_the_wire(getattr(exc, "detail", None) if has_words else None),
        "blockers": list(getattr(exc, "blockers", ())),
        "allowedActions": list(getattr(exc, "allowed_actions", ())),
    }


def code_of(exc: Exception) -> str:
    """Return the stable code of what was refused or failed."""
    if isinstance(exc, ServiceError | EngineError):
        return exc.code
    return "unavailable" if isinstance(exc, DatabaseError) else "internal_error"


def status_of(exc: Exception) -> int:
    """Return the HTTP status that fits; from 500 on it is no refusal but a failure."""
    if isinstance(exc, ServiceError):
        return exc.status
    if isinstance(exc, DatabaseError) or getattr(exc, "retryable", False):
        return HTTPStatus.SERVICE_UNAVAILABLE
    statuses = (status for kind, status in _ENGINE_STATUS.items() if isinstance(exc, kind))
    return next(statuses, HTTPStatus.INTERNAL_SERVER_ERROR)


def on_the_wire(value: object) -> Any:  # noqa: ANN401  any JSON value
    """Return a value as JSON has it.

    Fields of dataclasses get their names in camelCase; keys of mappings stay, as they may be names
    of collections. Times are ISO 8601 in UTC, durations seconds.
    """
    if isinstance(value, Enum):
        return on_the_wire(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): on_the_wire(member) for key, member in value.items()}
    if is_dataclass(value):
        return {camel_case(f.name): on_the_wire(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        return [on_the_wire(member) for member in value]
    return _scalar(value)


def camel_case(name: str) -> str:
    """Return a name of ours as it goes over the wire: ``lag_seconds`` is ``lagSeconds``."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def _scalar(value: object) -> float | str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, PurePath):
        return value.name
    raise TypeError(f"{type(value).__name__} has no form on the wire")


def _unforeseen(exc: Exception) -> str:
    return _DATABASE_DOWN if isinstance(exc, DatabaseError) else _INTERNAL
