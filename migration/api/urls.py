"""Addresses of the API."""

from django.urls import re_path

from migration.api import auth, logs, overview, runs
from migration.api.errors import UnknownEndpointView
from migration.api.routing import endpoint

app_name = "api"

urlpatterns = [
    endpoint("api/auth/login", auth.LoginView, name="login"),
    endpoint("api/auth/logout", auth.LogoutView, name="logout"),
    endpoint("api/migration/logs", logs.LogsView, name="logs"),
    endpoint("api/migration/logs/export", logs.LogsExportView, name="logs-export"),
    endpoint("api/migration/logs/verify", logs.LogsVerifyView, name="logs-verify"),
    endpoint("api/migration/plan", overview.PlanView, name="plan"),
    endpoint("api/migration/status", overview.StatusView, name="status"),
    endpoint("api/migration/quarantine", overview.QuarantineView, name="quarantine"),
    endpoint("api/migration/ledger", overview.LedgerView, name="ledger"),
    endpoint("api/migration/start", runs.StartView, name="start"),
    endpoint("api/migration/stop", runs.StopView, name="stop"),
    endpoint("api/migration/resume", runs.ResumeView, name="resume"),
    endpoint("api/migration/progress", runs.ProgressView, name="progress"),
    endpoint("api/migration/rollback", runs.RollbackView, name="rollback"),
    endpoint("api/migration/rollback/preview", runs.RollbackPreviewView, name="rollback-preview"),
    endpoint("api/migration/runs", runs.RunsView, name="runs"),
    endpoint("api/migration/runs/<str:run_id>", runs.RunView, name="run"),
    endpoint("api/migration/runs/<str:run_id>/tuning", runs.TuningView, name="tuning"),
    endpoint(
        "api/migration/runs/<str:run_id>/confirm-source",
        runs.ConfirmSourceView,
        name="confirm-source",
    ),
    re_path(r"^api(/|$)", UnknownEndpointView.as_view(), name="unknown"),
]
