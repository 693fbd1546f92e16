"""List lines that were not moved, or moved with a remark."""

from typing import Any

from django.core.management.base import CommandParser

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services.quarantine import list_quarantine


class Command(MigrationCommand):
    help = "List lines that were not moved, or moved with a remark."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--collection", help="only this collection")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"items": list_quarantine(actor=actor, collection=options["collection"])}

    def show(self, data: dict[str, Any]) -> None:
        for item in data["items"]:
            moved = "moved" if item["moved"] else item["state"]
            rival = f", rival {item['rivalId']}" if item["rivalId"] else ""
            self.console.print(
                f"{item['id']:<16} {item['reason']:<16} {item['datafile']} at {item['offset']}, "
                f"id {item['documentId']}{rival} ({moved})"
            )
        if not data["items"]:
            self.console.print("Nothing is in quarantine.")
