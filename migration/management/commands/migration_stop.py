"""Stop the run under way."""

from typing import Any

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services import runs
from migration.services.foreground import acknowledge_stop
from migration.services.progress import run_output


class Command(MigrationCommand):
    help = "Stop the run under way; ends when nothing is being written."

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        run = acknowledge_stop(runs.stop_run(actor=actor))
        return {"migrationId": run.pk, "run": run_output(run)}

    def show(self, data: dict[str, Any]) -> None:
        run = data["run"]
        self.console.print(f"Run {run['name']} is {run['state']}. Nothing is being written.")
