"""Compare every document on both sides."""

from typing import Any

from django.core.management.base import CommandParser

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services.validation import validate_migration


class Command(MigrationCommand):
    help = "Compare every document of the datafiles with the new databases; exit 1 when unsafe."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="RUN", help="name of a run")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        report: dict[str, Any] = validate_migration(actor=actor, run_name=options["name"]).content
        return report

    def exit_status(self, data: dict[str, Any]) -> int:
        return 0 if data["overall"] else 1

    def show(self, data: dict[str, Any]) -> None:
        for name, style in (("criticalIssues", "red"), ("warnings", "yellow")):
            for result in data[name]:
                self.console.print(
                    f"[{style}]{result['code']}[/] {result['collection'] or ''} "
                    f"({result['count']:,}): {result['message']}"
                )
        self.console.print("Overall: " + ("safe to proceed." if data["overall"] else "not safe."))
        for recommendation in data["recommendations"]:
            self.console.print(f"→ {recommendation}")
