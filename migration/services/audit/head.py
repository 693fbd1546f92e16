"""The head of the chain, kept outside the database as well.

A head that the database no longer has is evidence, so it stays until somebody removes the file.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError

from migration.models import AuditEntry

_FORMAT = re.compile(r"(\d{1,18}) ([0-9a-f]{64})\n")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last entry that was written down beside the database."""

    seq: int
    digest: str

    def is_in_database(self) -> bool:
        """Tell whether the database has this very entry."""
        return AuditEntry.objects.filter(seq=self.seq, digest=self.digest).exists()


class UnreadableHeadError(Exception):
    """The file holds something else than a head."""


def read_head() -> Head | None:
    """Return what the file says; None when there is none.

    Raises:
        UnreadableHeadError: it can't be read, or holds something else.
    """
    try:
        text = _path().read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise UnreadableHeadError from exc
    match = _FORMAT.fullmatch(text)
    if match is None:
        raise UnreadableHeadError
    return Head(seq=int(match[1]), digest=match[2])


def write_head(head: Head) -> None:
    """Note the head of the chain, unless the file knows a later one or one that is gone.

    Never raises: the entry is committed already, and ``verify`` tells that the file lags behind.
    """
    try:
        with _alone():
            known = read_head()
            if known is None or (known.seq < head.seq and known.is_in_database()):
                _replace(f"{head.seq} {head.digest}\n")
    except (OSError, UnreadableHeadError, DatabaseError) as exc:
        log.warning("audit_head_not_written", error=type(exc).__name__)


def _path() -> Path:
    path: Path = settings.MIGRATOR_AUDIT_HEAD_FILE
    return path


@contextmanager
def _alone() -> Iterator[None]:
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _replace(text: str) -> None:
    path = _path()
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
