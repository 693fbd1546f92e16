"""Planning: an exact account of a folder, named checks, and a hash of what it speaks of."""

import os
import shutil

import pytest

from migration.engine.catalog import Database, load_catalog
from migration.engine.copying import CollectionCopy
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.planning import Status, inventory_hash, make_plan
from migration.engine.ports import Claim
from migration.engine.stores.sqlite import SqliteStore
from tests.engine.moving import looks

CATALOG = """
version = 1
[[collections]]
name = "staff"
datafile = "staff.db"
database = "admin"
[[collections]]
name = "users"
datafile = "users.db"
database = "application"
[[collections]]
name = "events"
datafile = "events.db"
database = "application"
"""
GOOD = b"".join(b'{"_id":"g%03d","n":%d}\n' % (n, n) for n in range(30))


@pytest.fixture
def catalog(tmp_path):
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOG)
    return load_catalog(path)


@pytest.fixture
def legacy(tmp_path):
    path = tmp_path / "legacy"
    path.mkdir()
    for name in ("staff.db", "users.db", "events.db"):
        (path / name).write_bytes(GOOD)
    return path


@pytest.fixture
def plan(catalog, legacy, tmp_path):
    """Make a plan of the folder as it is now."""
    targets = {database: legacy / f"{database}.db" for database in Database}

    def copy_small_part(folder, collection):
        store = SqliteStore(tmp_path / "trial.db", collections=[collection.name])
        store.claim(Claim(installation="trial", run="trial", token=1))
        for _ in CollectionCopy(LegacyFolder(folder).locate(collection), store).steps():
            pass
        store.close()

    def make(**options):
        folder = LegacyFolder(legacy, targets=targets.values())
        given = {"targets": targets, "reserve_bytes": 0, "trial": copy_small_part}
        return make_plan(catalog, folder, **(given | options))

    return make


def failed(plan):
    """Return the checks that found something: code, status, and what they name."""
    return {c.code: (c.status, c.collections) for c in plan.checks if c.status is not Status.PASS}


def test_a_folder_without_faults_is_ready(plan):
    made = plan()

    assert failed(made) == {}
    assert made.is_ready is True
    assert all(check.message.endswith(".") for check in made.checks)
    assert made.estimated_records == 90
    assert made.estimated_seconds >= 0


def test_every_collection_is_counted_exactly(plan, legacy):
    (legacy / "users.db").write_bytes(
        b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n' + GOOD + b'{"_id":"g001","n":99}\n'
        b'{"$$deleted":true,"_id":"g002"}\nbad\n{"_id":"dup","n":3}\n'
    )

    users = plan().collections[1]

    assert users.collection.name == "users"
    assert (users.live, users.bytes) == (30, (legacy / "users.db").stat().st_size)
    assert (users.counts.lines, users.counts.tombstones, users.counts.index_lines) == (35, 1, 1)
    assert users.quarantined == 2
    assert users.survey.conflicts == {"n": [["dup", "g003"]]}


def test_collections_are_told_by_database(plan):
    made = plan()

    assert [c.collection.name for c in made.of(Database.ADMIN)] == ["staff"]
    assert [c.collection.name for c in made.of(Database.APPLICATION)] == ["users", "events"]


def test_a_plan_changes_nothing(plan, legacy):
    before = looks(legacy)

    plan()

    assert looks(legacy) == before


# The folder


def test_a_missing_datafile_is_an_empty_collection_with_a_warning(plan, legacy):
    (legacy / "users.db").unlink()

    made = plan()

    assert failed(made) == {"datafile_missing": (Status.WARNING, ("users.db",))}
    assert (made.is_ready, made.collections[1].live) == (True, 0)


def test_a_datafile_that_no_collection_names_is_a_warning(plan, legacy):
    (legacy / "orders.db").write_bytes(GOOD)

    assert failed(plan()) == {"unclaimed_datafile": (Status.WARNING, ("orders.db",))}


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_with_nothing_is_critical(plan, legacy, is_there):
    shutil.rmtree(legacy)
    if is_there:
        legacy.mkdir()

    made = plan()

    assert failed(made) == {"nothing_to_move": (Status.CRITICAL, ("legacy",))}
    assert made.is_ready is False


def test_targets_in_the_same_folder_are_no_datafiles(plan, legacy):
    (legacy / "application.db").write_bytes(b"SQLite format 3")
    (legacy / "admin.db").write_bytes(b"SQLite format 3")

    assert failed(plan()) == {}


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda p: p.symlink_to("staff.db")])
def test_what_is_no_regular_file_is_critical_and_stops_nothing(plan, legacy, make):
    (legacy / "users.db").unlink()
    make(legacy / "users.db")

    made = plan()

    assert list(failed(made)) == ["datafile_unreadable"]
    assert "users.db" in failed(made)["datafile_unreadable"][1][0]
    assert made.estimated_records == 60


def test_leftovers_of_compactions_are_told(plan, legacy):
    (legacy / "users.db").rename(legacy / "users.db~")
    (legacy / "events.db~").write_bytes(b"half")

    made = plan()

    assert failed(made) == {
        "crash_leftover": (Status.WARNING, ("users.db~",)),
        "leftover_ignored": (Status.WARNING, ("events.db~",)),
    }
    assert made.estimated_records == 90


# The lines


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"bad\n", {"lines_not_moved"}),
        (b'{"_id":""}\n', {"lines_not_moved"}),
        (b'{"_id":["a"]}\n', {"lines_not_moved"}),
        (b'{"_id":"a","t":"\xe2\x80\xa8"}\n', {"rescued_lines"}),
        (b'{"_id":"a","t":"\xff"}\n', {"rescued_lines"}),
        (b'{"_id":7}\n{"_id":"7"}\n', {"id_collision"}),
        (b'{"_id":"torn', {"torn_tail"}),
        (b'{"$$indexCreated":{"fieldName":"n","expireAfterSeconds":5}}\n', {"ttl_index"}),
        (b'{"_id":"a","$x":1}\n', {"datafile_refused"}),
        (b'{"_id":"a","x.y":1}\n', {"datafile_refused"}),
        (b"bad\n" * 9, {"datafile_refused", "lines_not_moved"}),
        (
            b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n{"_id":"a","n":1}\n',
            {"datafile_refused", "lines_not_moved", "unique_conflict"},
        ),
    ],
)
def test_odd_lines_are_told_by_name(plan, legacy, lines, expected):
    (legacy / "users.db").write_bytes(GOOD + lines)

    made = plan()

    assert failed(made).keys() == expected
    assert {names for _, names in failed(made).values()} == {("users",)}
    assert made.is_ready is ("datafile_refused" not in expected)


# Room and time


def test_too_little_room_is_critical(plan):
    assert failed(plan(reserve_bytes=1 << 60)).keys() == {"disk_low"}


def test_room_and_time_grow_with_the_datafiles(plan, legacy):
    small = plan()
    (legacy / "users.db").write_bytes(
        b"".join(b'{"_id":"%d","t":"%s"}\n' % (n, b"x" * 500) for n in range(4000))
    )

    large = plan()

    assert large.disk_needed_bytes > 50 * small.disk_needed_bytes
    assert large.estimated_seconds > 0
    assert large.disk_free_bytes > 0


def test_progress_is_told_by_bytes(plan):
    told = []

    plan(on_progress=lambda *progress: told.append(progress))

    assert {name for name, _, _ in told} == {"staff", "users", "events"}
    assert (told[-1][1], told[-1][2]) == (len(GOOD), len(GOOD))


# The hash


@pytest.mark.parametrize(
    "change",
    [
        lambda legacy: (legacy / "users.db").write_bytes(GOOD + b"\n"),
        lambda legacy: (legacy / "users.db").unlink(),
        lambda legacy: (legacy / "users.db").rename(legacy / "users.db~"),
        lambda legacy: os.utime(legacy / "users.db"),
        lambda legacy: (
            shutil.copy(legacy / "users.db", legacy / "new")
            and (legacy / "new").rename(legacy / "users.db")
        ),
    ],
)
def test_the_hash_changes_with_the_folder(plan, legacy, change):
    os.utime(legacy / "users.db", ns=(1, 1))
    before = plan().hash

    change(legacy)

    assert plan().hash != before


def test_the_hash_stays_while_nothing_changes(plan, catalog, legacy):
    made = plan()

    assert plan().hash == made.hash == inventory_hash(catalog, LegacyFolder(legacy))


def test_the_hash_changes_with_the_catalog(plan, legacy, tmp_path):
    (tmp_path / "other.toml").write_text(CATALOG + '\n[[collections]]\nname="x"\n'
                                         'datafile="x.db"\ndatabase="admin"\n')  # fmt: skip

    assert (
        inventory_hash(load_catalog(tmp_path / "other.toml"), LegacyFolder(legacy)) != plan().hash
    )
