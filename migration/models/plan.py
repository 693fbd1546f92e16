"""Plans that were made; the newest one speaks for the folder while its hash still holds."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class PlanQuerySet(models.QuerySet["StoredPlan"]):
    """Questions about plans."""

    def latest_plan(self) -> "StoredPlan | None":
        """Return the plan made last."""
        return self.order_by("-pk").first()


class StoredPlan(models.Model):
    """A plan as it is shown; ``content`` has the names that go over the wire."""

    made_at = models.DateTimeField(auto_now_add=True)
    hash = models.CharField(max_length=64, db_index=True)
    content = models.JSONField()

    objects: ClassVar[PlanQuerySet] = PlanQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"plan {self.hash[:8]}"


class PlanRequest(models.Model):
    """The wish for a plan, one at a time: the row stands while somebody is making it."""

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    asked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number=1), name="one_plan_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"asked at {self.asked_at:%H:%M:%S}"
