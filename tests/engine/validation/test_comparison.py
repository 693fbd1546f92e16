"""Every document on both sides, found again one by one whatever was done to the target."""

import random
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migration.engine.errors import DatafileUnreadableError
from tests.engine.moving import Move, looks


def document(number, **fields):
    rest = "".join(f',"{name}":{value}' for name, value in fields.items())
    return f'{{"_id":"d{number:05d}"{rest}}}\n'.encode()


def documents(numbers, **fields):
    return b"".join(document(n, **fields) for n in numbers)


def tamper(move, *statements):
    """Change the target behind our back."""
    move.store.close()
    with closing(sqlite3.connect(move.target)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def verdict(comparison):
    return {
        "missing": comparison.missing_ids,
        "extra": comparison.extra_ids,
        "mismatched": comparison.mismatched_ids,
    }


def found(**ids):
    return {"missing": [], "extra": [], "mismatched": []} | ids


def test_a_faithful_copy_shows_no_difference(move):
    move.copy(documents(range(300), n=1.5) + documents(range(100), n=2) + b"bad\n")

    comparison = move.compare()

    assert verdict(comparison) == found()
    assert (comparison.documents, comparison.rows, comparison.text_differs) == (300, 300, 0)
    assert comparison.counts == move.ledger().counts


def test_every_planted_difference_is_found_and_named(move):
    move.copy(documents(range(300), n=1))
    tamper(
        move,
        "delete from things where _id = 'd00007'",
        'update things set body = \'{"_id":"d00100","n":2}\' where _id = \'d00100\'',
        "insert into things values('things', 'forged', '{\"_id\":\"forged\"}', 0)",
    )

    comparison = move.compare()

    assert verdict(comparison) == found(missing=["d00007"], extra=["forged"], mismatched=["d00100"])
    assert (comparison.missing, comparison.extra, comparison.mismatched) == (1, 1, 1)


def test_a_document_deleted_in_the_datafile_and_still_in_the_target_is_extra(move):
    move.copy(documents(range(10)))
    move.append(b'{"$$deleted":true,"_id":"d00003"}\n')

    assert verdict(move.compare()) == found(extra=["d00003"])


def test_a_document_changed_in_the_datafile_after_the_copy_is_mismatched(move):
    move.copy(documents(range(10)))
    move.append(document(3, n=1))

    assert verdict(move.compare()) == found(mismatched=["d00003"])


def test_a_row_under_another_id_than_its_body_is_found_both_ways(move):
    move.copy(documents(range(10)))
    tamper(move, "update things set _id = 'other' where _id = 'd00003'")

    assert verdict(move.compare()) == found(missing=["d00003"], extra=["other"])


@pytest.mark.parametrize(
    ("body", "differs"),
    [
        ('{"n":1.50,"_id":"d00003"}', "text"),
        ('{"_id":"d00003","n":15e-1}', "text"),
        (' {"_id":"d00003", "n":1.5}', "text"),
        ('{"_id":"d00003","n":"1.5"}', "value"),
        ('{"_id":"d00003","n":1.5,"m":null}', "value"),
        ("no json", "value"),
    ],
)
def test_text_that_differs_is_told_from_values_that_differ(move, body, differs):
    move.copy(documents(range(10), n=1.5))
    tamper(move, f"update things set body = '{body}' where _id = 'd00003'")

    comparison = move.compare()

    assert comparison.text_differs == (differs == "text")
    assert comparison.mismatched_ids == (["d00003"] if differs == "value" else [])


def test_an_empty_target_misses_everything_and_samples_stay_short(move):
    move.write(documents(range(1000)))

    comparison = move.compare()

    assert (comparison.missing, comparison.documents, comparison.rows) == (1000, 1000, 0)
    assert len(comparison.missing_ids) == 20


def test_an_emptied_datafile_leaves_everything_extra(move):
    move.copy(documents(range(1000)))
    move.datafile.unlink()

    comparison = move.compare()

    assert (comparison.extra, comparison.documents) == (1000, 0)
    assert len(comparison.extra_ids) == 20


def test_rows_in_another_order_than_the_lines_are_found(move):
    numbers = list(range(9000))
    random.Random(1).shuffle(numbers)
    move.copy(documents(numbers))
    move.compact(documents(range(9000)))
    tamper(move, "delete from things where _id = 'd08999'")

    assert verdict(move.compare()) == found(missing=["d08999"])


def test_an_unfinished_last_line_is_compared_when_it_can_be_read(move):
    move.copy(documents(range(3)) + document(3)[:-1])
    assert verdict(move.compare()) == found()

    move.append(b"\n" + b'{"_id":"torn')
    assert move.compare().tail_bytes == len(b'{"_id":"torn')


def test_what_cannot_be_read_is_no_empty_collection(move):
    move.copy(documents(range(3)))
    move.datafile.unlink()
    move.datafile.mkdir()

    with pytest.raises(DatafileUnreadableError):
        move.compare()


def test_comparing_writes_to_neither_side(move):
    move.copy(documents(range(100)) + b'{"_id":"torn')
    move.store.fold()
    before = looks(move.datafile.parent), move.target.read_bytes()

    move.compare()

    assert (looks(move.datafile.parent), move.target.read_bytes()) == before


_edits = st.lists(
    st.tuples(st.sampled_from(["delete", "change", "add", "rename"]), st.integers(0, 40)),
    max_size=6,
)


@given(_edits, st.integers(0, 5))
@settings(deadline=None, max_examples=30)
def test_whatever_is_done_to_the_target_is_found_exactly(tmp_path_factory, edits, seed):
    move = Move(tmp_path_factory.mktemp("move"))
    numbers = list(range(30))
    random.Random(seed).shuffle(numbers)
    move.copy(documents(numbers, n=1) + documents(numbers[:5], n=2))
    before = move.documents()
    for kind, number in edits:
        identity = f"d{number:05d}"
        match kind:
            case "delete":
                tamper(move, f"delete from things where _id = '{identity}'")
            case "change":
                tamper(move, f"update things set body = replace(body, ':', ': ') || ' ' "
                             f"where _id = '{identity}'")  # fmt: skip
            case "add":
                tamper(move, f"insert or ignore into things values('things','x{number}','{{}}',0)")
            case "rename":
                tamper(
                    move, f"update or ignore things set _id = 'y{number}' where _id = '{identity}'"
                )
    after = move.documents()

    comparison = move.compare()
    move.store.close()

    assert sorted(comparison.missing_ids) == sorted(before.keys() - after.keys())
    assert sorted(comparison.extra_ids) == sorted(after.keys() - before.keys())
    assert comparison.mismatched == 0
