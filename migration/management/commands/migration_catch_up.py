"""Apply what the application wrote since."""

from typing import Any

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services.foreground import catch_up
from migration.services.progress import progress_of, run_output


class Command(MigrationCommand):
    help = "Apply what the application wrote since the last pass, until nothing is left."

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        run, changed = catch_up(actor=actor)
        return {
            "migrationId": run.pk,
            "run": run_output(run),
            "changed": changed,
            "progress": progress_of(run),
        }

    def show(self, data: dict[str, Any]) -> None:
        changed = data["changed"]
        told = f"Caught up: {', '.join(changed)}." if changed else "Nothing to do: nothing changed."
        self.console.print(told)
