"""The oracle tells what the real library does, and what it tells of it here is known for sure."""

import json

import pytest

from tests.nedb import oracle

pytestmark = pytest.mark.needs_node


@pytest.fixture
def write(tmp_path):
    def write_lines(*lines, name="some.db"):
        path = tmp_path / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    return write_lines


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"10": 1, "9": 2}, '{"10":1,"9":2}'),
        ({"😀": 1, "\uffff": 2, "\ud83d": 3}, '{"\\ud83d":3,"\uffff":2,"😀":1}'),
        ({"__proto__": 1}, '{"__proto__":1}'),
        ([1.0, 1e21, 1e-7, -0.5], "[1,1e+21,1e-7,-0.5]"),
        ({"$$number": "-0"}, '{"$$number":"-0"}'),
        ({"$$number": "NaN"}, '{"$$number":"NaN"}'),
        ({"$$date": 5}, '{"$$date":5}'),
        ({"$$date": None}, '{"$$date":null}'),
        ([{"$$undefined": True}], '[{"$$undefined":true}]'),
        ({"$$regex": "^a", "$$flags": "i"}, '{"$$flags":"i","$$regex":"^a"}'),
        ("\u2028\x00", '"\u2028\\u0000"'),
    ],
)
def test_values_come_back_in_their_canonical_text(value, text):
    assert oracle.canonical(value) == text


def test_a_dump_tells_the_live_documents_and_what_the_lines_were(write):
    datafile = write(
        b'{"n":1,"_id":"b"}',
        b'{"$$indexCreated":{"fieldName":"n","unique":true}}',
        b'{"n":2,"_id":"b"}',
        b'{"_id":10}',
        b'{"_id":9,"n":null}',
        b'{"_id":"gone"}',
        b'{"$$deleted":true,"_id":"gone"}',
        b"null",
        b'{"n":3}',
        *[b'{"$$indexRemoved":"m"}'] * 5,
    )

    dump = oracle.dump(datafile)

    assert dump.documents == ['{"_id":9,"n":null}', '{"_id":10}', '{"_id":"b","n":2}']
    assert dump.summary == {
        "library": "4",
        "lines": 14,
        "corrupt": 1,
        "documents": 5,
        "tombstones": 1,
        "index_lines": 1,
        "index_removals": 5,
        "ignored": 1,
        "count": 3,
        "error": None,
        "indexes": [
            {"fieldName": "_id", "unique": True, "sparse": False},
            {"fieldName": "n", "unique": True, "sparse": False},
        ],
    }


def test_the_file_that_is_asked_about_stays_as_it_is(write):
    datafile = write(b'{"_id":"b"}', b'{"_id":"a"}')
    before = datafile.stat()

    oracle.dump(datafile, loads=2)
    oracle.run(datafile, [{"op": "remove", "query": {"_id": "a"}}])

    after = datafile.stat()
    assert datafile.read_bytes() == b'{"_id":"b"}\n{"_id":"a"}\n'
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(datafile.parent.iterdir()) == [datafile]


@pytest.mark.parametrize("library", ["4", "1"])
def test_a_refused_datafile_has_no_documents_but_a_reason(write, library):
    dump = oracle.dump(write(*[b'{"_id":"a"}'] * 3, b"torn", b"torn"), library=library)

    assert dump.refused
    assert dump.documents == []
    assert "corrupt" in dump.summary["error"]


def test_the_leftover_of_a_compaction_is_read_where_the_datafile_is_missing(write, tmp_path):
    write(b'{"_id":"a"}', name="some.db~")

    assert oracle.dump(tmp_path / "some.db").documents == ['{"_id":"a"}']


def test_a_second_load_reads_what_the_first_wrote(write):
    datafile = write(*[b'{"_id":"%d"}' % i for i in range(30)], b'{"_id":"x","s":"\\u2028"}')

    assert oracle.dump(datafile).summary["count"] == 31
    assert oracle.dump(datafile, loads=2).summary["count"] == 30


def test_a_datafile_that_is_not_there_is_no_answer(tmp_path):
    with pytest.raises(oracle.OracleError, match="does not exist"):
        oracle.dump(tmp_path / "none.db")


@pytest.mark.parametrize("library", ["4", "1"])
def test_operations_run_one_after_the_other(library):
    answers = oracle.run(
        None,
        [
            {"op": "insert", "document": [{"_id": "a", "n": 1}, {"_id": "b", "n": 2}]},
            {"op": "update", "query": {"n": {"$gt": 1}}, "update": {"$inc": {"n": 5}}},
            {"op": "find", "query": {}, "sort": [["n", -1]], "projection": {"_id": 0, "n": 1}},
            {"op": "remove", "query": {"_id": {"$$regex": "^a"}}},
            {"op": "load"},
            {"op": "count"},
            {"op": "findOne", "query": {"_id": "a"}},
            {"op": "ensureIndex", "options": {"fieldName": "n", "unique": True}},
            {"op": "insert", "document": {"n": 7}},
            {"op": "file"},
        ],
        library=library,
    )

    assert answers[1].value == {"affectedDocuments": None, "numAffected": 1, "upsert": False}
    assert answers[2].elements == ['{"n":7}', '{"n":1}']
    assert [answer.value for answer in answers[3:7]] == [{"numRemoved": 1}, None, 1, None]
    assert "unique" in answers[8].error
    assert [json.loads(line) for line in answers[9].value.splitlines()] == [
        {"_id": "b", "n": 7},
        {"$$indexCreated": {"fieldName": "n", "unique": True}},
    ]


def test_the_clock_stands_still_and_new_ids_repeat():
    insert = {"op": "insert", "document": {"n": 1}}

    first, again = (oracle.run(None, [insert], timestamps=True, now=5)[0] for _ in range(2))

    assert first == again
    assert first.value["createdAt"] == first.value["updatedAt"] == {"$$date": 5}
    assert len(first.value["_id"]) == 16


def test_an_exception_that_no_callback_hears_is_an_answer_too(write):
    datafile = write(b'{"_id":"a","b.c":1}')

    assert oracle.dump(datafile, library="1").summary["error"].startswith("CRASH: ")
    assert oracle.dump(datafile, library="4").refused
    assert oracle.compare(1, 2, library="1") == -1


def test_questions_to_the_model_are_answered_in_their_order():
    answers = oracle.many(
        [
            oracle.parse_question('{"d":{"$$date":5,"x":1}}'),
            oracle.parse_question(b'"\xff"'),
            oracle.parse_question("nul"),
            {"call": "equal", "a": {"$$date": 1}, "b": {"$$date": 1}},
            {"call": "dot", "document": {"a": [{"b": 1}]}, "path": "a.b"},
            {"call": "dot", "document": {}, "path": "a"},
        ]
    )

    assert [answer.text for answer in answers] == [
        '{"d":{"$$date":5}}',
        '"\ufffd"',
        None,
        "true",
        "[1]",
        '{"$$undefined":true}',
    ]
    assert "JSON" in answers[2].error


def test_the_model_compares_matches_changes_checks_and_writes():
    assert oracle.compare("a", 1) == 1
    assert oracle.match({"a": [1, 2]}, {"a": {"$gt": 1}}).value is True
    assert oracle.match({}, {"$nor": []}).error == "Unknown logical operator $nor"
    assert oracle.modify({"n": 1}, {"$inc": {"n": 2}}).value == {"n": 3}
    assert oracle.check({"a": [{"b.c": 1}]}) == "Field names cannot contain a ."
    assert oracle.check({"a": 1}) is None
    assert oracle.serialize({"b": 1, "1": {"$$number": "NaN"}}).value == '{"1":null,"b":1}'


def test_an_oracle_that_ended_is_started_again(monkeypatch):
    with pytest.raises(oracle.OracleError, match="Node ended"):
        oracle._ask("many", patience_seconds=0, questions=[{"call": "parse", "text": "1"}] * 50_000)

    assert oracle.parse("1").value == 1


@pytest.mark.parametrize("library", ["4", "1"])
def test_the_same_seed_writes_the_same_datafiles(tmp_path, library):
    made = [
        oracle.generate(tmp_path / name, seed=seed, documents=60, library=library)
        for name, seed in (("one", 5), ("two", 5), ("three", 6))
    ]

    one, two, three = [[file.path.read_bytes() for file in files] for files in made]
    assert one == two
    assert all(a != b for a, b in zip(one, three, strict=True))


def test_generated_datafiles_hold_what_the_library_held_but_for_the_lost(tmp_path):
    made = oracle.generate(tmp_path, seed=3, documents=200, kinds=["plain", "mixed", "lost"])

    dumps = [oracle.dump(file.path) for file in made]

    assert [dump.refused for dump in dumps] == [False] * 3
    assert [dump.summary["count"] for dump in dumps[:2]] == [file.documents for file in made[:2]]
    assert 0 < dumps[2].summary["count"] < made[2].documents
    assert all(dump.summary["tombstones"] for dump in dumps)


def test_identities_that_differ_in_type_collide_in_a_generated_datafile(tmp_path):
    (made,) = oracle.generate(tmp_path, seed=1, documents=400, kinds=["identities"])

    count = oracle.dump(made.path).summary["count"]

    assert 250 < count < made.documents
