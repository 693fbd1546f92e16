"""One pass over one collection."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from migration.engine.checkpoint import (
    Checkpoint,
    CollectionState,
    FileStat,
    Recognition,
    Tail,
)
from migration.engine.copying.chunks import add_chunk, collisions
from migration.engine.copying.steps import CopyOptions, Phase, Step
from migration.engine.errors import SourceSuspiciousError
from migration.engine.nedb.batches import Batch
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.folder import Located
from migration.engine.nedb.lines import LineInterpreter
from migration.engine.ports import Store, Write
from migration.engine.uniqueness import settle_uniqueness

if TYPE_CHECKING:
    from hashlib import _Hash

_EMPTY_SHA256: Final = sha256(b"").hexdigest()
_NO_FILE: Final = FileStat(device=0, inode=0, inode_generation=None, size=0, mtime_ns=0, ctime_ns=0)
SUSPICIOUS_SHARE: Final = 0.2
SUSPICIOUS_DOCUMENTS: Final = 50


class CollectionCopy:
    """One pass over one collection, in steps that each commit on their own.

    A pass reads up to the size that the datafile has when it begins. ``is_confirmed``: somebody
    confirmed that a datafile may have lost what it lost. ``digest`` is what ``last_digest`` was
    after the pass before, to save hashing the prefix again; ``hash_prefix`` insists on it.
    """

    def __init__(
        self,
        located: Located,
        store: Store,
        *,
        options: CopyOptions | None = None,
        is_confirmed: bool = False,
        hash_prefix: bool = True,
        digest: "_Hash | None" = None,
    ) -> None:
        self.name = located.collection.name
        self.changed = False
        self.last_digest: _Hash | None = digest
        self._located = located
        self._store = store
        self.options = options or CopyOptions()
        self._is_confirmed = is_confirmed
        self._hash_prefix = hash_prefix
        self._state = store.state(self.name)
        self._datafile: Datafile | None = None

    def steps(self) -> Iterator[Step]:
        """Do the pass, yielding after each commit; stopping between two steps loses nothing.

        Raises:
            SourceSuspiciousError: the datafile lost too much; nothing was deleted.
            SourceError: the datafile can't be read.
            StoreError: the target can't be written; the last step stands.
        """
        with ExitStack() as stack:
            if self._located.path is not None:
                try:
                    self._datafile = stack.enter_context(Datafile(self._located.path))
                except FileNotFoundError:
                    self._datafile = None
            if self._datafile is None and self._state is None:
                return
            yield from self._pass()

    def _pass(self) -> Iterator[Step]:
        recognition = self._recognise()
        if recognition is Recognition.UNCHANGED and self._is_finished:
            return
        if recognition is Recognition.REPLACED:
            self._refuse_emptied()
            self._begin_generation()
        if recognition is not Recognition.UNCHANGED or self._has_unread_lines:
            yield from self._copy_lines()
        if self._known.is_reconciling:
            yield from self._delete_unnamed()
        self._apply_tail()
        if not self._known.is_indexed:
            yield from self._build_indexes()
        settle_uniqueness(self._store, self._known, self._datafile, name=self.name)

    # ------------------------------------------------------------------ where we stand

    def standing(self) -> Step:
        """Describe where the collection stands without doing anything."""
        if self._state is not None:
            return self._step(Phase.DOCUMENTS)
        return Step(
            collection=self.name, phase=Phase.DOCUMENTS, offset=0, size=0, lines=0, documents=0
        )

    @property
    def _known(self) -> CollectionState:
        if self._state is None:
            raise LookupError(self.name)
        return self._state

    @property
    def _is_finished(self) -> bool:
        state = self._known
        is_through = state.is_indexed and not state.is_reconciling and not self._has_unread_lines
        return is_through and not self._store.contests(self.name)

    @property
    def _has_unread_lines(self) -> bool:
        tail = self._known.tail.length if self._known.tail else 0
        return self._size > self._known.checkpoint.offset + tail

    @property
    def _size(self) -> int:
        return self._datafile.stat.size if self._datafile else 0

    def _recognise(self) -> Recognition:
        if self._state is None:
            return Recognition.REPLACED
        if self._datafile is None:
            is_known = self._known.checkpoint.stat == _NO_FILE
            return Recognition.UNCHANGED if is_known else Recognition.REPLACED
        return self._datafile.recognise(
            self._known.checkpoint, hash_prefix=self._hash_prefix, digest=self.last_digest
        )

    def _refuse_emptied(self) -> None:
        """Refuse to follow a datafile that vanished or was emptied without a confirmation."""
        if self._size or self._is_confirmed or self._state is None:
            return
        held = self._store.count(self.name)
        if held:
            raise SourceSuspiciousError(
                collection=self.name, datafile=self._state.datafile, lost=held, of=held
            )

    def _begin_generation(self) -> None:
        before = self._state
        generation = before.checkpoint.generation + 1 if before else 1
        path = self._located.path
        after = CollectionState(
            datafile=path.name if path else self._located.collection.datafile,
            checkpoint=Checkpoint(
                generation=generation,
                stat=self._datafile.stat if self._datafile else _NO_FILE,
                offset=0,
                prefix_sha256=_EMPTY_SHA256,
                last_line_bytes=0,
                last_line_sha256=_EMPTY_SHA256,
            ),
            is_reconciling=before is not None,
            is_indexed=before is not None and before.is_indexed,
        )
        with self._store.write(self.name, before=before) as write:
            write.clear_seen()
            write.move_to(after)
        self._state = after

    # ------------------------------------------------------------------ lines

    def _copy_lines(self) -> Iterator[Step]:
        if self._datafile is None:
            return
        lines = LineInterpreter(seen_other_ids=self._known.has_other_ids)
        batch, last_line = lines.new_batch(), b""
        blocks = self._datafile.chunks(self._size, block_bytes=self.options.block_bytes)
        for chunk in blocks:
            last_line = add_chunk(lines, batch, chunk) or last_line
            if batch.documents + batch.tombstones >= self.options.batch_documents or (
                batch.bytes >= self.options.batch_bytes
            ):
                yield self._commit(batch, lines, last_line)
                batch = lines.new_batch()
        if batch.lines or self._known.tail:
            yield self._commit(batch, lines, last_line)
        self.last_digest = self._datafile.digest

    def _commit(self, batch: Batch, lines: LineInterpreter, last_line: bytes) -> Step:
        if self._datafile is None:
            raise LookupError(self.name)
        before = self._known
        generation = before.checkpoint.generation
        checkpoint = (
            self._datafile.checkpoint(generation=generation, last_line=last_line)
            if batch.lines
            else replace(before.checkpoint, stat=self._datafile.stat)
        )
        after = replace(
            before,
            checkpoint=checkpoint,
            counts=before.counts + batch.counts,
            tail=None,
            has_other_ids=lines.seen_other_ids,
        )
        with self._store.write(self.name, before=before) as write:
            self._undo_tail(write)
            self._note(write, batch, generation)
            self._apply(write, batch)
            if self._declare_indexes(write, batch, generation):
                after = replace(after, is_indexed=False)
            write.move_to(after)
        self._state = after
        return replace(
            self._step(Phase.DOCUMENTS), batch_documents=batch.documents + batch.tombstones
        )

    def _undo_tail(self, write: Write) -> None:
        """Take back a last line that was applied unfinished: it is read again, as it is now."""
        if self._known.tail is None:
            return
        previous = self._known.tail.previous
        checkpoint = self._known.checkpoint
        write.withdraw_notes(generation=checkpoint.generation, offset=checkpoint.offset)
        write.delete([i for i, body in previous.items() if body is None])
        write.put([(i, body) for i, body in previous.items() if body is not None])

    def _note(self, write: Write, batch: Batch, generation: int) -> None:
        odd = batch.odd
        if batch.firsts:
            odd = odd + collisions(batch, write.rows(list(batch.firsts)))
        if odd:
            write.note(odd, datafile=self._known.datafile, generation=generation)

    def _apply(self, write: Write, batch: Batch) -> None:
        documents = [(i, b) for i, b in batch.changes.items() if b is not None]
        gone = [i for i, b in batch.changes.items() if b is None]
        if self._known.is_reconciling:
            self._apply_differences(write, documents, gone)
            return
        if documents:
            write.put(documents)
            self.changed = True
        if gone:
            write.delete(gone)
            self.changed = True

    def _apply_differences(
        self, write: Write, documents: list[tuple[str, bytes]], gone: list[str]
    ) -> None:
        held = write.rows([i for i, _ in documents] + gone)
        differing = [(i, b) for i, b in documents if i not in held or held[i].body != b]
        present = [i for i in gone if i in held]
        write.put(differing)
        write.delete(present)
        new = [i for i, _ in differing if i not in held]
        numbers = {i: r.number for i, r in (held | write.rows(new)).items()}
        write.mark_seen(numbers[i] for i, _ in documents)
        write.unmark_seen(numbers[i] for i in present)
        self.changed = self.changed or bool(differing or present)

    def _declare_indexes(self, write: Write, batch: Batch, generation: int) -> bool:
        """Keep what the lines declare; True when keys must be built anew."""
        changed = [
            write.drop_index(name)
            if definition is None
            else write.declare_index(definition, generation=generation)
            for name, definition in batch.indexes
        ]
        return any(changed)

    # ------------------------------------------------------------------ after the lines

    def _delete_unnamed(self) -> Iterator[Step]:
        lost, held = self._store.count_unseen(self.name), self._store.count(self.name)
        is_suspicious = lost >= SUSPICIOUS_DOCUMENTS and lost > SUSPICIOUS_SHARE * held
        if is_suspicious and not self._is_confirmed:
            raise SourceSuspiciousError(
                collection=self.name, datafile=self._known.datafile, lost=lost, of=held
            )
        limit = self.options.deletions_per_step
        while self._store.delete_unseen(self.name, before=self._known, limit=limit):
            self.changed = True
            yield self._step(Phase.DELETIONS)
        generation = self._known.checkpoint.generation
        after = replace(self._known, is_reconciling=False)
        with self._store.write(self.name, before=self._state) as write:
            write.clear_seen()
            write.forget_earlier_generations(generation)
            if write.drop_indexes_before(generation):
                after = replace(after, is_indexed=False)
            write.move_to(after)
        self._state = after
        yield self._step(Phase.DELETIONS)

    def _build_indexes(self) -> Iterator[Step]:
        while self._store.build_keys(self.name, limit=self.options.keys_per_step):
            yield self._step(Phase.KEYS)
        for _ in self._store.finish_indexes(self.name):
            yield self._step(Phase.INDEXES)
        self._state = replace(self._known, is_indexed=True)

    def _apply_tail(self) -> None:
        """Apply a last line that has no line end yet, the checkpoint staying before it."""
        if self._datafile is None:
            return
        raw, known = self._datafile.tail(self._size), self._known.tail
        checkpoint = replace(self._known.checkpoint, stat=self._datafile.stat)
        is_known = len(raw) == (known.length if known else 0)
        if is_known and checkpoint == self._known.checkpoint:
            return
        lines = LineInterpreter(seen_other_ids=self._known.has_other_ids)
        batch = lines.new_batch()
        is_waiting = bool(raw) and lines.add_tail(batch, raw, self._datafile.position)
        with self._store.write(self.name, before=self._known) as write:
            self._undo_tail(write)
            held = write.rows(list(batch.changes))
            self._note(write, batch, checkpoint.generation)
            self._apply(write, batch)
            tail = Tail(
                length=len(raw),
                is_waiting=is_waiting,
                counts=batch.counts,
                previous={i: held[i].body if i in held else None for i in batch.changes},
            )
            after = replace(self._known, checkpoint=checkpoint, tail=tail if raw else None)
            if self._declare_indexes(write, batch, checkpoint.generation):
                after = replace(after, is_indexed=False)
            write.move_to(after)
        self._state = after

    def _step(self, phase: Phase) -> Step:
        state = self._known
        return Step(
            collection=self.name,
            phase=phase,
            offset=state.checkpoint.offset,
            size=self._size,
            lines=state.counts.lines,
            documents=state.counts.documents,
        )
