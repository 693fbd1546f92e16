"""Adding to the chain: the next number, the digest before, the signature."""

import hashlib
import hmac
from functools import partial
from typing import Final

from django.db import IntegrityError, transaction

from migration.models import GENESIS, AuditEntry
from migration.services.audit.head import Head, write_head
from migration.services.errors import UnavailableError
from migration.services.signing import signing_key

_PURPOSE: Final = "audit"
_TRIES_MAX: Final = 200


def audit_key() -> bytes:
    """Return the key that entries are signed with."""
    return signing_key(_PURPOSE)


def signature(entry: AuditEntry, key: bytes) -> str:
    """Return the digest that an entry has to carry."""
    return hmac.new(key, entry.signed_content(), hashlib.sha256).hexdigest()


def append(entry: AuditEntry) -> AuditEntry:
    """Put an entry at the end of the chain, in the transaction that is open.

    Of two that follow the same entry only one can be written, as ``previous`` is unique; the other
    one tries again behind it.

    Raises:
        UnavailableError: there is no usable signing key.
    """
    key = audit_key()
    for _ in range(_TRIES_MAX):
        try:
            with transaction.atomic():
                _follow(AuditEntry.objects.head(), entry, key)
                entry.save(force_insert=True)
        except IntegrityError:
            continue
        head = Head(seq=entry.seq, digest=entry.digest)
        transaction.on_commit(partial(write_head, head), robust=True)
        return entry
    raise UnavailableError("The audit trail is too busy. Nothing was done; try again.")


def _follow(last: AuditEntry | None, entry: AuditEntry, key: bytes) -> None:
    entry.seq = last.seq + 1 if last else 1
    entry.previous = last.digest if last else GENESIS
    entry.digest = signature(entry, key)
