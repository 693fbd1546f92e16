"""The console's own tables, for commands that come before anybody made them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from migration.services.errors import UnavailableError


def ensure_tables() -> None:
    """Bring the tables up to date where the database is a file that only this host has.

    Raises:
        UnavailableError: they are not up to date, on a database server that others may use.
    """
    if not _are_behind():
        return
    if connection.vendor != "sqlite":
        raise UnavailableError(
            "The console's tables are not up to date. Run manage.py migrate first.",
            code="tables_behind",
        )
    with _alone():
        if _are_behind():
            call_command("migrate", interactive=False, verbosity=0)


def _are_behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make tables: two at once would stumble over each other."""
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.VAR_DIR / "tables.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
