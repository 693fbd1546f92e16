"""The new database as anybody opens it, with the ``sqlite3`` shell or by a connection."""

import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from migration.engine.ports import Claim
from migration.engine.stores.sqlite import SqliteStore


@pytest.fixture
def filled(tmp_path):
    """Make a target of some collections, each with documents of ids that say where they belong."""
    stores = []

    def fill(*collections, documents=3):
        store = SqliteStore(tmp_path / "application.db", collections=collections)
        stores.append(store)
        store.claim(Claim(installation="here", run="first", token=1))
        for name in collections:
            with store.write(name, before=None) as write:
                write.put(
                    [(f"{name}-{n}", f'{{"_id":"{name}-{n}"}}'.encode()) for n in range(documents)]
                )
        return store

    yield fill
    for store in stores:
        store.close()


def ask(store, statement, *values):
    with closing(sqlite3.connect(store.path)) as db:
        return db.execute(statement, values).fetchall()


def instructions_for(store, statement, *values):
    """Count the instructions that SQLite's virtual machine runs to answer."""
    counted = 0

    def count():
        nonlocal counted
        counted += 1

    with closing(sqlite3.connect(store.path)) as db:
        db.set_progress_handler(count, 1)
        db.execute(statement, values).fetchall()
    return counted


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the sqlite3 shell is not installed")
def test_the_sqlite3_shell_reads_it(filled):
    store = filled("users", "syncQueue")
    statement = "select count(*) from documents where _collection='syncQueue'"

    shell = subprocess.run(
        ["sqlite3", str(store.path), statement], capture_output=True, text=True, check=True
    )

    assert shell.stdout == "3\n"


def test_the_view_holds_every_document_with_its_tag(filled):
    store = filled("users", "events", documents=2)

    rows = ask(store, "select _collection, _id, body from documents order by 1, 2")

    assert rows == [
        (name, f"{name}-{n}", f'{{"_id":"{name}-{n}"}}')
        for name in ("events", "users")
        for n in range(2)
    ]


def test_columns_are_the_same_in_the_view_and_in_each_table(filled):
    store = filled("users")

    for table in ("documents", "users"):
        columns = [row[1] for row in ask(store, f"pragma table_info({table})")]
        assert columns == ["_collection", "_id", "body", "migrated_at"]
    assert ask(store, "select _collection from users") == ask(
        store, "select _collection from documents"
    )


@pytest.mark.parametrize("columns", ["count(*)", "_id, body"])
def test_a_query_for_one_collection_reads_no_row_of_another(filled, columns):
    statement = f"select {columns} from documents where _collection = ?"
    filled("asked", documents=10)
    small = filled("asked", *(f"c{n}" for n in range(20)), documents=10)
    beside_small = instructions_for(small, statement, "asked")
    large = filled(*(f"c{n}" for n in range(20)), documents=500)

    assert ask(large, "select count(*) from documents") == [(20 * 500 + 10,)]
    assert instructions_for(large, statement, "asked") == beside_small


def test_one_document_is_found_by_its_key(filled):
    store = filled("users", "events")

    plan = ask(
        store,
        "explain query plan select body from documents where _collection = 'users' and _id = ?",
        "users-1",
    )

    assert any("SEARCH users USING INDEX" in row[3] for row in plan)
    assert not any(row[3].startswith("SCAN users") for row in plan)


@pytest.mark.parametrize("number", [0, 1, 400, 401, 900])
def test_any_number_of_collections_makes_one_view(filled, number):
    names = [f"c{n}" for n in range(number)]
    store = filled(*names, documents=1)

    assert ask(store, "select count(*), count(distinct _collection) from documents") == [
        (number, number)
    ]
    if names:
        last = names[-1]
        found = ask(store, "select _id from documents where _collection = ?", last)
        assert found == [(f"{last}-0",)]


def test_collections_whose_names_mean_something_else_in_sql_have_tables_of_their_own(filled):
    names = [
        "users", "Users", "USERS", "documents", "Documents", "keys_users", "elements_users",
        "unique_users", "migrator_claim", "sqlite_master", "c_documents", "c_Users", "order",
        "select", "table-with-dashes", "_id",
    ]  # fmt: skip
    store = filled(*names)

    counted = ask(store, "select _collection, count(*) from documents group by 1")

    assert dict(counted) == dict.fromkeys(names, 3)
    for name in names:
        found = ask(store, "select _id from documents where _collection = ? order by 1", name)
        assert found == [(f"{name}-{n}",) for n in range(3)]


def test_collections_added_later_do_not_move_the_others(filled):
    first = filled("Users", "documents")
    first.close()

    store = filled("Users", "documents", "users", "c_documents")

    assert dict(ask(store, "select _collection, count(*) from documents group by 1")) == {
        "Users": 3,
        "documents": 3,
        "users": 3,
        "c_documents": 3,
    }


def test_migrated_at_is_when_the_document_was_written(tmp_path):
    store = SqliteStore(tmp_path / "a.db", collections=["users"], now=lambda: 1_700_000_000.5)
    store.claim(Claim(installation="here", run="first", token=1))
    with store.write("users", before=None) as write:
        write.put([("a", b"{}")])

    assert ask(store, "select migrated_at from documents") == [(1_700_000_000_500,)]
    store.close()
