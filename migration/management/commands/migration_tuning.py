"""Change how gently the run copies."""

from typing import Any

from django.core.management.base import CommandParser

from migration.management.base import MigrationCommand
from migration.management.commands.migration_start import hours
from migration.permissions import Actor
from migration.services import runs
from migration.services.finding import current_run
from migration.services.progress import run_output


class Command(MigrationCommand):
    help = "Change how gently the run under way copies."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--batch-documents", type=int, help="documents a batch at most")
        parser.add_argument("--nice-ratio", type=float, help="rest this share of a batch's time")
        parser.add_argument("--window", type=hours, help="hours such as 22:00-06:00@Asia/Taipei")
        parser.add_argument("--no-window", action="store_true", help="copy at any hour")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        names = ("batch_documents", "nice_ratio", "window")
        changes = {name: options[name] for name in names if options[name] is not None}
        if options["no_window"]:
            changes["window"] = None
        run = runs.tune_run(run_id=current_run().pk, actor=actor, changes=changes)
        return {"migrationId": run.pk, "run": run_output(run)}

    def show(self, data: dict[str, Any]) -> None:
        self.console.print(f"Tuned: {data['run']['tuning']}, window {data['run']['window']}.")
