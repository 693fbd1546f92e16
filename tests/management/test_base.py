"""What all commands of ours have in common."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from migration.engine.errors import StoreBrokenError
from migration.management.base import MigrationCommand
from migration.services.errors import ConflictError

ROOT = Path(__file__).parents[2]


class Probe(MigrationCommand):
    """Tells who acts, or fails as it is told."""

    outcome = None

    def run(self, options, actor):
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        print("a stray line", file=sys.stderr)
        return {"actor": actor.name}

    def show(self, data):
        self.console.print(f"[bold]{data['actor']}[/] acts", end="")
        self.console.print(".")

    def exit_status(self, data):
        return 1 if self.outcome == "bad" else 0


@pytest.fixture
def run(db):
    """Run the command; what it printed on standard output, and its exit status."""

    def run(*arguments, outcome=None):
        command, out = Probe(stdout=io.StringIO(), stderr=io.StringIO()), io.StringIO()
        command.outcome = outcome
        try:
            call_command(command, *arguments, stdout=out)
        except CommandError as exc:
            return out.getvalue(), exc.returncode
        except SystemExit as exc:
            return out.getvalue(), exc.code
        return out.getvalue(), 0

    return run


def test_people_get_sentences(run):
    printed, status = run("--user", "nobody", outcome=None)

    assert (printed, status) == ("", 1)
    printed, status = run()
    assert printed.startswith("host:")
    assert printed.endswith(" acts.\n")


def test_programs_get_one_object(run, alice):
    printed, status = run("--json", "--user", "alice")

    assert json.loads(printed) == {"success": True, "data": {"actor": "alice"}}
    assert status == 0


def test_a_bad_verdict_is_an_answer_with_exit_status_1(run):
    printed, status = run("--json", outcome="bad")

    assert json.loads(printed)["success"] is True
    assert status == 1


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (ConflictError("No.", code="run_active", blockers=["run_active"]), "run_active"),
        (StoreBrokenError(target="admin.db", reason="damaged"), "store_broken"),
        (OperationalError("canary"), "unavailable"),
        (ZeroDivisionError("canary"), "internal_error"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_whatever_goes_wrong_programs_get_one_object(run, outcome, code):
    printed, status = run("--json", outcome=outcome)

    answer = json.loads(printed)
    assert (answer["success"], answer["code"], status) == (False, code, 1)
    assert answer["blockers"] == getattr(outcome, "blockers", [])
    assert "canary" not in printed


def test_on_the_host_an_error_names_the_folder(run):
    outcome = StoreBrokenError(target="/srv/new/admin.db", reason="damaged")

    assert json.loads(run("--json", outcome=outcome)[0])["error"] == (
        "/srv/new/admin.db failed: damaged"
    )


@pytest.mark.parametrize("name", ["nobody", "dora"])
def test_an_account_that_is_not_there_or_switched_off_cannot_act(run, make_user, name):
    dora = make_user("dora", "Level 1")
    dora.is_active = False
    dora.save()

    printed, status = run("--json", "--user", name)

    assert (json.loads(printed)["detail"], status) == ({"field": "user"}, 1)


@pytest.fixture
def manage(tmp_path):
    """Run manage.py as an operator would, with a console database of its own."""

    def manage(*arguments, **variables):
        ours = ("DJANGO_", "MIGRATOR_", "CELERY_", "DATABASE_URL")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        return subprocess.run(
            [sys.executable, ROOT / "manage.py", *arguments],
            env={
                **inherited,
                "DJANGO_DEBUG": "1",
                "DATABASE_URL": f"sqlite:///{tmp_path / 'console.sqlite3'}",
                "MIGRATOR_SIGNING_KEY_FILE": str(tmp_path / "signing.key"),
                "MIGRATOR_AUDIT_HEAD_FILE": str(tmp_path / "audit-head"),
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return manage


def test_the_first_command_makes_the_tables_and_prints_its_object_alone(manage):
    first = manage("migration_logs", "--json")

    assert (first.returncode, first.stderr) == (0, "")
    assert json.loads(first.stdout) == {"success": True, "data": {"items": [], "nextCursor": None}}


def test_a_mistake_in_the_arguments_is_exit_status_2(manage):
    mistake = manage("migration_logs", "--json", "--kind", "secret")

    assert mistake.returncode == 2
    assert json.loads(mistake.stdout)["code"] == "usage"
    assert "invalid choice" in mistake.stderr


def test_settings_that_cannot_be_used_are_told_in_the_object_too(manage, tmp_path):
    refused = manage(
        *("migration_logs", "--json"),
        DJANGO_DEBUG="0",
        DJANGO_SECRET_KEY="k3Jq-xW9_tZ0vB7nM4rL1sD8fG5hP2cY6uEaQiToSjKlXzVb_w",
        MIGRATOR_SIGNING_KEY_FILE=str(tmp_path / "missing.key"),
    )

    assert refused.returncode == 1
    assert json.loads(refused.stdout)["code"] == "bad_settings"
    assert "MIGRATOR_SIGNING_KEY_FILE names no file" in refused.stderr


@pytest.mark.needs_postgres
def test_tables_of_a_database_server_are_not_made_by_the_way(manage, postgres_url):
    refused = manage("migration_logs", "--json", DATABASE_URL=postgres_url)

    assert refused.returncode == 1
    assert json.loads(refused.stdout)["code"] == "tables_behind"
