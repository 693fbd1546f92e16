"""Copying one collection: passes, checkpoints, compactions, unfinished last lines."""

import os

import pytest

from migration.engine.copying import Phase
from migration.engine.errors import (
    CheckpointMovedError,
    DatafileUnreadableError,
    SourceSuspiciousError,
    StaleTokenError,
)
from migration.engine.ports import Claim
from migration.engine.quarantine import ItemState, Reason
from migration.engine.stores.sqlite import SqliteStore
from tests.engine.moving import SMALL_STEPS, Move, looks


def document(number, **fields):
    rest = "".join(f',"{name}":{value}' for name, value in fields.items())
    return f'{{"_id":"d{number:03d}"{rest}}}\n'.encode()


def documents(numbers, **fields):
    return b"".join(document(n, **fields) for n in numbers)


def tombstone(number):
    return f'{{"$$deleted":true,"_id":"d{number:03d}"}}\n'.encode()


def ids(numbers):
    return {f"d{n:03d}" for n in numbers}


INDEX = (
    b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n{"$$indexCreated":{"fieldName":"m"}}\n'
)


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


# Suspicious sources


@pytest.mark.parametrize("hash_prefix", [True, False])
@pytest.mark.parametrize("lose", ["vanish", "empty", "empty in place"])
def test_a_datafile_that_vanished_or_was_emptied_deletes_nothing(move, lose, hash_prefix):
    move.copy(documents(range(5)))
    if lose == "vanish":
        move.datafile.unlink()
    elif lose == "empty":
        move.compact(b"")
    else:
        move.write(b"")

    for _ in range(2):
        with pytest.raises(SourceSuspiciousError) as caught:
            move.copy(hash_prefix=hash_prefix)

    assert (caught.value.lost, caught.value.of) == (5, 5)
    assert len(move.bodies()) == 5


def test_a_datafile_that_lost_much_without_tombstones_deletes_nothing(move):
    move.copy(documents(range(200)))
    move.compact(documents(range(140)) + document(500))

    for _ in range(2):
        with pytest.raises(SourceSuspiciousError) as caught:
            move.copy(**SMALL_STEPS)

    assert (caught.value.lost, caught.value.of) == (60, 201)
    assert move.bodies().keys() == ids(range(200)) | {"d500"}


def test_a_confirmed_loss_is_followed(move):
    move.copy(documents(range(200)))
    move.compact(documents(range(100)))
    with pytest.raises(SourceSuspiciousError):
        move.copy()

    move.copy(is_confirmed=True, **SMALL_STEPS)

    assert move.bodies().keys() == ids(range(100))
    assert move.ledger().is_balanced


@pytest.mark.parametrize("give_back", [True, False])
def test_an_emptied_datafile_may_be_confirmed_or_given_back(move, give_back):
    content = documents(range(5))
    move.copy(content)
    move.compact(b"")
    with pytest.raises(SourceSuspiciousError):
        move.copy()
    if give_back:
        move.compact(content)

    move.copy(is_confirmed=not give_back)

    assert move.bodies().keys() == ids(range(5 if give_back else 0))


@pytest.mark.parametrize(("held", "kept"), [(60, 20), (1000, 850)])
def test_a_loss_of_few_documents_or_of_a_small_share_is_followed(move, held, kept):
    move.copy(documents(range(held)))
    move.compact(documents(range(kept)))

    move.copy()

    assert len(move.bodies()) == kept


def test_any_loss_by_tombstones_is_followed(move):
    move.copy(documents(range(200)))
    move.append(b"".join(tombstone(n) for n in range(190)))

    move.copy()

    assert move.bodies().keys() == ids(range(190, 200))


# The unfinished last line


def test_a_last_line_that_can_be_read_is_applied_before_it_ends(move):
    move.copy(documents(range(2)) + document(2)[:-1])
    offset = move.store.state("things").checkpoint.offset

    assert move.bodies().keys() == ids(range(3))
    assert offset == len(documents(range(2)))
    assert (move.ledger().lines, move.ledger().tail, move.ledger().is_balanced) == (3, 0, True)

    move.append(b"\n")
    move.copy()

    assert move.bodies().keys() == ids(range(3))
    assert (move.ledger().lines, move.ledger().is_balanced) == (3, True)


def test_a_last_line_that_can_not_be_read_waits(move):
    move.copy(documents(range(2)) + b'{"_id":"d002","te')

    assert move.bodies().keys() == ids(range(2))
    assert (move.ledger().lines, move.ledger().tail, move.ledger().is_balanced) == (3, 1, True)
    assert move.items() == []

    move.append(b'xt":"now whole"}\n')
    move.copy()

    assert move.bodies()["d002"] == b'{"_id":"d002","text":"now whole"}'
    assert (move.ledger().lines, move.ledger().tail, move.ledger().is_balanced) == (3, 0, True)


@pytest.mark.parametrize("before", [b"", b'{"_id":"a","n":0}\n'])
@pytest.mark.parametrize("tail", [b'{"_id":"a","n":1}', b'{"$$deleted":true,"_id":"a"}'])
def test_an_applied_last_line_that_proves_glued_is_withdrawn(move, before, tail):
    move.copy(documents(range(2)) + before + tail)
    move.append(b'{"_id":"b"}\n')

    move.copy()

    assert move.bodies().get("a") == (before[:-1] or None)
    assert "b" not in move.bodies()
    assert move.odd() == {(Reason.UNREADABLE_LINE, None): 1}
    assert move.ledger().is_balanced


def test_a_last_line_that_grows_into_another_document_is_read_anew(move):
    move.copy(b'{"_id":"a"}\n{"_id":"b","n":1}')
    move.write(b'{"_id":"a"}\n{"_id":"c","n":12}')

    move.copy()

    assert move.bodies() == {"a": b'{"_id":"a"}', "c": b'{"_id":"c","n":12}'}


def test_remarks_on_an_unfinished_line_are_told_and_withdrawn_with_it(move):
    move.copy(documents(range(20)) + b'{"_id":""}')
    assert move.odd() == {(Reason.UNUSABLE_ID, ""): 1}

    move.append(b" , oops\n")
    move.copy()

    assert move.odd() == {(Reason.UNREADABLE_LINE, None): 1}
    assert move.ledger().is_balanced


def test_an_index_declared_by_an_unfinished_line_is_kept(move):
    move.copy(documents(range(3), n=1) + b'{"$$indexCreated":{"fieldName":"n"}}')

    assert list(move.indexes()) == ["n"]
    assert move.store.state("things").is_indexed is True
    assert move.copy().changed is False


def test_a_tail_of_several_lines_to_nedb_is_applied_but_for_what_is_torn(move):
    move.copy(b'{"_id":"a"}\r{"_id":"b"}\roops\r{"_id":"c')

    assert sorted(move.bodies()) == ["a", "b"]
    assert move.odd() == {(Reason.UNREADABLE_LINE, None): 1}
    assert (move.ledger().lines, move.ledger().tail, move.ledger().is_balanced) == (4, 1, True)


def test_a_tail_before_a_compaction_is_reconciled_like_the_rest(move):
    move.copy(documents(range(3)) + document(3)[:-1])
    move.compact(documents(range(3)))

    move.copy()

    assert move.bodies().keys() == ids(range(3))
    assert move.ledger().is_balanced


# Who may write


def test_of_two_copies_at_one_place_the_second_writes_nothing(move):
    move.write(documents(range(40)))
    first, second = move.begin(**SMALL_STEPS).steps(), move.begin(**SMALL_STEPS).steps()
    next(first)

    with pytest.raises(CheckpointMovedError):
        next(second)
    list(first)

    assert move.bodies().keys() == ids(range(40))
    assert move.ledger().is_balanced


def test_a_copy_that_was_overtaken_by_a_later_claim_stops(move):
    move.write(documents(range(40)))
    copying = move.begin(**SMALL_STEPS).steps()
    next(copying)
    reached = len(move.bodies())
    other = SqliteStore(move.target, collections=["things"])
    other.claim(Claim(installation="here", run="first", token=2))

    with pytest.raises(StaleTokenError):
        next(copying)
    other.close()

    assert len(move.bodies()) == reached


# Index keys


def test_an_index_declared_later_is_built_over_what_is_there(move):
    move.copy(documents(range(30), n=1))
    move.append(b'{"$$indexCreated":{"fieldName":"n"}}\n')

    move.copy(**SMALL_STEPS)

    assert move.sql("select count(*), count(distinct k0) from keys_things") == [(30, 1)]


def test_an_index_removed_later_is_gone(move):
    move.copy(documents(range(3), n=1) + b'{"$$indexCreated":{"fieldName":"n"}}\n')
    move.append(b'{"$$indexRemoved":"n"}\n')

    move.copy()

    assert move.indexes() == {}
