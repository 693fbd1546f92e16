"""Beginning and ending: log-ins, wrong passwords, and when a password was last given.

The password that was given is noted in the browser session, as destructive acts ask for a recent
one.
"""

from datetime import UTC, datetime
from typing import Final

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from migration.permissions import Actor
from migration.services import audit
from migration.services.errors import BadCredentialsError, TooManyAttemptsError

_PROVED: Final = "session_proved"


def check_password(request: HttpRequest, username: str, password: str, *, actor: Actor) -> User:
    """Return the account that a name and a password belong to.

    The request is needed to count failures for each name and address.

    Raises:
        BadCredentialsError: they do not belong together.
        TooManyAttemptsError: there were too many failures; even the right password waits.
    """
    if not AxesProxyHandler.is_allowed(request, {"username": username}):
        # Not written down: who keeps trying could fill the audit trail.
        request.axes_locked_out = True  # type: ignore[attr-defined]  # as axes itself marks it
        raise _too_many_attempts()
    user = authenticate(request, username=username, password=password)
    if isinstance(user, User):
        return user
    _note_wrong_password(username, actor=actor)
    if getattr(request, "axes_locked_out", False):
        raise _too_many_attempts()
    raise BadCredentialsError("That user name and password do not belong together.")


def _too_many_attempts() -> TooManyAttemptsError:
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    return TooManyAttemptsError("Too many attempts. Wait a few minutes.", seconds=seconds)


def _note_wrong_password(username: str, *, actor: Actor) -> None:
    """Write down that somebody tried to log in and could not."""
    # What was typed may be a password in the wrong field: only names that exist are kept.
    known = User.objects.filter(username=username).exists()
    audit.record_apart(
        "session.begin",
        actor=actor,
        object_type="user",
        object_id=username if known else "",
        result="refused",
        code="bad_credentials",
    )


def note_login(session: SessionBase, *, actor: Actor) -> None:
    """Write down that a browser session began, with a password given."""
    audit.record("session.began", actor=actor, object_type="user", object_id=actor.name)
    note_proof(session)


def note_logout(*, actor: Actor) -> None:
    """Write down that a session ended because its account wished so."""
    audit.record("session.ended", actor=actor, object_type="user", object_id=actor.name)


def note_proof(session: SessionBase) -> None:
    """Remember that the password was given just now."""
    session[_PROVED] = timezone.now().timestamp()


def proved_at(session: SessionBase) -> datetime | None:
    """Return when the password was last given in a session."""
    moment = session.get(_PROVED)
    return datetime.fromtimestamp(moment, UTC) if isinstance(moment, int | float) else None
