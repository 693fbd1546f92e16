import json

import pytest
from django.core.management import CommandError, call_command

from migration.services import tokens

pytestmark = pytest.mark.django_db


def run(capsys, *arguments):
    call_command("migration_token", *arguments)
    return capsys.readouterr().out


def test_it_prints_the_token_alone(alice, capsys):
    printed = run(capsys, "alice")

    assert tokens.authenticate(printed.removesuffix("\n")).user == alice


def test_programs_get_the_token_and_what_it_is(make_user, capsys):
    make_user("robot", "Applications")

    printed = run(
        capsys,
        *("robot", "--json", "--days", "7", "--name", "shop", "--collections", "users, events"),
    )

    data = json.loads(printed)["data"]
    assert tokens.authenticate(data["token"]).name == "shop"
    assert (data["scope"], data["collections"]) == ("data", ["users", "events"])


def test_a_scope_can_be_chosen(alice, capsys):
    assert json.loads(run(capsys, "alice", "--json", "--scope", "read"))["data"]["scope"] == "read"


def test_an_account_that_does_not_exist_is_refused(db, capsys):
    with pytest.raises(CommandError, match="no account of that name"):
        run(capsys, "nobody")

    assert capsys.readouterr().out == ""


def test_acting_as_an_account_obeys_its_rights(alice, bob, capsys):
    with pytest.raises(CommandError, match="may not do that"):
        run(capsys, "alice", "--user", "bob")


@pytest.mark.parametrize(
    "arguments", [["--scope", "all"], ["--days", "x"], ["--collections", ","], []]
)
def test_a_mistake_in_the_arguments_is_refused(alice, capsys, arguments):
    names = ["alice"] if arguments else []

    with pytest.raises(CommandError):
        run(capsys, *names, *arguments)
