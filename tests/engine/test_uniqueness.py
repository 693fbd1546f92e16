"""Documents that break a unique index: the first stays, the others are set apart by name."""

import pytest

from migration.engine.quarantine import Reason
from tests.engine.moving import SMALL_STEPS

UNIQUE = b'{"$$indexCreated":{"fieldName":"v","unique":true}}\n'
SPARSE = b'{"$$indexCreated":{"fieldName":"v","unique":true,"sparse":true}}\n'


def document(identity, *value):
    field = f',"v":{value[0]}' if value else ""
    return f'{{"_id":"{identity}"{field}}}\n'.encode()


def apart(move):
    """Return who was set apart, for whom, and over which index."""
    lines = [item.line for item in move.items() if item.line.reason is Reason.UNIQUE_CONFLICT]
    return {(line.document_id, line.rival_id, line.field) for line in lines}


# Which documents break it


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"x"', '"x"'),
        ("1", "1.0"),
        ("0", "-0"),
        ("null", "null"),
        ("true", "true"),
        ('{"a":1}', '{"b":1}'),
        ('["x","y"]', '["y","z"]'),
        ('"x"', '["w","x"]'),
        ("9007199254740993", "9007199254740992"),
        ('"\\u0061"', '"a"'),
    ],
)
@pytest.mark.parametrize("index", [UNIQUE, SPARSE])
def test_equal_values_are_one_too_many(move, one, other, index):
    move.copy(index + document("first", one) + document("second", other))

    assert apart(move) == {("second", "first", "v")}
    assert list(move.bodies()) == ["first"]
    assert move.ledger().is_balanced


@pytest.mark.parametrize("value", ['{"$$date":5}', "{}"])
def test_a_sparse_index_leaves_out_what_nedb_leaves_out(move, value):
    documents = document("first", value) + document("second", value)

    move.copy(SPARSE + documents)
    assert apart(move) == set()

    move.append(UNIQUE)
    move.copy()
    assert apart(move) == {("second", "first", "v")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"1"', "1"),
        ("true", "1"),
        ("5", '{"$$date":5}'),
        ('["x"]', '["y"]'),
        ("[]", "[]"),
        ('[["x"]]', '"x"'),
        ("{}", '{"a":1}'),
        ('"a"', '"A"'),
        ("null", "false"),
    ],
)
def test_values_that_differ_in_type_or_value_are_not(move, one, other):
    move.copy(UNIQUE + document("first", one) + document("second", other))

    assert apart(move) == set()
    assert len(move.bodies()) == 2


def test_a_missing_field_is_a_value_unless_the_index_is_sparse(move):
    move.copy(UNIQUE + document("first") + document("second") + document("third", "null"))
    assert apart(move) == {("second", "first", "v")}

    move.append(SPARSE)
    move.copy()
    assert apart(move) == set()
    assert len(move.bodies()) == 3


def test_an_array_that_repeats_an_element_does_not_conflict_with_itself(move):
    move.copy(UNIQUE + document("first", '["x","x","y"]'))

    assert apart(move) == set()


def test_a_compound_index_is_broken_by_all_its_fields_together(move):
    move.copy(
        b'{"$$indexCreated":{"fieldName":"v,w","unique":true}}\n'
        b'{"_id":"a","v":1,"w":1}\n{"_id":"b","v":1,"w":2}\n{"_id":"c","v":1,"w":1}\n'
    )

    assert apart(move) == {("c", "a", "v,w")}


def test_an_index_over_one_collection_knows_no_other_document(move):
    move.copy(b'{"$$indexCreated":{"fieldName":"w"}}\n' + document("a", "1") + document("b", "1"))

    assert apart(move) == set()


# Which document stays


@pytest.mark.parametrize("index_is_last", [True, False])
def test_the_first_in_the_datafile_stays(move, index_is_last):
    documents = document("z", "1") + document("m", "1") + document("a", "1")

    move.copy(documents + UNIQUE if index_is_last else UNIQUE + documents, **SMALL_STEPS)

    assert list(move.bodies()) == ["z"]
    assert apart(move) == {("m", "z", "v"), ("a", "z", "v")}


def test_the_place_that_counts_is_that_of_the_living_line(move):
    move.copy(UNIQUE + document("a", "1") + document("b", "2") + document("a", "2"))

    assert list(move.bodies()) == ["b"]
    assert apart(move) == {("a", "b", "v")}


def test_the_document_in_the_target_stays(move):
    move.copy(UNIQUE + document("b", "1"))
    move.compact(document("a", "1") + document("b", "1") + UNIQUE)

    move.copy(**SMALL_STEPS)

    assert list(move.bodies()) == ["b"]
    assert apart(move) == {("a", "b", "v")}


def test_a_document_set_apart_leaves_its_other_values_free(move):
    move.copy(
        UNIQUE
        + b'{"$$indexCreated":{"fieldName":"w","unique":true}}\n'
        + b'{"_id":"a","v":1,"w":1}\n{"_id":"b","v":1,"w":2}\n{"_id":"c","v":3,"w":2}\n'
    )

    assert sorted(move.bodies()) == ["a", "c"]
    assert apart(move) == {("b", "a", "v")}


def test_what_is_set_apart_keeps_its_bytes_and_its_place(move):
    content = UNIQUE + document("a", "1") + document("b", "1")

    move.copy(content)

    (item,) = move.items()
    assert content[item.line.offset :].startswith(item.line.raw)
    assert item.line.raw == document("b", "1")[:-1]
    assert move.ledger().quarantined == 1


def test_copying_again_sets_nobody_else_apart(move):
    content = UNIQUE + document("a", "1") + document("b", "1") + document("c", "1")
    move.copy(content)
    before = (move.bodies(), apart(move))

    assert move.copy().changed is False
    assert (move.bodies(), apart(move)) == before


# What happens later


def test_values_that_two_documents_swapped_are_no_conflict(move):
    move.copy(UNIQUE + document("a", "1") + document("b", "2"))
    move.compact(document("a", "2") + document("b", "1") + UNIQUE)

    move.copy(**SMALL_STEPS)

    assert apart(move) == set()
    assert move.bodies() == {"a": document("a", "2")[:-1], "b": document("b", "1")[:-1]}


@pytest.mark.parametrize("change", [document("a", "9"), b'{"$$deleted":true,"_id":"a"}\n'])
def test_a_document_set_apart_returns_when_its_value_becomes_free(move, change):
    move.copy(UNIQUE + document("a", "1") + document("b", "1"))
    move.append(change)

    move.copy()

    assert "b" in move.bodies()
    assert apart(move) == set()
    assert move.ledger().is_balanced


def test_of_two_that_wait_for_one_value_one_returns(move):
    move.copy(UNIQUE + document("a", "1") + document("b", "1") + document("c", "1"))
    move.append(b'{"$$deleted":true,"_id":"a"}\n')

    move.copy()

    assert sorted(move.bodies()) == ["b"]
    assert {who for who, _, _ in apart(move)} == {"c"}
    assert move.ledger().is_balanced


def test_a_document_set_apart_that_is_deleted_is_forgotten(move):
    move.copy(UNIQUE + document("a", "1") + document("b", "1"))
    move.append(b'{"$$deleted":true,"_id":"b"}\n')

    move.copy()

    assert apart(move) == set()
    assert list(move.bodies()) == ["a"]
    assert move.ledger().is_balanced


def test_a_document_set_apart_that_takes_another_value_is_moved(move):
    move.copy(UNIQUE + document("a", "1") + document("b", "1"))
    move.append(document("b", "2"))

    move.copy()

    assert sorted(move.bodies()) == ["a", "b"]
    assert apart(move) == set()


def test_removing_the_index_frees_everybody(move):
    move.copy(UNIQUE + document("a", "1") + document("b", "1") + document("c", "1"))
    move.append(b'{"$$indexRemoved":"v"}\n')

    move.copy()

    assert sorted(move.bodies()) == ["a", "b", "c"]
    assert move.ledger().is_balanced


def test_an_index_that_becomes_unique_later_is_enforced_then(move):
    move.copy(b'{"$$indexCreated":{"fieldName":"v"}}\n' + document("a", "1") + document("b", "1"))
    assert sorted(move.bodies()) == ["a", "b"]
    move.append(UNIQUE)

    move.copy()

    assert list(move.bodies()) == ["a"]
    assert apart(move) == {("b", "a", "v")}


def test_an_unfinished_last_line_is_not_exempt(move):
    move.copy(UNIQUE + document("a", "1") + document("b", "1")[:-1])

    assert list(move.bodies()) == ["a"]
    assert apart(move) == {("b", "a", "v")}

    move.append(b"\n")
    move.copy()

    assert apart(move) == {("b", "a", "v")}
    assert move.ledger().is_balanced


def test_a_compaction_forgets_conflicts_that_it_no_longer_has(move):
    move.copy(UNIQUE + document("a", "1") + document("b", "1"))
    move.compact(document("a", "1") + UNIQUE)

    move.copy()

    assert apart(move) == set()
    assert list(move.bodies()) == ["a"]
    assert move.ledger().is_balanced
