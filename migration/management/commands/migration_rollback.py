"""Go back."""

from typing import Any

from django.core.management.base import CommandParser

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services.errors import ConflictError
from migration.services.rollback import preview_rollback, roll_back


class Command(MigrationCommand):
    help = "Go back. Before writes moved: cancel the run, set the new databases aside."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--snapshot", metavar="ID", help="restore this snapshot")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--application-stopped", action="store_true")
        parser.add_argument("--yes", action="store_true", help="do it")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        if options["dry_run"]:
            return {"preview": preview_rollback(actor=actor)}
        if not options["yes"]:
            raise ConflictError(
                "Nothing was done: say --yes to go back, or --dry-run to see what would happen.",
                code="not_confirmed",
                detail={"preview": preview_rollback(actor=actor)},
            )
        return roll_back(actor=actor, snapshot_id=options["snapshot"])

    def show(self, data: dict[str, Any]) -> None:
        preview = data.get("preview")
        if preview:
            self.console.print(f"Would {preview['way']} {preview['run']}: {preview['message']}")
            return
        self.console.print(f"{data['run']} is cancelled. Set aside: {', '.join(data['setAside'])}.")
