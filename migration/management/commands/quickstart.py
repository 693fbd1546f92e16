"""``quickstart``: a whole installation for a trial, in one command."""

import json
import os
import sys
from argparse import ArgumentTypeError
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser

from migration.services.quickstart import installation, serving
from migration.services.quickstart.errors import QuickstartError
from migration.services.quickstart.supervision import StopAsked

_DEFAULT_PORT = 10000
_PORT_MAX = 65535


class Command(BaseCommand):
    help = "Set up an installation for a trial and serve it on this computer until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port",
            type=_port,
            default=_DEFAULT_PORT,
            metavar="PORT",
            help="port of the console (default: %(default)s)",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            dest="as_json",
            help="print one JSON object once the console answers",
        )

    def handle(self, *args: Any, port: int, as_json: bool, **options: Any) -> None:
        os.umask(0o077)
        try:
            with serving.only_one(settings.VAR_DIR / "quickstart.lock"):
                serving.refuse_taken_port(port)
                self._prepare()
                serving.serve(port=port, on_ready=partial(self._tell, port, as_json=as_json))
        except StopAsked:
            self.stderr.write("Stopped.")
        except QuickstartError as exc:
            if as_json:
                refusal = {"success": False, "error": str(exc), "code": exc.code}
                self.stdout.write(json.dumps(refusal))
                sys.exit(1)
            raise CommandError(str(exc)) from exc

    def _prepare(self) -> None:
        documents = installation.make_demo_datafiles(settings.MIGRATOR_LEGACY_DIR)
        if documents is not None:
            self.stderr.write(f"Made demo datafiles with {documents:,} documents.")
        installation.make_console_tables(keys_dir=settings.MIGRATOR_KEYS_DIR)
        if not settings.DEBUG:
            self.stderr.write("DJANGO_DEBUG is off: browsers reach the console over HTTPS only.")
            call_command("collectstatic", interactive=False, verbosity=0)

    def _tell(self, port: int, *, as_json: bool) -> None:
        url = f"http://{serving.HOST}:{port}"
        # Not before the console answers: the password is shown this one time.
        password = installation.make_first_admin()
        if as_json:
            answer = {"url": url, "username": installation.FIRST_ADMIN, "password": password}
            self.stdout.write(json.dumps({"success": True, "data": answer}))
        elif password:
            self.stdout.write(f"User name: {installation.FIRST_ADMIN}\nPassword:  {password}")
            self.stdout.write("The password is not shown again.")
        else:
            self.stdout.write(
                f"The account {installation.FIRST_ADMIN} is there already and keeps its password; "
                "`manage.py changepassword` sets a new one."
            )
        if not as_json:
            self.stdout.write(f"Rolling Migrator is at {url} (Ctrl-C stops it)")
        self.stdout.flush()


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port <= _PORT_MAX:
        raise ArgumentTypeError(f"a port is a number from 1 to {_PORT_MAX}")
    return port
