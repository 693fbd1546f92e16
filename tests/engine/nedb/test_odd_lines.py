"""What becomes of lines that are no plain documents, and that the ledger counts each of them."""

import pytest

from migration.engine.quarantine import Reason
from tests.engine.moving import SMALL_STEPS
from tests.engine.nedb.telling import GOOD, LINE_SEPARATORS, counts, ledger_of, told

# History


def test_a_tombstone_removes_the_document_written_before_it(move):
    move.copy(b'{"_id":"a","n":1}\n{"_id":"b"}\n{"$$deleted":true,"_id":"a"}\n')

    assert move.documents() == {"b": '{"_id":"b"}'}
    assert ledger_of(move) == counts(lines=3, live=1, superseded=1, tombstones=1)


def test_a_document_written_again_counts_with_its_last_line(move):
    move.copy(b'{"_id":"a","n":1}\n{"_id":"a","n":2}\n{"_id":"a","n":3}\n')

    assert move.bodies() == {"a": b'{"_id":"a","n":3}'}
    assert ledger_of(move) == counts(lines=3, live=1, superseded=2)


def test_a_document_written_after_its_tombstone_lives(move):
    move.copy(b'{"_id":"a","n":1}\n{"$$deleted":true,"_id":"a"}\n{"_id":"a","n":2}\n')

    assert move.bodies() == {"a": b'{"_id":"a","n":2}'}
    assert ledger_of(move) == counts(lines=3, live=1, superseded=1, tombstones=1)


def test_a_tombstone_for_nothing_is_counted_and_changes_nothing(move):
    move.copy(GOOD + b'{"$$deleted":true,"_id":"nobody"}\n')

    assert ledger_of(move) == counts(lines=2, live=1, tombstones=1)


@pytest.mark.parametrize("mark", [b"1", b'"true"', b"false", b"{}"])
def test_only_a_plain_true_makes_a_tombstone(move, mark):
    move.copy(b'{"_id":"a"}\n{"$$deleted":' + mark + b',"_id":"a"}\n')

    assert move.bodies() == {"a": b'{"$$deleted":' + mark + b',"_id":"a"}'}


def test_index_lines_are_counted_apart(move):
    move.copy(
        GOOD
        + b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n'
        + b'{"$$indexCreated":{"fieldName":"m"}}\n{"$$indexRemoved":"m"}\n'
    )

    assert list(move.indexes()) == ["n"]
    assert ledger_of(move) == counts(lines=4, live=1, index_lines=3)


def test_a_document_that_also_declares_an_index_is_a_document(move):
    move.copy(b'{"_id":"a","$$indexCreated":{"fieldName":"n"}}\n')

    assert ledger_of(move) == counts(lines=1, live=1)
    assert move.indexes() == {}


def test_blank_lines_are_counted_and_nothing_else(move):
    move.copy(b"\n" + GOOD + b"\n \t \n\r\n")

    assert ledger_of(move) == counts(lines=5, live=1, blank=4)
    assert told(move) == set()


def test_an_empty_datafile_is_an_empty_collection(move):
    move.copy(b"")

    assert ledger_of(move) == counts()


# Bodies


@pytest.mark.parametrize(
    "line",
    [
        b'{"_id":"a","n":1.0,"m":1E5,"k":-0}',
        b'{"b":1,"a":2,"_id":"a","10":3,"1":4}',
        b'{"_id":"a","n":123456789012345678901234567890,"tiny":1e-400,"huge":1e400}',
        b'{"_id":"a","when":{"$$date":1700000000000}}',
        b'{"_id":"a","n":1,"n":2}',
        b'{"_id":"a","_id":"a"}',
        b'  {"_id" : "a",\t"n":[1, 2]}  ',
        '{"_id":"a","name":"周杰倫 😀 \ufeff"}'.encode(),
        b'{"_id":"a","half":"\\ud83d","nul":"\\u0000","sep":"\\u2028"}',
        b'{"\\u005fid":"\\u0061"}',
        b'{"_id":"a","text":"' + b"x" * 3_000_000 + b'"}',
        b'{"_id":"a","deep":' + b"[" * 1500 + b"]" * 1500 + b"}",
    ],
)
def test_a_body_is_the_line_exactly(move, line):
    move.copy(GOOD + line + b"\n")

    assert move.bodies()["a"] == line
    assert told(move) == set()


def test_windows_line_ends_are_no_part_of_a_body(move):
    move.copy(b'{"_id":"a"}\r\n{"_id":"b"}\r\n')

    assert move.bodies() == {"a": b'{"_id":"a"}', "b": b'{"_id":"b"}'}
    assert told(move) == set()


# Moved, with a remark


@pytest.mark.parametrize("separator", LINE_SEPARATORS)
def test_a_line_that_nedb_would_cut_in_two_is_rescued(move, separator):
    line = b'{"_id":"a","text":"one' + separator + b'two"}'

    move.copy(GOOD + line + b"\n")

    assert move.bodies()["a"] == line
    assert told(move) == {(Reason.RESCUED, "a", line)}
    assert ledger_of(move) == counts(lines=2, live=2)


def test_a_tombstone_that_nedb_would_cut_in_two_is_followed_and_told(move):
    line = b'{"$$deleted":true,"_id":"a","why":"\xe2\x80\xa8"}'

    move.copy(b'{"_id":"a"}\n' + line + b"\n")

    assert move.bodies() == {}
    assert told(move) == {(Reason.RESCUED, "a", line)}


def test_a_byte_order_mark_costs_nothing_but_a_remark(move):
    move.copy(b"\xef\xbb\xbf" + b'{"_id":"a"}\n{"_id":"b"}\n')

    assert move.bodies() == {"a": b'{"_id":"a"}', "b": b'{"_id":"b"}'}
    assert told(move) == {(Reason.RESCUED, "a", b'\xef\xbb\xbf{"_id":"a"}')}
    assert move.ledger().is_balanced


def test_a_byte_order_mark_further_on_is_unreadable_as_it_is_to_nedb(move):
    move.copy(GOOD + b'\xef\xbb\xbf{"_id":"a"}\n')

    assert told(move) == {(Reason.UNREADABLE_LINE, None, b'\xef\xbb\xbf{"_id":"a"}')}


@pytest.mark.parametrize(
    ("bad", "mended"),
    [
        (b"\xff", "\ufffd"),
        (b"\xe4\xb8", "\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\xf0\x9f\x98x", "\ufffdx"),
        (b"\xc0\xaf", "\ufffd\ufffd"),
    ],
)
def test_invalid_utf8_is_repaired_as_nedb_repairs_it(move, bad, mended):
    line = b'{"_id":"a","name":"' + bad + b'"}'

    move.copy(GOOD + line + b"\n")

    assert move.bodies()["a"] == b'{"_id":"a","name":"' + mended.encode() + b'"}'
    assert told(move) == {(Reason.REPAIRED, "a", line)}


def test_an_identity_of_bad_utf8_is_repaired_too(move):
    move.copy(b'{"_id":"a\xff"}\n')

    assert move.bodies() == {"a\ufffd": '{"_id":"a\ufffd"}'.encode()}


@pytest.mark.parametrize(
    ("first", "second", "identity"),
    [
        (b"7", b'"7"', "7"),
        (b'"7"', b"7", "7"),
        (b"true", b'"true"', "true"),
        (b"1e21", b'"1e+21"', "1e+21"),
        (b"-1.50", b'"-1.5"', "-1.5"),
        (b"12345678901234567890", b'"12345678901234567000"', "12345678901234567000"),
        (b"1e400", b'"Infinity"', "Infinity"),
    ],
)
@pytest.mark.parametrize("between", [b"", b'{"_id":"other"}\n' * 3])
def test_of_ids_that_differ_in_type_alone_the_last_line_stays(
    move, first, second, identity, between
):
    last = b'{"_id":' + second + b',"n":2}'

    move.copy(b'{"_id":' + first + b',"n":1}\n' + between + last + b"\n", **SMALL_STEPS)

    assert move.bodies()[identity] == last
    assert told(move) == {(Reason.ID_COLLISION, identity, last)}
    assert move.ledger().is_balanced


def test_a_number_written_again_as_a_number_is_no_collision(move):
    move.copy(b'{"_id":7,"n":1}\n{"_id":7.0,"n":2}\n{"_id":"8"}\n{"_id":"8"}\n')

    assert sorted(move.bodies()) == ["7", "8"]
    assert told(move) == set()


@pytest.mark.parametrize("options", [{}, SMALL_STEPS])
def test_an_id_of_another_type_after_a_tombstone_is_no_collision(move, options):
    filler = b'{"_id":"filler"}\n' * 5
    tombstone = b'{"$$deleted":true,"_id":7}\n{"_id":"7"}\n'

    move.copy(b'{"_id":7}\n' + filler + tombstone, **options)

    assert move.bodies()["7"] == b'{"_id":"7"}'
    assert told(move) == set()


def test_a_tombstone_removes_what_has_the_same_text(move):
    move.copy(b'{"_id":"7"}\n{"$$deleted":true,"_id":7}\n')

    assert move.bodies() == {}


def test_the_id_that_javascript_objects_swallow_is_rescued(move):
    move.copy(GOOD + b'{"_id":"__proto__"}\n{"_id":"constructor"}\n')

    assert sorted(move.bodies()) == ["__proto__", "constructor", "good"]
    assert told(move) == {(Reason.RESCUED, "__proto__", b'{"_id":"__proto__"}')}


def test_a_line_nested_too_deep_for_nedb_is_rescued(move):
    line = b'{"_id":"a","deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

    move.copy(GOOD + line + b"\n")

    assert move.bodies()["a"] == line
    assert told(move) == {(Reason.RESCUED, "a", line)}


@pytest.mark.parametrize("field", [b"_collection", b"_migrated"])
def test_a_field_named_like_a_column_is_moved(move, field):
    line = b'{"_id":"a","' + field + b'":"mine"}'

    move.copy(line + b"\n")

    assert move.bodies() == {"a": line}
    assert told(move) == set()
