"""``migration_logs``: the audit trail, and whether it is whole."""

from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table
from rich.text import Text

from migration.management.base import MigrationCommand
from migration.permissions import Actor
from migration.services import audit
from migration.services.answers import on_the_wire
from migration.services.audit.reading import PAGE_ENTRIES


class Command(MigrationCommand):
    help = "Print the audit trail, the newest entry first, or check that nobody changed it."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--verify", action="store_true", help="check the chain of entries")
        parser.add_argument("--action", default="", help="only this action; run.* for all of runs")
        parser.add_argument("--actor", default="", help="only what this actor did")
        parser.add_argument("--since", default="", metavar="TIME", help="from this time on")
        parser.add_argument("--until", default="", metavar="TIME", help="before this time")
        parser.add_argument(
            "--kind", default="", choices=["action", "event", "all"], help="default: action"
        )
        parser.add_argument(
            "--limit",
            type=int,
            default=PAGE_ENTRIES,
            metavar="N",
            help="how many entries (default: %(default)s)",
        )
        parser.add_argument("--cursor", default="", help="go on where the last page ended")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        if options["verify"]:
            verdict: dict[str, Any] = on_the_wire(audit.verify(actor=actor))
            return verdict
        names = ("action", "actor", "since", "until", "kind")
        wanted = audit.AuditFilter.parse(**{name: options[name] for name in names})
        page = audit.entries(wanted, actor=actor, cursor=options["cursor"], limit=options["limit"])
        return audit.page_data(page)

    def show(self, data: dict[str, Any]) -> None:
        if "isWhole" in data:
            self._show_verdict(data)
        else:
            self._show_entries(data)

    def exit_status(self, data: dict[str, Any]) -> int:
        return 0 if data.get("isWhole", True) else 1

    def _show_verdict(self, verdict: dict[str, Any]) -> None:
        count, head = f"{verdict['entries']:,}", verdict["head"]
        if verdict["isWhole"]:
            self.stdout.write(f"The chain of {count} entries is whole. Head outside: {head}.")
        else:
            bad = verdict["firstBad"]
            self.stdout.write(f"The chain is broken at entry {bad}. Head outside: {head}.")

    def _show_entries(self, page: dict[str, Any]) -> None:
        table = Table("Entry", "Time", "Actor", "Action", "Object", "Result", box=None)
        for item in page["items"]:
            result = " ".join(part for part in (item["result"], item["code"]) if part)
            named = f"{item['objectType']} {item['objectId']}".strip()
            cells = (
                *(str(item["seq"]), item["at"][:19], f"{item['actor']} ({item['door']})"),
                *(item["action"], named, result),
            )
            # As text: what stands in an entry is no markup.
            table.add_row(*(Text(cell) for cell in cells))
        self.console.print(table)
        if page["nextCursor"]:
            self.tell(f"There are older entries: --cursor {page['nextCursor']}")
