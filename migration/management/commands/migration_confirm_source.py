"""Confirm that a datafile may have lost what it lost."""

from typing import Any

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services import runs
from migration.services.finding import current_run
from migration.services.progress import run_output


class Command(MigrationCommand):
    help = "Confirm that a datafile may have lost what it lost; the run then goes on."

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        run = runs.confirm_source(run_id=current_run().pk, actor=actor)
        return {"migrationId": run.pk, "run": run_output(run)}

    def show(self, data: dict[str, Any]) -> None:
        self.console.print(f"Confirmed. Run {data['run']['name']} goes on.")
