"""Index keys beside the documents: in NeDB's order, and used by queries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migration.engine.documents import UNDEFINED, dot_value, parse, serialise
from migration.engine.index_definitions import (
    DeclaredIndex,
    IndexDefinition,
    KeyMaker,
)
from migration.engine.index_keys import element_keys, index_key
from tests.engine.document_values import all_values, written_documents
from tests.engine.moving import SMALL_STEPS

VALUES = [
    None,
    "null",
    "-1e300",
    "-1",
    "-0.5",
    "0",
    "1",
    "1.5",
    "9007199254740993",
    "1e400",
    '""',
    '"\\u0000"',
    '"A"',
    '"a"',
    '"a\\u0000"',
    '"b"',
    '"\xe9"',
    '"\u5468"',
    '"\U0001f600"',
    '"\uff5e"',
    "false",
    "true",
    '{"$$date":-5}',
    '{"$$date":0}',
    '{"$$date":1700000000000}',
    "[]",
    "[null]",
    "[1]",
    "[1,2]",
    '["a"]',
    "{}",
    '{"a":1}',
    '{"a":1,"b":2}',
    '{"b":2}',
]


def index_line(name, **rules):
    rest = "".join(f',"{key}":{value}' for key, value in rules.items())
    return f'{{"$$indexCreated":{{"fieldName":"{name}"{rest}}}}}\n'.encode()


def document(identity, value):
    field = "" if value is None else f',"v":{value}'
    return f'{{"_id":"{identity}"{field}}}\n'.encode()


def rows_of(move, statement, *values):
    return [row[0] for row in move.sql(statement, *values)]


def plan_of(move, statement, *values):
    return [row[3] for row in move.sql(f"explain query plan {statement}", *values)]


# Order


def test_sorting_by_a_key_column_is_nedbs_order(move):
    # Written in an order that is neither theirs nor its reverse.
    places = sorted(range(len(VALUES)), key=lambda place: place * 7 % len(VALUES))
    move.copy(index_line("v") + b"".join(document(f"{p:02d}", VALUES[p]) for p in places))

    found = rows_of(
        move, "select _id from keys_things k join things d on d.rowid = k.rid order by k0, k.id"
    )

    assert found == [f"{place:02d}" for place in range(len(VALUES))]


def test_equal_keys_follow_the_order_of_ids(move):
    ids = [b"10", b'"10"', b"9", b'"a"', b'"\xef\xbd\x9e"', b'"\xf0\x9f\x98\x80"', b"true"]
    move.copy(index_line("v") + b"".join(b'{"_id":%s,"v":1}\n' % i for i in ids if i != b"10"))

    found = rows_of(
        move, "select _id from keys_things k join things d on d.rowid = k.rid order by k0, k.id"
    )

    assert found == ["9", "10", "a", "\U0001f600", "\uff5e", "true"]


# Plans


@pytest.fixture
def many(move):
    move.copy(
        index_line("v")
        + index_line("w", unique="true")
        + b"".join(b'{"_id":"%d","v":%d,"w":"%d"}\n' % (n, n % 7, n) for n in range(500))
    )
    return move


JOIN = "select d.body from keys_things k cross join things d on d.rowid = k.rid"


@pytest.mark.parametrize("condition", ["k0 = ?", "k0 > ?", "k1 = ?"])
def test_equality_and_ranges_use_the_index(many, condition):
    plan = plan_of(many, f"{JOIN} where {condition}", index_key("1"))

    assert plan[0].startswith("SEARCH k USING COVERING INDEX keys_things_k")
    assert plan[1] == "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"


def test_sorting_needs_no_sorting(many):
    plan = plan_of(many, f"{JOIN} order by k0, k.id limit 20")

    assert plan[0].startswith("SCAN k USING COVERING INDEX keys_things_k0")
    assert not any("B-TREE" in step for step in plan)


def test_an_index_finds_what_a_scan_finds(many):
    found = rows_of(many, f"{JOIN} where k0 >= ? and k0 < ?", index_key(2), index_key(4))

    assert len(found) == len([n for n in range(500) if n % 7 in (2, 3)])


# What has which key


def test_a_missing_field_has_a_key_of_its_own_also_in_a_sparse_index(move):
    move.copy(index_line("v", sparse="true") + document("a", None) + document("b", "null"))

    assert move.sql(
        "select d._id, hex(k0) from keys_things k join things d on d.rowid = k.rid"
    ) == [
        ("a", "00"),
        ("b", "01"),
    ]


def test_a_document_is_found_under_each_element_of_an_array_once(move):
    move.copy(index_line("v") + document("a", '["x","y","x"]') + document("b", '"x"'))

    found = rows_of(
        move,
        "select _id from things where rowid in (select rid from elements_things where field = 0 and"
        " k = ?1 union select rid from keys_things where k0 = ?1) order by 1",
        index_key("x"),
    )

    assert found == ["a", "b"]
    assert move.sql("select count(*) from elements_things") == [(2,)]


def test_dotted_names_lead_through_objects_and_arrays(move):
    move.copy(
        index_line("v.w")
        + index_line("v.0")
        + document("a", '{"w":1}')
        + document("b", '[{"w":1},{"w":2}]')
        + document("c", '{"$$date":5}')
        + document("d", '"text"')
    )

    keys = {
        i: (k0, k1)
        for i, k0, k1 in move.sql(
            "select _id, k0, k1 from keys_things k join things d on d.rowid = k.rid"
        )
    }
    assert keys["a"] == (index_key(1), b"\x00")
    assert keys["b"] == (index_key([1, 2]), index_key({"w": 1}))
    assert keys["c"] == (b"\x00", b"\x00")


def test_a_compound_index_has_one_key_of_all_its_fields(move):
    move.copy(index_line("a,b") + b'{"_id":"x","b":2,"a":1}\n')

    assert move.sql("select k0 from keys_things") == [(index_key({"a": 1, "b": 2}),)]


@pytest.mark.parametrize(
    "name",
    ["", ".", "a..b", "$$date", "v.$$date", "__proto__", "_id", "a b", "x" * 500, "it's", 'q\\"q'],
)
def test_odd_names_of_fields_are_kept_and_do_no_harm(move, name):
    move.copy(index_line(name) + document("a", '{"$$date":5}') + document("b", "1"))

    assert len(move.indexes()) == 1
    assert move.sql("select count(*) from keys_things") == [(2,)]


@pytest.mark.parametrize("name", ["5", "true", "{}", '["a",5]', '"\\ud83d"'])
def test_names_that_are_no_text_do_no_harm(move, name):
    line = f'{{"$$indexCreated":{{"fieldName":{name}}}}}\n'.encode()

    move.copy(line + document("a", "1"))

    assert len(move.bodies()) == 1
    assert move.ledger().counts.index_lines == 1


def test_an_expiry_is_remembered_and_nothing_expires(move):
    move.copy(
        index_line("v", expireAfterSeconds=60)
        + document("old", '{"$$date":5}')
        + document("b", "1")
    )

    assert move.indexes()["v"].expire_after_seconds == 60
    assert len(move.bodies()) == 2


# Kept with every write


def test_keys_follow_documents_that_change(move):
    move.copy(
        index_line("v") + document("a", "1") + document("b", '["x","y"]') + document("c", "3")
    )
    move.append(document("a", "2") + document("b", '["y","z"]') + b'{"$$deleted":true,"_id":"c"}\n')

    move.copy(**SMALL_STEPS)

    assert set(move.sql("select _id, k0 from keys_things k join things d on d.rowid = k.rid")) == {
        ("a", index_key(2)),
        ("b", index_key(["y", "z"])),
    }
    assert move.sql("select k from elements_things order by 1") == [
        (index_key("y"),),
        (index_key("z"),),
    ]


def test_an_index_removed_and_another_declared_does_not_inherit_its_keys(move):
    move.copy(index_line("v") + document("a", "1") + b'{"_id":"b","w":2}\n')
    move.append(b'{"$$indexRemoved":"v"}\n' + index_line("w"))

    move.copy()

    assert set(move.sql("select _id, k0 from keys_things k join things d on d.rowid = k.rid")) == {
        ("a", index_key(UNDEFINED)),
        ("b", index_key(2)),
    }


def test_an_index_declared_anew_as_unique_counts_for_all_documents(move):
    move.copy(index_line("v") + document("a", "1") + document("b", "2"))
    move.append(index_line("v", unique="true"))

    move.copy()

    assert move.sql("select id from unique_things order by 1") == [("a",), ("b",)]


# Against the plain rule


@given(written_documents)
@settings(deadline=None, max_examples=200)
def test_keys_read_from_text_are_those_of_the_parsed_value(document):
    body = serialise({**document, "_id": "x"}).encode()
    names = ["a", "b", "0", "a.b", "a.0", "é"]
    maker = KeyMaker(
        [
            DeclaredIndex(definition=IndexDefinition(name=name, fields=(name,)), column=place)
            for place, name in enumerate(names)
        ]
    )
    slow = [dot_value(parse(body), name) for name in names]

    row = maker.row(body)

    assert row.keys == tuple(index_key(value) for value in slow)
    assert row.elements == tuple(
        (place, key)
        for place, value in enumerate(slow)
        if isinstance(value, list)
        for key in element_keys(value)
    )


@given(st.lists(all_values, max_size=4))
@settings(deadline=None, max_examples=100)
def test_unique_claims_are_one_for_each_distinct_element(values):
    body = serialise({"_id": "x", "v": values}).encode()
    index = IndexDefinition(name="v", fields=("v",), unique=True)
    maker = KeyMaker([DeclaredIndex(definition=index, column=3)])

    claims = maker.row(body).claims

    assert claims == tuple((3, key) for key in element_keys(parse(body)["v"]))
