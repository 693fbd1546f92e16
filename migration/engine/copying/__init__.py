"""Copying one collection: from its datafile, line by line, into a target.

Why batches: a batch and the checkpoint behind it commit together, so a copy that is killed at any
instruction has either done a batch or not, and goes on from the last one. Why upserts and deletes
in the order of the lines: the last line of a document wins, whatever came before, so applying a
line again changes nothing and no memory of earlier lines is needed.

A datafile that was compacted or replaced is read again from its beginning and compared: only what
differs is written, and at the end documents that it no longer names are deleted, unless it lost so
much that somebody must confirm it first.

Index keys are built from the documents after the lines of a first copy are in, which is quicker
than keeping them meanwhile; later writes keep them.
"""

from migration.engine.copying.collection import (
    SUSPICIOUS_DOCUMENTS,
    SUSPICIOUS_SHARE,
    CollectionCopy,
)
from migration.engine.copying.steps import CopyOptions, Phase, Step

__all__ = [
    "SUSPICIOUS_DOCUMENTS",
    "SUSPICIOUS_SHARE",
    "CollectionCopy",
    "CopyOptions",
    "Phase",
    "Step",
]
