"""How big the next batch should be, and how long to rest after it.

The application shares the disk with us. A batch should take about half a second of writing, so that
nobody waits long for it and a stop is noticed soon; ``nice_ratio`` rests for that share of the time
a batch took, as gh-ost does.
"""

from dataclasses import dataclass, replace
from typing import Final

TARGET_SECONDS: Final = 0.5
BATCH_DOCUMENTS_MIN: Final = 500
_GROWTH_MAX: Final = 2.0
_NICE_RATIO_MAX: Final = 100.0
_REST_SECONDS_MAX: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Batch size in documents, adapted between a minimum and ``batch_documents_max``."""

    batch_documents_max: int
    nice_ratio: float = 0.0
    batch_documents: int = 0

    def __post_init__(self) -> None:
        start = self.batch_documents or self.batch_documents_max
        object.__setattr__(self, "batch_documents", self._bounded(start))

    def after(self, *, documents: int, seconds: float) -> "Throttle":
        """Return the throttle for the next batch, given what the last one took."""
        if documents <= 0 or seconds <= 0:
            return self
        fitting = documents * TARGET_SECONDS / seconds
        grown = min(fitting, self.batch_documents * _GROWTH_MAX)
        return replace(self, batch_documents=self._bounded(int(grown)))

    def rest_seconds(self, seconds: float) -> float:
        """Return how long to rest after a batch that took so long."""
        return min(seconds * min(self.nice_ratio, _NICE_RATIO_MAX), _REST_SECONDS_MAX)

    def _bounded(self, documents: int) -> int:
        lowest = min(BATCH_DOCUMENTS_MIN, self.batch_documents_max)
        return max(lowest, min(documents, self.batch_documents_max))
