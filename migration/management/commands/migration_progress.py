"""Tell how far the run is."""

import json
import time
from typing import Any, Final

from django.core.management.base import CommandParser

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services.answers import success
from migration.services.progress import tell_progress

_ENDED: Final = {"not-started", "completed", "paused", "error", "cancelled", "reversed", "restored"}


class Command(MigrationCommand):
    help = "Tell how far the run is. With --follow: until it is copied and validated, or stops."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--follow", action="store_true", help="tell again as it moves")
        parser.add_argument("--every", type=float, default=1.0, help="seconds between two tellings")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        progress = tell_progress(actor=actor)
        while options["follow"] and progress["status"] not in _ENDED:
            self._tell(progress, as_json=options["as_json"])
            time.sleep(options["every"])
            progress = tell_progress(actor=actor)
        return progress

    def _tell(self, progress: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(success(progress)))
            self.stdout.flush()
        else:
            self.show(progress)

    def show(self, data: dict[str, Any]) -> None:
        hold = f", waits: {data['hold']['reason']}" if data["hold"] else ""
        self.console.print(
            f"{data['status']}: {data['percentage']} %, {data['completed']:,} of "
            f"{data['total']:,} documents, {data['documentsPerSecond']:,.0f}/s, "
            f"{data['lagBytes']:,} bytes behind{hold}"
        )
