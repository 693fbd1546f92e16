"""Let a paused, failed or orphaned run go on."""

from typing import Any

from django.core.management.base import CommandParser

from migration.management.bars import CollectionBars
from migration.management.base import MigrationCommand
from migration.management.commands.migration_start import (
    finished,
    show_run,
    verdict_status,
)
from migration.permissions import Actor
from migration.services import runs
from migration.services.foreground import is_validated, work_until
from migration.services.progress import run_output


class Command(MigrationCommand):
    help = "Let a paused or failed run go on; also takes over one whose worker is gone."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", action="store_true", help="do the work in this process")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        run = runs.resume_run(actor=actor, enqueue=not options["wait"])
        if not options["wait"]:
            return {"migrationId": run.pk, "run": run_output(run)}
        with CollectionBars(is_shown=not options["as_json"]) as bars:
            run = work_until(run, is_validated, on_step=bars.show)
        return finished(run, actor)

    def show(self, data: dict[str, Any]) -> None:
        show_run(self, data)

    def exit_status(self, data: dict[str, Any]) -> int:
        return verdict_status(data)
