"""Copying again: sources that lost much, unfinished last lines, other writers, index keys."""

import pytest

from migration.engine.errors import (
    CheckpointMovedError,
    SourceSuspiciousError,
    StaleTokenError,
)
from migration.engine.ports import Claim
from migration.engine.quarantine import Reason
from migration.engine.stores.sqlite import SqliteStore
from tests.engine.moving import SMALL_STEPS
from tests.engine.numbered import document, documents, ids, tombstone

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
