"""Runs: starting, watching, stopping, changing, going back."""

from typing import Any, ClassVar

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from migration.api.base import ApiView
from migration.models import MigrationRun
from migration.permissions import Right
from migration.services import progress, rollback, runs
from migration.services.finding import find_run


class StartInput(serializers.Serializer[Any]):
    """What a start may be told."""

    name = serializers.CharField(required=False, max_length=40)
    planHash = serializers.CharField(required=False, max_length=64, source="plan_hash")
    acceptUndrilled = serializers.BooleanField(required=False, source="accept_undrilled")
    notBefore = serializers.DateTimeField(required=False, allow_null=True, source="not_before")
    window = serializers.JSONField(required=False, allow_null=True)


class TuningInput(serializers.Serializer[Any]):
    """What of a run may be tuned."""

    batchDocuments = serializers.IntegerField(required=False, source="batch_documents")
    niceRatio = serializers.FloatField(required=False, source="nice_ratio")
    window = serializers.JSONField(required=False, allow_null=True)


class NotesInput(serializers.Serializer[Any]):
    """What people want to remember of a run."""

    notes = serializers.CharField(allow_blank=True, max_length=20_000)


class RollbackInput(serializers.Serializer[Any]):
    """Which way back is wanted."""

    snapshotId = serializers.CharField(required=False, max_length=120, source="snapshot_id")
    applicationStopped = serializers.BooleanField(required=False)
    previewHash = serializers.CharField(required=False, max_length=64)


def _accepted(run: MigrationRun) -> Response:
    data = {"migrationId": run.pk, "run": progress.run_output(run)}
    return Response(data, status=status.HTTP_202_ACCEPTED)


class StartView(ApiView):
    """POST start: make a run and hand it to the workers."""

    rights: ClassVar = {"POST": Right.OPERATE}

    def post(self, request: Request) -> Response:
        given = StartInput(data=request.data)
        given.is_valid(raise_exception=True)
        return _accepted(runs.start_run(actor=self.actor, **given.validated_data))


class StopView(ApiView):
    """POST stop: ask the run under way to stop."""

    rights: ClassVar = {"POST": Right.OPERATE}

    def post(self, request: Request) -> Response:
        return _accepted(runs.stop_run(actor=self.actor))


class ResumeView(ApiView):
    """POST resume: let a paused, failed or orphaned run go on."""

    rights: ClassVar = {"POST": Right.OPERATE}

    def post(self, request: Request) -> Response:
        return _accepted(runs.resume_run(actor=self.actor))


class ProgressView(ApiView):
    """GET progress: how far the run under way is, else the last one."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        return Response(progress.tell_progress(actor=self.actor))


class RunsView(ApiView):
    """GET runs: all runs, the newest first."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        found = MigrationRun.objects.order_by("-pk")[:200]
        return Response({"items": [progress.run_output(run) for run in found]})


class RunView(ApiView):
    """GET runs/{id}: one run; PATCH: its notes."""

    rights: ClassVar = {"GET": Right.READ, "PATCH": Right.OPERATE}

    def get(self, request: Request, run_id: str) -> Response:
        return Response(progress.run_output(find_run(run_id)))

    def patch(self, request: Request, run_id: str) -> Response:
        given = NotesInput(data=request.data)
        given.is_valid(raise_exception=True)
        run = runs.write_notes(
            run_id=find_run(run_id).pk, notes=given.validated_data["notes"], actor=self.actor
        )
        return Response(progress.run_output(run))


class TuningView(ApiView):
    """PATCH runs/{id}/tuning: how gently a run copies."""

    rights: ClassVar = {"PATCH": Right.OPERATE}

    def patch(self, request: Request, run_id: str) -> Response:
        given = TuningInput(data=request.data)
        given.is_valid(raise_exception=True)
        run = runs.tune_run(
            run_id=find_run(run_id).pk, actor=self.actor, changes=dict(given.validated_data)
        )
        return Response(progress.run_output(run))


class ConfirmSourceView(ApiView):
    """POST runs/{id}/confirm-source: a datafile may have lost what it lost."""

    rights: ClassVar = {"POST": Right.OPERATE}

    def post(self, request: Request, run_id: str) -> Response:
        return _accepted(runs.confirm_source(run_id=find_run(run_id).pk, actor=self.actor))


class RollbackView(ApiView):
    """POST rollback: go back the way that the preview names."""

    rights: ClassVar = {"POST": Right.OPERATE}

    def post(self, request: Request) -> Response:
        given = RollbackInput(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data.get("snapshot_id")
        return Response(rollback.roll_back(actor=self.actor, snapshot_id=wanted))


class RollbackPreviewView(ApiView):
    """GET rollback/preview: which way back would be taken, and what it would lose."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        return Response(rollback.preview_rollback(actor=self.actor))
