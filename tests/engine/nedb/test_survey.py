"""What a survey tells of a datafile before anything is copied, and whether NeDB would load it."""

import pytest

from migration.engine.nedb.refusal import is_too_corrupt
from migration.engine.quarantine import Reason
from tests.engine.moving import looks

GOOD = b"".join(b'{"_id":"g%03d","n":%d}\n' % (n, n) for n in range(30))


def survey_of(move, content):
    move.write(content)
    return move.survey()


def test_documents_lines_and_indexes_are_counted_exactly(move):
    survey = survey_of(
        move,
        b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n{"$$indexCreated":{"fieldName":"m"}}\n'
        b'{"_id":"a","n":1}\n{"_id":"b","n":2}\n{"_id":"a","n":3}\n{"$$deleted":true,"_id":"b"}\n'
        b'\nnonsense\n{"_id":""}\n{"$$indexRemoved":"m"}\n{"_id":"c","n":1}',
    )

    assert survey.live == 2
    assert (survey.counts.lines, survey.counts.documents, survey.counts.tombstones) == (11, 4, 1)
    assert (survey.counts.index_lines, survey.counts.blank, survey.counts.unread) == (3, 1, 2)
    assert [d.name for d in survey.indexes] == ["n"]
    assert survey.odd == {Reason.UNREADABLE_LINE: 1, Reason.UNUSABLE_ID: 1}
    assert survey.has_torn_tail is False


def test_a_survey_counts_as_the_copy_does(move):
    content = (
        GOOD
        + b'{"_id":7}\n{"_id":"7"}\nbad\n{"_id":"x\xe2\x80\xa8"}\n{"_id":"q\xff"}\n{"_id":[]}\n'
    )

    survey = survey_of(move, content)
    move.copy()

    assert survey.live == move.ledger().live
    assert survey.counts == move.ledger().counts
    assert survey.odd == {
        r: sum(n for (k, _), n in move.odd().items() if k is r) for r in survey.odd
    }


def test_a_survey_sees_what_collides_far_apart(move):
    far = b"".join(b'{"_id":"f%d","text":"%s"}\n' % (n, b"x" * 1000) for n in range(1200))

    survey = survey_of(move, b'{"_id":7}\n' + far + b'{"_id":"7"}\n')

    assert survey.odd == {Reason.ID_COLLISION: 1}


def test_an_unfinished_last_line_is_told_unless_it_can_be_read(move):
    assert survey_of(move, GOOD + b'{"_id":"torn').has_torn_tail is True
    assert survey_of(move, GOOD + b'{"_id":"whole"}').has_torn_tail is False


@pytest.mark.parametrize("is_last", [True, False])
def test_documents_that_would_break_a_unique_index_are_named(move, is_last):
    index = b'{"$$indexCreated":{"fieldName":"email","unique":true}}\n'
    documents = (
        b'{"_id":"a","email":"x"}\n{"_id":"b","email":"y"}\n{"_id":"c","email":["z","x"]}\n'
        b'{"_id":"d","email":"w"}\n{"_id":"d","email":"v"}\n{"_id":"e","email":"w"}\n'
    )

    survey = survey_of(move, documents + index if is_last else index + documents)

    assert survey.conflicts == {"email": [["a", "c"]]}


def test_an_index_that_was_removed_again_forbids_nothing(move):
    survey = survey_of(
        move,
        b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n{"_id":"a"}\n{"_id":"b"}\n'
        b'{"$$indexRemoved":"n"}\n',
    )

    assert survey.conflicts == {}


@pytest.mark.parametrize(
    "field",
    [
        b'"$set":1',
        b'"a.b":1',
        b'"deep":[{"$x":1}]',
        b'"$x" : 1',
        b'"\\u0024x":1',
        b'"a\\u002eb":1',
        b'"$$deleted":false',
        b'"x":{"$$deleted":1}',
        b'"\xe5.\xe5":1',
    ],
)
def test_living_documents_with_names_that_nedb_refuses_are_named(move, field):
    survey = survey_of(move, GOOD + b'{"_id":"bad",' + field + b"}\n")

    assert list(survey.bad_keys) == ["bad"]


@pytest.mark.parametrize(
    "field",
    [
        b'"when":{"$$date":5}',
        b'"$$indexCreated":1',
        b'"text":"$set: a.b"',
        b'"x":{"$$deleted":true}',
    ],
)
def test_names_that_nedb_accepts_are_fine(move, field):
    assert survey_of(move, GOOD + b'{"_id":"ok",' + field + b"}\n").bad_keys == {}


def test_a_bad_name_in_a_line_that_was_replaced_is_harmless(move):
    bad = b'{"_id":"bad","$x":1}\n'

    assert survey_of(move, bad + b'{"_id":"bad"}\n').bad_keys == {}
    assert survey_of(move, bad + b'{"$$deleted":true,"_id":"bad"}\n').bad_keys == {}


@pytest.mark.parametrize(
    ("content", "is_refused"),
    [
        (b"", False),
        (GOOD, False),
        (GOOD + b"bad\n" * 3, False),
        (GOOD + b"bad\n" * 4, True),
        (GOOD + b"\n" * 50, False),
        (GOOD + b"  \n" * 4, True),
        (GOOD + b"bad\n" * 3 + b"\n\n\n", False),
        (b'{"_id":"a"}\n' * 18 + b'{"_id":"x\xe2\x80\xa8"}\n', False),
        (b'{"_id":"a"}\n' * 17 + b'{"_id":"x\xe2\x80\xa8"}\n', True),
        (b'\xef\xbb\xbf{"_id":"a"}\n', True),
        (b'\xef\xbb\xbf{"_id":"a"}\n' + GOOD, False),
        (b'{"_id":"a"}\n' * 9 + b"torn", False),
        (b'{"_id":"a"}\n' * 8 + b"torn", True),
        (b"null\n" + b"{}\n" * 9, False),
    ],
)
def test_a_share_of_corrupt_lines_that_nedb_refuses_is_told(move, content, is_refused):
    assert is_too_corrupt(survey_of(move, content).counts) is is_refused


def test_a_survey_leaves_no_trace(move):
    move.write(GOOD + b"bad\ntorn")
    before = looks(move.datafile.parent)

    move.survey()

    assert looks(move.datafile.parent) == before
