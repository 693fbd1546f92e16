"""Reports of validations."""

from typing import ClassVar

from django.db import models

from migration.models.run import MigrationRun


class ValidationQuerySet(models.QuerySet["StoredReport"]):
    """Questions about validations."""

    def latest_report(self) -> "StoredReport | None":
        """Return the report made last."""
        return self.order_by("-pk").first()


class StoredReport(models.Model):
    """A validation's report; ``content`` has the names that go over the wire."""

    run = models.ForeignKey(MigrationRun, null=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField(auto_now_add=True)
    overall = models.BooleanField()
    content = models.JSONField()

    objects: ClassVar[ValidationQuerySet] = ValidationQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"validation {self.pk}"
