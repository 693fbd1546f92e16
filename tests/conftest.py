"""Fixtures of the whole suite: folders of its own for each test, and a fixed cast of accounts."""

import os

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


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    legacy = tmp_path / "legacy"
    settings.VAR_DIR = tmp_path / "var"
    settings.MIGRATOR_LEGACY_DIR = legacy
    settings.MIGRATOR_ADMIN_URL = f"sqlite:///{legacy / 'admin.db'}"
    settings.MIGRATOR_APPLICATION_URL = f"sqlite:///{legacy / 'application.db'}"
    settings.MIGRATOR_SNAPSHOT_DIR = legacy / "rollback"
    settings.MIGRATOR_KEYS_DIR = tmp_path / "keys"
    settings.MIGRATOR_SIGNING_KEY_FILE = tmp_path / "keys" / "signing.key"
    settings.MIGRATOR_SNAPSHOT_IDENTITY_FILE = tmp_path / "keys" / "snapshot.identity"
    settings.MIGRATOR_AUDIT_HEAD_FILE = tmp_path / "audit-head"


@pytest.fixture
def make_user(db):
    """Make an account in the groups named; the password is the name, twice."""
    # The app registry is not ready yet when this file is imported.
    from django.contrib.auth.models import Group, User  # noqa: PLC0415

    def make(name, *groups):
        user = User.objects.create_user(name, password=name * 2)
        user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
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
