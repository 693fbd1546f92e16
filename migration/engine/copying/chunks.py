"""From chunks of a datafile to batches, and what a batch tells beside what the target holds."""

from migration.engine.nedb.batches import Batch
from migration.engine.nedb.datafile import Chunk
from migration.engine.nedb.identities import kind_of_id
from migration.engine.nedb.lines import LineInterpreter
from migration.engine.ports import Row
from migration.engine.quarantine import OddLine, Reason


def add_chunk(lines: LineInterpreter, batch: Batch, chunk: Chunk) -> bytes:
    """Add a chunk's lines to a batch; returns the last line with its line end."""
    if chunk.skipped_bytes:
        batch.add_skipped(chunk.skipped_bytes)
        batch.odd.append(
            OddLine(
                reason=Reason.LINE_TOO_LONG,
                offset=chunk.offset,
                length=chunk.skipped_bytes - 1,
                sha256=chunk.skipped_sha256,
                raw=None,
            )
        )
        return b"\n"
    lines.add_lines(batch, chunk.data, chunk.offset)
    return chunk.data[chunk.data.rfind(b"\n", 0, -1) + 1 :]


def collisions(batch: Batch, held: dict[str, Row]) -> list[OddLine]:
    """Tell which documents of a batch replace one whose ``_id`` has another type."""
    found: list[OddLine] = []
    for identity, (kind, line, offset) in batch.firsts.items():
        row = held.get(identity)
        if row is not None and kind_of_id(row.body) != kind:
            found.append(OddLine.of(Reason.ID_COLLISION, line, offset, identity))
    return found
