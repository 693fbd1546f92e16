"""The signing key: what manifests and the audit chain are signed with.

Each purpose has a key of its own, derived from the file's bytes, so that a signature made for one
can't be shown for another.
"""

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from django.conf import settings

from migration.services.errors import UnavailableError

KEY_BYTES_MIN: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def signing_key(purpose: str) -> bytes:
    """Return the key for a purpose; with debug on, a missing file is made.

    Raises:
        UnavailableError: there is no key, others may read it, or it is too short.
    """
    path: Path | None = settings.MIGRATOR_SIGNING_KEY_FILE
    if path is None:
        raise UnavailableError("MIGRATOR_SIGNING_KEY_FILE is not set.", code="no_signing_key")
    return hmac.digest(_content(path), purpose.encode(), hashlib.sha256)


def _content(path: Path) -> bytes:
    try:
        return _read(path)
    except FileNotFoundError:
        if not settings.DEBUG:
            raise UnavailableError(
                "MIGRATOR_SIGNING_KEY_FILE names no file.", code="no_signing_key"
            ) from None
    _make(path)
    return _read(path)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        # Asked of the open file, so that nobody can exchange it in between.
        if os.fstat(file.fileno()).st_mode & _OTHERS:
            raise UnavailableError(
                "The signing key can be read by other accounts; chmod 600 it.", code="unsafe_key"
            )
        content = file.read()
    if len(content) < KEY_BYTES_MIN:
        raise UnavailableError("The signing key is too short.", code="unsafe_key")
    return content


def _make(path: Path) -> None:
    """Make a key; of several processes that come at once, one makes it and all use it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(KEY_BYTES_MIN).encode())
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces a key that is there already.
        path.hardlink_to(beside)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
