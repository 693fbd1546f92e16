"""Tell where the installation stands."""

from typing import Any

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services.status import tell_status


class Command(MigrationCommand):
    help = "Tell where the installation stands: what answers, and how much lies on either side."

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return tell_status(actor=actor)

    def show(self, data: dict[str, Any]) -> None:
        self.console.print(
            f"{data['currentStatus']}; reads and writes: {data['mode']}; "
            f"admin {data['adminRecords']:,}, application {data['applicationRecords']:,} documents."
        )
