import pytest
from django.contrib.auth.models import AnonymousUser

from migration import permissions

pytestmark = pytest.mark.django_db


def test_level_1_looks_and_operates(alice):
    assert (permissions.may_read(alice), permissions.may_operate(alice)) == (True, True)


def test_level_2_looks_only(bob):
    assert (permissions.may_read(bob), permissions.may_operate(bob)) == (True, False)


@pytest.mark.parametrize("group", ["Health checks", "Applications"])
def test_other_groups_have_no_part_in_the_console(make_user, group):
    robot = make_user("robot", group)

    assert permissions.level_of(robot) is None


def test_an_account_that_was_switched_off_has_no_level(alice):
    alice.is_active = False
    alice.save()

    assert permissions.level_of(alice) is None


def test_nobody_anonymous_has_a_level():
    assert permissions.level_of(AnonymousUser()) is None


def test_a_lost_level_counts_at_once(alice):
    alice.groups.clear()

    assert not permissions.may_operate(alice)
