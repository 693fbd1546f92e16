"""Everything the engine can refuse or fail at, as one tree.

Each class has a stable ``code``, which the API sends, and says in ``retryable`` whether the same
call can succeed later without anybody's help::

    EngineError                        engine_error
    ├── CatalogError                   bad_catalog
    ├── WindowError                    bad_window
    ├── SourceError                    source_error
    │   ├── NotJsonError               unreadable_line
    │   ├── DatafileUnreadableError    datafile_unreadable
    │   ├── SourceChangedError         source_changed        retryable
    │   └── SourceSuspiciousError      source_suspicious
    └── StoreError                     store_error
        ├── TargetRefusedError         target_refused
        ├── StaleTokenError            stale_token
        ├── CheckpointMovedError       checkpoint_moved      retryable
        ├── StoreBrokenError           store_broken
        └── StoreUnavailableError      store_unavailable     retryable
            └── StoreFullError         disk_low              retryable
"""

from typing import ClassVar


class EngineError(Exception):
    """The root: a caller that catches it catches all that the engine raises on purpose."""

    code: ClassVar[str] = "engine_error"
    retryable: ClassVar[bool] = False


class CatalogError(EngineError):
    """A catalog can't be used; ``key`` is the path inside the file, empty for the file itself."""

    code = "bad_catalog"

    def __init__(self, *, path: str, key: str, reason: str) -> None:
        place = f"{path}: {key}" if key else path
        super().__init__(f"{place}: {reason}")
        self.path = path
        self.key = key
        self.reason = reason


class WindowError(EngineError):
    """A maintenance window can't be read; ``key`` names what is wrong."""

    code = "bad_window"

    def __init__(self, *, key: str, reason: str) -> None:
        super().__init__(f"{key} {reason}")
        self.key = key
        self.reason = reason


class SourceError(EngineError):
    """Something is wrong with what is read from the legacy folder."""

    code = "source_error"


class NotJsonError(SourceError):
    """A text is not one JSON value; ``reason`` never quotes the text, which may be private."""

    code = "unreadable_line"

    def __init__(self, reason: str) -> None:
        super().__init__(f"not JSON: {reason}")
        self.reason = reason


class DatafileUnreadableError(SourceError):
    """A datafile can't be opened or read."""

    code = "datafile_unreadable"

    def __init__(self, *, datafile: str, reason: str) -> None:
        super().__init__(f"{datafile} can't be read: {reason}")
        self.datafile = datafile
        self.reason = reason


class SourceChangedError(SourceError):
    """A datafile was cut short or replaced while it was read."""

    code = "source_changed"
    retryable = True

    def __init__(self, *, datafile: str) -> None:
        super().__init__(f"{datafile} changed while it was read")
        self.datafile = datafile


class SourceSuspiciousError(SourceError):
    """A datafile lost so much that somebody must confirm it before documents are deleted."""

    code = "source_suspicious"

    def __init__(self, *, collection: str, datafile: str, lost: int, of: int) -> None:
        super().__init__(
            f"{datafile} no longer holds {lost} of {of} documents, without tombstones for them; "
            "nothing was deleted"
        )
        self.collection = collection
        self.datafile = datafile
        self.lost = lost
        self.of = of


class StoreError(EngineError):
    """A target database refused or failed."""

    code = "store_error"


class TargetRefusedError(StoreError):
    """What stands at a target's place is not ours to write to."""

    code = "target_refused"

    def __init__(self, *, target: str, reason: str) -> None:
        super().__init__(f"{target} is refused as a target: {reason}")
        self.target = target
        self.reason = reason


class StaleTokenError(StoreError):
    """Somebody took the target over; this writer must stop."""

    code = "stale_token"

    def __init__(self, *, target: str) -> None:
        super().__init__(f"{target} was taken over by a later claim; nothing was written")
        self.target = target


class CheckpointMovedError(StoreError):
    """Somebody else moved a collection's checkpoint; read it again and go on from there."""

    code = "checkpoint_moved"
    retryable = True

    def __init__(self, *, collection: str) -> None:
        super().__init__(f"the checkpoint of {collection} was moved by somebody else")
        self.collection = collection


class StoreBrokenError(StoreError):
    """A target database is damaged, or answered what it should not."""

    code = "store_broken"

    def __init__(self, *, target: str, reason: str) -> None:
        super().__init__(f"{target} failed: {reason}")
        self.target = target
        self.reason = reason


class StoreUnavailableError(StoreError):
    """A target database can't be reached or is busy."""

    code = "store_unavailable"
    retryable = True

    def __init__(self, *, target: str, reason: str) -> None:
        super().__init__(f"{target} is not available: {reason}")
        self.target = target
        self.reason = reason


class StoreFullError(StoreUnavailableError):
    """The disk that holds a target is full."""

    code = "disk_low"

    def __init__(self, *, target: str) -> None:
        super().__init__(target=target, reason="the disk is full")
