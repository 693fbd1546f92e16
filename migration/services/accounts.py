"""Accounts as actors."""

from django.contrib.auth.models import User

from migration.permissions import Actor, Door
from migration.services.errors import InvalidInputError


def acting_as(username: str | None, *, door: Door) -> Actor:
    """Return the actor of a command or of Python: the account named, else the host's own.

    Raises:
        InvalidInputError: there is no account of that name, or it is switched off.
    """
    if username is None:
        return Actor.host(door)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise InvalidInputError("There is no account of that name.", field="user")
    return Actor(name=user.get_username(), door=door, user=user)
