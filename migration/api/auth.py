"""Logging in for a token, and logging out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from migration.api.base import ApiView
from migration.models import ApiToken
from migration.permissions import Actor, Door, ForbiddenError, Scope, level_of
from migration.services import sessions, tokens


class LoginInput(serializers.Serializer[Any]):
    """A user name and a password; ``scope`` narrows the token."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    scope = serializers.ChoiceField(choices=[s.value for s in Scope], required=False)


class LoginView(ApiView):
    """POST login: a token for a user name and a password. It sets no cookie."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        _refuse_other_sites(request)
        given = LoginInput(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        user = sessions.check_password(
            request._request, wanted["username"], wanted["password"], actor=self.actor
        )
        actor = Actor(
            name=user.get_username(),
            door=Door.API,
            user=user,
            address=self.actor.address,
            request_id=self.actor.request_id,
        )
        secret, token = tokens.make_login_token(
            user,
            actor=actor,
            lifetime=settings.MIGRATOR_SESSION_LIFETIME,
            scope=wanted.get("scope"),
        )
        data = {"token": secret, "level": level_of(user), **tokens.token_data(token)}
        return Response(data)


class LogoutView(ApiView):
    """POST logout: end the token that was shown, or the browser's session."""

    permission_classes = (IsAuthenticated,)

    def post(self, request: Request) -> Response:
        if isinstance(request.auth, ApiToken):
            tokens.revoke_token(token_id=request.auth.pk, actor=self.actor)
        else:
            sessions.note_logout(actor=self.actor)
            logout(request._request)
        return Response({"loggedOut": True})


def _refuse_other_sites(request: Request) -> None:
    """Refuse a log-in that a browser sends on behalf of a page of another site."""
    origin = request.META.get("HTTP_ORIGIN")
    ours = f"{request.scheme}://{request.get_host()}"
    if origin is not None and origin not in {ours, *settings.CSRF_TRUSTED_ORIGINS}:
        raise ForbiddenError("Another site sent this. Nothing was done.", code="csrf_failed")
