"""Finding runs."""

from migration.models import MigrationRun
from migration.services.errors import NotFoundError


def current_run() -> MigrationRun:
    """Return the run under way.

    Raises:
        NotFoundError: there is none.
    """
    run = MigrationRun.objects.active().first()
    if run is None:
        raise NotFoundError("No run is under way.", code="no_run")
    return run


def find_run(run_id: int | str) -> MigrationRun:
    """Return a run by its number or its name.

    Raises:
        NotFoundError: there is no such run.
    """
    text = str(run_id)
    by_number = MigrationRun.objects.filter(pk=int(text)) if text.isdecimal() else None
    run = (by_number.first() if by_number else None) or MigrationRun.objects.filter(
        name=text
    ).first()
    if run is None:
        raise NotFoundError("There is no such run.", code="no_run")
    return run
