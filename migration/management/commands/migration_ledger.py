"""Account for every line of every datafile."""

from typing import Any, Final

from rich.table import Table

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services.quarantine import list_ledgers

_NUMBERS: Final = (
    "lines",
    "live",
    "superseded",
    "tombstones",
    "indexLines",
    "blank",
    "quarantined",
    "tail",
)


class Command(MigrationCommand):
    help = "Account for every line of every datafile."

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"datafiles": list_ledgers(actor=actor)}

    def show(self, data: dict[str, Any]) -> None:
        table = Table("Datafile", box=None)
        for name in _NUMBERS:
            table.add_column(name, justify="right")
        table.add_column("balanced")
        for ledger in data["datafiles"]:
            balanced = "yes" if ledger["balanced"] else "[red]no[/]"
            numbers = (f"{ledger[name]:,}" for name in _NUMBERS)
            table.add_row(ledger["datafile"], *numbers, balanced)
        self.console.print(table)
