"""Which file of a legacy folder is which collection's."""

import os

import pytest

from migration.engine.catalog import load_catalog
from migration.engine.nedb.folder import LegacyFolder
from tests.engine.moving import THINGS, looks

CATALOG = """
version = 1
[[collections]]
name = "things"
datafile = "things.db"
database = "application"
"""


@pytest.fixture
def catalog(tmp_path):
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOG)
    return load_catalog(path)


@pytest.fixture
def legacy(tmp_path):
    path = tmp_path / "legacy"
    path.mkdir()
    return path


def locate(legacy, *targets):
    return LegacyFolder(legacy, targets=[legacy / t for t in targets]).locate(THINGS)


def test_a_datafile_is_found_by_the_name_in_the_catalog(legacy):
    (legacy / "things.db").touch()

    located = locate(legacy)

    assert (located.path, located.from_leftover) == (legacy / "things.db", False)


def test_a_missing_datafile_or_folder_is_no_file(legacy):
    assert locate(legacy).path is None
    assert locate(legacy / "nowhere").path is None
    assert locate(legacy / "nowhere").has_leftover is False


def test_only_a_leftover_of_a_compaction_is_read_in_the_datafiles_place(legacy):
    (legacy / "things.db~").touch()

    located = locate(legacy)

    assert (located.path, located.from_leftover) == (legacy / "things.db~", True)


@pytest.mark.parametrize("content", ["", '{"_id":"a"}\n'])
def test_a_leftover_beside_a_datafile_is_ignored_even_beside_an_empty_one(legacy, content):
    (legacy / "things.db").write_text(content)
    (legacy / "things.db~").write_text('{"_id":"b"}\n')

    located = locate(legacy)

    assert (located.path, located.has_leftover) == (legacy / "things.db", True)
    assert located.from_leftover is False


def test_targets_and_what_lies_beside_them_are_no_datafiles(legacy, catalog):
    for name in ("things.db", "application.db", "application.db-wal", "application.db-shm"):
        (legacy / name).touch()
    os.link(legacy / "application.db", legacy / "other-name.db")
    (legacy / "application.db-journal.db").touch()

    folder = LegacyFolder(legacy, targets=[legacy / "application.db"])

    assert folder.unclaimed(catalog) == ["application.db-journal.db"]


def test_a_target_in_a_datafiles_place_is_not_read_as_one(legacy):
    (legacy / "things.db").touch()

    assert locate(legacy, "things.db").path is None


def test_files_that_no_collection_names_are_named(legacy, catalog):
    for name in ("things.db", "users.db", "Extra.db", ".hidden.db", "notes.txt", "things.db~"):
        (legacy / name).touch()
    (legacy / "folder.db").mkdir()

    assert LegacyFolder(legacy).unclaimed(catalog) == ["Extra.db", "users.db"]


def test_something_else_in_a_datafiles_place_is_found_so_that_it_can_be_refused(legacy):
    (legacy / "things.db").mkdir()

    assert locate(legacy).path == legacy / "things.db"


def test_looking_at_a_folder_opens_and_changes_nothing(legacy, catalog):
    os.mkfifo(legacy / "things.db")
    os.mkfifo(legacy / "other.db")
    before = looks(legacy)

    folder = LegacyFolder(legacy, targets=[legacy / "application.db"])
    folder.locate(THINGS)
    folder.unclaimed(catalog)

    assert looks(legacy) == before
