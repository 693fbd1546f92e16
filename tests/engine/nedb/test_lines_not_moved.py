"""Lines that are not moved: each is quarantined with its reason and its place."""

import pytest

from migration.engine.quarantine import Reason
from tests.engine.nedb.telling import GOOD, LINE_SEPARATORS, counts, ledger_of, told

# Not moved


@pytest.mark.parametrize(
    "line",
    [
        b"null",
        b"hello",
        b'{"_id":"a"',
        b'{"_id":"a"}{"_id":"b"}',
        b'{"_id":"a"},',
        b"{'_id':'a'}",
        b'{"_id":"a","n":NaN}',
        b'{"_id":"a","n":01}',
        b'{"_id":"a","t":"\x01"}',
        b'{"_id":"a","t":"\x00"}',
        b"\x00\x00\x00\x00",
        b"\xff\xfe{\x00}\x00",
        b"U2FsdGVkX1+vupppZksvRf5pq5g5XjFRlipRkwB0K1Y96Qsv2Lm+31cmzaAILwyt",
    ],
)
def test_what_is_no_json_is_quarantined_with_its_bytes(move, line):
    move.copy(GOOD + line + b"\n" + b'{"_id":"after"}\n')

    assert sorted(move.bodies()) == ["after", "good"]
    assert told(move) == {(Reason.UNREADABLE_LINE, None, line)}
    assert ledger_of(move) == counts(lines=3, live=2, quarantined=1)


@pytest.mark.parametrize(
    ("line", "identity"),
    [
        (b"{}", None),
        (b"[]", None),
        (b"5", None),
        (b'"text"', None),
        (b'{"name":"nobody"}', None),
        (b'{"_id":""}', ""),
        (b'{"_id":0}', "0"),
        (b'{"_id":-0}', "0"),
        (b'{"_id":null}', None),
        (b'{"_id":false}', "false"),
        (b'{"$$date":5,"_id":"a"}', None),
        (b'{"$$deleted":true}', None),
        (b'{"$$indexCreated":{"fieldName":null}}', None),
        (b'{"$$indexRemoved":7}', None),
    ],
)
def test_what_nedb_drops_silently_is_quarantined(move, line, identity):
    move.copy(GOOD + line + b"\n")

    assert told(move) == {(Reason.UNUSABLE_ID, identity, line)}
    assert ledger_of(move) == counts(lines=2, live=1, quarantined=1)


@pytest.mark.parametrize(
    ("identity", "known"),
    [
        (b'["a"]', None),
        (b"[]", None),
        (b"{}", None),
        (b'{"$$date":5}', None),
        (b'"a\\u0000"', "a\0"),
        (b'"\\ud83d"', None),
        (b'"' + b"x" * 1025 + b'"', "x" * 1025),
        ('"{}"'.format("周" * 342).encode(), "周" * 342),
    ],
)
def test_ids_that_no_target_can_hold_are_quarantined(move, identity, known):
    line = b'{"_id":' + identity + b"}"

    move.copy(GOOD + line + b"\n" + b'{"$$deleted":true,"_id":' + identity + b"}\n")

    assert told(move) == {(Reason.UNSUPPORTED_ID, known, line)}
    assert ledger_of(move) == counts(lines=3, live=1, tombstones=1, quarantined=1)


@pytest.mark.parametrize("identity", ["x" * 1024, "周" * 341, "a\x7f", "😀", "\u00a0"])
def test_ids_at_the_limit_are_moved(move, identity):
    move.copy(f'{{"_id":"{identity}"}}\n'.encode())

    assert list(move.bodies()) == [identity]
    assert told(move) == set()


def test_odd_lines_are_found_at_their_place(move):
    lines = [GOOD, b"bad one\n", b"\n", b'{"_id":7}\n', b"bad two\r\n", b'{"_id":""}\n']
    content = b"".join(lines)

    move.copy(content)

    for item in move.items():
        begin = item.line.offset
        assert content[begin : begin + item.line.length] == item.line.raw
    assert len(move.items()) == 3


# Lines that NeDB cuts where we do not


@pytest.mark.parametrize("separator", [b"\r", b"\x0b", b"\x0c", *LINE_SEPARATORS])
def test_lines_ended_as_only_nedb_ends_them_are_lines(move, separator):
    move.copy(b'{"_id":"a"}' + separator + b'{"_id":"b"}' + separator + b"oops\n" + GOOD)

    assert sorted(move.bodies()) == ["a", "b", "good"]
    assert told(move) == {(Reason.UNREADABLE_LINE, None, b"oops")}
    assert ledger_of(move) == counts(lines=4, live=3, quarantined=1)


def test_a_datafile_of_old_macintosh_lines_is_moved_although_its_last_line_never_ends(move):
    move.copy(b"".join(b'{"_id":"%d"}\r' % n for n in range(100)))

    assert len(move.bodies()) == 100
    assert ledger_of(move) == counts(lines=100, live=100)


# Very long lines


def test_a_line_too_long_to_hold_is_quarantined_unread(move, monkeypatch):
    monkeypatch.setattr("migration.engine.nedb.datafile.LINE_BYTES_MAX", 3_000_000)
    long = b'{"_id":"long","text":"' + b"x" * 5_000_000 + b'"}'

    move.copy(GOOD + long + b"\n" + b'{"_id":"after"}\n')

    (item,) = move.items()
    assert (item.line.reason, item.line.length, item.line.raw) == (
        Reason.LINE_TOO_LONG,
        len(long),
        None,
    )
    assert sorted(move.bodies()) == ["after", "good"]
    assert ledger_of(move) == counts(lines=3, live=2, quarantined=1)
    assert not move.copy().changed
