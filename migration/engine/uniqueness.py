"""Documents that break a unique index: which stay, and which are set apart.

NeDB refuses a whole datafile for one such document, so nothing here can come from its own writing;
it comes from files edited by hand, or from an index declared unique after the fact. We keep one
document of each claim and quarantine the others by name. A document already in the target stays;
otherwise the one whose live line comes first in the datafile. Claims count at the end of a pass
only, for a compaction writes documents in another order than they changed in: two that swapped
their values are no conflict. Documents set apart are tried again whenever the value they want
became free.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from migration.engine.checkpoint import CollectionState
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.lines import LineInterpreter
from migration.engine.ports import Contest, Store, Write
from migration.engine.quarantine import ItemState, OddLine, QuarantineItem, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loss:
    identity: str
    rival: str
    field: str


def settle_uniqueness(
    store: Store, state: CollectionState, datafile: Datafile | None, *, name: str
) -> None:
    """Settle what a pass left contested in one collection; does nothing where nothing is.

    The datafile is read again for the places of the documents concerned, which is rare.
    """
    waiting = [
        item
        for item in store.quarantine(name)
        if item.line.reason is Reason.UNIQUE_CONFLICT and item.state is not ItemState.GONE
    ]
    if waiting:
        _try_again(store, state, waiting, name=name)
    contests = store.contests(name)
    if not contests:
        return
    ids = {i for contest in contests for i in contest.ids}
    offsets = _live_offsets(datafile, ids) if datafile else {}
    losses = _losses(contests, offsets)
    with store.write(name, before=state) as write:
        rows = write.rows([loss.identity for loss in losses])
        write.delete([loss.identity for loss in losses])
        write.note(
            [
                _odd_line(loss, rows[loss.identity].body, offsets.get(loss.identity, -1))
                for loss in losses
                if loss.identity in rows
            ],
            datafile=state.datafile,
            generation=state.checkpoint.generation,
        )
        write.forget_contests()
        write.move_to(state)


def _try_again(
    store: Store, state: CollectionState, waiting: list[QuarantineItem], *, name: str
) -> None:
    """Put back documents whose unique value became free."""
    with store.write(name, before=state) as write:
        for item in waiting:
            identity, raw = item.line.document_id, item.line.raw
            if identity is not None and raw is not None and _may_return(write, identity, raw):
                write.put([(identity, raw)])
        write.move_to(state)


def _may_return(write: Write, identity: str, raw: bytes) -> bool:
    return not write.rows([identity]) and write.is_free(identity, raw)


def _losses(contests: Iterable[Contest], offsets: dict[str, int]) -> list[_Loss]:
    """Let documents take their values in order, first come first served."""
    contests = list(contests)
    holders = {c.holder for c in contests if c.holder in c.ids}
    wants: dict[str, list[Contest]] = {}
    for contest in contests:
        for identity in contest.ids:
            wants.setdefault(identity, []).append(contest)
    queue = sorted(wants, key=lambda i: (i not in holders, offsets.get(i, -1), i))
    taken: dict[int, str] = {}
    losses: list[_Loss] = []
    for identity in queue:
        rival = next((c for c in wants[identity] if id(c) in taken), None)
        if rival is not None:
            losses.append(_Loss(identity=identity, rival=taken[id(rival)], field=rival.index))
            continue
        taken.update((id(c), identity) for c in wants[identity])
    return losses


def _live_offsets(datafile: Datafile, ids: set[str]) -> dict[str, int]:
    """Find where the live lines of some documents begin."""
    lines = LineInterpreter(track_offsets=True)
    offsets: dict[str, int] = {}
    again = datafile.from_start()
    for chunk in again.chunks(again.stat.size):
        batch = lines.new_batch()
        lines.add_lines(batch, chunk.data, chunk.offset)
        offsets |= {i: o for i, o in (batch.offsets or {}).items() if i in ids}
    batch = lines.new_batch()
    lines.add_tail(batch, again.tail(again.stat.size), again.position)
    offsets |= {i: o for i, o in (batch.offsets or {}).items() if i in ids}
    return offsets


def _odd_line(loss: _Loss, body: bytes, offset: int) -> OddLine:
    odd = OddLine.of(Reason.UNIQUE_CONFLICT, body, offset, loss.identity)
    return replace(odd, rival_id=loss.rival, field=loss.field)
