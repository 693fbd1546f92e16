from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.utils import timezone

from migration import permissions
from migration.permissions import Actor, Door, ForbiddenError, ReauthRequiredError, Right, Scope

pytestmark = pytest.mark.django_db

LOOKING = {Right.HEALTH, Right.READ, Right.VALIDATE, Right.EXPORT}


@pytest.mark.parametrize(
    ("groups", "rights"),
    [
        ([], set()),
        (["Health checks"], {Right.HEALTH}),
        (["Applications"], {Right.DOCUMENTS}),
        (["Level 2"], LOOKING),
        (["Level 1"], set(Right)),
        (["Applications", "Level 2"], LOOKING | {Right.DOCUMENTS}),
    ],
)
def test_who_may_do_what(make_user, groups, rights):
    assert permissions.rights_of(make_user("dora", *groups)) == rights


def test_schema_migrations_make_the_groups_and_give_level_1_its_permission():
    assert set(Group.objects.values_list("name", flat=True)) == set(permissions.GROUPS)
    assert list(Permission.objects.filter(group__name="Level 1").values_list("codename")) == [
        ("system",)
    ]


def test_the_permission_makes_level_1_whoever_gave_it(charlie):
    charlie.user_permissions.add(Permission.objects.get(codename="system"))

    assert permissions.is_level1(charlie)


def test_a_superuser_is_level_1(db):
    assert permissions.is_level1(User.objects.create_superuser("root"))


def test_the_questions_of_the_doors(alice, bob, make_user):
    health, shop = make_user("health", "Health checks"), make_user("shop", "Applications")

    def who(question):
        return [user.username for user in (alice, bob, health, shop) if question(user)]

    assert who(permissions.may_operate) == ["alice"]
    assert who(permissions.may_read) == ["alice", "bob"]
    assert who(permissions.may_check_health) == ["alice", "bob", "health"]
    assert who(permissions.may_use_documents) == ["alice", "shop"]


def test_levels_have_names(alice, bob, charlie):
    assert [permissions.level_of(user) for user in (alice, bob, charlie, None)] == [
        *("Level 1", "Level 2", None, None)
    ]


def test_an_account_that_was_switched_off_may_nothing(alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert permissions.rights_of(alice) == set()


def test_an_account_that_was_deleted_may_nothing(alice):
    User.objects.filter(pk=alice.pk).delete()

    assert permissions.rights_of(alice) == set()


def test_nobody_anonymous_may_anything():
    assert permissions.rights_of(AnonymousUser()) == set()


def test_a_lost_level_counts_at_once(alice):
    alice.groups.clear()

    assert not permissions.may_operate(alice)


@pytest.mark.parametrize(
    ("scope", "rights"),
    [
        (Scope.HEALTH, {Right.HEALTH}),
        (Scope.READ, LOOKING),
        (Scope.DATA, {Right.DOCUMENTS}),
        (Scope.SYSTEM, set(Right)),
    ],
)
def test_a_scope_leaves_rights_out(alice, scope, rights):
    actor = Actor(name="alice", door=Door.API, user=alice, scope=scope)

    assert {right for right in Right if permissions.may(actor, right)} == rights


@pytest.mark.parametrize("scope", list(Scope))
def test_a_scope_adds_no_right(charlie, scope):
    actor = Actor(name="charlie", door=Door.API, user=charlie, scope=scope)

    assert not any(permissions.may(actor, right) for right in Right)


def test_the_host_may_everything_and_strangers_at_other_doors_nothing():
    strangers = [Actor(name="host:root", door=door) for door in (Door.API, Door.CONSOLE)]

    assert all(permissions.may(Actor.host(), right) for right in Right)
    assert all(permissions.may(Actor.worker(), right) for right in Right)
    assert not any(permissions.may(actor, right) for actor in strangers for right in Right)


def test_an_account_named_on_the_command_line_has_its_own_rights_only(bob):
    actor = Actor(name="bob", door=Door.COMMAND, user=bob)

    with pytest.raises(ForbiddenError):
        permissions.require(actor, Right.OPERATE)


def test_the_host_is_known_by_its_account_and_not_by_what_the_environment_says(monkeypatch):
    monkeypatch.setenv("USER", "mallory")
    monkeypatch.setenv("LOGNAME", "mallory")

    assert "mallory" not in Actor.host().name


@pytest.mark.parametrize(("minutes", "is_fresh"), [(0, True), (9.9, True), (10.1, False)])
def test_in_a_browser_the_password_is_good_for_ten_minutes(alice, minutes, is_fresh):
    proved_at = timezone.now() - timedelta(minutes=minutes)
    actor = Actor(name="alice", door=Door.CONSOLE, user=alice, proved_at=proved_at)

    try:
        permissions.require_proof(actor)
    except ReauthRequiredError:
        assert not is_fresh
    else:
        assert is_fresh


def test_a_session_without_a_password_given_is_asked_for_it(alice):
    with pytest.raises(ReauthRequiredError):
        permissions.require_proof(Actor(name="alice", door=Door.API, user=alice))


def test_a_token_and_the_host_are_their_own_proof(alice):
    permissions.require_proof(Actor.host())
    permissions.require_proof(Actor(name="a", door=Door.API, user=alice, scope=Scope.SYSTEM))
