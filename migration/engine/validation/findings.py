"""Results of a validation, and the report they make."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding matters; a critical one forbids the cut-over."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Category(StrEnum):
    """What a rule looks after."""

    INTEGRITY = "integrity"
    SCHEMA = "schema"
    PERFORMANCE = "performance"
    SECURITY = "security"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result for one code and collection; ``collection`` is None for the whole.

    ``count`` counts documents. ``samples`` are redacted before they come here.
    """

    code: str
    severity: Severity
    category: Category
    message: str
    collection: str | None = None
    count: int = 0
    samples: tuple[Any, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Tell whether nothing is wrong: information is no fault."""
        return self.severity is Severity.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one validation found; ``scope`` says what it looked at."""

    findings: tuple[Finding, ...]
    recommendations: tuple[str, ...]
    timestamp: datetime
    scope: str
    duration_seconds: float

    @property
    def overall(self) -> bool:
        """Tell whether it is safe to proceed: nothing critical was found."""
        return not self.of(Severity.CRITICAL)

    def of(self, severity: Severity) -> Sequence[Finding]:
        """Return the findings of one severity."""
        return [f for f in self.findings if f.severity is severity]
