"""The audit trail in real databases: many writers at once, and PostgreSQL."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITERS, ACTS = 8, 12

# Every third act is rolled back after its entry was written, every fourth writes two entries.
PROGRAM = f"""
import json, threading
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from migration.models import AuditEntry, Installation
from migration.permissions import Actor
from migration.services import audit

host, errors, installations = Actor.host(), [], []

def act(writer, number):
    with transaction.atomic():
        audit.record("user.made", actor=host, object_id=f"{{writer}}-{{number}}")
        User.objects.create(username=f"{{writer}}-{{number}}")
        if number % 4 == 0:
            audit.record("user.noted", actor=host, object_id=f"{{writer}}-{{number}}")
        if number % 3 == 0:
            raise KeyError

def write(writer):
    begin.wait()
    try:
        installations.append(Installation.current().id)
        for number in range({ACTS}):
            try:
                act(writer, number)
            except KeyError:
                audit.record_apart("user.make", actor=host, result="failed", code="rolled_back")
    except Exception as exc:
        errors.append(repr(exc))
    finally:
        connection.close()

call_command("migrate", verbosity=0, interactive=False)
begin = threading.Barrier({WRITERS})
threads = [threading.Thread(target=write, args=(n,)) for n in range({WRITERS})]
[thread.start() for thread in threads]
[thread.join() for thread in threads]

verdict = audit.verify(actor=host)
made = set(AuditEntry.objects.filter(action="user.made").values_list("object_id", flat=True))
print(json.dumps({{
    "errors": errors,
    "installations": len(set(installations)),
    "verdict": [verdict.is_whole, verdict.head],
    "entries": verdict.entries,
    "same": made == set(User.objects.values_list("username", flat=True)),
    "users": len(made),
}}))
"""


@pytest.fixture
def run(tmp_path):
    """Run Python with a database, a signing key and a head of its own."""
    key = tmp_path / "signing.key"
    key.touch(mode=0o600)
    key.write_bytes(b"k" * 32)

    def run(*arguments, database):
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "migrator_site.testing",
                "DATABASE_URL": database,
                "MIGRATOR_SIGNING_KEY_FILE": str(key),
                "MIGRATOR_AUDIT_HEAD_FILE": str(tmp_path / "audit-head"),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
def database(request, tmp_path):
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'console.sqlite3'}"


def test_many_writers_make_one_chain_and_each_entry_stands_and_falls_with_its_act(run, database):
    written = run("-c", PROGRAM, database=database)

    assert written.stderr == ""
    kept = [number for number in range(ACTS) if number % 3]
    noted = [number for number in kept if number % 4 == 0]
    assert json.loads(written.stdout) == {
        "errors": [],
        "installations": 1,
        "verdict": [True, "agrees"],
        "entries": WRITERS * (ACTS + len(noted)),
        "same": True,
        "users": WRITERS * len(kept),
    }


@pytest.mark.needs_postgres
def test_everything_that_holds_on_sqlite_holds_on_postgresql(run, postgres_url):
    tests = [str(Path(__file__).with_name(name)) for name in ("test_audit.py", "test_tokens.py")]

    result = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, database=postgres_url)

    assert result.returncode == 0, result.stdout
    assert "only PostgreSQL has this" not in result.stdout
