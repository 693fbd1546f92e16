"""The audit trail. This file is also run against PostgreSQL, by test_audit_in_databases.py."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from migration.engine.errors import StoreBrokenError
from migration.models import GENESIS, AuditEntry
from migration.permissions import Actor, Door, ForbiddenError
from migration.services import audit
from migration.services.audit import AuditFilter
from migration.services.errors import ConflictError, UnavailableError

pytestmark = pytest.mark.django_db

HOST = Actor(name="host:ops", door=Door.COMMAND)
ALL = AuditFilter(kind="all")


@pytest.fixture
def five_entries(django_capture_on_commit_callbacks):
    """Five entries, whose head is also known outside of the database."""
    with django_capture_on_commit_callbacks(execute=True):
        return [audit.record("run.started", actor=HOST, object_id=f"run-{n}") for n in range(1, 6)]


@pytest.fixture
def tamper(five_entries):
    """Do to the table what only somebody could who has the database."""
    triggers = import_module("migration.migrations.0002_audit_entries_are_only_added")
    triggers.drop_triggers(None, SimpleNamespace(connection=connection))

    def tamper(*statements):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return tamper


def verdict():
    found = audit.verify(actor=HOST)
    return found.is_whole, found.first_bad, found.head


@transaction.atomic
def make_dora(then=None):
    """Do something, and write it down."""
    User.objects.create_user("dora")
    audit.record("user.made", actor=HOST)
    if then is not None:
        raise then


# --- Writing ---------------------------------------------------------------------------------


def test_an_entry_tells_who_did_what_from_where_and_how_it_ended(alice):
    actor = Actor(
        name="alice", door=Door.API, user=alice, address="203.0.113.9", request_id="c0ffee01"
    )

    audit.record(
        "run.stopped", actor=actor, object_type="run", object_id="run-7", details={"lines": 3}
    )

    [item] = audit.entries(ALL, actor=HOST).items
    assert audit.entry_data(item) == {
        "seq": 1,
        "at": item.at.isoformat().replace("+00:00", "Z"),
        "kind": "action",
        "action": "run.stopped",
        "actor": "alice",
        "door": "api",
        "address": "203.0.113.9",
        "requestId": "c0ffee01",
        "objectType": "run",
        "objectId": "run-7",
        "result": "ok",
        "code": "",
        "details": {"lines": 3},
        "previous": GENESIS,
        "digest": item.digest,
    }


def test_entries_are_numbered_without_gaps_and_each_names_the_one_before(five_entries):
    assert [entry.seq for entry in five_entries] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in five_entries[1:]] == [e.digest for e in five_entries[:-1]]


def test_an_entry_goes_when_its_transaction_is_rolled_back():
    with pytest.raises(ConflictError):
        make_dora(then=ConflictError("Too late."))

    assert not AuditEntry.objects.exists()


def test_an_act_is_undone_when_its_entry_cannot_be_written(settings):
    settings.MIGRATOR_SIGNING_KEY_FILE.chmod(0o644)
    try:
        with pytest.raises(UnavailableError):
            make_dora()
    finally:
        settings.MIGRATOR_SIGNING_KEY_FILE.chmod(0o600)

    assert not User.objects.exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the trigger is written for SQLite")
def test_an_act_is_undone_when_the_database_refuses_its_entry():
    connection.cursor().execute(
        "CREATE TRIGGER full BEFORE INSERT ON migration_auditentry "
        "BEGIN SELECT RAISE(ABORT, 'no'); END"
    )

    with pytest.raises(UnavailableError):
        make_dora()

    assert not User.objects.exists()


def test_a_refusal_is_written_down_although_its_transaction_is_gone():
    refusal = ConflictError("Not made.", code="run_active", blockers=["run_active"])

    with (
        pytest.raises(ConflictError),
        audit.audited("user.make", actor=HOST, object_type="user", object_id="dora"),
    ):
        make_dora(then=refusal)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("user.make", "dora")
    assert (entry.result, entry.code) == ("refused", "run_active")
    assert entry.details == {"blockers": ["run_active"]}
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (StoreBrokenError(target="admin.db", reason="damaged"), "store_broken"),
        (UnavailableError("No broker."), "unavailable"),
        (ZeroDivisionError(), "internal_error"),
    ],
)
def test_a_failure_is_written_down_with_its_code_and_goes_on(failure, code):
    with pytest.raises(type(failure)), audit.audited("run.start", actor=HOST):
        raise failure

    entry = AuditEntry.objects.get()
    assert (entry.result, entry.code) == ("failed", code)


def test_what_went_well_is_not_written_down_twice():
    with audit.audited("run.start", actor=HOST):
        audit.record("run.started", actor=HOST)

    assert AuditEntry.objects.count() == 1


def test_a_refusal_stays_the_refusal_it_was_when_it_cannot_be_written_down(settings):
    settings.MIGRATOR_SIGNING_KEY_FILE = None

    with pytest.raises(ForbiddenError), audit.audited("run.start", actor=HOST):
        raise ForbiddenError("No.")


def test_secrets_do_not_get_into_an_entry():
    audit.record(
        "key.added",
        actor=HOST,
        details={"password": "canary-1", "newToken": "canary-2", "at": "ann@canary.example"},
    )

    assert "canary" not in AuditEntry.objects.get().details_json


def test_line_breaks_and_escape_sequences_come_out_escaped():
    audit.record("run.started", actor=HOST, object_id="a\r\nb\x1b[31m\u202ec\x00")

    assert AuditEntry.objects.get().object_id == r"a\r\nb\x1b[31m\u202ec\x00"


def test_a_text_that_is_too_long_is_cut_and_still_verifies():
    audit.record("x" * 500, actor=HOST, object_id="y" * 5000, details={"z": "z" * 50_000})

    assert len(AuditEntry.objects.get().object_id) == 255
    assert verdict()[0]


# --- Only ever added to ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE migration_auditentry SET actor = 'nobody' WHERE seq = 3",
        "DELETE FROM migration_auditentry WHERE seq = 5",
        "DELETE FROM migration_auditentry",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(five_entries, statement):
    with pytest.raises(IntegrityError, match="never"), transaction.atomic():
        connection.cursor().execute(statement)

    assert AuditEntry.objects.count() == 5


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has this statement")
def test_the_database_refuses_to_replace_an_entry(five_entries):
    with pytest.raises(IntegrityError, match="never replaced"), transaction.atomic():
        connection.cursor().execute(
            "INSERT OR REPLACE INTO migration_auditentry SELECT * FROM migration_auditentry"
        )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has this statement")
def test_the_database_refuses_to_empty_the_table(five_entries):
    with pytest.raises(IntegrityError, match="never"), transaction.atomic():
        connection.cursor().execute("TRUNCATE migration_auditentry")


def test_two_entries_cannot_follow_the_same_one(five_entries):
    twin = AuditEntry.objects.get(seq=3)
    twin.seq, twin.digest = 6, "f" * 64

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
