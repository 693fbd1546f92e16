"""Who clicks."""

from django.contrib.auth.models import User
from django.http import HttpRequest

from migration.permissions import Actor, Door
from migration.services import sessions


def actor_of(request: HttpRequest) -> Actor:
    """Return who uses the console; a stranger where nobody is logged in."""
    user = request.user if isinstance(request.user, User) else None
    return Actor(
        name=user.get_username() if user else "anonymous",
        door=Door.CONSOLE,
        user=user,
        address=request.META.get("REMOTE_ADDR", ""),
        request_id=request.META.get("migrator.request_id", ""),
        proved_at=sessions.proved_at(request.session),
    )
