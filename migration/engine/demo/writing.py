"""Writing the demo datafiles into a folder."""

import contextlib
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from migration.engine.catalog import load_catalog
from migration.engine.demo import administration, appointments, marketing, members, operations
from migration.engine.demo.club import DAY, OPENED, Club, Recipe
from migration.engine.demo.dice import Dice
from migration.engine.demo.history import History
from migration.engine.demo.indexes import indexes_of
from migration.engine.documents import Document

# Each may refer to those before it.
_RECIPES: Final = (
    administration.ATOMS,
    administration.ROLES,
    administration.ADMINS,
    administration.AUDIT_LOGS,
    members.EVENT_TYPES,
    members.USERS,
    members.EVENTS,
    members.BOOKINGS,
    appointments.INTERVIEWERS,
    appointments.OVERRIDES,
    appointments.SLOTS,
    appointments.APPOINTMENTS,
    appointments.NOTIFICATIONS,
    marketing.CAMPAIGNS,
    marketing.TEMPLATES,
    marketing.AUDIENCES,
    marketing.ANALYTICS,
    marketing.MARKETING_EVENTS,
    operations.STARTS,
    operations.HEALTH_LOGS,
    operations.SYNC_QUEUE,
)
# No datafile is looked for in a folder of such a name, should one be left behind.
_UNFINISHED: Final = ".migration-demo-"


def write_demo_datafiles(folder: Path, *, seed: int = 1) -> int:
    """Write the 21 demo datafiles and return how many live documents they hold.

    The same seed gives the same bytes, on any day. The folder is made if need be.

    Raises:
        FileExistsError: one of the files is there already; nothing was written.
        OSError: the folder can't be written to; no datafile is left half-written.
    """
    histories = _tell(Club(Dice(seed)))
    catalog = load_catalog()
    contents = {catalog[name].datafile: history.content() for name, history in histories.items()}
    for name in contents:
        # A link that leads nowhere is somebody's all the same.
        if os.path.lexists(folder / name):
            raise FileExistsError(f"{folder / name} is there already; no demo datafile was written")
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, contents)
    return sum(len(history.live) for history in histories.values())


def _tell(club: Club) -> dict[str, History]:
    return {recipe.collection: _follow(recipe, club) for recipe in _RECIPES}


def _follow(recipe: Recipe, club: Club) -> History:
    """Let a collection live: documents come, change and go, and the application restarts once."""
    history = History(indexes_of(recipe.collection))
    total = recipe.documents + recipe.removed
    leaving = set(club.dice.some(range(total), recipe.removed, recipe.removed))
    made: dict[str, int] = {}
    gone: list[str] = []
    history.start()
    for number in range(total):
        if number == total * 2 // 3:
            history.start()
        moment = _moment(recipe, club, number, total)
        document = recipe.make(club, number, moment)
        identity = club.dice.identity()
        history.insert(document, identity)
        made[identity] = moment
        if number in leaving:
            gone.append(identity)
        _change_one(recipe, club, history, moment)
        if len(gone) > 1:
            history.remove(gone.pop(0))
    for identity in gone:
        history.remove(identity)
    club.keep(recipe.collection, list(history.live.values()), [made[i] for i in history.live])
    return history


def _moment(recipe: Recipe, club: Club, number: int, total: int) -> int:
    step = (recipe.until_days - recipe.since_days) * DAY // total
    return OPENED + recipe.since_days * DAY + number * step + club.dice.number(0, step - 1)


def _change_one(recipe: Recipe, club: Club, history: History, moment: int) -> None:
    if recipe.change is None or not club.dice.happens(recipe.changed_percent):
        return
    document: Document = club.dice.pick(list(history.live.values()))
    later = moment + club.dice.number(1, DAY // 24)
    recipe.change(club, document, later)
    history.update(document, later)


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    with TemporaryDirectory(prefix=_UNFINISHED, dir=folder) as beside:
        for name, content in contents.items():
            _write_durably(Path(beside, name), content)
        for name in contents:
            Path(beside, name).rename(folder / name)
    _sync(folder)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    # Windows has no folder to sync.
    with contextlib.suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
