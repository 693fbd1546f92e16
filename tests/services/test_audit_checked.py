"""Checking the audit trail, its head outside of the database, and reading it."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from migration.models import AuditEntry
from migration.permissions import Actor, Door, ForbiddenError
from migration.services import audit
from migration.services.audit import AuditFilter, HeadState
from migration.services.errors import ConflictError, InvalidInputError

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


# --- Checking --------------------------------------------------------------------------------


def test_a_chain_that_nobody_touched_is_whole(five_entries):
    assert audit.verify(actor=HOST) == audit.AuditVerdict(
        entries=5, is_whole=True, first_bad=None, head=HeadState.AGREES
    )


def test_a_chain_without_entries_is_whole():
    assert verdict() == (True, None, HeadState.MISSING)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "host:nobody"),
        ("at", datetime(2001, 1, 1, tzinfo=UTC)),
        ("result", "failed"),
        ("details_json", "{}  "),
        ("request_id", "x"),
        ("digest", "no digest"),
        ("previous", "elsewhere"),
    ],
)
def test_a_changed_entry_is_found(tamper, column, value):
    AuditEntry.objects.filter(seq=3).update(**{column: value})

    assert verdict()[:2] == (False, 3)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite keeps any type anywhere")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE migration_auditentry SET at = 'never' WHERE seq = 3",
        "UPDATE migration_auditentry SET actor = x'00ff' WHERE seq = 3",
        "UPDATE migration_auditentry SET digest = 7 WHERE seq = 3",
    ],
)
def test_a_value_that_no_entry_can_have_is_found(tamper, statement):
    tamper(statement)

    assert verdict()[:2] == (False, 3)


def test_a_deleted_entry_is_found(tamper):
    tamper("DELETE FROM migration_auditentry WHERE seq = 3")

    assert verdict()[:2] == (False, 3)


def test_a_deleted_entry_is_found_when_the_later_ones_move_up(tamper):
    tamper(
        "DELETE FROM migration_auditentry WHERE seq = 3",
        "UPDATE migration_auditentry SET seq = 3 WHERE seq = 4",
        "UPDATE migration_auditentry SET seq = 4 WHERE seq = 5",
    )

    assert verdict()[:2] == (False, 3)


@pytest.mark.parametrize("seq", [0, 6])
def test_an_inserted_entry_is_found(tamper, seq):
    forged = AuditEntry.objects.get(seq=5)
    forged.seq, forged.previous, forged.digest = seq, forged.digest, "f" * 64
    forged.save(force_insert=True)

    assert verdict()[:2] == (False, seq)


def test_swapped_entries_are_found(tamper):
    tamper(
        "UPDATE migration_auditentry SET seq = 99 WHERE seq = 2",
        "UPDATE migration_auditentry SET seq = 2 WHERE seq = 3",
        "UPDATE migration_auditentry SET seq = 3 WHERE seq = 99",
    )

    assert verdict()[:2] == (False, 2)


def test_an_end_that_was_cut_off_is_found_by_the_head_outside(tamper):
    tamper("DELETE FROM migration_auditentry WHERE seq > 3")

    assert verdict() == (False, 4, HeadState.DIFFERS)


def test_a_chain_made_anew_with_the_key_is_found_by_the_head_outside(tamper):
    tamper("DELETE FROM migration_auditentry")
    for _ in range(7):
        audit.record("run.started", actor=HOST)

    assert verdict() == (False, 5, HeadState.DIFFERS)


def test_a_chain_signed_with_another_key_is_found(five_entries, settings, tmp_path):
    settings.MIGRATOR_SIGNING_KEY_FILE = tmp_path / "other.key"
    settings.MIGRATOR_SIGNING_KEY_FILE.touch(mode=0o600)
    settings.MIGRATOR_SIGNING_KEY_FILE.write_bytes(b"o" * 32)

    assert verdict()[:2] == (False, 1)


# --- The head outside of the database --------------------------------------------------------


def test_the_head_outside_is_the_last_entry(five_entries, settings):
    text = settings.MIGRATOR_AUDIT_HEAD_FILE.read_text()

    assert text == f"5 {five_entries[-1].digest}\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failure", [None, ConflictError("Too late.")])
def test_the_head_outside_moves_when_the_transaction_ends_well(settings, failure):
    try:
        make_dora(then=failure)
    except ConflictError:
        assert not settings.MIGRATOR_AUDIT_HEAD_FILE.exists()
    else:
        assert settings.MIGRATOR_AUDIT_HEAD_FILE.read_text().startswith("1 ")


@pytest.mark.django_db(transaction=True)
def test_a_refusal_moves_the_head_outside_too(settings):
    with pytest.raises(ConflictError), audit.audited("user.make", actor=HOST):
        make_dora(then=ConflictError("Too late."))

    assert settings.MIGRATOR_AUDIT_HEAD_FILE.read_text().startswith("1 ")
    assert verdict() == (True, None, HeadState.AGREES)


def test_a_head_that_lags_behind_is_no_harm(five_entries):
    audit.record("run.started", actor=HOST)  # its transaction does not end in this test

    assert verdict() == (True, None, HeadState.AGREES)


def test_a_head_that_the_database_lost_stays_as_evidence(
    tamper, settings, django_capture_on_commit_callbacks
):
    noted = settings.MIGRATOR_AUDIT_HEAD_FILE.read_text()
    tamper("DELETE FROM migration_auditentry WHERE seq > 3")

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(4):
            audit.record("run.started", actor=HOST)

    assert settings.MIGRATOR_AUDIT_HEAD_FILE.read_text() == noted
    assert verdict() == (False, 5, HeadState.DIFFERS)


def test_a_head_that_cannot_be_read_is_reported_and_refuses_nothing(
    five_entries, settings, django_capture_on_commit_callbacks
):
    settings.MIGRATOR_AUDIT_HEAD_FILE.write_text("5 nonsense\n")

    with django_capture_on_commit_callbacks(execute=True):
        audit.record("run.started", actor=HOST)

    assert verdict() == (True, None, HeadState.UNREADABLE)


def test_a_head_that_cannot_be_written_refuses_nothing(
    settings, tmp_path, django_capture_on_commit_callbacks
):
    (tmp_path / "file").touch()
    settings.MIGRATOR_AUDIT_HEAD_FILE = tmp_path / "file" / "audit-head"

    with django_capture_on_commit_callbacks(execute=True):
        audit.record("run.started", actor=HOST)

    assert AuditEntry.objects.count() == 1


# --- Reading ---------------------------------------------------------------------------------


def test_pages_follow_one_another_from_the_newest_to_the_oldest(five_entries):
    numbers, cursor = [], ""
    while cursor is not None:
        page = audit.entries(ALL, actor=HOST, cursor=cursor, limit=2)
        numbers.append([entry.seq for entry in page.items])
        cursor = page.next_cursor

    assert numbers == [[5, 4], [3, 2], [1]]


def test_a_page_that_ends_with_the_last_entry_leads_nowhere(five_entries):
    assert audit.entries(ALL, actor=HOST, limit=5).next_cursor is None


def found(**wanted):
    page = audit.entries(AuditFilter.parse(**wanted), actor=HOST)
    return [entry.action for entry in page.items]


def test_entries_are_found_by_action_actor_and_kind(alice):
    audit.record("run.started", actor=Actor(name="alice", door=Door.API, user=alice))
    audit.record("run.held", actor=HOST, kind="event")
    audit.record("token.made", actor=HOST)

    assert found() == ["token.made", "run.started"]
    assert found(kind="event") == ["run.held"]
    assert found(kind="all") == ["token.made", "run.held", "run.started"]
    assert found(actor="alice") == ["run.started"]
    assert found(action="token.made") == ["token.made"]
    assert found(action="run.*", kind="all") == ["run.held", "run.started"]


def test_entries_are_found_by_time(five_entries):
    moment = five_entries[2].at
    later = (moment + timedelta(microseconds=1)).isoformat()

    assert len(found(since=moment.isoformat())) == 3
    assert len(found(until=moment.isoformat())) == 2
    assert len(found(since=later.replace("+", " "))) == 2  # as it comes out of an address
    assert found(until="2001-01-31") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("since", "yesterday"),
        ("until", "2026-13-01T00:00"),
        ("since", "0001-01-01T00:00+14:00"),
        ("kind", "secret"),
    ],
)
def test_a_filter_that_cannot_be_read_names_its_field(field, value):
    with pytest.raises(InvalidInputError) as refused:
        AuditFilter.parse(**{field: value})

    assert refused.value.field == field


@pytest.mark.parametrize("cursor", ["-1", "x", "1e3", "9" * 40, "\u0665"])
def test_a_cursor_that_was_never_given_out_is_refused(cursor):
    with pytest.raises(InvalidInputError):
        audit.entries(ALL, actor=HOST, cursor=cursor)


def test_hostile_filters_find_nothing(five_entries):
    assert found(actor="a\x00b\ud800") == []


def test_an_export_has_all_entries_and_is_one_itself(five_entries):
    entries = list(audit.export_entries(ALL, actor=HOST, file_format="csv"))

    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert entries[-1]["action"] == "logs.exported"


def test_who_may_not_look_sees_nothing(charlie):
    stranger = Actor(name="charlie", door=Door.API, user=charlie)

    for act in (
        lambda: audit.entries(ALL, actor=stranger),
        lambda: audit.verify(actor=stranger),
        lambda: audit.export_entries(ALL, actor=stranger, file_format="csv"),
    ):
        with pytest.raises(ForbiddenError):
            act()

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.result) == ("logs.export", "refused")


def test_time_of_an_entry_is_when_it_was_written():
    before = timezone.now()

    entry = audit.record("run.started", actor=HOST)

    assert before <= entry.at <= timezone.now()
