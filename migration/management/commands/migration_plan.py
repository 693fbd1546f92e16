"""Say what a run would do, changing nothing."""

from typing import Any

from rich.table import Table

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services import planning

_MARKS = {"pass": "[green]✓[/]", "warning": "[yellow]![/]", "critical": "[red]✗[/]"}

_NUMBERS = ("liveDocuments", "lines", "tombstones", "quarantined")


class Command(MigrationCommand):
    help = "Read the legacy folder and say what a run would do. Changes nothing."

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return planning.plan_answer(planning.plan_migration(actor=actor))

    def show(self, data: dict[str, Any]) -> None:
        plan = data["plan"]
        table = Table("Collection", "Datafile", box=None)
        for heading in ("Documents", "Lines", "Tombstones", "Not moved", "Indexes", "Bytes"):
            table.add_column(heading, justify="right")
        for c in plan["collections"]:
            table.add_row(
                c["name"],
                c["datafile"] if c["present"] else f"{c['datafile']} (missing)",
                *(f"{c[key]:,}" for key in _NUMBERS),
                str(len(c["indexes"])),
                f"{c['bytes']:,}",
            )
        self.console.print(table)
        for check in plan["checks"]:
            self.console.print(f"{_MARKS[check['status']]} {check['message']} ({check['code']})")
        self.console.print(
            f"\n{plan['estimatedRecords']:,} documents, about {plan['estimatedSeconds']:,} s; "
            f"{plan['diskNeededBytes']:,} bytes needed, {plan['diskFreeBytes']:,} free."
        )
        self.console.print(data["recommendation"])
