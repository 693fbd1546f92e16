"""The move from Python, in the order that the guide shows."""

import pytest

from migration.engine.demo import write_demo_datafiles
from migration.service import DatabaseMigration
from migration.services.errors import InvalidInputError

pytestmark = pytest.mark.django_db


@pytest.fixture
def legacy(settings):
    settings.MIGRATOR_DISK_RESERVE = 0
    write_demo_datafiles(settings.MIGRATOR_LEGACY_DIR)
    return settings.MIGRATOR_LEGACY_DIR


def test_the_whole_flow(legacy):
    migration = DatabaseMigration()
    told = []

    plan = migration.analyze_migration_plan()
    result = migration.execute_full_migration(told.append)
    validation = migration.validate_migration()
    back = migration.rollback()

    assert plan.estimated_records == 2000
    assert (result.success, result.documents) == (True, 2000)
    assert validation.valid
    assert back["way"] == "cancel"
    assert (told[-1].percentage, told[-1].status) == (100.0, "completed")


def test_percentages_never_fall(legacy):
    told = []

    DatabaseMigration().execute_full_migration(lambda p: told.append(p.percentage))

    assert told == sorted(told)


def test_an_account_that_is_not_there_can_not_act(db):
    with pytest.raises(InvalidInputError):
        DatabaseMigration(user="nobody")
