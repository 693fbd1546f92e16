"""The console's own tables, one module each."""

from migration.models.audit import GENESIS, AuditEntry
from migration.models.installation import Installation
from migration.models.plan import PlanRequest, StoredPlan
from migration.models.run import CollectionProgress, MigrationRun, RunFailure
from migration.models.token import ApiToken
from migration.models.validation import StoredReport

__all__ = [
    "GENESIS",
    "ApiToken",
    "AuditEntry",
    "CollectionProgress",
    "Installation",
    "MigrationRun",
    "PlanRequest",
    "RunFailure",
    "StoredPlan",
    "StoredReport",
]
