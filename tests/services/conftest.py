"""A folder of demo datafiles, and runs over it."""

import pytest

from migration.engine.demo import write_demo_datafiles
from migration.permissions import Actor, Door


@pytest.fixture
def legacy(settings):
    """A folder of the application's datafiles: 2,000 documents."""
    settings.MIGRATOR_DISK_RESERVE = 0
    write_demo_datafiles(settings.MIGRATOR_LEGACY_DIR)
    return settings.MIGRATOR_LEGACY_DIR


@pytest.fixture
def level1(alice):
    """Alice at the command line."""
    return Actor(name="alice", door=Door.COMMAND, user=alice)


@pytest.fixture
def level2(bob):
    """Bob at the command line."""
    return Actor(name="bob", door=Door.COMMAND, user=bob)
