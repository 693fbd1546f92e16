"""Bearer tokens. This file is also run against PostgreSQL, by test_audit_in_databases.py."""

from datetime import timedelta

import pytest
from django.utils import timezone

from migration.models import ApiToken, AuditEntry
from migration.permissions import (
    Actor,
    Door,
    ForbiddenError,
    ReauthRequiredError,
    Right,
    Scope,
    may,
)
from migration.services import tokens
from migration.services.errors import InvalidInputError, NotFoundError

pytestmark = pytest.mark.django_db

HOST = Actor(name="host:ops", door=Door.COMMAND)


def at_console(user, minutes_since_password=0):
    proved_at = timezone.now() - timedelta(minutes=minutes_since_password)
    return Actor(name=user.username, door=Door.CONSOLE, user=user, proved_at=proved_at)


def make(username, **options):
    return tokens.make_token(username=username, actor=HOST, **options)


def test_the_secret_is_known_to_its_owner_alone(alice):
    secret, token = make("alice")

    row = ApiToken.objects.values().get()
    assert secret not in str(row)
    assert token.prefix == secret[:8]


def test_a_secret_is_long_and_never_the_same(alice):
    secrets = {make("alice")[0] for _ in range(20)}

    assert len(secrets) == 20
    assert min(map(len, secrets)) >= 43


def test_a_secret_leads_to_its_account(alice):
    secret, token = make("alice")

    assert tokens.authenticate(secret) == token


@pytest.mark.parametrize(
    "secret", ["", "x", "rm_" + "x" * 43, "\x00", "\ud800", "\xff\xfe", "x" * 100_000]
)
def test_anything_else_leads_nowhere(alice, secret):
    make("alice")

    assert tokens.authenticate(secret) is None


def test_an_expired_token_is_over(alice):
    secret, token = make("alice")
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())

    assert tokens.authenticate(secret) is None


def test_a_revoked_token_is_over(alice):
    secret, token = make("alice")

    tokens.revoke_token(token_id=token.pk, actor=HOST)

    assert tokens.authenticate(secret) is None


def test_the_token_of_an_account_switched_off_is_over(alice):
    secret, _ = make("alice")
    alice.is_active = False
    alice.save()

    assert tokens.authenticate(secret) is None


def test_its_use_is_noted_once_a_minute(alice, django_assert_num_queries):
    secret, token = make("alice")
    tokens.authenticate(secret)
    token.refresh_from_db()
    first = token.last_used_at

    tokens.authenticate(secret)
    token.refresh_from_db()
    assert token.last_used_at == first

    long_ago = timezone.now() - timedelta(seconds=61)
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=long_ago)
    tokens.authenticate(secret)
    token.refresh_from_db()
    assert token.last_used_at > first


def test_a_token_lives_for_ninety_days_at_most(alice):
    _, token = make("alice")

    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)


@pytest.mark.parametrize("days", [0, -1, 91])
def test_another_time_is_refused(alice, days):
    with pytest.raises(InvalidInputError) as refused:
        make("alice", days=days)

    assert refused.value.field == "days"


# --- Scopes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "widest"),
    [
        ("Level 1", "system"),
        ("Level 2", "read"),
        ("Health checks", "health"),
        ("Applications", "data"),
    ],
)
def test_without_a_scope_it_gets_the_widest_that_the_account_may_have(make_user, group, widest):
    make_user("robot", group)

    assert make("robot")[1].scope == widest


@pytest.mark.parametrize(
    ("group", "scope"),
    [
        ("Level 2", "system"),
        ("Level 2", "data"),
        ("Health checks", "read"),
        ("Applications", "health"),
    ],
)
def test_a_scope_beyond_the_account_is_refused(make_user, group, scope):
    make_user("robot", group)

    with pytest.raises(InvalidInputError) as refused:
        make("robot", scope=scope)

    assert refused.value.field == "scope"


def test_an_account_without_rights_gets_no_token(charlie):
    with pytest.raises(InvalidInputError):
        make("charlie")


def test_a_token_narrows_what_its_account_may(alice):
    _, token = make("alice", scope="health")

    actor = tokens.actor_of(token, address="", request_id="")

    assert [right for right in Right if may(actor, right)] == [Right.HEALTH]


def test_a_token_gives_no_more_than_its_account_may_by_now(alice):
    _, token = make("alice", scope="system")
    alice.groups.clear()

    actor = tokens.actor_of(token, address="", request_id="")

    assert not any(may(actor, right) for right in Right)


# --- Collections -----------------------------------------------------------------------------


def test_a_token_for_documents_reaches_the_application_database(make_user):
    make_user("robot", "Applications")

    _, token = make("robot")

    assert len(token.collections) == 17
    assert {"users", "syncQueue"} <= set(token.collections)
    assert "admin_users" not in token.collections


def test_a_token_for_documents_reaches_what_is_named(make_user):
    make_user("robot", "Applications")

    _, token = make("robot", collections=["users", "admin_users", "users"])

    actor = tokens.actor_of(token, address="", request_id="")
    assert (actor.scope, actor.collections) == (Scope.DATA, ("users", "admin_users"))


@pytest.mark.parametrize(("group", "name"), [("Applications", "nothing"), ("Level 1", "users")])
def test_collections_that_do_not_fit_are_refused(make_user, group, name):
    make_user("robot", group)

    with pytest.raises(InvalidInputError) as refused:
        make("robot", collections=[name])

    assert refused.value.field == "collections"


# --- Who may, and what is written down -------------------------------------------------------


def test_level_1_makes_tokens_for_others(alice, make_user):
    make_user("robot", "Health checks")

    _, token = tokens.make_token(username="robot", actor=at_console(alice))

    assert token.user.username == "robot"


def test_level_2_makes_none(bob):
    with pytest.raises(ForbiddenError):
        tokens.make_token(username="bob", actor=at_console(bob))


def test_in_a_browser_the_password_has_to_be_recent(alice):
    with pytest.raises(ReauthRequiredError):
        tokens.make_token(username="alice", actor=at_console(alice, minutes_since_password=11))

    assert not ApiToken.objects.exists()


def test_an_account_that_does_not_exist_is_refused_and_the_attempt_written_down(db):
    with pytest.raises(InvalidInputError):
        make("nobody")

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.result, entry.code) == ("token.make", "refused", "invalid_input")


def test_a_new_token_is_written_down_without_its_secret(alice):
    secret, token = make("alice")

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("token.made", str(token.pk))
    assert secret not in entry.details_json
    assert entry.details["prefix"] == token.prefix


def test_everybody_may_end_an_own_token(bob):
    _, token = make("bob")

    assert tokens.revoke_token(token_id=token.pk, actor=at_console(bob)).revoked_at


def test_nobody_but_level_1_ends_the_token_of_another(alice, bob):
    _, token = make("alice")

    with pytest.raises(ForbiddenError):
        tokens.revoke_token(token_id=token.pk, actor=at_console(bob))


def test_who_may_not_look_does_not_learn_which_tokens_there_are(bob):
    with pytest.raises(ForbiddenError):
        tokens.revoke_token(token_id=4711, actor=at_console(bob))
    with pytest.raises(NotFoundError):
        tokens.revoke_token(token_id=4711, actor=HOST)


def test_ending_it_twice_is_written_down_once(alice):
    _, token = make("alice")

    ended = [tokens.revoke_token(token_id=token.pk, actor=HOST).revoked_at for _ in range(2)]

    assert ended[0] == ended[1]
    assert AuditEntry.objects.filter(action="token.revoked").count() == 1
