"""Who may do what: rights, levels, the actor that every service is told, and what refuses it.

An act is allowed when the actor's account has the right for it, and the scope of the token, where
one was shown, does not leave it out. Each question looks the account up afresh, so that a change of
level counts from the next request on. Who works on the host itself (a command, Python, a worker)
and names no account has every right: the files are open to that person anyhow.
"""

import os
import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Permission, User
from django.db.models import Q
from django.utils import timezone

LEVEL_1: Final = "Level 1"
LEVEL_2: Final = "Level 2"
HEALTH_CHECKS: Final = "Health checks"
APPLICATIONS: Final = "Applications"
GROUPS: Final = (LEVEL_1, LEVEL_2, HEALTH_CHECKS, APPLICATIONS)

PROOF_LIFETIME: Final = timedelta(minutes=10)

Account = AbstractBaseUser | AnonymousUser | None


class Right(StrEnum):
    """What can be allowed: a row of the table of who may do what."""

    HEALTH = "health"  # how the installation is: readiness, metrics, health
    READ = "read"  # everything else that can be looked at
    VALIDATE = "validate"
    EXPORT = "export"  # the audit trail, as a file
    DOCUMENTS = "documents"  # documents, through the query adapter
    OPERATE = "operate"  # everything that changes something, and quarantine's raw bytes


class Scope(StrEnum):
    """How far a token reaches, whatever else its account may."""

    HEALTH = "health"
    READ = "read"
    DATA = "data"
    SYSTEM = "system"


class Door(StrEnum):
    """The way by which an actor came."""

    CONSOLE = "console"
    API = "api"
    COMMAND = "command"
    PYTHON = "python"
    WORKER = "worker"


_LOOKING: Final = frozenset({Right.HEALTH, Right.READ, Right.VALIDATE, Right.EXPORT})
SCOPE_RIGHTS: Final[Mapping[Scope, frozenset[Right]]] = {
    Scope.HEALTH: frozenset({Right.HEALTH}),
    Scope.READ: _LOOKING,
    Scope.DATA: frozenset({Right.DOCUMENTS}),
    Scope.SYSTEM: frozenset(Right),
}
_HOST_DOORS: Final = frozenset({Door.COMMAND, Door.PYTHON, Door.WORKER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and from where.

    ``user`` is None for the host's own account and for strangers. ``scope`` and ``collections``
    are those of the token that was shown. ``proved_at`` is when the password was last given in
    this browser session.
    """

    name: str
    door: Door
    user: User | None = None
    address: str = ""
    request_id: str = ""
    scope: Scope | None = None
    collections: tuple[str, ...] = ()
    proved_at: datetime | None = None

    @classmethod
    def host(cls, door: Door = Door.COMMAND) -> "Actor":
        """Return the system's account that this process runs as."""
        return cls(name=f"host:{_system_account()}", door=door)

    @classmethod
    def worker(cls) -> "Actor":
        """Return who acts on behalf of a run that somebody started."""
        return cls.host(Door.WORKER)

    @property
    def is_host(self) -> bool:
        """Tell whether this is the host's own account, which may do everything."""
        return self.user is None and self.door in _HOST_DOORS


class ServiceError(Exception):
    """The root of what services refuse with; drawn in ``migration.services.errors``.

    ``blockers`` are the codes of what stands in the way, ``allowed_actions`` what can be done
    instead, and ``detail`` is for programs.
    """

    code: str = "refused"
    status: int = 409

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        detail: Mapping[str, Any] | None = None,
        blockers: Sequence[str] = (),
        allowed_actions: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.detail = dict(detail) if detail else None
        self.blockers = list(blockers)
        self.allowed_actions = list(allowed_actions)


class ForbiddenError(ServiceError):
    """The actor may not do this."""

    code = "forbidden"
    status = 403


class ReauthRequiredError(ServiceError):
    """The password has to be given again first."""

    code = "reauth_required"
    status = 403


def may(actor: Actor, right: Right) -> bool:
    """Tell whether an actor has a right."""
    if actor.is_host:
        return True
    allowed = rights_of(actor.user)
    if actor.scope is not None:
        allowed &= SCOPE_RIGHTS[actor.scope]
    return right in allowed


def require(actor: Actor, right: Right) -> None:
    """Refuse an actor that lacks a right.

    Raises:
        ForbiddenError: always with the same words, which give nothing away.
    """
    if not may(actor, right):
        raise ForbiddenError("This account may not do that. Nothing was changed.")


def require_proof(actor: Actor) -> None:
    """Refuse a browser session in which the password was not given lately.

    A token is its own proof, and so is an account of the host.

    Raises:
        ReauthRequiredError: the last proof is too old, or there was none.
    """
    if actor.is_host or actor.scope is not None or actor.door in _HOST_DOORS:
        return
    if actor.proved_at is None or timezone.now() - actor.proved_at > PROOF_LIFETIME:
        raise ReauthRequiredError("Give your password again first. Nothing was changed.")


def rights_of(user: Account) -> frozenset[Right]:
    """Return the rights of an account; none for strangers and accounts switched off."""
    account = _fresh(user)
    if account is None:
        return frozenset()
    if _has_system(account):
        return frozenset(Right)
    groups = _group_names(account)
    rights = set(_LOOKING) if LEVEL_2 in groups else set()
    rights |= {Right.HEALTH} if HEALTH_CHECKS in groups else set()
    rights |= {Right.DOCUMENTS} if APPLICATIONS in groups else set()
    return frozenset(rights)


def scopes_of(user: Account) -> list[Scope]:
    """Return the scopes that tokens of an account may have, the widest first."""
    rights = rights_of(user)
    widest_first = (Scope.SYSTEM, Scope.READ, Scope.DATA, Scope.HEALTH)
    return [scope for scope in widest_first if SCOPE_RIGHTS[scope] <= rights]


def level_of(user: Account) -> str | None:
    """Return the name of the admin level of an account, or None where it has none."""
    account = _fresh(user)
    if account is None:
        return None
    if _has_system(account):
        return LEVEL_1
    return LEVEL_2 if LEVEL_2 in _group_names(account) else None


def is_level1(user: Account) -> bool:
    """Tell whether the account is an admin of Level 1."""
    return level_of(user) == LEVEL_1


def may_read(user: Account) -> bool:
    """Tell whether the account may look at things, in the console or through the API."""
    return Right.READ in rights_of(user)


def may_operate(user: Account) -> bool:
    """Tell whether the account may change something."""
    return Right.OPERATE in rights_of(user)


def may_check_health(user: Account) -> bool:
    """Tell whether the account may ask how the installation is."""
    return Right.HEALTH in rights_of(user)


def may_use_documents(user: Account) -> bool:
    """Tell whether the account may read and write documents through the query adapter."""
    return Right.DOCUMENTS in rights_of(user)


def _system_account() -> str:
    # Not from the environment, where anybody can write any name.
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run as a number that has no name
        return str(number)


def _fresh(user: Account) -> User | None:
    if user is None or user.pk is None:
        return None
    return User.objects.filter(pk=user.pk, is_active=True).first()


def _has_system(account: User) -> bool:
    """Tell whether the account has the permission ``migration.system``, asking the database."""
    if account.is_superuser:
        return True
    given = Permission.objects.filter(content_type__app_label="migration", codename="system")
    return given.filter(Q(user=account) | Q(group__user=account)).exists()


def _group_names(account: User) -> set[str]:
    return set(account.groups.values_list("name", flat=True))
