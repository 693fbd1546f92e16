"""What the overview shows, made from the status of the installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionCount:
    """Documents of one collection on both sides; None where a side has none of it."""

    name: str
    legacy: int | None
    new: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the last copy came."""

    step: str | None
    completed: int | None
    total: int | None
    percentage: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """All that the overview's template sees."""

    state: str
    is_moving: bool
    mode: str
    legacy_documents: int
    new_documents: int
    admin_documents: int
    application_documents: int
    collections: tuple[CollectionCount, ...]
    progress: Progress | None
    as_of: datetime

    @property
    def has_moved_nothing(self) -> bool:
        """Tell whether the new databases hold no document and no copy was begun."""
        return self.new_documents == 0 and self.progress is None


def overview_page(status: Mapping[str, Any]) -> OverviewPage:
    """Make the page from what ``current_status`` returned."""
    return OverviewPage(
        state=str(status["currentStatus"]).replace("-", " ").replace("_", " "),
        is_moving=bool(status["migrationInProgress"]),
        mode=str(status["mode"]),
        legacy_documents=sum(status["legacy"].values()),
        new_documents=int(status["newDatabaseRecords"]),
        admin_documents=int(status["adminRecords"]),
        application_documents=int(status["applicationRecords"]),
        collections=_collections(status["legacy"], status["new"]["collections"]),
        progress=_progress(status["lastMigrationProgress"]),
        as_of=timezone.now(),
    )


def _collections(legacy: Mapping[str, int], new: Mapping[str, int]) -> tuple[CollectionCount, ...]:
    names = [*legacy, *(name for name in new if name not in legacy)]
    return tuple(
        CollectionCount(name=name, legacy=legacy.get(name), new=new.get(name)) for name in names
    )


def _progress(progress: Mapping[str, Any] | None) -> Progress | None:
    if progress is None:
        return None
    return Progress(
        step=progress.get("step"),
        completed=progress.get("completed"),
        total=progress.get("total"),
        percentage=progress.get("percentage"),
    )
