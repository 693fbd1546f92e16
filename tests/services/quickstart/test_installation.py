import pytest
from django.contrib.auth.models import User

from migration import permissions
from migration.services.quickstart import installation


@pytest.fixture(autouse=True)
def _no_folder_named(monkeypatch):
    monkeypatch.delenv("MIGRATOR_LEGACY_DIR", raising=False)


@pytest.mark.django_db
def test_the_first_admin_has_level_1_and_the_password_that_was_told():
    password = installation.make_first_admin()

    admin = User.objects.get(username="admin")
    assert admin.check_password(password)
    assert permissions.may_operate(admin)


@pytest.mark.django_db
def test_an_admin_who_is_there_keeps_the_password():
    password = installation.make_first_admin()

    assert installation.make_first_admin() is None
    assert User.objects.get(username="admin").check_password(password)


def test_an_empty_folder_gets_demo_datafiles(tmp_path):
    documents = installation.make_demo_datafiles(tmp_path / "legacy")

    assert documents
    assert [*(tmp_path / "legacy").glob("*.db")]


def test_datafiles_that_are_there_are_left_alone(tmp_path):
    (tmp_path / "users.db").write_bytes(b"")

    assert installation.make_demo_datafiles(tmp_path) is None
    assert [path.name for path in tmp_path.iterdir()] == ["users.db"]


def test_a_folder_that_was_named_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("MIGRATOR_LEGACY_DIR", str(tmp_path / "theirs"))

    assert installation.make_demo_datafiles(tmp_path / "theirs") is None
    assert not (tmp_path / "theirs").exists()


@pytest.mark.django_db
def test_only_the_owner_can_look_into_the_folder_of_keys(tmp_path):
    (tmp_path / "keys").mkdir(mode=0o755)

    installation.make_console_tables(keys_dir=tmp_path / "keys")

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
