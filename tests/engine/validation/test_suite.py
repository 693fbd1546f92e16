"""The report of a validation: what makes it critical, what is only said."""

import sqlite3
from contextlib import closing

import pytest

from migration.engine.catalog import Database, load_catalog
from migration.engine.copying import CollectionCopy
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.ports import Claim
from migration.engine.stores.sqlite import SqliteStore
from migration.engine.validation.findings import Severity
from migration.engine.validation.suite import validate

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
"""
GOOD = b"".join(b'{"_id":"g%03d","n":%d}\n' % (n, n) for n in range(30))


class Moved:
    """Two collections in two databases, copied and validated."""

    def __init__(self, path):
        (path / "catalog.toml").write_text(CATALOG)
        self.catalog = load_catalog(path / "catalog.toml")
        self.legacy = path / "legacy"
        self.legacy.mkdir()
        (self.legacy / "staff.db").write_bytes(GOOD)
        self.folder = LegacyFolder(self.legacy)
        self.stores = {
            database: SqliteStore(
                path / f"{database}.db", collections=[c.name for c in self.catalog.of(database)]
            )
            for database in Database
        }
        for store in self.stores.values():
            store.claim(Claim(installation="here", run="first", token=1))

    def copy(self, users):
        (self.legacy / "users.db").write_bytes(users)
        for collection in self.catalog.collections:
            store = self.stores[collection.database]
            for _ in CollectionCopy(self.folder.locate(collection), store).steps():
                pass

    def change(self, statement):
        path = self.stores[Database.APPLICATION].path
        with closing(sqlite3.connect(path)) as db:
            db.execute(statement)
            db.commit()

    def validate(self, **options):
        return validate(self.catalog, self.folder, self.stores, **options)

    def codes(self):
        """Return the codes of faults with collection and count, and whether all is well."""
        report = self.validate()
        faults = {
            (f.code, f.collection): f.count
            for f in report.findings
            if f.severity is not Severity.INFO
        }
        return faults, report.overall


@pytest.fixture
def moved(tmp_path):
    moved = Moved(tmp_path)
    yield moved
    for store in moved.stores.values():
        store.close()


def test_a_faithful_copy_is_valid_and_counted(moved):
    moved.copy(GOOD + b'{"_id":"new"}\n')

    report = moved.validate()

    assert report.overall is True
    assert report.of(Severity.CRITICAL) == report.of(Severity.WARNING) == []
    counts = {f.collection: f.details for f in report.findings if f.code == "record_counts"}
    assert counts == {"staff": {"legacy": 30, "new": 30}, "users": {"legacy": 31, "new": 31}}
    assert report.timestamp.tzinfo is not None
    assert report.duration_seconds >= 0
    assert report.recommendations == ()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("delete from users where _id = 'g003'", "missing_documents"),
        ("insert into users values('users', 'x', '{\"_id\":\"x\"}', 0)", "extra_documents"),
        ("update users set body = '{\"_id\":\"g003\"}' where _id = 'g003'", "mismatched_documents"),
    ],
)
def test_a_difference_is_critical(moved, statement, code):
    moved.copy(GOOD)
    moved.change(statement)

    assert moved.codes() == ({(code, "users"): 1} | _unbalanced(code), False)


def _unbalanced(code):
    """A row too many can't be in the ledger; one too few looks superseded."""
    return {("ledger_unbalanced", "users"): 30} if code == "extra_documents" else {}


def test_a_collection_that_lost_everything_is_named_so(moved):
    moved.copy(GOOD)
    moved.change("delete from users")

    faults, overall = moved.codes()

    assert faults == {("missing_documents", "users"): 30, ("collection_empty", "users"): 30}
    assert overall is False


def test_text_that_differs_alone_is_information(moved):
    moved.copy(GOOD)
    moved.change("update users set body = ' ' || body where _id = 'g003'")

    report = moved.validate()

    assert report.overall is True
    assert [f.count for f in report.findings if f.code == "text_differs"] == [1]


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        (b"bad\n", {"unreadable_line": 1}),
        (b"null\n{}\n", {"unreadable_line": 1, "unusable_id": 1}),
        (b'{"_id":["a"]}\n', {"unsupported_id": 1}),
    ],
)
def test_lines_that_were_not_moved_are_critical_with_their_reasons(moved, lines, reasons):
    moved.copy(GOOD + lines)

    report = moved.validate()

    (finding,) = report.of(Severity.CRITICAL)
    assert finding.code == "documents_not_moved"
    assert finding.details == {"reasons": reasons}
    assert finding.count == sum(reasons.values())
    assert len(finding.samples) == finding.count
    assert any("quarantine" in text for text in report.recommendations)


CONFLICT = (
    b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n' + GOOD + b'{"_id":"twin","n":3}\n'
)


def test_a_document_that_breaks_uniqueness_is_not_moved_rather_than_missing(moved):
    moved.copy(CONFLICT)

    faults, overall = moved.codes()

    assert faults == {("documents_not_moved", "users"): 1, ("datafile_refused", "users"): 1}
    assert overall is False


def test_samples_name_the_documents_that_break_uniqueness(moved):
    moved.copy(CONFLICT)

    (finding,) = [f for f in moved.validate().findings if f.code == "documents_not_moved"]

    assert [sample["documentId"] for sample in finding.samples] == ["twin"]
    assert finding.details == {"reasons": {"unique_conflict": 1}}


@pytest.mark.parametrize("content", [GOOD + b"bad\n", CONFLICT])
def test_what_somebody_waived_is_critical_no_longer(moved, content):
    moved.copy(content)
    assert ("documents_not_moved", "users") in moved.codes()[0]
    moved.change("update migrator_quarantine set state = 'waived'")

    assert ("documents_not_moved", "users") not in moved.codes()[0]
    assert ("missing_documents", "users") not in moved.codes()[0]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (b'{"_id":"a","t":"\xe2\x80\xa8"}\n', "rescued_lines"),
        (b'{"_id":"a","t":"\xff"}\n', "rescued_lines"),
        (b'{"_id":7}\n{"_id":"7"}\n', "id_collision"),
        (b'{"$$indexCreated":{"fieldName":"n","expireAfterSeconds":5}}\n', "ttl_index"),
        (b'{"_id":"torn', "torn_tail"),
    ],
)
def test_remarks_are_warnings(moved, lines, code):
    moved.copy(GOOD + lines)

    assert moved.codes() == ({(code, "users"): 1}, True)


@pytest.mark.parametrize("lines", [b'{"_id":"a","$x":1}\n', b'{"_id":"a","x.y":1}\n'])
def test_what_nedb_would_refuse_is_critical_although_all_is_moved(moved, lines):
    moved.copy(GOOD + lines)

    assert moved.codes() == ({("datafile_refused", "users"): 1}, False)


def test_an_index_that_is_not_kept_is_a_warning(moved):
    moved.copy(GOOD)
    with (moved.legacy / "users.db").open("ab") as datafile:
        datafile.write(b'{"$$indexCreated":{"fieldName":"n"}}\n')

    assert moved.codes() == ({("index_missing", "users"): 1}, True)


def test_a_ledger_that_does_not_add_up_is_critical(moved):
    moved.copy(GOOD)
    moved.change("update migrator_states set lines = lines + 1 where collection = 'users'")

    assert moved.codes() == ({("ledger_unbalanced", "users"): 31}, False)


def test_a_damaged_database_is_critical(moved):
    moved.copy(GOOD * 200)
    store = moved.stores[Database.APPLICATION]
    moved.change("create index broken on users(body)")
    moved.change("pragma writable_schema = on")
    store.close()
    with closing(sqlite3.connect(store.path)) as db:
        # An index over something else than what it holds: every row of it is wrong.
        db.execute("pragma writable_schema = on")
        db.execute(
            "update sqlite_master set sql = 'create index broken on users(migrated_at)'"
            " where name = 'broken'"
        )
        db.commit()

    faults, overall = moved.codes()

    assert ("target_integrity", None) in faults
    assert overall is False


def test_nothing_that_the_copy_remembered_is_believed(moved):
    moved.copy(GOOD)
    moved.change("delete from users")
    moved.change("update migrator_states set documents = 0, lines = 0, byte_offset = 0")
    moved.change("delete from migrator_quarantine")

    assert moved.codes()[0][("missing_documents", "users")] == 30


def test_progress_is_told_of_each_collection(moved):
    moved.copy(GOOD)
    told = []

    moved.validate(on_comparison=lambda comparison: told.append(comparison.collection))

    assert list(dict.fromkeys(told)) == ["staff", "users"]
