"""Whether the NeDB library would refuse to load a datafile, and why.

Loading ends with a compaction, and a compaction checks the keys of every living document; it also
rebuilds unique indexes, and before that counts corrupt lines. So one bad key, one repeated unique
value, or more than a tenth of corrupt lines, and the application does not start with this file. We
move its documents all the same, and say so.

Source: @seald-io/nedb lib/persistence.js ``treatRawStreamAsync``, lib/model.js ``checkKey``.
"""

import re
from typing import Final

from migration.engine.checkpoint import Counts
from migration.engine.documents import NotJsonError, bad_key, parse
from migration.engine.nedb.batches import Batch

CORRUPT_SHARE_MAX: Final = 0.1

# They only nominate a document; the parser decides. Three searches are much quicker than one with
# alternatives, which has no fixed beginning to look for. An escape in a name is nominated as well.
_NOMINATIONS: Final = (
    re.compile(rb'"\$(?!\$date":)[^"\\]*(?:"\s*:|\\)'),
    re.compile(rb'\.[^"\\]*(?:"\s*:|\\)'),
    re.compile(rb"\\u00(?:24|2[eE])"),
)


class KeyWatch:
    """Keeps, over all lines of a datafile, the living documents with a key that NeDB refuses."""

    def __init__(self) -> None:
        self.bad: dict[str, str] = {}

    def watch(self, batch: Batch, data: bytes) -> None:
        """Look at the last state of each document of a batch; ``data`` is the batch's lines."""
        if not self.bad and not _is_nominated(data):
            return
        for identity, body in batch.changes.items():
            key = None if body is None else _bad_key_of(body)
            if key is not None:
                self.bad[identity] = key
            elif self.bad:
                self.bad.pop(identity, None)


def _is_nominated(text: bytes) -> bool:
    return any(nomination.search(text) for nomination in _NOMINATIONS)


def _bad_key_of(body: bytes) -> str | None:
    if not _is_nominated(body):
        return None
    try:
        return bad_key(parse(body))
    except NotJsonError:
        return None


def is_too_corrupt(counts: Counts) -> bool:
    """Tell whether the library would refuse the file for its share of corrupt lines."""
    seen = counts.lines_to_nedb
    return seen > 0 and counts.corrupt_to_nedb / seen > CORRUPT_SHARE_MAX
