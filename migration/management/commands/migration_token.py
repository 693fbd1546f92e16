"""``migration_token``: a bearer token for a program."""

from typing import Any

from django.core.management.base import CommandParser

from migration.management.base import MigrationCommand, collection_names
from migration.permissions import Actor, Scope
from migration.services import tokens


class Command(MigrationCommand):
    help = "Make a bearer token of an account and print it, this one time."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USER", help="whose token it is")
        parser.add_argument(
            "--scope",
            choices=[scope.value for scope in Scope],
            help="how far it reaches (default: as far as the account may)",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=tokens.DAYS_MAX,
            help="how long it lives (default and most: %(default)s)",
        )
        parser.add_argument("--name", default="", help="what it is for")
        parser.add_argument(
            "--collections",
            type=collection_names,
            default=[],
            metavar="NAME,NAME",
            help="what a token with the scope data reaches (default: the application database)",
        )

    def run(self, options: dict[str, Any], actor: Actor) -> dict[str, Any]:
        secret, token = tokens.make_token(
            username=options["username"],
            actor=actor,
            scope=options["scope"],
            name=options["name"],
            days=options["days"],
            collections=options["collections"],
        )
        return {"token": secret, **tokens.token_data(token)}

    def show(self, data: dict[str, Any]) -> None:
        self.stdout.write(data["token"])
