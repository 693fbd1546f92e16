"""Whatever an application did to its datafile, and wherever we were stopped: the target is right.

Histories are drawn at random: appends (also of half lines), compactions, rewritten files, copies
that are left after any step. In the end the target must say what a copy from nothing says.
"""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migration.engine.index_definitions import KeyMaker
from migration.engine.quarantine import Reason
from tests.engine.moving import SMALL_STEPS, Move
from tests.engine.nedb.datafile_bytes import datafiles, lines

_IDS = st.sampled_from([b'"a"', b'"b"', b'"c"', b'"d"', b'"7"', b"7"])
_NUMBERS = st.sampled_from([b"1", b"2", b"3", b"null"])
_VALUES = st.sampled_from([b'["p","q"]', b'["q"]', b'"p"', b'{"y":1}'])
_records = st.one_of(
    st.builds(lambda i, n: b'{"_id":%s,"n":%s}\n' % (i, n), _IDS, _NUMBERS),
    st.builds(lambda i, n, x: b'{"_id":%s,"n":%s,"x":%s}\n' % (i, n, x), _IDS, _NUMBERS, _VALUES),
    st.builds(lambda i: b'{"$$deleted":true,"_id":%s}\n' % i, _IDS),
    st.builds(
        lambda name, rules: b'{"$$indexCreated":{"fieldName":"%s"%s}}\n' % (name, rules),
        st.sampled_from([b"n", b"x", b"x.y", b"n,x"]),
        st.sampled_from([b"", b',"unique":true', b',"unique":true,"sparse":true']),
    ),
    st.sampled_from([b'{"$$indexRemoved":"n"}\n', b'{"$$indexRemoved":"x"}\n']),
)
plain = st.lists(_records, min_size=1, max_size=10).map(b"".join)
_half_lines = st.one_of(_records.map(lambda record: record[:-1]), st.just(b'{"_id":"torn'))


def histories(contents, appended):
    event = st.one_of(
        st.tuples(st.just("append"), appended),
        st.tuples(st.just("append"), contents),
        st.tuples(st.just("compact"), contents),
        st.tuples(st.just("rewrite"), contents),
        st.tuples(st.just("shuffle"), st.integers(0, 1000)),
        st.tuples(st.just("copy some"), st.integers(0, 12)),
        st.tuples(st.just("copy some"), st.integers(0, 12)),
        st.tuples(st.just("copy"), st.booleans()),
    )
    return st.tuples(contents, st.lists(event, min_size=1, max_size=8))


def live_through(move, history):
    content, events = history
    move.write(content)
    for kind, value in events:
        match kind:
            case "append":
                move.append(value)
            case "compact":
                move.compact(value)
            case "rewrite":
                move.write(value)
            case "shuffle":
                shuffled = move.datafile.read_bytes().splitlines(keepends=True)
                random.Random(value).shuffle(shuffled)
                move.write(b"".join(shuffled))
            case "copy some":
                move.copy_steps(value, is_confirmed=True, **SMALL_STEPS)
                move.store.close()
            case "copy":
                move.copy(is_confirmed=True, hash_prefix=value, **SMALL_STEPS)
    move.copy(is_confirmed=True)
    move.copy(is_confirmed=True)


def told(move):
    """Return what quarantine says of lines: neither who won a unique value, nor what collided."""
    relative = {Reason.UNIQUE_CONFLICT, Reason.ID_COLLISION}
    lines = [item.line for item in move.items() if item.line.reason not in relative]
    return {(line.reason, line.offset, line.sha256) for line in lines}


def all_documents(move):
    """Return documents with those that were set apart: which of them is may differ."""
    apart = [i.line for i in move.items() if i.line.reason is Reason.UNIQUE_CONFLICT]
    return move.bodies() | {line.document_id: line.raw for line in apart}


def key_rows(move):
    """Return what the key tables hold, with the names of documents for their numbers."""
    columns = [d.column for d in move.store.indexes("things")]
    if not columns:
        return set(), set(), set()
    keys = ", ".join(f"k{column}" for column in columns)
    return (
        set(
            move.sql(f"select _id, id, {keys} from keys_things left join things d on rid = d.rowid")
        ),
        set(
            move.sql(
                "select field, k, id, _id from elements_things left join things d on rid = d.rowid"
            )
        ),
        set(move.sql("select field, k, id from unique_things")),
    )


def expected_key_rows(move):
    """Return what the key tables should hold, made from the documents."""
    indexes = move.store.indexes("things")
    if not indexes:
        return set(), set(), set()
    maker = KeyMaker(indexes)
    rows = {identity: maker.row(body) for identity, body in move.bodies().items()}
    return (
        {(i, row.identity, *row.keys) for i, row in rows.items()},
        {(column, k, row.identity, i) for i, row in rows.items() for column, k in row.elements},
        {(column, k, i) for i, row in rows.items() for column, k in row.claims},
    )


def check(history):
    with tempfile.TemporaryDirectory() as folder:
        lived, fresh = Move(Path(folder, "lived")), Move(Path(folder, "fresh"))
        try:
            live_through(lived, history)
            fresh.copy(lived.datafile.read_bytes())

            assert all_documents(lived) == all_documents(fresh)
            assert told(lived) == told(fresh)
            assert key_rows(lived) == expected_key_rows(lived)
            assert lived.ledger().counts == fresh.ledger().counts
            assert lived.ledger().is_balanced
            assert lived.store.contests("things") == []
            assert lived.store.problems() == []
            assert lived.copy().changed is False
            comparison = lived.compare()
            assert (comparison.extra, comparison.mismatched) == (0, 0)
            assert comparison.missing == lived.ledger().conflicts
        finally:
            lived.store.close()
            fresh.store.close()


@given(histories(plain, _half_lines))
@settings(deadline=None, max_examples=40)
def test_any_history_of_documents_and_indexes_ends_right(history):
    check(history)


@given(histories(datafiles(), lines))
@settings(deadline=None, max_examples=40)
def test_any_history_of_hostile_lines_ends_right(history):
    check(history)


@pytest.mark.parametrize("steps", range(4, 9))
def test_keys_half_built_before_their_documents_changed_are_built_anew(tmp_path, steps):
    index = b'{"$$indexCreated":{"fieldName":"n"}}\n'
    before = index + b"".join(b'{"_id":"%d","n":1}\n' % n for n in range(8))
    after = b'{"_id":"0","n":2}\n{"$$deleted":true,"_id":"7"}\n{"_id":"new","n":3}\n'

    check((before, [("copy some", steps), ("append", after)]))
