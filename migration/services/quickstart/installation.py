"""What a new installation needs before it can be served."""

import os
import secrets
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import transaction

from migration import permissions
from migration.engine.demo import write_demo_datafiles

FIRST_ADMIN = "admin"


def make_demo_datafiles(folder: Path) -> int | None:
    """Fill the folder with the demo datafiles and return how many documents they hold.

    A folder named by ``MIGRATOR_LEGACY_DIR`` is somebody's data and never touched, and neither
    is one that holds a datafile: then the answer is None.
    """
    if os.environ.get("MIGRATOR_LEGACY_DIR") or any(folder.glob("*.db")):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return write_demo_datafiles(folder)


def make_console_tables(*, keys_dir: Path) -> None:
    """Bring the console's tables up to date, and make the folder that keys will lie in."""
    keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys_dir.chmod(0o700)
    call_command("migrate", interactive=False, verbosity=0)


@transaction.atomic
def make_first_admin() -> str | None:
    """Make the Level 1 admin and return the password, which is kept nowhere.

    None if the account is there already: its password stays as it is.
    """
    if User.objects.filter(username=FIRST_ADMIN).exists():
        return None
    password = secrets.token_urlsafe(15)
    admin = User.objects.create_user(FIRST_ADMIN, password=password)
    admin.groups.add(Group.objects.get(name=permissions.LEVEL_1))
    return password
