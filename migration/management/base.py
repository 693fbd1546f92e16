"""What all commands have in common: who acts, what is printed where, and the exit status."""

import argparse
import json
import sys
from typing import Any, Final, NoReturn, TextIO, cast

import structlog
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    SystemCheckError,
)
from django.db import DatabaseError
from rich.console import Console

from migration.engine.errors import EngineError
from migration.permissions import Actor, Door
from migration.services.accounts import acting_as
from migration.services.answers import refusal, success
from migration.services.errors import ServiceError
from migration.services.tables import ensure_tables

_FAILED: Final = 1
_USAGE: Final = 2
_PIPE_COLUMNS: Final = 240

log = structlog.get_logger(__name__)


class MigrationCommand(BaseCommand):
    """A command of ours.

    A subclass says in ``run`` what is done and returns the data of the endpoint of the same name,
    and in ``show`` how people see it. With ``--json`` standard output gets one JSON object and
    nothing else, however the command ends. The exit status is 0 when it is done, 1 when it was
    refused or failed, 2 for a mistake in the arguments.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what all commands take; subclasses add theirs in ``add_options``."""
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object"
        )
        parser.add_argument(
            "--user",
            metavar="NAME",
            dest="acting_user",
            help="act as this account, with its rights (default: the host's own account)",
        )
        self.add_options(parser)

    def add_options(self, parser: CommandParser) -> None:
        """Declare what this command takes besides."""

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        """Do it, and return the data for the envelope."""
        raise NotImplementedError

    def show(self, data: dict[str, Any]) -> None:
        """Print the data for people."""
        raise NotImplementedError

    def exit_status(self, data: dict[str, Any]) -> int:
        """Return the exit status of a command that was done; not 0 for a verdict that is bad."""
        return 0

    @property
    def console(self) -> Console:
        """The terminal on standard output; what reads a pipe gets no folded lines."""
        # Beneath Django's wrapper, which would end every piece of a line with a line break.
        out = cast("TextIO", self.stdout._out)
        width = None if out.isatty() else _PIPE_COLUMNS
        return Console(file=out, highlight=False, soft_wrap=True, width=width)

    def tell(self, text: str) -> None:
        """Print a remark that is no part of the result."""
        self.stderr.write(text, style_func=str)

    def run_from_argv(self, argv: list[str]) -> None:
        """Answer a mistake in the arguments with an object too, when one was asked for."""
        try:
            super().run_from_argv(argv)
        except SystemExit as exc:
            if exc.code == _USAGE and "--json" in argv:
                mistake = ServiceError("The arguments can't be used.", code="usage")
                self._print_json(refusal(mistake))
            raise

    def execute(self, *args: Any, **options: Any) -> str | None:  # noqa: ANN401  as Django has it
        """Refuse in the envelope what Django's own checks refuse before the command begins."""
        try:
            return super().execute(*args, **options)
        except SystemCheckError:
            if options["as_json"]:
                problem = ServiceError("The settings can't be used.", code="bad_settings")
                self._print_json(refusal(problem))
            raise

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  as Django has it
        """Run the command and print what came of it."""
        as_json: bool = options["as_json"]
        try:
            ensure_tables()
            actor = acting_as(options["acting_user"], door=Door.COMMAND)
            data = self.run(options, actor)
        except (ServiceError, EngineError, DatabaseError) as exc:
            self._refuse(exc, as_json=as_json)
        except KeyboardInterrupt:
            interrupted = ServiceError("Interrupted.", code="interrupted")
            self._refuse(interrupted, as_json=as_json)
        except (CommandError, SystemExit):
            raise
        except Exception as exc:
            log.exception("command_failed", command=type(self).__module__)
            if as_json:
                self._print_json(refusal(exc, shows_folders=True))
            raise CommandError(str(refusal(exc)["error"]), returncode=_FAILED) from exc
        else:
            self._answer(data, as_json=as_json)

    def _answer(self, data: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self._print_json(success(data))
        else:
            self.show(data)
        status = self.exit_status(data)
        if status:
            sys.exit(status)

    def _refuse(self, exc: Exception, *, as_json: bool) -> NoReturn:
        answer = refusal(exc, shows_folders=True)
        if as_json:
            self._print_json(answer)
        raise CommandError(answer["error"], returncode=_FAILED) from exc

    def _print_json(self, answer: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(answer))
        self.stdout.flush()


def collection_names(text: str) -> list[str]:
    """Read names separated by commas, as an argument's type."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("names separated by commas are expected")
    return names
