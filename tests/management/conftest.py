"""Commands run as somebody types them, on a folder of demo datafiles."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from migration.engine.demo import write_demo_datafiles


@pytest.fixture
def legacy(settings):
    """A folder of the application's datafiles: 2,000 documents."""
    settings.MIGRATOR_DISK_RESERVE = 0
    write_demo_datafiles(settings.MIGRATOR_LEGACY_DIR)
    return settings.MIGRATOR_LEGACY_DIR


@pytest.fixture
def command(capsys):
    """Run a command with --json; returns its exit status and the one object that it printed."""

    def command(name, *arguments):
        status = 0
        try:
            call_command(f"migration_{name}", *arguments, "--json")
        except SystemExit as exc:
            status = exc.code
        except CommandError as exc:
            status = exc.returncode
        return status, json.loads(capsys.readouterr().out)

    return command
