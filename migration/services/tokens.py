"""Bearer tokens: made and shown once, looked up by the digest of their secret."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from migration.engine.catalog import Database, load_catalog
from migration.models import ApiToken
from migration.permissions import Actor, Door, Right, Scope, require, require_proof, scopes_of
from migration.services import audit
from migration.services.answers import on_the_wire
from migration.services.errors import InvalidInputError, NotFoundError

DAYS_MAX: Final = 90
_MARK: Final = "rm_"  # by which scanners for leaked secrets, and our own redaction, know one
_PREFIX_CHARACTERS: Final = 8
_NAME_CHARACTERS_MAX: Final = 80
_NOTE_USE_EVERY: Final = timedelta(minutes=1)


def make_token(
    *,
    username: str,
    actor: Actor,
    scope: str | None = None,
    name: str = "",
    days: int = DAYS_MAX,
    collections: Sequence[str] = (),
) -> tuple[str, ApiToken]:
    """Make a token of an account; its secret is returned here and kept nowhere.

    Without a scope it gets the widest that the account may have. A token with the scope ``data``
    reaches the collections named, else those of the application database.

    Raises:
        ForbiddenError: the actor may not make tokens.
        ReauthRequiredError: the actor has to give the password again.
        InvalidInputError: the account, the scope, the time or a collection can't be used.
    """
    with audit.audited("token.make", actor=actor, object_type="user", object_id=username):
        require(actor, Right.OPERATE)
        require_proof(actor)
        user = User.objects.filter(username=username).first()
        if user is None:
            raise InvalidInputError("There is no account of that name.", field="user")
        if not 1 <= days <= DAYS_MAX:
            raise InvalidInputError(
                f"A token lives for 1 to {DAYS_MAX} days.", field="days", code="out_of_range"
            )
        chosen = _checked_scope(user, scope)
        return _make(
            actor=actor,
            user=user,
            scope=chosen,
            name=name,
            lifetime=timedelta(days=days),
            collections=_checked_collections(chosen, collections),
        )


def make_login_token(
    user: User, *, actor: Actor, lifetime: timedelta, scope: str | None = None
) -> tuple[str, ApiToken]:
    """Make a token for an account that has just given its password.

    Raises:
        InvalidInputError: the account may have no token, or none of that scope.
    """
    chosen = _checked_scope(user, scope)
    return _make(
        actor=actor,
        user=user,
        scope=chosen,
        name="log-in",
        lifetime=lifetime,
        collections=_checked_collections(chosen, ()),
    )


def list_tokens(*, actor: Actor) -> list[ApiToken]:
    """Return all tokens, the newest first; never their secrets, which nobody has.

    Raises:
        ForbiddenError: the actor may not look after tokens.
    """
    require(actor, Right.OPERATE)
    return list(ApiToken.objects.select_related("user"))


def revoke_token(*, token_id: int, actor: Actor) -> ApiToken:
    """End a token at once. Everybody may end the own ones; Level 1 every one.

    Raises:
        ForbiddenError: it is somebody else's.
        NotFoundError: there is no such token.
    """
    with audit.audited("token.revoke", actor=actor, object_type="token", object_id=str(token_id)):
        token = ApiToken.objects.select_related("user").filter(pk=token_id).first()
        if token is None or token.user != actor.user:
            require(actor, Right.OPERATE)
        if token is None:
            raise NotFoundError("There is no such token.")
        with transaction.atomic():
            now = timezone.now()
            if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
                _record("token.revoked", token, actor)
    token.refresh_from_db()
    return token


def authenticate(secret: str) -> ApiToken | None:
    """Return the token that a secret belongs to; None when it is unknown, expired or revoked.

    Any text may come in. That the token was used is noted at most once a minute.
    """
    now = timezone.now()
    token = (
        ApiToken.objects.usable(now).select_related("user").filter(digest=_digest(secret)).first()
    )
    if token is not None:
        unnoted = ApiToken.objects.filter(pk=token.pk).unused_since(now - _NOTE_USE_EVERY)
        unnoted.update(last_used_at=now)
    return token


def actor_of(token: ApiToken, *, address: str, request_id: str) -> Actor:
    """Return who acts with a token."""
    return Actor(
        name=token.user.get_username(),
        door=Door.API,
        user=token.user,
        address=address,
        request_id=request_id,
        scope=Scope(token.scope),
        collections=tuple(token.collections),
    )


def token_data(token: ApiToken) -> dict[str, Any]:
    """Return a token as it goes over the wire, without its secret."""
    return {
        "id": token.pk,
        "user": token.user.get_username(),
        "name": token.name,
        "prefix": token.prefix,
        "scope": token.scope,
        "collections": token.collections,
        "createdAt": on_the_wire(token.created_at),
        "expiresAt": on_the_wire(token.expires_at),
        "lastUsedAt": on_the_wire(token.last_used_at),
        "revokedAt": on_the_wire(token.revoked_at),
    }


def _make(
    *,
    actor: Actor,
    user: User,
    scope: Scope,
    name: str,
    lifetime: timedelta,
    collections: list[str],
) -> tuple[str, ApiToken]:
    secret = _MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name[:_NAME_CHARACTERS_MAX],
            prefix=secret[:_PREFIX_CHARACTERS],
            digest=_digest(secret),
            scope=scope.value,
            collections=collections,
            expires_at=timezone.now() + lifetime,
        )
        _record("token.made", token, actor)
    return secret, token


def _record(action: str, token: ApiToken, actor: Actor) -> None:
    audit.record(
        action,
        actor=actor,
        object_type="token",
        object_id=str(token.pk),
        details={
            "of": token.user.get_username(),
            "prefix": token.prefix,
            "scope": token.scope,
            "collections": token.collections,
            "expires": token.expires_at,
        },
    )


def _digest(secret: str) -> str:
    # No salt and no slow hash: there is nothing to guess in 256 random bits.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _checked_scope(user: User, scope: str | None) -> Scope:
    allowed = scopes_of(user)
    if not allowed:
        raise InvalidInputError(
            "That account is switched off or in no group, so a token could do nothing.",
            field="user",
            code="no_rights",
        )
    if scope is None:
        return allowed[0]
    if scope not in allowed:
        names = ", ".join(allowed)
        raise InvalidInputError(f"The scopes of that account are: {names}.", field="scope")
    return Scope(scope)


def _checked_collections(scope: Scope, collections: Sequence[str]) -> list[str]:
    if scope is not Scope.DATA:
        if collections:
            raise InvalidInputError(
                "Only a token with the scope data names collections.", field="collections"
            )
        return []
    catalog = load_catalog(settings.MIGRATOR_CATALOG)
    if not collections:
        return [collection.name for collection in catalog.of(Database.APPLICATION)]
    unknown = set(collections) - {collection.name for collection in catalog.collections}
    if unknown:
        raise InvalidInputError(
            f"The catalog has no collection {min(unknown)}.", field="collections"
        )
    return list(dict.fromkeys(collections))
