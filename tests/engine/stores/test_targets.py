"""Which files may become targets, who holds them, and what their errors become."""

import sqlite3
import stat
from contextlib import closing

import pytest

from migration.engine.errors import (
    CheckpointMovedError,
    StaleTokenError,
    StoreBrokenError,
    StoreError,
    StoreUnavailableError,
    TargetRefusedError,
)
from migration.engine.ports import Claim
from migration.engine.stores.sqlite import SqliteStore
from tests.engine.moving import looks


def claim(token=1, installation="here", run="first"):
    return Claim(installation=installation, run=run, token=token)


@pytest.fixture
def open_store(tmp_path):
    """Make stores over files in one folder; all are closed at the end."""
    stores = []

    def make(name="application.db", collections=("things",)):
        stores.append(SqliteStore(tmp_path / name, collections=collections))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


# Making a target


def test_a_new_target_is_readable_by_its_owner_alone(open_store, tmp_path):
    store = open_store("folder/application.db")
    store.claim(claim())
    with store.write("things", before=None) as write:
        write.put([("a", b'{"_id":"a"}')])

    modes = [stat.S_IMODE(path.stat().st_mode) for path in store.files if path.exists()]

    assert modes
    assert set(modes) == {0o600}
    assert [p.name for p in (tmp_path / "folder").iterdir() if ".migration-" in p.name] == []


def test_a_target_is_durable_and_read_beside_writing(open_store):
    store = open_store()
    store.claim(claim())

    db = store._connection()

    assert db.execute("pragma journal_mode").fetchone() == ("wal",)
    assert db.execute("pragma synchronous").fetchone() == (2,)


def test_claiming_again_keeps_what_is_there(open_store):
    first = open_store()
    first.claim(claim())
    with first.write("things", before=None) as write:
        write.put([("a", b'{"_id":"a"}')])
    first.close()

    again = open_store(collections=("things", "others"))
    again.claim(claim(token=2))

    assert again.count("things") == 1
    assert again.count("others") == 0


def test_folding_leaves_one_file_that_holds_everything(open_store, tmp_path):
    store = open_store()
    store.claim(claim())
    with store.write("things", before=None) as write:
        write.put([(str(n), b'{"_id":"%d"}' % n) for n in range(1000)])

    store.fold()
    (tmp_path / "copy.db").write_bytes(store.path.read_bytes())

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("select count(*) from documents").fetchone() == (1000,)


# Refusing one


def make_other_database(path, *, journal_mode="delete"):
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"pragma journal_mode={journal_mode}")
        db.execute("create table documents(_id text)")
        db.execute("insert into documents values('theirs')")
        db.commit()


def make_text(path):
    path.write_text("a plain text, long enough to be mistaken for something\n" * 20)


def make_datafile(path):
    path.write_bytes(b'{"_id":"a"}\n')


def make_empty(path):
    path.touch()


@pytest.mark.parametrize("make", [make_other_database, make_text, make_datafile, make_empty])
@pytest.mark.parametrize("act", ["claim", "check"])
def test_a_file_we_did_not_make_is_refused_and_left_alone(open_store, tmp_path, make, act):
    make(tmp_path / "application.db")
    content, before = (tmp_path / "application.db").read_bytes(), looks(tmp_path)

    store = open_store()
    acts = {"claim": lambda: store.claim(claim()), "check": lambda: store.check("here")}

    with pytest.raises(TargetRefusedError) as caught:
        acts[act]()

    assert caught.value.code == "target_refused"
    assert (tmp_path / "application.db").read_bytes() == content
    assert {k: v[1:4] for k, v in looks(tmp_path).items()} == {k: v[1:4] for k, v in before.items()}


def test_the_log_of_somebody_elses_database_is_not_folded_in(open_store, tmp_path):
    live = tmp_path / "live.db"
    with closing(sqlite3.connect(live)) as db:
        db.execute("pragma journal_mode=wal")
        db.execute("create table theirs(a)")
        # Taken while the connection is open: as after a crash, the log holds what the file lacks.
        contents = {end: (tmp_path / f"live.db{end}").read_bytes() for end in ("", "-wal")}
    for end, content in contents.items():
        (tmp_path / f"application.db{end}").write_bytes(content)

    with pytest.raises(TargetRefusedError):
        open_store().claim(claim())

    assert {e: (tmp_path / f"application.db{e}").read_bytes() for e in contents} == contents


def test_another_installations_target_is_refused(open_store):
    open_store().claim(claim(installation="there"))

    for act in (lambda store: store.claim(claim(token=9)), lambda store: store.check("here")):
        with pytest.raises(TargetRefusedError, match="another installation"):
            act(open_store())


def test_a_target_that_is_not_there_yet_passes_the_check_and_is_not_made(open_store):
    store = open_store()

    store.check("here")

    assert store.exists() is False


def test_a_file_that_appears_in_the_targets_place_meanwhile_is_not_replaced(
    open_store, tmp_path, monkeypatch
):
    store = open_store()
    monkeypatch.setattr(store, "exists", lambda: False)
    make_text(tmp_path / "application.db")
    content = (tmp_path / "application.db").read_bytes()

    with pytest.raises(TargetRefusedError):
        store.claim(claim())

    assert (tmp_path / "application.db").read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["application.db"]


# Who holds it


def test_a_claim_with_an_earlier_token_is_stale(open_store):
    open_store().claim(claim(token=5))

    with pytest.raises(StaleTokenError):
        open_store().claim(claim(token=4))


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.write("things", before=None).__enter__(),
        lambda store: store.build_keys("things", limit=1),
        lambda store: list(store.finish_indexes("things")),
    ],
)
def test_nothing_is_written_under_a_stale_token(open_store, act):
    first = open_store()
    first.claim(claim(token=1))
    open_store().claim(claim(token=2))

    with pytest.raises(StaleTokenError):
        act(first)


def test_nothing_is_written_without_a_claim(open_store):
    open_store().claim(claim())

    with pytest.raises(StaleTokenError), open_store().write("things", before=None):
        pytest.fail("a transaction was opened")


# Transactions


def test_a_transaction_that_fails_leaves_nothing(open_store):
    store = open_store()
    store.claim(claim())

    def write_and_fail():
        with store.write("things", before=None) as write:
            write.put([("a", b'{"_id":"a"}')])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert store.count("things") == 0


def test_a_state_that_moved_on_refuses_the_write(move):
    move.copy(b'{"_id":"a"}\n')
    before = move.store.state("things")
    move.copy(b'{"_id":"a"}\n{"_id":"b"}\n')

    with pytest.raises(CheckpointMovedError), move.store.write("things", before=before):
        pytest.fail("a transaction was opened")
    with pytest.raises(CheckpointMovedError), move.store.write("things", before=None):
        pytest.fail("a transaction was opened")


def test_what_is_remembered_of_a_copy_comes_back_as_it_was(move):
    move.copy(
        b'{"_id":7}\n{"$$deleted":true,"_id":"x"}\nbad\n\n{"_id":"a","n":1}\n{"_id":"a","n":2}'
    )

    state = move.store.state("things")
    move.store.close()

    assert state.tail.previous == {"a": b'{"_id":"a","n":1}'}
    assert SqliteStore(move.target, collections=["things"]).state("things") == state


# Errors


def test_a_target_locked_by_somebody_else_is_unavailable(open_store, monkeypatch):
    monkeypatch.setattr("migration.engine.stores.sqlite.connection._BUSY_SECONDS", 0.05)
    store = open_store()
    store.claim(claim())
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("begin immediate")

        with pytest.raises(StoreUnavailableError) as caught, store.write("things", before=None):
            pytest.fail("a transaction was opened")

    assert caught.value.retryable is True
    assert store.count("things") == 0


def test_a_target_that_vanished_is_unavailable(open_store):
    store = open_store()
    store.claim(claim())
    store.close()
    store.path.unlink()

    with pytest.raises(StoreUnavailableError):
        store.count("things")


def test_a_damaged_target_is_told(open_store):
    store = open_store()
    store.claim(claim())
    with store.write("things", before=None) as write:
        write.put([(str(n), b'{"_id":"%d","text":"%s"}' % (n, b"x" * 500)) for n in range(500)])
    store.fold()
    store.close()
    with store.path.open("r+b") as file:
        file.seek(8192 * 30)
        file.write(b"\xff" * 8192 * 20)

    try:
        problems = store.problems()
    except StoreError as exc:
        problems = [exc]

    assert problems
    with pytest.raises(StoreBrokenError):
        store.rows_after("things", 0, 1000)


def test_a_whole_target_has_no_problems(open_store):
    store = open_store()
    store.claim(claim())

    assert store.problems() == []
