"""Runs: one row each, moved by compare-and-swap on ``version``."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from migration.engine.lifecycle import HoldReason, RunState


class RunQuerySet(models.QuerySet["MigrationRun"]):
    """Questions about runs."""

    def active(self) -> "RunQuerySet":
        """Return the runs that are not over: one at most."""
        return self.filter(is_active=True)

    def latest_run(self) -> "MigrationRun | None":
        """Return the run under way, else the last one."""
        return self.order_by("-is_active", "-pk").first()


class MigrationRun(models.Model):
    """One attempt to move the data, from its start until nothing can follow.

    ``resumes_to`` is the state that a paused or failed run goes back to. ``token`` is the fencing
    token: each new holder of the lease raises it, in both targets before anything else, and writers
    with an older one are refused there. ``percentage`` never falls.
    """

    name = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=16, choices=[(s, s) for s in RunState])
    resumes_to = models.CharField(max_length=16, blank=True, default="")
    is_active = models.BooleanField(default=True)
    version = models.PositiveBigIntegerField(default=0)
    plan_hash = models.CharField(max_length=64, blank=True, default="")
    accept_undrilled = models.BooleanField(default=False)

    hold_reason = models.CharField(
        max_length=24, blank=True, default="", choices=[(r, r) for r in HoldReason]
    )
    hold_since = models.DateTimeField(null=True, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    hold_detail = models.JSONField(default=dict, blank=True)
    confirmed_collections = models.JSONField(default=list, blank=True)

    must_rehash = models.BooleanField(default=False)
    stop_requested = models.BooleanField(default=False)
    failure_code = models.CharField(max_length=64, blank=True, default="")
    failure_message = models.TextField(blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)

    not_before = models.DateTimeField(null=True, blank=True)
    window = models.JSONField(null=True, blank=True)
    batch_documents = models.PositiveIntegerField(default=20_000)
    nice_ratio = models.FloatField(default=0.0)

    token = models.PositiveBigIntegerField(default=0)
    lease_owner = models.CharField(max_length=120, blank=True, default="")
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    lease_wanted_by = models.CharField(max_length=120, blank=True, default="")
    heartbeat_at = models.DateTimeField(null=True, blank=True)

    step = models.CharField(max_length=80, blank=True, default="")
    percentage = models.FloatField(default=0.0)
    documents_per_second = models.FloatField(default=0.0)
    memory_bytes = models.PositiveBigIntegerField(default=0)
    copied_at = models.DateTimeField(null=True, blank=True)
    caught_up_at = models.DateTimeField(null=True, blank=True)
    validated_at = models.DateTimeField(null=True, blank=True)
    overall = models.BooleanField(null=True, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(blank=True, default="")

    objects: ClassVar[RunQuerySet] = RunQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_active"],
                condition=Q(is_active=True),
                name="one_run_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def run_state(self) -> RunState:
        """The state, as the engine knows it."""
        return RunState(self.state)

    @property
    def hold(self) -> HoldReason | None:
        """Why the run waits; None when it does not."""
        return HoldReason(self.hold_reason) if self.hold_reason else None


class CollectionProgress(models.Model):
    """How far one collection of a run is; what is exact lies in the target, this is for people."""

    run = models.ForeignKey(MigrationRun, on_delete=models.CASCADE, related_name="collections")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=63)
    database = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default="pending")
    completed = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    bytes_done = models.PositiveBigIntegerField(default=0)
    bytes_total = models.PositiveBigIntegerField(default=0)
    lag_bytes = models.PositiveBigIntegerField(default=0)
    lag_lines = models.PositiveBigIntegerField(default=0)
    lag_since = models.DateTimeField(null=True, blank=True)
    quarantined = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name"], name="one_progress_per_collection"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.name}"


class RunFailure(models.Model):
    """A failure met by a run, whether or not it went on afterwards."""

    run = models.ForeignKey(MigrationRun, on_delete=models.CASCADE, related_name="failures")
    at = models.DateTimeField(auto_now_add=True)
    code = models.CharField(max_length=64)
    message = models.TextField()
    collection = models.CharField(max_length=63, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.code} at {self.at:%Y-%m-%d %H:%M:%S}"
