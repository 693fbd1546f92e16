"""Bearer tokens: what a program shows instead of a password."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Questions about tokens."""

    def usable(self, now: datetime) -> "ApiTokenQuerySet":
        """Return the tokens that are neither revoked nor expired, of accounts switched on."""
        return self.filter(revoked_at=None, expires_at__gt=now, user__is_active=True)

    def unused_since(self, moment: datetime) -> "ApiTokenQuerySet":
        """Return the tokens whose last noted use lies before a moment, or that were never used."""
        return self.filter(Q(last_used_at=None) | Q(last_used_at__lt=moment))


class ApiToken(models.Model):
    """A token of an account; only the digest of its secret is kept.

    ``prefix`` is the beginning of the secret, by which people tell tokens apart. ``collections``
    names what a token with the scope ``data`` reaches.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80, blank=True, default="")
    prefix = models.CharField(max_length=8)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=8)
    collections = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ApiTokenQuerySet] = ApiTokenQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.user}"
