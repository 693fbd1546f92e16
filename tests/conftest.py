"""Fixtures of the whole suite: folders of its own for each test, and a fixed cast of accounts."""

import os
import secrets
from importlib import import_module
from types import SimpleNamespace

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Count a skip for a missing tool as a failure where everything has to be there."""
    report = yield
    needs = [mark.name for mark in item.iter_markers() if mark.name.startswith("needs_")]
    is_skip = report.skipped and not hasattr(report, "wasxfail")
    if is_skip and needs and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"CI skips nothing: {', '.join(needs)} is not met ({report.longrepr[2]})"
    return report


@pytest.fixture(scope="session")
def _signing_key(tmp_path_factory):
    """A key for all tests: without debug, none is made."""
    path = tmp_path_factory.mktemp("signing") / "signing.key"
    path.touch(mode=0o600)
    path.write_bytes(b"signs what tests write, nothing else")
    return path


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path, _signing_key):
    legacy = tmp_path / "legacy"
    settings.VAR_DIR = tmp_path / "var"
    settings.MIGRATOR_LEGACY_DIR = legacy
    settings.MIGRATOR_ADMIN_URL = f"sqlite:///{legacy / 'admin.db'}"
    settings.MIGRATOR_APPLICATION_URL = f"sqlite:///{legacy / 'application.db'}"
    settings.MIGRATOR_SNAPSHOT_DIR = legacy / "rollback"
    settings.MIGRATOR_KEYS_DIR = tmp_path / "keys"
    settings.MIGRATOR_SIGNING_KEY_FILE = _signing_key
    settings.MIGRATOR_SNAPSHOT_IDENTITY_FILE = tmp_path / "keys" / "snapshot.identity"
    settings.MIGRATOR_AUDIT_HEAD_FILE = tmp_path / "audit-head"


@pytest.fixture(autouse=True)
def _tables_of_transactional_tests(request):
    """Let the tables be emptied after a test that commits, and filled again before the next one.

    Emptying takes along what schema migrations put in, and audit entries refuse to be deleted.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (
        marker is not None and marker.kwargs.get("transaction", False)
    )
    if not commits:
        yield
        return
    request.getfixturevalue("transactional_db")
    from django.apps import apps  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    entries = import_module("migration.migrations.0002_audit_entries_are_only_added")
    groups = import_module("migration.migrations.0003_groups_of_accounts")
    editor = SimpleNamespace(connection=connection)
    entries.drop_triggers(apps, editor)
    entries.make_triggers(apps, editor)
    groups.make_groups(apps, editor)
    yield
    entries.drop_triggers(apps, editor)


@pytest.fixture
def postgres_url():
    """A database of its own on the PostgreSQL server of this host."""
    psycopg = pytest.importorskip("psycopg")
    server = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432")
    name = f"migrator_{secrets.token_hex(6)}"
    try:
        admin = psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as exc:
        pytest.skip(f"no PostgreSQL: {exc}")
    with admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def make_user(db):
    """Make an account in the groups named; the password is the name, twice."""
    # The app registry is not ready yet when this file is imported.
    from django.contrib.auth.models import Group, User  # noqa: PLC0415

    def make(name, *groups):
        user = User.objects.create_user(name, password=name * 2)
        user.groups.set([Group.objects.get(name=group) for group in groups])
        return user

    return make


@pytest.fixture
def alice(make_user):
    """An admin of Level 1."""
    return make_user("alice", "Level 1")


@pytest.fixture
def bob(make_user):
    """An admin of Level 2."""
    return make_user("bob", "Level 2")


@pytest.fixture
def charlie(make_user):
    """An account without a level."""
    return make_user("charlie")
