"""The audit trail: who did what, from where, and how it ended. It is only added to."""

import json
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from django.db import models

GENESIS: Final = "0" * 64
_SIGNED: Final = (
    *("seq", "kind", "action", "actor", "door", "address", "request_id"),
    *("object_type", "object_id", "result", "code", "details_json", "previous"),
)


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Questions about the audit trail."""

    def head(self) -> "AuditEntry | None":
        """Return the entry written last."""
        return self.order_by("-seq").first()

    def between(self, since: datetime | None, until: datetime | None) -> "AuditQuerySet":
        """Return the entries from one moment on and before another; None leaves an end open."""
        found = self if since is None else self.filter(at__gte=since)
        return found if until is None else found.filter(at__lt=until)


class AuditEntry(models.Model):
    """One act, refusal or event.

    ``digest`` signs all other columns and ``previous``, the digest of the entry before. No two
    entries can follow the same one, because ``previous`` is unique. Triggers of the database
    refuse to change or delete an entry. ``details_json`` is text, not JSON of the database,
    because a database that rewrites a number would break the signature.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=8)
    action = models.CharField(max_length=80, db_index=True)
    actor = models.CharField(max_length=160, db_index=True)
    door = models.CharField(max_length=8)
    address = models.CharField(max_length=64, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    object_type = models.CharField(max_length=40, blank=True, default="")
    object_id = models.CharField(max_length=255, blank=True, default="")
    result = models.CharField(max_length=8)
    code = models.CharField(max_length=64, blank=True, default="")
    details_json = models.TextField(default="{}")
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    objects: ClassVar[AuditQuerySet] = AuditQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["seq"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.seq}: {self.action} by {self.actor}"

    @property
    def details(self) -> dict[str, Any]:
        """What else is to be known, without secrets."""
        details: dict[str, Any] = json.loads(self.details_json)
        return details

    def signed_content(self) -> bytes:
        """Return what ``digest`` speaks for."""
        content: dict[str, object] = {name: getattr(self, name) for name in _SIGNED}
        content["at"] = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")
