import json
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection

from migration.models import AuditEntry
from migration.permissions import Actor
from migration.services import audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_entries():
    for name in ("run.started", "run.stopped", "token.made"):
        audit.record(name, actor=Actor.host(), object_type="run", object_id="2026-01-1")


@pytest.fixture
def changed_entry(three_entries):
    triggers = import_module("migration.migrations.0002_audit_entries_are_only_added")
    triggers.drop_triggers(None, SimpleNamespace(connection=connection))
    AuditEntry.objects.filter(seq=2).update(result="refused")


def run(capsys, *arguments):
    call_command("migration_logs", *arguments)
    return capsys.readouterr().out


def test_people_get_a_table(three_entries, capsys):
    printed = run(capsys)

    assert [line.split()[0] for line in printed.splitlines()] == ["Entry", "3", "2", "1"]
    assert "run 2026-01-1" in printed


def test_programs_get_what_the_endpoint_gives(three_entries, capsys):
    data = json.loads(run(capsys, "--json", "--action", "run.*", "--limit", "1"))["data"]

    assert [item["action"] for item in data["items"]] == ["run.stopped"]
    assert data["nextCursor"] == "2"


def test_what_stands_in_an_entry_is_no_markup(capsys):
    audit.record("run.started", actor=Actor.host(), object_id="[red]x[/]")

    assert "[red]x[/]" in run(capsys)


def test_a_chain_that_is_whole_is_said_to_be(three_entries, capsys):
    assert "The chain of 3 entries is whole." in run(capsys, "--verify")


def test_a_broken_chain_is_exit_status_1(changed_entry, capsys):
    with pytest.raises(SystemExit) as ended:
        run(capsys, "--verify", "--json")

    assert ended.value.code == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["success"], answer["data"]["firstBad"]) == (True, 2)


def test_a_broken_chain_names_its_first_bad_entry(changed_entry, capsys):
    with pytest.raises(SystemExit):
        run(capsys, "--verify")

    assert "broken at entry 2" in capsys.readouterr().out
