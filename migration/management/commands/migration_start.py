"""Start a run, and with --wait do its work here."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from migration.management.bars import CollectionBars
from migration.management.base import MigrationCommand
from migration.models import MigrationRun
from migration.permissions import Actor
from migration.services import runs
from migration.services.errors import ConflictError
from migration.services.foreground import is_validated, work_until
from migration.services.progress import progress_of, run_output, tell_report


class Command(MigrationCommand):
    help = "Start a run. With --wait: copy, catch up and validate here, without a worker."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", action="store_true", help="do the work in this process")
        parser.add_argument("--name", help="name of the run; one is offered when left out")
        parser.add_argument("--plan-hash", help="refuse to start when the plan is stale")
        parser.add_argument("--accept-undrilled", action="store_true")
        parser.add_argument("--not-before", type=_moment, help="a time such as 2026-12-01T22:00")
        parser.add_argument("--window", type=hours, help="hours such as 22:00-06:00@Asia/Taipei")

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        run = runs.start_run(
            actor=actor,
            name=options["name"],
            plan_hash=options["plan_hash"],
            accept_undrilled=options["accept_undrilled"],
            not_before=options["not_before"],
            window=options["window"],
            enqueue=not options["wait"],
        )
        if not options["wait"]:
            return _answer(run)
        with CollectionBars(is_shown=not options["as_json"]) as bars:
            run = work_until(run, is_validated, on_step=bars.show)
        return finished(run, actor)

    def show(self, data: dict[str, Any]) -> None:
        show_run(self, data)

    def exit_status(self, data: dict[str, Any]) -> int:
        return verdict_status(data)


def finished(run: MigrationRun, actor: Actor) -> dict[str, Any]:
    """Return what a foreground run came to.

    Raises:
        ConflictError: it stopped before everything was copied and validated.
    """
    data = _answer(run) | {
        "progress": progress_of(run),
        "validation": tell_report(actor=actor),
        "snapshot": None,
        "note": "No snapshot was taken: this version has none yet.",
    }
    if run.validated_at is None:
        hold = f" It waits: {run.hold_reason}." if run.hold_reason else ""
        why = run.failure_message or f"The run is {run.state}.{hold}"
        code = run.failure_code or run.hold_reason or "not_finished"
        raise ConflictError(f"Not finished: {why}", code=code, detail=data)
    return data


def verdict_status(data: dict[str, Any]) -> int:
    """Return the exit status of a finished run: 1 when its validation found something critical."""
    report = data.get("validation")
    return 0 if report is None or report["overall"] else 1


def _answer(run: MigrationRun) -> dict[str, Any]:
    return {"migrationId": run.pk, "run": run_output(run)}


def show_run(command: MigrationCommand, data: dict[str, Any]) -> None:
    """Print where a run stands."""
    run, progress = data["run"], data.get("progress")
    command.console.print(f"Run [bold]{run['name']}[/] is {run['state']}.")
    if progress:
        command.console.print(
            f"{progress['completed']:,} documents in {len(progress['collections'])} collections; "
            f"validation {'passed' if progress['validation']['overall'] else 'did not pass'}."
        )
    if data.get("note"):
        command.console.print(data["note"])


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise CommandError("--not-before must be a time such as 2026-12-01T22:00")
    return make_aware(moment) if is_naive(moment) else moment


def hours(text: str) -> dict[str, str]:
    """Read hours such as ``22:00-06:00@Asia/Taipei``, as an argument's type."""
    span, _, zone = text.partition("@")
    start, _, end = span.partition("-")
    return {"from": start, "to": end, "timezone": zone or "UTC"}
