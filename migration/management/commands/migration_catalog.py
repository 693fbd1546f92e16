"""Draft a catalog for a folder of NeDB datafiles."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from migration.engine.drafting import draft_catalog
from migration.management.base import MigrationCommand
from migration.permissions import Actor


class Command(MigrationCommand):
    help = "Draft a catalog (TOML) for a folder of NeDB datafiles, one collection for each."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="folder of the datafiles")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"catalog": draft_catalog(options["folder"])}

    def show(self, data: dict[str, Any]) -> None:
        self.stdout.write(data["catalog"], ending="")
