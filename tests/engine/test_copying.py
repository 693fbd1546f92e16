"""Copying one collection: passes, checkpoints, compactions, unfinished last lines."""

import os

import pytest

from migration.engine.copying import Phase
from migration.engine.errors import (
    DatafileUnreadableError,
)
from migration.engine.ports import Claim
from migration.engine.quarantine import ItemState
from migration.engine.stores.sqlite import SqliteStore
from tests.engine.moving import SMALL_STEPS, Move, looks
from tests.engine.numbered import INDEX, document, documents, ids, tombstone

# A pass


def test_a_second_pass_over_the_same_file_changes_nothing(move):
    first = move.copy(INDEX + documents(range(50), n=1.5, m=2) + b"bad\n" + tombstone(3))
    settled = move.copy()
    before = (move.bodies(), move.ledger(), move.items(), move.store.state("things"))
    rows = move.sql("select * from things")

    again = move.copy()

    assert first.changed is True
    assert (settled.changed, again.changed) == (False, False)
    assert list(move.begin().steps()) == []
    assert (move.bodies(), move.ledger(), move.items(), move.store.state("things")) == before
    assert move.sql("select * from things") == rows


def test_only_what_was_appended_is_read_again(move):
    move.copy(documents(range(50)))
    checkpoint = move.store.state("things").checkpoint
    move.append(document(3, n=1) + tombstone(4) + document(50))

    steps = list(move.begin().steps())

    after = move.store.state("things").checkpoint
    assert [step.batch_documents for step in steps] == [3]
    assert (after.generation, after.offset > checkpoint.offset) == (1, True)
    assert move.bodies().keys() == ids(range(51)) - ids([4])
    assert move.ledger().is_balanced


@pytest.mark.parametrize("steps", range(1, 40, 3))
def test_a_copy_left_after_any_step_goes_on_where_it_was(tmp_path, steps):
    content = INDEX + documents(range(20), n=1, m=2) + b"bad\n" + documents(range(5), n=3)
    undisturbed, left = Move(tmp_path / "undisturbed"), Move(tmp_path / "left")
    undisturbed.copy(content)
    undisturbed.copy()
    left.write(content)

    left.copy_steps(steps, **SMALL_STEPS)
    left.copy(**SMALL_STEPS)
    left.copy()

    assert left.bodies() == undisturbed.bodies()
    assert left.odd() == undisturbed.odd()
    assert left.ledger() == undisturbed.ledger()
    undisturbed.store.close()
    left.store.close()


def test_a_resumed_copy_begins_behind_its_checkpoint(move):
    move.write(documents(range(100)))
    move.copy_steps(3, **SMALL_STEPS)
    reached = move.store.state("things").checkpoint.offset

    first = next(move.begin(**SMALL_STEPS).steps())

    assert 0 < reached < first.offset <= reached + 3 * 64


def test_a_checkpoint_and_its_batch_are_seen_together_or_not_at_all(move):
    move.write(documents(range(100)))

    for step in move.begin(**SMALL_STEPS).steps():
        if step.phase is Phase.DOCUMENTS:
            seen = move.sql(
                "select (select count(*) from things), documents, byte_offset from migrator_states"
            )
            assert seen == [(step.documents, step.documents, step.offset)]


def test_documents_are_replaced_and_removed_in_the_order_of_the_lines(move):
    lines = documents([1, 2, 3]) + tombstone(2) + document(1, n=1) + document(2, n=2) + tombstone(3)

    move.copy(lines, **SMALL_STEPS)

    assert move.bodies() == {"d001": b'{"_id":"d001","n":1}', "d002": b'{"_id":"d002","n":2}'}


def test_a_missing_datafile_is_an_empty_collection(move):
    assert move.copy().changed is False
    assert (move.bodies(), move.ledger()) == ({}, None)


def test_a_datafile_that_appears_later_is_copied(move):
    move.copy()
    move.copy(documents(range(3)))

    assert move.bodies().keys() == ids(range(3))


def test_the_leftover_of_a_compaction_is_read_when_the_datafile_is_gone(move):
    move.datafile.with_name("things.db~").write_bytes(documents(range(3)))

    move.copy()

    assert move.bodies().keys() == ids(range(3))
    assert move.ledger().datafile == "things.db~"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_datafile_is_refused_and_nothing_is_deleted(move, make):
    move.copy(documents(range(3)))
    move.datafile.unlink()
    make(move.datafile)

    with pytest.raises(DatafileUnreadableError):
        move.copy()
    assert len(move.bodies()) == 3


def test_the_folder_is_left_as_it_was(move):
    move.write(INDEX + documents(range(200), n=1) + b"bad\n\xef\xbb\xbf\n" + b'{"_id":"torn')
    os.utime(move.datafile, ns=(10**18, 10**18))
    before = looks(move.datafile.parent)

    move.survey()
    move.copy(**SMALL_STEPS)
    move.compare()
    move.copy()

    assert looks(move.datafile.parent) == before


# Compactions


def test_after_a_compaction_only_differences_are_written(move):
    now = iter(range(1, 100))
    move.store = SqliteStore(move.target, collections=["things"], now=lambda: next(now))
    move.store.claim(Claim(installation="here", run="first", token=1))
    move.copy(documents(range(10)) + document(2, n=1) + tombstone(7))
    written = dict(move.sql("select _id, migrated_at from things"))
    move.compact(documents([0, 1]) + document(2, n=1) + document(3, n=9) + documents([4, 5, 6, 8]))

    move.copy(**SMALL_STEPS)

    rewritten = dict(move.sql("select _id, migrated_at from things"))
    assert rewritten.keys() == ids({0, 1, 2, 3, 4, 5, 6, 8})
    assert {i for i in rewritten if rewritten[i] != written[i]} == {"d003"}
    assert move.ledger().generation == 2
    assert move.ledger().is_balanced


def test_a_compaction_that_changes_no_document_changes_nothing(move):
    move.copy(documents(range(10)) + tombstone(3))
    move.compact(documents(n for n in range(10) if n != 3))

    assert move.copy(**SMALL_STEPS).changed is False
    assert move.ledger().lines == 9


def test_two_compactions_that_give_the_inode_back_are_noticed(move):
    content = documents(range(20), n=1)
    move.copy(content)
    state = move.store.state("things")
    # The same inode, size and last line, and a document in between that differs.
    move.write(content.replace(b'"d007","n":1', b'"d007","n":2'))
    os.utime(move.datafile, ns=(state.checkpoint.stat.mtime_ns, state.checkpoint.stat.mtime_ns))

    move.copy()

    assert move.bodies()["d007"] == b'{"_id":"d007","n":2}'
    assert move.ledger().generation == 2


@pytest.mark.parametrize("hash_prefix", [True, False])
def test_a_file_rewritten_at_the_same_size_is_read_again(move, hash_prefix):
    content = documents(range(20), n=1)
    move.copy(content)
    move.write(content.replace(b'"d019","n":1', b'"d019","n":2'))

    move.copy(hash_prefix=hash_prefix)

    assert move.bodies()["d019"] == b'{"_id":"d019","n":2}'


@pytest.mark.parametrize("steps", range(1, 12))
def test_a_reconciliation_left_after_any_step_ends_the_same(move, steps):
    move.copy(INDEX + documents(range(12), n=1.5, m=1))
    move.compact(documents(range(6, 18), m=2) + INDEX[51:])

    move.copy_steps(steps, is_confirmed=True, **SMALL_STEPS)
    move.copy(is_confirmed=True, **SMALL_STEPS)

    assert move.bodies().keys() == ids(range(6, 18))
    assert list(move.indexes()) == ["m"]
    assert move.ledger().is_balanced
    assert move.copy().changed is False


def test_a_compaction_in_the_middle_of_a_copy_is_followed(move):
    move.write(documents(range(30)))
    copying = move.begin(**SMALL_STEPS).steps()
    next(copying)
    move.compact(documents(range(20, 40)))
    list(copying)

    move.copy(is_confirmed=True)

    assert move.bodies().keys() == ids(range(20, 40))


def test_indexes_that_a_compaction_no_longer_declares_are_dropped(move):
    move.copy(INDEX + documents(range(3)) + b'{"_id":"x","n":5}\n' + tombstone(0) + tombstone(1))
    move.compact(
        documents([2]) + b'{"_id":"x","n":5}\n' + b'{"$$indexCreated":{"fieldName":"m"}}\n'
    )

    move.copy()

    assert list(move.indexes()) == ["m"]


def test_odd_lines_of_an_earlier_generation_are_gone(move):
    move.copy(documents(range(3)) + b"bad\n")
    move.compact(documents(range(3)))

    move.copy()

    assert move.items() == []
    assert [i.state for i in move.store.quarantine("things")] == [ItemState.GONE]
